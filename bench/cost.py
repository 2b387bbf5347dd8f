#!/usr/bin/python3
"""What does covering cost? CPU time of `passerby redact` beside that of ffmpeg, which decodes the same file and encodes it
with the same settings (libx264, the same preset and constant rate factor) and covers nothing.

    bench/cost.py [--program build/release/passerby] [--rounds 3] [--preset superfast --preset medium] [CLIP ...]

Both run in turn, so that a machine whose speed drifts drifts for both; the median counts. Prints a Markdown table.
"""
import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

VTEST = pathlib.Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")  # of Debian's opencv-doc
CRF = 23


def cpu_seconds(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode not in (0, 2):
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pace(seconds, frames):
    return f"{seconds:.1f} s ({1000 * seconds / frames:.1f} ms)"


def frames_of(clip):
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-count_packets", "-show_entries",
                           "stream=nb_read_packets,width,height", "-of", "csv=p=0", str(clip)], capture_output=True, text=True, check=True)
    width, height, frames = done.stdout.strip().split(",")[:3]
    return int(width), int(height), int(frames)


def full_hd(folder):
    """vtest.avi enlarged to 1920 x 1080 and played at 25 frames/s: all of its people, at the pixels and the rate of a camera."""
    made = folder / "vtest_1080p25.mp4"
    cpu_seconds("ffmpeg", "-v", "error", "-y", "-i", VTEST, "-vf", "scale=1920:-2:flags=lanczos,crop=1920:1080,setpts=N/25/TB", "-r", 25,
                "-c:v", "libx264", "-preset", "fast", "-crf", 20, made)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/passerby", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--preset", action="append", help="of x264; may be repeated; default superfast and medium")
    parser.add_argument("clips", nargs="*", type=pathlib.Path, metavar="CLIP", help="default: vtest.avi, and the same at 1080p25")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="passerby_cost_", dir=os.environ.get("TMPDIR")) as folder:
        folder = pathlib.Path(folder)
        clips = args.clips or [VTEST, full_hd(folder)]
        print("| clip | preset | ffmpeg, CPU (a frame) | passerby redact | ratio |\n|---|---|---|---|---|")
        for clip in clips:
            width, height, frames = frames_of(clip)
            for preset in args.preset or ["superfast", "medium"]:
                plain, covered = [], []
                for _ in range(args.rounds):
                    plain.append(cpu_seconds("ffmpeg", "-v", "error", "-y", "-i", clip, "-an", "-c:v", "libx264", "-preset", preset, "-crf", CRF, folder / "plain.mp4"))
                    covered.append(cpu_seconds(args.program, "redact", "--force", "--scene", "fixed", "--preset", preset, clip, folder / "covered.mp4"))
                a, b = statistics.median(plain), statistics.median(covered)
                print(f"| {clip.stem}, {width} x {height}, {frames} frames | {preset} | {pace(a, frames)} | {pace(b, frames)} | {b / a:.2f} |", flush=True)


if __name__ == "__main__":
    main()
