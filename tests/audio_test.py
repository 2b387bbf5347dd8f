#!/usr/bin/python3
"""`audio: keep` as a whole: what a camera's microphone heard is in the recording beside its pictures, and only where it was asked for.

audio_test.py PROGRAM [TEST ...]
The camera flashes and beeps at the same moments.
"""
import array
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import unittest

from recorder import OWN_PASSWORD, Recorder, RtspCamera, run_quietly

PROGRAM = pathlib.Path("build/release/passerby")
APART_AT_MOST_S = 0.05
RATE = 8000
LOUD = 0.1
FLASHES = 6
# Nobody is in it; and what is not proven to be background is shown, since nothing can be proven in a moving scene.
CAMERA = {"user": "viewer", "password": "secret", "scene": "moving"}
CODECS = {"aac": ("clip.aac.mp4", ("-c:a", "aac", "-ar", "48000", "-ac", "2")), "pcmu": ("clip.pcmu.mov", ("-c:a", "pcm_mulaw", "-ar", "8000", "-ac", "1"))}


def make_clip(path, sound, seconds=600):
    beep = "0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.3)"
    run_quietly("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=c=gray:s=320x240:r=25,drawbox=t=fill:c=white:enable='lt(mod(t,1),0.3)'",
                "-f", "lavfi", "-i", f"aevalsrc={beep}:s=48000", "-t", "20", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "25",
                "-pix_fmt", "yuv420p", *sound, f"{path}.once.mov")  # fmt: skip
    run_quietly("ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", f"{path}.once.mov", "-t", str(seconds), "-c", "copy", path)


def codecs_of(path):
    shown = run_quietly("ffprobe", "-v", "error", "-of", "json", "-show_entries", "stream=codec_type,codec_name", path)
    return {s["codec_type"]: s["codec_name"] for s in json.loads(shown)["streams"]}


def onsets(levels):
    """Of (time, level): when it goes up from low to high; not of one that begins high."""
    levels = list(levels)
    middle = (max(v for _, v in levels) + min(v for _, v in levels)) / 2
    return [t for (t, v), (_, before) in zip(levels[1:], levels) if v > middle >= before]


def first_time(path, stream):
    shown = run_quietly("ffprobe", "-v", "error", "-select_streams", stream, "-of", "csv=p=0", "-show_entries", "packet=pts_time",
                        "-read_intervals", "%+#1", path)  # fmt: skip
    # What an encoder puts before the first sample is not decoded.
    return max(0.0, float(re.search(r"-?[\d.]+", shown).group()))


def flashes(path):
    shown = subprocess.run(["ffmpeg", "-v", "error", "-copyts", "-i", path, "-an", "-vf", "signalstats,metadata=print:file=-", "-f", "null", "-"],
                           capture_output=True, text=True, check=True).stdout  # fmt: skip
    return onsets((float(time), float(level)) for time, level in re.findall(r"pts_time:([\d.]+)\n(?:lavfi(?!.*YAVG).*\n)*lavfi.signalstats.YAVG=([\d.]+)", shown))


def beeps(path):
    samples = array.array("f")
    samples.frombytes(subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-vn", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"],
                                     capture_output=True, check=True).stdout)  # fmt: skip
    begin, step = first_time(path, "a:0"), RATE // 200
    loudest = [(begin + i / RATE, max(map(abs, samples[i:i + step]))) for i in range(0, len(samples) - step, step)]
    # A tone is loud in each of its periods.
    return onsets((t, float(v > LOUD)) for t, v in loudest)


def apart(path):
    """How much later each beep is than the flash next to it."""
    seen = flashes(path)
    return [min((beep - f for f in seen), key=abs) for beep in beeps(path)] if seen else []


class AudioTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerby-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def camera(self, codec):
        name, sound = CODECS[codec]
        clip = self.folder / name
        make_clip(clip, sound)
        return self.enterContext(RtspCamera(clip, "viewer", "secret")).start()

    def flashed(self, recorder, camera, after=()):
        """Its files, when a new one has enough flashes."""

        def enough():
            new = [f for f in recorder.files(camera) if f not in after]
            return new if new and recorder.camera(camera)["state"] == "live" and self.seconds(recorder, camera, len(after)) > FLASHES + 1 else None

        return recorder.wait_for(f"enough of {camera}", enough)

    def seconds(self, recorder, camera, from_segment):
        return sum((s["end"] - s["start"]).total_seconds() for s in recorder.segments(camera)[from_segment:])

    def assert_in_sync(self, files):
        # Without those of which the flash was covered, as everything is at first.
        found = [a for path in files for a in apart(path) if abs(a) < 0.3]
        self.assertGreaterEqual(len(found), FLASHES / 2, found)
        # A frame that a busy machine left out moves a flash.
        self.assertLessEqual(statistics.median(map(abs, found)), APART_AT_MOST_S, found)

    def test_sound_of_a_camera(self):
        """Kept from AAC and from G.711, in sync, also after the camera was away and its 32 bits of time began anew; dropped where
        nobody asked for it."""
        sources = {codec: self.camera(codec) for codec in CODECS}
        config = {codec: {**CAMERA, "url": f"rtsp://127.0.0.1:{s.port}/stream", "audio": "keep"} for codec, s in sources.items()}
        config["quiet"] = {**config["aac"]}
        del config["quiet"]["audio"]
        recorder = self.enterContext(Recorder(PROGRAM, self.folder, config)).start().sign_in()
        before = {name: self.flashed(recorder, name) for name in config}
        for source in sources.values():
            source.kill()
        for name in config:
            recorder.wait_for(f"{name} is lost", lambda name=name: recorder.camera(name)["state"] == "unreachable")
        counts = {name: recorder.files(name) for name in config}
        for source in sources.values():
            source.start(RTP_WRAPS_AFTER_S="3")
        after = {name: self.flashed(recorder, name, counts[name]) for name in config}
        for name in config:
            self.assertEqual(len(recorder.losses(name)), 1, f"{name}: the camera was away once")
        self.assertEqual({name: recorder.camera(name)["audio"] for name in config}, {"aac": "kept", "pcmu": "kept", "quiet": "dropped"})
        self.assertEqual(recorder.stop()[0], 0, recorder.log())
        for codec in CODECS:
            for files in (before[codec], after[codec]):
                for path in files:
                    self.assertEqual(codecs_of(path), {"video": "h264", "audio": "aac"}, path)
                self.assert_in_sync(files)
        for path in recorder.files("quiet"):
            self.assertEqual(codecs_of(path), {"video": "h264"}, path)
        self.assertIn("voices identify people", recorder.log())

    def test_it_is_on_the_record(self):
        camera = {"url": "rtsp://127.0.0.1:9/stream"}
        for audio in ("drop", "keep", "drop"):
            with Recorder(PROGRAM, self.folder, {"street": {**camera, "audio": audio}}) as recorder:
                recorder.start()
                if recorder.one_time_password():
                    recorder.sign_in()
                else:
                    self.assertEqual(recorder.log_in(OWN_PASSWORD)[0], 200)
                entries = recorder.get("/api/ledger/entries?count=500")["entries"]
                self.assertEqual(recorder.stop()[0], 0, recorder.log())
            checked = subprocess.run([PROGRAM, "config", "check", recorder.config], capture_output=True, text=True, check=False)
            self.assertEqual((checked.returncode, "Voices identify people" in checked.stderr), (0, audio == "keep"), checked.stderr)
        rules = [e["after"]["audio"] for e in reversed(entries) if e["kind"] == "policy"]
        self.assertEqual(rules, ["dropped", "kept", "dropped"])


if __name__ == "__main__":
    PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
