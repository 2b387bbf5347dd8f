#!/usr/bin/python3
"""The clips that bench/situations.py makes: their labels fit their pictures, and the figures mean what they say.

The footage is not part of the project; PASSERBY_SHARED names the folder that has data/ and tools/leakmeter. Most tests do without.
"""
import itertools
import json
import sys
import unittest

import cv2
import numpy as np

import support

sys.path.insert(0, str(support.ROOT / "bench"))
from clips import camera, goals, light, measure, paste, people, scenes, still, windows, write  # noqa: E402
from clips.footage import FOREGROUND, UNKNOWN, Clip  # noqa: E402


def texture(height, width, seed=1):
    return np.random.default_rng(seed).integers(60, 140, (height, width, 3), np.uint8)


def disc(size=40):
    """Somebody: a bright disc."""
    alpha = np.zeros((size, size), np.uint8)
    cv2.circle(alpha, (size // 2, size // 2), size // 2 - 3, 1, cv2.FILLED)
    return paste.cut(np.full((size, size, 3), 250, np.uint8), paste.soft(alpha))


class Pasting(unittest.TestCase):
    def pasted(self, x, y, **how):
        before = texture(120, 160)
        image, mask = before.copy(), np.zeros((120, 160), np.uint8)
        paste.paste(image, mask, disc(), x, y, **how)
        return before, image, mask

    def test_the_label_is_where_the_picture_changed(self):
        for x, y in ((80, 100), (3, 60), (158, 118), (80, 130), (80, 12)):
            before, image, mask = self.pasted(x, y)
            self.assertTrue((mask == FOREGROUND).any())
            changed = np.abs(image.astype(int) - before).max(axis=2)
            self.assertFalse((changed[mask == 0] > 16).any(), "changed beyond the label")
            self.assertGreater((changed[mask == FOREGROUND] > 60).mean(), 0.99)

    def test_outside_the_picture_nothing_happens(self):
        before, image, mask = self.pasted(-60, 60)
        self.assertTrue((image == before).all() and not mask.any())

    def test_what_is_behind_is_neither_seen_nor_labelled(self):
        behind = np.zeros((120, 160), np.float32)
        behind[:, 80:] = 1
        before, image, mask = self.pasted(80, 100, behind=behind)
        self.assertTrue((mask[:, :80] == FOREGROUND).any())
        self.assertTrue((image[:, 80:] == before[:, 80:]).all() and not mask[:, 80:].any())

    def test_a_reflection_is_faint_and_labelled(self):
        before, image, mask = self.pasted(80, 100, opacity=0.4)
        inside = mask == FOREGROUND
        expected = 0.6 * before[inside] + 0.4 * 250
        self.assertLess(np.abs(image[inside] - expected).max(), 45)  # the rim's alpha is less than 1
        self.assertLess(np.abs(image[inside] - expected).mean(), 5)

    def test_smearing_keeps_what_is_smeared(self):
        whole = disc()
        smeared = whole.smeared(9)
        self.assertAlmostEqual(float(whole.alpha.sum()), float(smeared.alpha.sum()), delta=1)
        self.assertAlmostEqual(smeared.axis - whole.axis, 5, delta=0.01)

    def test_mirrored_twice_is_the_same(self):
        once, twice = disc().mirrored(), disc().mirrored().mirrored()
        self.assertTrue((twice.image == disc().image).all())
        self.assertAlmostEqual(once.axis, disc().alpha.shape[1] - disc().axis)


class Moving(unittest.TestCase):
    def test_labels_move_with_the_picture(self):
        image, mask = texture(200, 300), np.zeros((200, 300), np.uint8)
        x, y, w, h = 140, 90, 24, 40
        image[y:y + h, x:x + w], mask[y:y + h, x:x + w] = 255, FOREGROUND
        for zoom, dx, dy in ((1, 20, -7), (1.15, 0, 0), (1, -1.5, 0.5)):
            m = np.array([[zoom, 0, -dx - 20], [0, zoom, -dy - 15]], float)
            moved = cv2.warpAffine(image, m, (260, 170), flags=cv2.INTER_CUBIC)
            ys, xs = np.where(moved.min(axis=2) > 200)
            (_, bx, by, bw, bh, _), = camera.label_moved([(1, x, y, w, h, 1)], m, 260, 170)
            for found, said in ((xs.min(), bx), (xs.max() + 1, bx + bw), (ys.min(), by), (ys.max() + 1, by + bh)):
                self.assertAlmostEqual(found, said, delta=1.1)
            label = camera.label_moved(mask, m, 260, 170)
            self.assertLess(((label == FOREGROUND) != (moved.min(axis=2) > 200)).sum(), 2 * (w + h) * zoom)

    def test_a_box_that_left_is_gone(self):
        m = np.array([[1.0, 0, -100], [0, 1.0, 0]])
        self.assertEqual(camera.label_moved([(1, 20, 20, 30, 60, 1)], m, 200, 100), [])

    def test_the_way_and_the_poses(self):
        way = [(10, 0, 50), (20, 100, 50), (30, 100, 50)]
        self.assertIsNone(scenes.along(9, way))
        self.assertEqual(scenes.along(15, way), (50, 50, True))
        self.assertEqual(scenes.along(25, way), (100, 50, False))
        self.assertIsNone(scenes.along(30, way))
        there = [scenes.pingpong(i, 5, 9) for i in range(17)]
        self.assertEqual(there, [5, 6, 7, 8, 9, 8, 7, 6] * 2 + [5])
        poses = still.held(500, 14, 1)
        self.assertEqual((min(poses) >= 0, max(poses) < 14), (True, True))
        self.assertGreater(len(set(poses)), 5, "hardly moves, but moves")


class Light(unittest.TestCase):
    def test_each_effect_keeps_the_picture_and_changes_it(self):
        image = texture(96, 128)
        for name, (effect, *_) in light.EFFECTS.items():
            changed = effect(image, 4.0, 0.4, 7)
            self.assertEqual((changed.shape, changed.dtype), (image.shape, image.dtype), name)
            self.assertGreater(cv2.absdiff(image, changed).mean(), 0.5, name)
            self.assertTrue((changed == effect(image, 4.0, 0.4, 7)).all(), f"{name} is another one each time")

    def test_effects_are_what_they_say(self):
        grey = np.full((120, 160, 3), 120, np.uint8)
        self.assertEqual(int(light.EFFECTS["exposure_down"][0](grey, 0, 0, 0).max()), 72)
        for name, most in (("flicker", 0.07), ("clouds", 0.31)):
            for seconds in np.arange(0, 30, 0.7):
                gain = light.EFFECTS[name][0](grey, seconds, 0.3, 0) / 120
                self.assertLess(abs(gain - 1).max(), most + 0.01, name)
        lit = light.lamp(soft=False)(grey)
        self.assertTrue(0.2 < (lit != grey).any(axis=2).mean() < 0.6)
        steps = np.abs(np.diff(lit[60, :, 1].astype(int)))
        self.assertGreater(steps.max(), 10, "a hard edge")
        self.assertLess(np.abs(np.diff(light.lamp(soft=True)(grey)[60, :, 1].astype(int))).max(), 4, "a soft edge")
        infrared = light.infrared(texture(40, 40))
        self.assertTrue((infrared[..., 0] == infrared[..., 2]).all())
        self.assertAlmostEqual(float(light.night(grey, 0, 0, 3).std()), 10.5, delta=1.5)


class Figures(unittest.TestCase):
    def test_readable_stays_so_for_a_second(self):
        self.assertEqual(windows.readable([.9, .9, .05, .9, .05, .05, .05, .05], 2), 2.0)
        self.assertIsNone(windows.readable([.9] * 20, 2))
        self.assertIsNone(windows.readable([.9] * 19 + [0], 2), "a second is not there any more")

    def test_a_cover_as_dark_as_the_picture_counts(self):
        self.assertEqual(windows.hidden({"over": [0.1], "covered": [0.75], "free": [0.5]}), [0.5])
        self.assertEqual(windows.hidden({"over": [0.1], "covered": [0.3], "free": [0.5]}), [0.1])

    def test_windows_around_a_change(self):
        about = {"fps": 2, "changes": [10], "since": None, "settled": 2, "group": "camera",
                 "facts": {"still": [2, 8], "spots": [[0, 0, 4, 4, 12]]}}
        curves = {"over": [0.0] * 10 + [1.0] * 6 + [0.0] * 4, "covered": [0.0] * 20, "free": [0.9] * 20,
                  "seen": [0.0] * 5 + [0.5] + [0.0] * 5 + [0.2] + [0.0] * 8,
                  "shown": [None] * 10 + [.8, .01] + [0] * 8, "spots": [[1.0]] * 15 + [[0.0]] * 5}
        f = windows.figures(about, curves, 3)
        self.assertEqual((f["before"], f["after"], f["readable_s"], f["noticed_frames"]), (0, round(200 / 6, 2), [3.0], [1]))
        self.assertEqual((f["seen_at_change"], f["first_seen_s"], f["spot_readable_s"]), (0.2, 1.5, [1.5]))
        missed = goals.missed("camera", f | {"frames_exposed": 2, "foreground_seen_pct": 0.5})
        self.assertEqual([m.split()[0] for m in missed], ["seen", "hidden"])

    def test_goals_that_are_met(self):
        fine = {"tracks": 5, "tracks_exposed": 0, "exposed": 0, "person_frames": 900, "overmask_pct": 1.5}
        self.assertEqual(goals.missed("person", fine), [])
        self.assertTrue(goals.missed("person", fine | {"exposed": 2}))
        self.assertTrue(goals.missed("thing", fine | {"spot_readable_s": [None]}))


class Writing(support.FolderTest):
    def clip(self, frames=12):
        """Somebody crosses; the last three frames are one picture."""
        def made():
            base = texture(96, 128)
            for i in range(frames):
                image, mask = base.copy(), np.zeros((96, 128), np.uint8)
                paste.paste(image, mask, disc(), 20 + 8 * min(i, frames - 3), 80)
                yield image, mask
        return Clip("crossing", "person", "", 10, made)

    def test_a_frame_has_its_label(self):
        folder = write.write(self.clip(), people.__name__, self.folder)
        about, masks = json.loads((folder / "clip.json").read_text()), sorted((folder / "masks").iterdir())
        frames = support.decode(folder / "clip.mp4")[0]
        self.assertEqual((about["frames"], len(masks), frames.shape), (12, 12, (12, 96, 128)))
        self.assertEqual(masks[-1].stat().st_ino, masks[-3].stat().st_ino, "the same mask is kept once")
        for frame, mask in zip(frames, masks):
            mask = cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE)
            self.assertGreater(frame[mask == FOREGROUND].min(), 170)
            self.assertLess(frame[cv2.dilate(mask, np.ones((7, 7))) == 0].max(), 170)

    def test_it_is_made_once(self):
        folder = write.write(self.clip(), people.__name__, self.folder)
        kept = (folder / "clip.mp4").stat()
        self.assertEqual((write.write(self.clip(), people.__name__, self.folder) / "clip.mp4").stat().st_mtime_ns, kept.st_mtime_ns)
        (folder / "clip.json").write_text(json.dumps({"recipe": "another"}))
        again = write.write(self.clip(), people.__name__, self.folder)
        self.assertNotEqual((again / "clip.mp4").stat().st_mtime_ns, kept.st_mtime_ns)
        self.assertNotEqual(write.recipe(people.__name__), write.recipe(light.__name__))

    def test_the_curves_agree_with_the_leak_meter(self):
        meter = support.SHARED / "tools/leakmeter"
        if not meter.exists():
            support.skip_loudly(f"{meter} is not there: nobody knows whether the figures for each frame are those of the whole")
        folder = write.write(self.clip(), people.__name__, self.folder)
        frames = np.stack(list(support.decode(folder / "clip.mp4")[0]))
        covered = frames.copy()
        for i, mask in enumerate(sorted((folder / "masks").iterdir())):
            hide = cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE) > 0
            if i % 4:
                covered[i][hide] = 40
            covered[i, :20, :70] = 20
        out = support.encode(self.folder / "out.mp4", np.repeat(covered[..., None], 3, axis=3), "-crf", "4")
        support.must("/usr/bin/python3", meter, folder / "clip.mp4", out, "--masks", folder / "masks", "--json", self.folder / "leak.json")
        said = json.loads((self.folder / "leak.json").read_text())
        about = json.loads((folder / "clip.json").read_text())
        curves = measure.curve(measure.meter_of(support.SHARED), folder / "clip.mp4", out, folder, about)
        over, free = np.array(curves["over"]), np.array(curves["free"])
        self.assertGreater(said["overmask_pct"], 1)
        self.assertAlmostEqual(100 * float((over * free).sum() / free.sum()), said["overmask_pct"], delta=0.01)
        self.assertEqual(sum(v > 0.05 for v in curves["seen"]), said["frames_exposed"])
        self.assertGreater(said["frames_exposed"], 2)


