#!/usr/bin/python3
"""What does a picture of a quiet scene cost, and how many bytes does it take? The stages of a camera's process with `quiet: keep` and
`quiet: encode`, beside ffmpeg, which decodes, or decodes and encodes with the same settings, and covers nothing.

    bench/quiet.py [--program build/release/bench_quiet] [--rounds 3] [CLIP ...]

All run in turn, so that a machine whose speed drifts drifts for all; the median counts. CLIP: H.264 without B-frames, nobody in it,
more than 25 s. Prints a Markdown table.
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
PROVES_S = 25
SECONDS = 40
RATE = 15


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def cpu_seconds(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def empty_square(folder, megabits):
    """The median of vtest.avi in full HD with a sensor's noise, at a camera's constant bit rate, an IDR picture every two seconds."""
    still, made = folder / "still.png", folder / f"square_1080p{RATE}_{megabits}M.mp4"
    run("ffmpeg", "-v", "error", "-y", "-i", VTEST, "-vf", "fps=2,tmedian=radius=40,scale=1920:1080:flags=lanczos", "-frames:v", 1, still)
    run("ffmpeg", "-v", "error", "-y", "-loop", 1, "-framerate", RATE, "-i", still, "-t", SECONDS, "-vf", "noise=alls=4:allf=t,format=yuv420p",
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-bf", 0, "-g", 2 * RATE, "-b:v", f"{megabits}M",
        "-maxrate", f"{megabits}M", "-bufsize", f"{megabits}M", made)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/bench_quiet", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("clips", nargs="*", type=pathlib.Path, metavar="CLIP", help="default: a square in full HD at 2 and 6 Mbit/s")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="passerby_quiet_", dir=os.environ.get("TMPDIR")) as folder:
        folder = pathlib.Path(folder)
        print("| clip | decoding alone | decoding and encoding | covering, encode | covering, keep | keep / decode and encode | kept | encode, Mbit/s | keep, Mbit/s |")
        print("|---|---|---|---|---|---|---|---|---|")
        for clip in args.clips or [empty_square(folder, 2), empty_square(folder, 6)]:
            frames = int(run("ffprobe", "-v", "error", "-select_streams", "v", "-count_packets", "-show_entries", "stream=nb_read_packets",
                             "-of", "csv=p=0", clip).strip().strip(","))
            decode, plain, ways = [], [], {"encode": [], "keep": []}
            for _ in range(args.rounds):
                decode.append(cpu_seconds("ffmpeg", "-v", "error", "-threads", 1, "-i", clip, "-f", "null", "-") / frames)
                plain.append(cpu_seconds("ffmpeg", "-v", "error", "-y", "-threads", 1, "-i", clip, "-c:v", "libx264", "-preset", "superfast", "-crf", 23,
                                         "-threads", 1, folder / "plain.mp4") / frames)
                for way, all_of in ways.items():
                    counted, seconds, kept, size, length = map(float, run(args.program, clip, way, PROVES_S).split())
                    all_of.append((seconds / counted, kept / counted, size * 8 / length / 1e6))
            a, b = statistics.median(decode), statistics.median(plain)
            (encode, _, encode_rate), (keep, share, keep_rate) = (tuple(map(statistics.median, zip(*ways[w]))) for w in ("encode", "keep"))
            print(f"| {clip.stem} | {1000 * a:.1f} ms | {1000 * b:.1f} ms | {1000 * encode:.1f} ms | {1000 * keep:.1f} ms | {keep / b:.2f} "
                  f"| {100 * share:.0f} % | {encode_rate:.2f} | {keep_rate:.2f} |", flush=True)


if __name__ == "__main__":
    main()
