#!/usr/bin/python3
"""`passerby measure`: its figures are those of the leak meter, its page stands alone, and bad labels are named.

measure_test.py PROGRAM [Agrees|Covers|Page|Refuses ...]
"""
import base64
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import re
import sys
from unittest import mock

import cv2
import numpy as np

import support
from support import encode, ffmpeg, names_in

sys.path.insert(0, str(support.ROOT / "bench"))
import figures  # noqa: E402

FINE = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "8", "-pix_fmt", "yuv420p"]
FRAMES, WIDTH, HEIGHT = 12, 200, 168
# How each person is labelled: where in the first frame, how fast, and what stands behind the box in the file.
PERSONS = {1: (20, 10, 36, 96, 3, ""), 2: (90, 8, 40, 104, -2, ",1,1,0.9"), 3: (150, 30, 30, 80, 1, ",0"),
           4: (60, 60, 14, 30, 2, ",1"), 5: (120, 20, 36, 90, 2, ",1,1,0.3")}
# Percentages may differ by so much; counts not at all.
NEAR = {"exposed_pct": 0.05, "foreground_seen_pct": 0.05, "overmask_pct": 0.05, "residual": 0.002}


def place(person, frame):
    x, y, width, height, speed, more = PERSONS[person]
    return x + speed * frame, y, width, height, more


