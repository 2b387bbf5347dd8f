"""What the whole-program tests share: running the program, making clips with the ffmpeg command, looking into files.

A test is run as `tests/x_test.py PROGRAM [unittest arguments]` from the root of the repository.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from fractions import Fraction

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Labelled footage that the project may read but not contain.
SHARED = pathlib.Path(os.environ.get("PASSERBY_SHARED", ROOT.parent / "shared"))
# No run comes near it; a program that hangs must not hang the tests.
LONGEST = 600


def program():
    return pathlib.Path(os.environ["PASSERBY_PROGRAM"])


def main():
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest arguments]; PROGRAM is build/release/passerby")
    os.environ["PASSERBY_PROGRAM"] = str(pathlib.Path(sys.argv.pop(1)).resolve())
    result = unittest.main(exit=False).result
    ran = result.testsRun - len(result.skipped)
    # Nothing was shown at all: ctest says so in its list, where a pass would hide it.
    sys.exit(1 if not result.wasSuccessful() else kNothingRan if result.skipped and ran <= 0 else 0)


kNothingRan = 77  # SKIP_RETURN_CODE in tests/CMakeLists.txt


def skip_loudly(reason):
    print(f"SKIPPED: {reason}", file=sys.stderr, flush=True)
    raise unittest.SkipTest(reason)


class Done:
    """A program that has ended."""

    def __init__(self, command, status, out, err):
        self.command, self.status, self.out, self.err = command, status, out, err
        self.err_lines = err.splitlines()

    def __str__(self):
        return f"{' '.join(self.command)}\nexit status {self.status}\nstdout: {self.out}\nstderr: {self.err}"


def run(*command, **more):
    command = [os.fsdecode(c) for c in command]
    done = subprocess.run(command, capture_output=True, timeout=LONGEST, stdin=subprocess.DEVNULL, **more)
    return Done(command, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def must(*command, stdin=None):
    """The standard output, in bytes, of a command that the test itself needs."""
    command = [os.fsdecode(c) if isinstance(c, (bytes, os.PathLike)) else str(c) for c in command]
    done = subprocess.run(command, input=stdin or b"", capture_output=True, timeout=LONGEST)
    if done.returncode != 0:
        raise RuntimeError(f"the test's own command fails:\n{' '.join(command)}\n{done.stderr.decode(errors='replace')}")
    return done.stdout


def start(*arguments, **more):
    """The program, running; with the signals that a shell's foreground job has."""
    command = [program(), *[os.fsdecode(a) for a in arguments]]
    more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen(command, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **more)


def redact(*arguments, **more):
    return run(program(), "redact", *arguments, **more)


def ffmpeg(*arguments, stdin=None):
    return must("ffmpeg", "-v", "error", "-y", *arguments, stdin=stdin)


def encode(path, frames, *arguments, rate=10, pixels="rgb24", inputs=()):
    """`frames`: array [frame, row, column, channel] or [frame, row, column], or the planes (y, u, v) of yuv420p.

    `inputs` are further inputs of ffmpeg; theirs are the streams 1:0 and so on.
    """
    if isinstance(frames, tuple):
        (_, height, width), pixels = frames[0].shape, "yuv420p"
        content = b"".join(plane[i].tobytes() for i in range(len(frames[0])) for plane in frames)
    else:
        height, width = frames.shape[1:3]
        content = frames.tobytes()
    ffmpeg("-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{width}x{height}", "-r", rate, "-i", "-", *inputs, *arguments, path,
           stdin=content)
    return path


def decode(path, stream="v:0", first=None):
    """What ffmpeg shows, upright: the planes (y, u, v) of yuv420p, each [frame, row, column]."""
    some = ["-frames:v", first] if first else []
    content = ffmpeg("-i", path, "-map", f"0:{stream}", "-fps_mode", "passthrough", *some, "-pix_fmt", "yuv420p",
                     "-f", "yuv4mpegpipe", "-")
    head, _, content = content.partition(b"\n")
    width, height = (int(next(w[1:] for w in head.split() if w[:1] == key)) for key in (b"W", b"H"))
    shapes = [(height, width)] + 2 * [((height + 1) // 2, (width + 1) // 2)]
    frames = np.frombuffer(content, np.uint8).reshape(-1, len(b"FRAME\n") + sum(h * w for h, w in shapes))
    planes, at = [], len(b"FRAME\n")
    for h, w in shapes:
        planes.append(frames[:, at:at + h * w].reshape(-1, h, w))
        at += h * w
    return tuple(planes)


def ffprobe(path, *show):
    return json.loads(must("ffprobe", "-v", "error", *show, "-of", "json", path))


def times(path, stream="v:0"):
    """When each frame is shown, in exact seconds, in the order of showing."""
    found = ffprobe(path, "-select_streams", stream, "-show_entries", "stream=time_base:frame=best_effort_timestamp")
    base = Fraction(found["streams"][0]["time_base"])
    return [int(frame["best_effort_timestamp"]) * base for frame in found["frames"]]


class FolderTest(unittest.TestCase):
    """Each test has a folder of its own, self.folder, that is gone afterwards."""

    longMessage = True
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="passerby-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def new_folder(self, name):
        made = self.folder / name
        made.mkdir(parents=True)
        return made

    def must_redact(self, *arguments, status=0):
        done = redact(*arguments)
        self.assertEqual(done.status, status, f"\n{done}")
        return done


def names_in(folder):
    """Every file below it; hidden ones, too."""
    return sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if not p.is_dir())