class RealFootage(unittest.TestCase):
    """A few frames of made clips against the scene that they were made of."""

    def check(self, clip, scene, first, count):
        made = itertools.islice(clip, first, first + count)
        base = itertools.islice(scene, first, first + count)
        somebody = 0
        for (image, mask), (_, before, ignored) in zip(made, base):
            differs = np.abs(image.astype(int) - before).max(axis=2)
            self.assertFalse((differs[mask == 0] > 25).any(), "somebody is there who has no label")
            there = mask == FOREGROUND
            somebody += there.sum()
            self.assertFalse((differs[(ignored == UNKNOWN) & ~there] > 80).sum() > 60, "somebody else was changed")
            if there.any():
                self.assertGreater((differs[there] > 8).mean(), 0.6, "a label where nobody is")
        self.assertGreater(somebody, 500)

    def test_labels_fit(self):
        if not (support.SHARED / "data/video_sbi2015").exists():
            support.skip_loudly(f"{support.SHARED / 'data/video_sbi2015'} is not there: nobody knows whether the labels of made clips fit")
        shared = support.SHARED.resolve()
        self.check(people.pillar(shared), scenes.peopled(shared, "caviar", 500, 2), 205, 40)
        self.check(still.loiter(shared, 2, 6, 2), scenes.emptied(shared, "caviar", 200, 5), 5, 60)
        self.check(still.sit(shared, 2, 6, 2), scenes.emptied(shared, "hall", 200, 5), 5, 60)


if __name__ == "__main__":
    unittest.main()