def street():
    """Noise that is still, and persons of other noise that walk through it."""
    random = np.random.default_rng(7)

    def noise(height, width):
        coarse = random.integers(30, 226, (height // 3 + 1, width // 3 + 1, 3), np.uint8)
        return cv2.resize(coarse, None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)[:height, :width]

    clip = np.repeat(noise(HEIGHT, WIDTH)[None], FRAMES, 0)
    for person in PERSONS:
        skin = noise(place(person, 0)[3], place(person, 0)[2])
        for i in range(FRAMES):
            x, y, width, height, _ = place(person, i)
            part = clip[i, y:y + height, x:x + width]
            part[:] = skin[:part.shape[0], :part.shape[1]]
    return clip


def hide(clip, how):
    """Each person covered by how(part of the picture, person, frame), and a place where nobody is."""
    made = clip.copy()
    made[:, 144:, :80] = 60
    for person in PERSONS:
        for i in range(FRAMES):
            x, y, width, height, _ = place(person, i)
            part = made[i, y:y + height, x:x + width]
            if part.size:
                part[:] = how(part, person, i)
    return made


def fill_mostly(part, person, frame):
    """The second person has a bare head for four frames, the first one for one frame, and half a head for others."""
    covered = np.full_like(part, 60)
    if (person, frame) in {(2, 3), (2, 4), (2, 5), (2, 6), (1, 8)}:
        return part
    if person == 1 and frame < 4:
        covered[:14] = part[:14]
    return covered


def fill_but_for_moments(part, person, frame):
    return part if (person, frame) in {(2, 3), (2, 4), (2, 5), (1, 8)} else np.full_like(part, 60)


def blur(part, person, frame):
    return cv2.GaussianBlur(part, (0, 0), 2)


def mosaic(part, person, frame):
    small = cv2.resize(part, (max(1, part.shape[1] // 8), max(1, part.shape[0] // 8)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, part.shape[1::-1], interpolation=cv2.INTER_NEAREST)


class MeasureTest(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.clip = street()

    def original(self):
        return encode(self.folder / "street.mp4", self.clip, *FINE)

    def boxes(self, name="gt.txt", frames=FRAMES, scale=1):
        lines = [f"{i + 1},{person},{x / scale},{y / scale},{width / scale},{height / scale}{more}"
                 for i in range(frames) for person in PERSONS for x, y, width, height, more in [place(person, i)]]
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path

    def masks(self, count=FRAMES, name="masks"):
        folder = self.new_folder(name)
        for i in range(count):
            mask = np.zeros((HEIGHT, WIDTH), np.uint8)
            for person in PERSONS:
                x, y, width, height, _ = place(person, i)
                mask[y:y + height, x:x + width] = 170 if person == 4 else 255
            cv2.imwrite(str(folder / f"gt{i:06}.png"), mask)
        return folder

    def measure(self, *arguments, status=0, **more):
        done = support.run(support.program(), "measure", *map(str, arguments), **more)
        self.assertEqual(done.status, status, f"\n{done}")
        return done

    def leakmeter(self, *arguments):
        path = support.SHARED / "tools/leakmeter"
        if not path.exists():
            support.skip_loudly(f"{path} is not there: nobody knows whether the figures are right")
        # Loaded rather than run: what it imports takes longer than what it does here.
        loader = importlib.machinery.SourceFileLoader("leakmeter", str(path))
        meter = importlib.util.module_from_spec(importlib.util.spec_from_loader("leakmeter", loader))
        loader.exec_module(meter)
        found = self.folder / "leakmeter.json"
        said = io.StringIO()
        with mock.patch.object(sys, "argv", [str(a) for a in ("leakmeter", *arguments, "--json", found)]), \
                contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            self.assertEqual(meter.main(), 0, said.getvalue())
        return json.loads(found.read_text())

    def assert_agrees(self, ours, theirs, what):
        self.assertEqual(ours["frames"], theirs["frames"], what)
        for key, value in theirs.items():
            if key in NEAR:
                self.assertIsNotNone(value, f"{what}: the leak meter did not measure {key}")
                self.assertAlmostEqual(ours[key], value, delta=NEAR[key], msg=f"{what}: {key}")
            elif key != "first_leaks":
                self.assertEqual(ours[key], value, f"{what}: {key}")

    def compare(self, original, covered, labels, *more, ours=(), theirs=()):
        """Measured by both; the figures on which they agree."""
        found = self.folder / "measure.json"
        self.measure(original, labels, "--covered", covered, "--json", found, "--force", *more, *ours)
        found = json.loads(found.read_text())
        labelled = ["--masks", labels] if labels.is_dir() else [labels]
        self.assert_agrees(found, self.leakmeter(original, covered, *labelled, *more, *theirs), covered.name)
        return found


class Agrees(MeasureTest):
    def test_on_boxes_however_people_are_covered(self):
        original, labels, found = self.original(), self.boxes(), {}
        for how in (fill_mostly, blur, mosaic):
            covered = encode(self.folder / f"{how.__name__}.mp4", hide(self.clip, how), *FINE)
            found[how] = self.compare(original, covered, labels)
        # The figures tell these covers apart; else it would not say much that both meters agree.
        self.assertEqual(found[fill_mostly]["exposed_tracks"], [1, 2])
        self.assertGreater(found[blur]["exposed"], 20)
        self.assertEqual((found[mosaic]["person_frames"], found[mosaic]["tracks"]), (24, 2))
        self.assertGreater(found[mosaic]["residual"], 0.3)

    def test_on_options_sizes_and_loops(self):
        original = self.original()
        covered = encode(self.folder / "covered.mp4", hide(self.clip, fill_mostly), *FINE)
        whole = self.compare(original, covered, self.boxes())
        ignored = self.folder / "ignored.txt"
        ignored.write_text("".join(f"{i + 1},1,0,140,50,20\n" for i in range(FRAMES)))
        found = self.compare(original, covered, self.boxes("half.txt", scale=2), "--scale", "2", "--min-height", "20",
                             "--min-visibility", "0.2", "--ignore", ignored, "--from", "5")
        self.assertEqual((whole["tracks"], found["tracks"]), (2, 4))
        self.assertGreater(whole["overmask_pct"], found["overmask_pct"])
        self.assertGreater(found["overmask_pct"], 0)
        small = self.folder / "small.mp4"
        ffmpeg("-i", covered, "-vf", "scale=160:96:flags=area", *FINE, small)
        self.compare(original, small, self.boxes())
        for path in (original, covered):
            ffmpeg("-stream_loop", "2", "-i", path, "-c", "copy", path.with_suffix(".loop.mp4"))
        original_3, covered_3 = original.with_suffix(".loop.mp4"), covered.with_suffix(".loop.mp4")
        by_labels = self.compare(original_3, covered_3, self.boxes(), "--loop", str(FRAMES), "--from", "20")
        self.assertEqual(by_labels["exposed"], 3 * whole["exposed"])
        # The original played three times over is the same.
        self.measure(original, self.boxes(), "--covered", covered_3, "--times", 3, "--from", 20, "--json",
                     self.folder / "times.json")
        played = json.loads((self.folder / "times.json").read_text())
        self.assertEqual({**played, "showings": 1}, by_labels)

    def test_on_masks(self):
        original, masks = self.original(), self.masks()
        for how, exposed in ((fill_mostly, None), (blur, FRAMES)):
            covered = encode(self.folder / f"{how.__name__}.mp4", hide(self.clip, how), *FINE)
            found = self.compare(original, covered, masks, "--from", "3")
            if exposed is not None:
                self.assertEqual(found["frames_exposed"], exposed, how.__name__)
            else:
                self.assertIn(found["frames_exposed"], range(4, FRAMES))


class Covers(MeasureTest):
    """Labelled footage, covered by the program itself."""

    def check(self, name, live):
        clip, labels, frames = figures.CLIPS[name]
        clip, labels = support.SHARED / clip, support.SHARED / labels
        for needed in (clip, labels):
            if not needed.exists():
                support.skip_loudly(f"{needed} is not there: nobody knows whether the figures on '{name}' are right")
        covered, found, page = (self.folder / f"covered.{kind}" for kind in ("mp4", "json", "html"))
        mode = ["--as-live"] if live else ["--scene", "fixed"]
        done = self.measure(clip, labels, *mode, "--keep", covered, "--json", found, "--html", page)
        found, original, loop = json.loads(found.read_text()), clip, []
        self.assertEqual(found["frames"], frames * (3 if live else 1))
        self.assertEqual(len(found["redaction"]["covered"]), found["frames"])
        if live:
            original = self.folder / "original.mp4"
            ffmpeg("-stream_loop", "2", "-i", clip, "-c", "copy", original)
            self.assertEqual(found["overmask_from"], found["redaction"]["proven_from"] or 1)
            loop = ["--loop", frames, "--from", found["overmask_from"]]
        theirs = self.leakmeter(original, covered, *(["--masks", labels] if labels.is_dir() else [labels]), *loop)
        print(f"{name}{' as live' if live else ''}:", {k: v for k, v in theirs.items() if not isinstance(v, list)},
              file=sys.stderr, flush=True)
        self.assert_agrees(found, theirs, name)
        key = "exposed_pct" if "exposed_pct" in theirs else "foreground_seen_pct"
        self.assertIn(f"{theirs[key]:.3f}"[:5], done.out)
        self.assertIn("<svg class=\"plot\"", page.read_text())


    def test_what_a_live_camera_would_show(self):
        temporary, found = self.new_folder("temporary"), self.folder / "found.json"
        self.measure(self.original(), self.boxes(), "--as-live", "--cover", "block", "--mask", "0,0 1,0 1,1 0,1", "--json", found,
                     env={**os.environ, "TMPDIR": str(temporary)})
        self.assertEqual(names_in(temporary), [], "the covered video was left there")
        found = json.loads(found.read_text())
        self.assertEqual((found["frames"], found["showings"]), (3 * FRAMES, 3))
        self.assertEqual((found["person_frames"], found["exposed"]), (3 * 2 * FRAMES, 0))
        self.assertEqual((found["redaction"]["as_live"], found["redaction"]["style"]), (True, "block"))
        self.assertGreater(found["overmask_pct"], 50, "all is under a drawn mask")


for clip_name in figures.CLIPS:
    setattr(Covers, f"test_{clip_name}", lambda self, clip=clip_name: self.check(clip, live=False))
    setattr(Covers, f"test_{clip_name}_live", lambda self, clip=clip_name: self.check(clip, live=True))


class Page(MeasureTest):
    def page(self, how):
        covered = encode(self.folder / "covered.mp4", hide(self.clip, how), *FINE)
        path = self.folder / "page.html"
        self.measure(self.original(), self.boxes(), "--covered", covered, "--html", path, "--force")
        return path.read_text()

    def test_loads_nothing_and_shows_no_head_that_leaks(self):
        html = self.page(fill_but_for_moments)
        self.assertNotRegex(html, r"https?:|src=|url\(|<script|<link|@import")
        pictures = re.findall(r'href="data:image/jpeg;base64,([^"]+)"', html)
        self.assertEqual(len(pictures), 2)
        self.assertEqual(len(pictures), len(re.findall("href=", html)))
        frames = [int(n) - 1 for n in re.findall(r"<figcaption>Frame (\d+) at", html)]
        self.assertEqual(len(frames), len(pictures))
        self.assertEqual(sorted(f in (3, 4, 5) for f in frames), [False, True])
        for frame, picture in zip(frames, pictures):
            shown = cv2.imdecode(np.frombuffer(base64.b64decode(picture), np.uint8), cv2.IMREAD_GRAYSCALE)
            self.assertEqual(shown.shape, (HEIGHT, WIDTH))
            raw = cv2.cvtColor(self.clip[frame], cv2.COLOR_RGB2GRAY)
            for person in PERSONS:
                x, y, width, height, _ = place(person, frame)
                a, b = (p[y:y + height, x:x + width].astype(float).ravel() for p in (shown, raw))
                if a.size and a.std() > 4:
                    self.assertLess(np.corrcoef(a, b)[0, 1], 0.3, f"frame {frame}, person {person}")
            # It is the covered frame, not an empty one: what is background shows.
            self.assertGreater(np.corrcoef(shown[144:, 80:].ravel(), raw[144:, 80:].ravel())[0, 1], 0.9)

    def test_has_no_pictures_of_a_video_that_is_not_covered(self):
        html = self.page(lambda part, person, frame: part)
        self.assertNotIn("data:image", html)
        self.assertIn("this is not a covered video", html)


class Refuses(MeasureTest):
    def expect(self, *arguments, says):
        before = names_in(self.folder)
        done = self.measure(*arguments, status=1)
        # A busy machine shows progress before it.
        said = [line for line in done.err_lines if not re.match(r"[a-z ]+: frame \d", line)]
        self.assertEqual((done.out, len(said)), ("", 1), f"\n{done}")
        for text in ("passerby: ", *says):
            self.assertIn(text, said[0])
        self.assertEqual(names_in(self.folder), before)

    def test_labels_that_do_not_fit(self):
        original, boxes = self.original(), self.boxes()
        good = boxes.read_text()
        bad = self.folder / "bad.txt"
        out = ("--json", self.folder / "x.json", "--html", self.folder / "x.html", "--keep", self.folder / "x.mp4")
        bad.write_text(good + "9,1,10,10,wide,20\n")
        self.expect(original, bad, *out, says=[f"{bad}:61: 'wide' is not a number", "a line is frame,id,x,y,w,h"])
        bad.write_text(good + "\n13,1,10,10,20,40\n")
        self.expect(original, bad, *out, says=[f"{bad}:62: frame 13, but '{original}' has 12 frames",
                                               "give the labels of this clip"])
        self.expect(original, boxes, "--ignore", bad, says=[f"{bad}:62: frame 13"])
        self.expect(original, boxes, "--loop", 10, says=[f"{boxes}:51: frame 11"])
        bad.write_text("")
        self.expect(original, bad, *out, says=[f"there is no box in '{bad}'", "label the persons"])
        for count in (FRAMES - 1, FRAMES + 1):
            masks = self.masks(count, f"masks{count}")
            self.expect(original, masks, *out, says=[f"'{masks}' has {count} masks", f"'{original}' has 12 frames"])
        masks = self.masks()
        (masks / "gt000007.png").write_bytes(b"no picture")
        self.expect(original, masks, "--covered", original, says=["gt000007.png' is not a PNG picture, or damaged"])
        self.expect(original, masks, "--min-height", 10, says=["--min-height is for labels that are boxes"])
        self.expect(original, self.new_folder("empty"), says=["there is no .png file in the folder"])
        self.expect(original, boxes, "--covered", original, "--min-height", 500, says=["not one head", "see --min-height"])

    def test_videos_and_outputs_that_do_not_fit(self):
        original, boxes = self.original(), self.boxes()
        short = encode(self.folder / "short.mp4", self.clip[:7], *FINE)
        long = encode(self.folder / "long.mp4", np.concatenate([self.clip] * 2), *FINE)
        self.expect(original, boxes, "--covered", short, says=[f"'{short}' ends after 7 frames, but '{original}' goes on"])
        self.expect(original, boxes, "--covered", long, says=[f"'{original}' ends after 12 frames", "--times"])
        self.expect(self.folder / "no.mp4", boxes, says=["no.mp4", "check the name"])
        self.expect(original, self.folder / "no.txt", says=["no.txt"])
        self.expect(original, boxes, "--loop", 13, says=["--loop 13 is more than the 12 frames"])
        self.expect(original, boxes, "--json", short, says=[f"'{short}' exists; give another name, or --force"])
        self.expect(original, boxes, "--json", boxes, "--force", says=[f"'{boxes}' is given twice"])
        self.expect(original, boxes, "--html", self.folder / "a", "--json", self.folder / "a", says=["is given twice"])
        done = support.run(support.program(), "measure", original, boxes, "--covered", short, "--scene", "fixed")
        self.assertNotEqual(done.status, 0)
        self.assertIn("--covered", done.err)


if __name__ == "__main__":
    support.main()
