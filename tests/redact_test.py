#!/usr/bin/python3
"""`passerby redact` on all that files are: what comes out has every frame at its time, and nothing that tells of anybody.

redact_test.py PROGRAM [Inputs|Strips|Covers|Says ...]
"""
import json
import os
import pathlib
import pty
import re

import numpy as np

import support
from support import decode, encode, ffprobe, names_in, times

X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-x265-params", "log-level=none"]
SINE = ["-f", "lavfi", "-i", "sine=d=2"]
FAST = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "15"]
VFR = "select='not(eq(mod(n,5),1)+eq(mod(n,7),3))',setpts='PTS+0.013/TB*mod(N,3)'"
MARK = "MARK7431"  # stands in every piece of metadata, and nowhere else


def scene(frames=20, width=96, height=64):
    """A still picture of which no turn or mirror looks the same, and something that walks through it."""
    y, x = np.mgrid[0:height, 0:width]
    red, green = 60 + 60 * x / width, 60 + 130 * y / height
    red[:height // 2, :width // 2] += 50
    still = np.stack([red, green, np.where((x // 8 + y // 8) % 2, 80, 140)], -1).astype(np.uint8)
    clip = np.repeat(still[None], frames, 0)
    for i in range(frames):
        left, top = 8 + i * (width - 28) // frames, height // 2
        clip[i, top:top + 12, left:left + 12] = (230, 40 + i % 2 * 10, 40)
    return clip


def still(frames, width=96, height=64):
    return np.repeat(scene(1, width, height), frames, 0)


# name of the file -> arguments of ffmpeg. What is in "inputs" comes before them.
INPUTS = {
    "h264.mp4": [*X264, "-preset", "medium", "-bf", "3"],
    "h264_fragments.mp4": [*X264, "-g", "5", "-movflags", "frag_keyframe+empty_moov"],
    "h264.mkv": X264,
    "h264.ts": [*X264, "-preset", "medium", "-bf", "2"],
    "h264.avi": [*X264, "-bf", "0"],
    "h264_10_bit.mkv": [*X264, "-pix_fmt", "yuv420p10le"],
    "h264_422.mp4": [*X264, "-pix_fmt", "yuv422p"],
    "h264_444.mkv": [*X264, "-pix_fmt", "yuv444p"],
    "h264_interlaced.ts": [*X264, "-flags", "+ilme+ildct", "-x264-params", "tff=1"],
    "h264_full_range.mp4": [*X264, "-pix_fmt", "yuvj420p", "-color_range", "pc"],
    "hevc.mp4": [*X265, "-pix_fmt", "yuv420p", "-tag:v", "hvc1"],
    "hevc_10_bit.mkv": [*X265, "-pix_fmt", "yuv420p10le"],
    "hevc.ts": X265,
    "mpeg4.avi": ["-c:v", "mpeg4", "-q:v", "2"],
    "mpeg4.mp4": ["-c:v", "mpeg4", "-q:v", "2", "-bf", "2"],
    "mjpeg.avi": ["-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p"],
    "mjpeg_422.mkv": ["-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj422p"],
    "vp9.webm": FAST,
    "vp9.mp4": [*FAST, "-pix_fmt", "yuv420p"],
    "variable_rate.mkv": ["-vf", VFR, "-fps_mode", "vfr", *X264],
    "variable_rate.mp4": ["-vf", VFR, "-fps_mode", "vfr", "-video_track_timescale", "90000", *X264],
    "ntsc_rate.mp4": ["-vf", "setpts=N/(30000/1001)/TB", "-r", "30000/1001", *X264],
    "starts_late.mkv": ["-output_ts_offset", "5.5", *X264],
    "starts_late.mp4": ["-output_ts_offset", "5.5", *X264],
    "starts_late.ts": ["-output_ts_offset", "90000.3", *X264],
    "wide_pixels.mp4": ["-vf", "setsar=16/11", *X264],
    "with_sound.mp4": ["-map", "0:v", "-map", "1:a", *X264, "-c:a", "aac"],
}
TURNED = {"turned_90.mp4": 90, "turned_180.mp4": 180, "turned_270.mp4": 270}
ODD = {
    "odd.mp4": [*X264, "-pix_fmt", "yuv444p"],
    "odd.avi": ["-c:v", "mpeg4", "-q:v", "2"],
    "odd.webm": [*FAST, "-pix_fmt", "yuv420p"],
}


class RedactTest(support.FolderTest):
    def redacted(self, source, *options):
        """The output, and the report as it was read from its file."""
        out, report = self.folder / f"{source.name}.out.mp4", self.folder / f"{source.name}.json"
        self.must_redact(source, out, "--report", report, *options)
        return out, json.loads(report.read_text())

    def expect_same_film(self, source, out, report, stream="v:0"):
        """The same frames, upright, at the same times; where nothing is covered, the same picture."""
        expected, got = times(source, stream), times(out)
        self.assertEqual(len(got), len(expected), "number of frames")
        self.assertEqual([t - got[0] for t in got], [t - expected[0] for t in expected], "times from the first frame on")
        before, after = decode(source, stream)[0], decode(out)[0]
        self.assertEqual(after.shape, tuple(n + n % 2 if i else n for i, n in enumerate(before.shape)), "frames, height, width")
        self.assertEqual((report["frames"], report["height"], report["width"]), before.shape, "report: frames, height, width")
        self.assertEqual(len(report["covered"]), len(expected), "report: one share covered per frame")
        # A clip of less than a second is over before anything is proven.
        if expected[-1] - expected[0] >= 0.7:
            self.assertLess(report["covered"][-1], 0.5, "so much is covered that this test shows nothing")
        after = after[:, :before.shape[1], :before.shape[2]]
        same = (np.abs(before.astype(int) - after) < 20).mean(axis=(1, 2))
        for i, (share, covered) in enumerate(zip(same, report["covered"]), 1):
            self.assertGreater(share, 1 - covered - 0.06, f"frame {i} shows another picture; share covered: {covered:.3f}")

    def expect_alone(self, out, sound=False):
        """H.264 that every browser plays, and nothing beside the pictures (and the sound)."""
        found = ffprobe(out, "-show_format", "-show_streams", "-show_chapters", "-show_programs", "-show_frames")
        video = found["streams"][0]
        self.assertEqual((video["codec_name"], video["pix_fmt"]), ("h264", "yuv420p"))
        self.assertIn(video["profile"], ("High", "Main", "Constrained Baseline"))
        self.assertEqual([s["codec_type"] for s in found["streams"]], ["video", "audio"] if sound else ["video"])
        self.assertEqual((found["chapters"], found["programs"]), ([], []))
        for thing in [*found["streams"], *found["frames"]]:
            self.assertNotIn("side_data_list", thing)
            self.assertLessEqual(set(thing.get("tags", {})), {"language", "handler_name", "vendor_id"})
        tags = [s.get("tags", {}) for s in found["streams"]]
        self.assertLessEqual({t.get("handler_name") for t in tags}, {"VideoHandler", "SoundHandler", None})
        self.assertLessEqual({t.get("language") for t in tags}, {"und", None})
        self.assertLessEqual({t.get("vendor_id") for t in tags}, {"[0][0][0][0]", None})
        self.assertLessEqual(set(found["format"].get("tags", {})), {"major_brand", "minor_version", "compatible_brands"})
        # Sound that is kept is kept as it is; ffmpeg's AAC encoder signs within it.
        self.expect_without(out, MARK, "Lavf", "x264", *([] if sound else ["Lavc"]))

    def expect_clean(self, out, sound=False):
        self.expect_alone(out, sound)
        units = support.ffmpeg("-i", out, "-map", "0:v", "-c", "copy", "-f", "h264", "-")
        kinds = {m[1][0] & 31 for m in re.finditer(rb"\0\0\x01(.)", units, re.DOTALL)}
        # Slices, parameter sets and their delimiters: no SEI (6), where cameras and encoders sign.
        self.assertLessEqual(kinds, {1, 5, 7, 8, 9}, "kinds of NAL units")

    def expect_without(self, path, *words):
        content = path.read_bytes()
        self.assertEqual([word for word in words if word.encode() in content], [], f"what is in {path.name}")


class Inputs(RedactTest):
    def check(self, source, *options, stream="v:0"):
        out, report = self.redacted(source, *options)
        self.expect_same_film(source, out, report, stream)
        self.expect_alone(out)
        return out, report

    def test_containers_and_codecs(self):
        film = scene()
        for name, arguments in INPUTS.items():
            with self.subTest(name):
                self.check(encode(self.folder / name, film, *arguments, inputs=SINE if "sound" in name else ()))

    def test_turned_pictures_come_out_upright(self):
        film = encode(self.folder / "film.mp4", scene(), *X264)
        for name, degrees in TURNED.items():
            with self.subTest(name):
                turned = self.folder / name
                support.ffmpeg("-i", film, "-c", "copy", "-metadata:s:v", f"rotate={degrees}", turned)
                self.assertEqual(decode(turned)[0].shape[1:], (96, 64) if degrees % 180 else (64, 96), "the clip is not turned")
                self.check(turned)

    def test_odd_sizes_are_padded_by_one(self):
        for name, arguments in ODD.items():
            with self.subTest(name):
                _, report = self.check(encode(self.folder / name, scene(width=97, height=63), *arguments))
                self.assertTrue(report["padded"])

    def test_the_best_of_several_streams(self):
        film = encode(self.folder / "film.mkv", scene(), *X264)
        small = encode(self.folder / "small.mkv", scene(width=48, height=32)[::2], *X264)
        words = self.folder / "words.srt"
        words.write_text(f"1\n00:00:00,000 --> 00:00:02,000\n{MARK}\n")
        cover = self.folder / "cover.jpg"
        support.ffmpeg("-i", film, "-frames:v", 1, "-vf", "scale=320:200", cover)
        with self.subTest("two videos, sound, subtitles"):
            support.ffmpeg("-i", small, "-i", film, *SINE, "-i", words, "-map", 0, "-map", 1, "-map", 2, "-map", 3, "-c:v", "copy",
                           "-disposition:v:0", 0, "-disposition:v:1", "default", "-c:a", "aac", self.folder / "several.mkv")
            self.check(self.folder / "several.mkv", stream="v:1")
        with self.subTest("a cover picture"):
            support.ffmpeg("-i", film, "-i", cover, "-map", 0, "-map", 1, "-c", "copy", "-disposition:v:1", "attached_pic",
                           self.folder / "picture.mp4")
            self.check(self.folder / "picture.mp4")

    def test_one_frame(self):
        out, report = self.redacted(encode(self.folder / "one.mp4", scene(1), *X264))
        self.assertEqual((len(times(out)), report["frames"], len(report["covered"])), (1, 1, 1))
        self.assertEqual((report["scene"], report["doubts"]), ("moving", []), "one frame proves no background")

    def test_names_are_only_names(self):
        film = encode(self.folder / "film.mp4", scene(10), *X264)
        for name in [b"%d a.mp4", b"concat:a.mp4", b"'\"$(x).mp4", b"caf\xe9.mp4"]:
            with self.subTest(name):
                odd = pathlib.Path(os.fsdecode(os.fsencode(self.folder) + b"/" + name))
                os.link(film, odd)
                out, report = odd.with_name("out " + odd.name), odd.with_name("report " + odd.name)
                self.must_redact(odd, out, "--report", report)
                self.assertEqual(json.loads(report.read_text())["frames"], 10)
                self.assertEqual(len(decode(out)[0]), 10)


class Strips(RedactTest):
    def film_full_of_tales(self, name):
        """Every place for metadata that ffmpeg can fill."""
        source, tales = self.folder / name, self.folder / "tales.txt"
        tales.write_text(f";FFMETADATA1\ntitle={MARK}\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle={MARK} chapter\n")
        words = self.folder / "words.srt"
        words.write_text(f"1\n00:00:00,000 --> 00:00:02,000\n{MARK} said\n")
        film = encode(self.folder / "film.mp4", scene(), *X264)
        about = {"artist": MARK, "comment": MARK, "location": "+48.1173+011.5167/", "creation_time": "2024-01-02T03:04:05Z",
                 "com.apple.quicktime.make": MARK, "com.apple.quicktime.model": MARK}
        more = {".mp4": ["-movflags", "use_metadata_tags", "-c:s", "mov_text", "-timecode", "01:02:03:04"],
                ".mkv": ["-c:s", "srt", "-attach", tales, "-metadata:s:t", "mimetype=text/plain"],
                ".ts": ["-sn", "-metadata", f"service_name={MARK}", "-metadata", f"service_provider={MARK}"]}[source.suffix]
        support.ffmpeg("-i", film, *SINE, "-i", words, "-i", tales, "-map", "0:v", "-map", "1:a", "-map", 2, "-map_metadata", 3,
                       *[x for key, value in about.items() for x in ("-metadata", f"{key}={value}")],
                       "-metadata:s:v", f"title={MARK}", "-metadata:s:v", f"handler_name={MARK}", "-metadata:s:v", "language=deu",
                       "-metadata:s:a", f"handler_name={MARK}", "-metadata:s:a", "language=deu",
                       "-c:v", "copy", "-bsf:v", f"h264_metadata=sei_user_data='086f3693-b7b3-4f2c-9653-21492feee5b8+{MARK}'",
                       "-c:a", "aac", *more, source)
        self.assertGreaterEqual(source.read_bytes().count(MARK.encode()), 4, "the clip has too little to strip")
        return source

    def test_all_that_tells_of_place_time_and_device(self):
        for name in ["tales.mp4", "tales.mkv", "tales.ts"]:
            for audio in ["drop", "keep"]:
                with self.subTest(f"{name}, --audio {audio}"):
                    out, _ = self.redacted(self.film_full_of_tales(name), "--audio", audio, "--force")
                    self.expect_clean(out, sound=audio == "keep")
                    self.expect_without(out, "48.1173", "2024-01-02", "quicktime")
                    self.expect_without(self.folder / f"{name}.json", MARK, "48.1173", "2024-01-02", str(self.folder))

    def test_sound_is_kept_only_when_asked(self):
        source = encode(self.folder / "film.mp4", scene(), "-map", "0:v", "-map", "1:a", *X264, "-c:a", "aac", inputs=SINE)
        out = self.folder / "out.mp4"
        self.assertNotIn("oices", self.must_redact(source, out).err)
        self.assertEqual([s["codec_type"] for s in ffprobe(out, "-show_streams")["streams"]], ["video"])
        done = self.must_redact(source, out, "--audio", "keep", "--force")
        self.assertIn("Voices identify people", done.err)
        sound = ffprobe(out, "-show_streams")["streams"][1]
        self.assertEqual(sound["codec_name"], "aac")
        self.assertAlmostEqual(float(sound["duration"]), 2, delta=0.1)
        quiet = self.must_redact(encode(self.folder / "silent.mp4", scene(), *X264), out, "--audio", "keep", "--force")
        self.assertEqual(len(ffprobe(out, "-show_streams")["streams"]), 1, f"sound out of nothing\n{quiet}")

    def test_it_leaves_no_file_but_those_it_was_asked_for(self):
        source = encode(self.folder / "film.mp4", scene(), *X264)
        places = {key: str(self.new_folder(key)) for key in ["HOME", "TMPDIR", "XDG_CACHE_HOME", "cwd"]}
        where = places.pop("cwd")
        out = self.new_folder("out")
        done = support.redact(source, out / "out.mp4", "--report", out / "r.json", cwd=where, env={**os.environ, **places})
        self.assertEqual(done.status, 0, done)
        self.assertEqual(names_in(self.folder), ["film.mp4", "out/out.mp4", "out/r.json"],
                         "a library leaves files of its own (ONNX Runtime does for telemetry)")


class Covers(RedactTest):
    def expect_flat(self, plane, where, what):
        for i, frame in enumerate(plane, 1):
            part = frame[where].astype(int)
            self.assertLess(part.max() - part.min(), 14, f"frame {i}: {what} is not covered uniformly")

    def test_masks_are_covered_in_every_frame(self):
        source = encode(self.folder / "film.mp4", scene(width=160, height=96), *X264)
        box, triangle = "0.5,0 1,0 1,0.5 0.5,0.5", "0,1 0.4,1 0,0.4"
        for style, mode in [("silhouette", "fixed"), ("vanish", "fixed"), ("block", "fixed"), ("silhouette", "moving")]:
            with self.subTest(f"--cover {style} --scene {mode}"):
                out, report = self.redacted(source, "--style", style, "--scene", mode, "--mask", box, "--mask", triangle, "--force")
                self.assertEqual((report["style"], report["masks"]), (style, [box, triangle]))
                y, u, v = decode(out)
                self.expect_flat(y, np.s_[2:46, 82:158], "the mask's luma")
                for plane in (u, v):
                    self.expect_flat(plane, np.s_[1:23, 41:79], "the mask's colour")
                self.expect_flat(y, np.s_[80:94, 2:14], "the triangle's luma")
                self.assertGreaterEqual(min(report["covered"]), 0.25, "the report counts less than the masks")

    def test_the_walker_is_covered_in_every_style(self):
        source = encode(self.folder / "film.mp4", scene(), *X264)
        for style in ["silhouette", "vanish", "block"]:
            with self.subTest(style):
                out, _ = self.redacted(source, "--style", style, "--force")
                red = (decode(out)[2] > 185).any(axis=(1, 2))
                self.assertGreater((decode(source)[2] > 185).any(axis=(1, 2)).mean(), 0.9, "the clip's walker is not red")
                self.assertEqual(list(np.flatnonzero(red) + 1), [], "frames that show the red walker")

    def test_the_same_input_gives_the_same_bytes(self):
        source = encode(self.folder / "film.mp4", scene(), "-map", "0:v", "-map", "1:a", *X264, "-c:a", "aac", inputs=SINE)
        for options in [["--style", "vanish", "--audio", "keep"], ["--as-live"]]:
            with self.subTest(options):
                made = []
                for _ in range(2):
                    self.redacted(source, "--force", *options)
                    made.append([(self.folder / f"film.mp4.{end}").read_bytes() for end in ("out.mp4", "json")])
                self.assertTrue(made[0] == made[1], "two runs differ")

    def test_strict_shows_only_what_was_approved(self):
        source = encode(self.folder / "film.mp4", still(150), *X264)
        plate, painted = self.folder / "plate.png", self.folder / "painted.png"
        _, report = self.redacted(source, "--strict", "--scene-picture", plate)
        self.assertEqual((report["approval"], set(report["covered"]), report["approved"]), ("required", {1}, 0))
        self.assertIn("nobody has approved this scene", report["doubts"][0]["why"])

        _, report = self.redacted(source, "--approved", plate, "--force")
        self.assertEqual(report["doubts"], [])
        self.assertGreater(report["approved"], 0.95)
        self.assertLess(report["covered"][-1], 0.05)

        # The left half is painted over.
        support.ffmpeg("-i", plate, "-vf", "drawbox=w=iw/2:color=0x63676C:t=fill", "-pix_fmt", "rgb24", painted)
        out, report = self.redacted(source, "--approved", painted, "--force")
        self.assertAlmostEqual(report["approved"], 0.5, delta=0.06)
        y = decode(out)[0]
        self.expect_flat(y, np.s_[:, :y.shape[2] // 2 - 4], "what was not approved")

        other = encode(self.folder / "other.mp4", still(20)[:, :32], *X264)
        said = support.redact(other, self.folder / "none.mp4", "--approved", plate)
        self.assertNotEqual(said.status, 0)
        self.assertIn("approves nothing of", str(said))
        self.assertFalse((self.folder / "none.mp4").exists())

    def test_as_live_begins_wholly_covered_and_opens_what_is_proven(self):
        source = encode(self.folder / "film.mp4", still(150), *X264)
        out, report = self.redacted(source, "--as-live")
        self.assertTrue(report["as_live"])
        self.assertEqual(len(times(out)), 150)
        y = decode(out)[0]
        self.assertEqual(report["covered"][0], 1)
        self.expect_flat(y[:int(report["proven_from"]) // 2], np.s_[:, :], "the scene that is not proven yet")
        self.assertLess(report["covered"][-1], 0.05, "nobody is there, and yet it stays covered")
        self.assertGreater(report["proven_from"], 1)


class Says(RedactTest):
    def test_the_report(self):
        source = encode(self.folder / "film.mp4", scene(), *X264)
        _, report = self.redacted(source)
        expected = {"passerby": str, "scene": str, "style": str, "cover": list, "as_live": bool, "audio": str, "masks": list, "width": int,
                    "height": int, "padded": bool, "picture": bool, "frames": int, "proven_from": int, "covered": list, "models": list,
                    "gaps": list, "doubts": list, "approval": str}
        self.assertEqual({key: type(value) for key, value in report.items()}, expected)
        self.assertEqual((report["frames"], len(report["covered"]), report["width"], report["height"]), (20, 20, 96, 64))
        self.assertEqual((report["scene"], report["style"], report["audio"], report["padded"]), ("fixed", "silhouette", "drop", False))
        self.assertTrue(all(0 <= c <= 1 for c in report["covered"]), report["covered"])
        self.assertEqual((report["gaps"], report["doubts"], report["masks"]), ([], [], []))
        self.assertIn(report["proven_from"], range(1, 21))
        self.assertGreaterEqual({m["name"] for m in report["models"]}, {"person", "face"})
        for model in report["models"]:
            self.assertRegex(model["sha256"], "^[0-9a-f]{64}$")

    def test_a_scene_that_moves(self):
        noise = np.random.default_rng(7).integers(0, 255, (60, 64, 96, 3), np.uint8)
        source = encode(self.folder / "noise.mp4", noise, *X264)
        short = encode(self.folder / "short.mp4", noise[:20], *X264)
        for source, options, scene_kind in [(source, [], "moving"), (source, ["--scene", "moving"], "moving"),
                                            (source, ["--scene", "fixed"], "fixed"), (short, [], "fixed")]:
            with self.subTest(source=source, options=options):
                out, report = self.folder / "out.mp4", self.folder / "r.json"
                done = self.must_redact(source, out, "--report", report, "--force", *options)
                self.assertEqual(json.loads(report.read_text())["scene"], scene_kind)
                self.assertEqual("The camera moves" in done.err, scene_kind == "moving", done)
                self.assertEqual(len(times(out)), len(times(source)))
                if scene_kind == "fixed":
                    self.assertEqual(set(json.loads(report.read_text())["covered"]), {1}, "nothing was ever proven")
                    self.assertIn("too short or too busy", done.err)

    def test_plain_lines_on_a_pipe(self):
        done = self.must_redact(encode(self.folder / "film.mp4", scene(), *X264), self.folder / "out.mp4")
        self.assertEqual(done.out, "")
        self.assertRegex(done.err, r"\A[^\n]*out\.mp4: 20 frames, [0-9.]+ % of the picture covered on average, fixed scene\n\Z")
        self.assertNotRegex(done.err, r"[\x00-\x09\x0b-\x1f]", "control characters on a pipe")

    def test_progress_on_a_terminal(self):
        source = encode(self.folder / "film.mp4", scene(400), *X264)
        ours, theirs = pty.openpty()
        child = support.start("redact", source, self.folder / "out.mp4", stdout=theirs, stderr=theirs)
        os.close(theirs)
        said = b""
        while True:
            try:
                some = os.read(ours, 65536)
            except OSError:  # the last writer is gone
                break
            said += some
            if not some:
                break
        os.close(ours)
        self.assertEqual(child.wait(support.LONGEST), 0, said)
        self.assertRegex(said.decode(), r"\r(proving the scene|covering): frame \d+ of 400 \(\d+ %\), \d+ frames/s, \d+:\d\d left\x1b\[K")


if __name__ == "__main__":
    support.main()
