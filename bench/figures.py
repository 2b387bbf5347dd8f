#!/usr/bin/python3
"""How well does it cover people? Redacts labelled clips, as a file and as live, and lets the leak meter judge.

    bench/figures.py [--program build/release/passerby] [--shared ../shared] [--mode file|live|both] [CLIP ...]

Prints a Markdown table. The clips are research data that the project may read but not contain; --shared names the folder
that has data/ and tools/leakmeter. As live: the clip three times over, one pass; what is seen counts from the first
frame, overmask from the frame at which the scene was proven, which the report names.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

SBI = "data/video_sbi2015"
CLIPS = {
    "pets": ("data/video_pets09_s2l1/pets09_s2l1_view001_768x576_7fps.mp4", "data/video_pets09_s2l1/gt.txt", 795),
    "caviar": (f"{SBI}/CAVIAR1/clip.mp4", f"{SBI}/CAVIAR1/gt", 610),
    "hall": (f"{SBI}/HallAndMonitor/clip.mp4", f"{SBI}/HallAndMonitor/gt", 296),
    "cavignal": (f"{SBI}/CaVignal/clip.mp4", f"{SBI}/CaVignal/gt", 258),
    "ibm": (f"{SBI}/IBMtest2/clip.mp4", f"{SBI}/IBMtest2/gt", 90),
}


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode not in (0, 2):
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done


def measure(program, shared, name, live, folder, preset="medium"):
    clip, labels, frames = CLIPS[name]
    clip, labels = shared / clip, shared / labels
    if live:
        looped = folder / f"{name}_x3.mp4"
        run("ffmpeg", "-v", "error", "-y", "-stream_loop", 2, "-i", clip, "-c", "copy", looped)
        clip = looped
    out, report, result = folder / f"{name}.mp4", folder / f"{name}.json", folder / f"{name}_leak.json"
    started = time.monotonic()
    mode = ["--as-live"] if live else ["--scene", "fixed"]
    run(program, "redact", clip, out, "--force", "--preset", preset, "--report", report, *mode)
    seconds = time.monotonic() - started
    proven = json.loads(report.read_text())["proven_from"] or 1
    against = ["--masks", labels] if labels.is_dir() else [labels]
    start = ["--loop", frames, "--from", proven] if live else []
    run("/usr/bin/python3", shared / "tools/leakmeter", clip, out, *against, *start, "--json", result)
    return json.loads(result.read_text()), proven, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/passerby", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    parser.add_argument("--mode", choices=["file", "live", "both"], default="both")
    parser.add_argument("--keep", type=pathlib.Path, help="keep the covered clips in this folder")
    parser.add_argument("clips", nargs="*", metavar="CLIP", help=f"of {', '.join(CLIPS)}; default all")
    a = parser.parse_args()
    print("| clip | mode | seen | exposed | overmask % | proven from | s |\n|---|---|---|---|---|---|---|", flush=True)
    for name in a.clips or CLIPS:
        for live in {"file": [False], "live": [True], "both": [False, True]}[a.mode]:
            with tempfile.TemporaryDirectory() as temporary:
                folder = a.keep / ("live" if live else "file") if a.keep else pathlib.Path(temporary)
                folder.mkdir(parents=True, exist_ok=True)
                r, proven, seconds = measure(a.program, a.shared, name, live, folder)
            if "tracks" in r:
                seen = f"{r['exposed']} of {r['person_frames']} heads ({r['exposed_pct']} %)"
                exposed = f"{r['tracks_exposed']} of {r['tracks']} tracks"
            else:
                seen = f"{r['foreground_seen_pct']} % of foreground"
                exposed = f"{r['frames_exposed']} of {r['frames']} frames"
            mode = "as live" if live else "file"
            print(f"| {name} | {mode} | {seen} | {exposed} | {r['overmask_pct']} | {proven} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
