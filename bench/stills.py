#!/usr/bin/python3
"""How well are faces and plates covered where no background can be proven: in single pictures, with a moving camera?

    bench/stills.py [--program build/release/passerby] [--shared ../shared] [--every N] [SET ...] [CLIP ...]

Redacts labelled pictures, and clips with --scene moving, and prints two Markdown tables. They are research data that the
project may read but not contain; --shared names the folder that has data/ and tools/leakmeter. Only pixels are compared:

covered   a pixel that has the colour of the cover in the output.
face      is covered when the middle of its box is: all of the middle tenth of its width and height.
plate     is covered when its middle half is: at least 98 % of the central half of its width and height.
picture   the mean share of the picture that is covered.
faces     in a second run --what faces, for plates faces,plates: nobody is covered as a person.
clips     as bench/figures.py has them, by the leak meter; and one of a road without people, on which whatever is covered
          beside the plates is covered for nothing. They do not move, which makes no difference to detectors and tracks.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

import figures

# name -> folder below data/, what its boxes are
SETS = {"faces_mask": "face", "faces_keypoints": "face", "plates_ro": "plate", "plates_openalpr_br": "plate"}
WITHOUT_PEOPLE = {"road": "data/video_intel/car-detection.mp4"}
CLIPS = (*figures.CLIPS, *WITHOUT_PEOPLE)
# Slate, of redact/painter.cc; blue, green, red.
COVER = np.array([59, 49, 44])
NEAR = 14  # JPEG's loss
MIDDLE = {"face": 0.1, "plate": 0.5}
ENOUGH = 0.98


def labels(folder):
    boxes = {}
    with open(folder / "labels.csv", newline="") as file:
        for row in csv.DictReader(file):
            boxes.setdefault(row["image"], []).append([float(row[k]) for k in "xywh"])
    return boxes


def redact(program, arguments):
    done = subprocess.run([str(program), "redact", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"passerby redact {' '.join(map(str, arguments))}\n{done.stderr}")


def covered_pixels(path):
    picture = cv2.imread(str(path))
    if picture is None:
        sys.exit(f"{path} is no picture that decodes")
    return np.abs(picture.astype(int) - COVER).max(-1) <= NEAR


def is_covered(mask, box, kind):
    x, y, w, h = box
    part = MIDDLE[kind]
    x0, y0 = int(x + w * (1 - part) / 2), int(y + h * (1 - part) / 2)
    middle = mask[y0:max(y0 + 1, round(y + h * (1 + part) / 2)), x0:max(x0 + 1, round(x + w * (1 + part) / 2))]
    return middle.size > 0 and middle.mean() >= ENOUGH


def measure(program, folder, kind, names, what):
    """Boxes covered, boxes, share of the pictures covered, pictures with something missed, seconds a picture."""
    boxes = labels(folder)
    hit = total = 0
    shares, missed = [], []
    with tempfile.TemporaryDirectory() as out:
        began = time.monotonic()
        redact(program, [*(folder / "images" / name for name in names), out, "--what", what])
        seconds = (time.monotonic() - began) / len(names)
        for name in names:
            mask = covered_pixels(pathlib.Path(out) / name)
            shares.append(mask.mean())
            good = [is_covered(mask, box, kind) for box in boxes[name]]
            hit, total = hit + sum(good), total + len(good)
            missed += [(name, box) for box, ok in zip(boxes[name], good) if not ok]
    return {"covered": hit, "boxes": total, "picture": float(np.mean(shares)), "missed": missed, "seconds": seconds}


def sample(folder, every):
    # Two at least: one picture alone has no folder to go to.
    names = sorted(labels(folder))
    return names[::every] if len(names[::every]) > 1 else names[:2]


def measure_set(program, shared, name, every):
    folder, kind = shared / "data" / name, SETS[name]
    names = sample(folder, every)
    all_of_it = measure(program, folder, kind, names, "persons,faces,plates")
    alone = measure(program, folder, kind, names, "faces" if kind == "face" else "faces,plates")
    return len(names), all_of_it, alone


def measure_clip(program, shared, name):
    """What the leak meter says, the mean share of the picture that is covered, seconds a frame."""
    clip = shared / (WITHOUT_PEOPLE[name] if name in WITHOUT_PEOPLE else figures.CLIPS[name][0])
    with tempfile.TemporaryDirectory() as folder:
        out, report, result = (pathlib.Path(folder) / end for end in ("out.mp4", "report.json", "leak.json"))
        began = time.monotonic()
        redact(program, [clip, out, "--scene", "moving", "--report", report])
        share = json.loads(report.read_text())["covered"]
        seconds = (time.monotonic() - began) / len(share)
        if name in WITHOUT_PEOPLE:
            return {}, float(np.mean(share)), seconds
        labels = shared / figures.CLIPS[name][1]
        against = ["--masks", labels] if labels.is_dir() else [labels]
        figures.run("/usr/bin/python3", shared / "tools/leakmeter", clip, out, *against, "--json", result)
        return json.loads(result.read_text()), float(np.mean(share)), seconds


def print_clip(program, shared, name):
    found, share, seconds = measure_clip(program, shared, name)
    seen = exposed = overmask = "–"
    if "tracks" in found:
        seen = f"{found['exposed']} of {found['person_frames']} heads ({found['exposed_pct']} %)"
        exposed = f"{found['tracks_exposed']} of {found['tracks']} tracks"
    elif found:
        seen, exposed = f"{found['foreground_seen_pct']} % of foreground", f"{found['frames_exposed']} of {found['frames']} frames"
    if found:
        overmask = f"{found['overmask_pct']} %"
    print(f"| {name} | {seen} | {exposed} | {overmask} | {100 * share:.1f} % | {seconds:.2f} |", flush=True)


def print_sets(a, names):
    print("| set | pictures | covered | with faces alone | picture covered | with faces alone | s a picture |\n"
          "|---|---|---|---|---|---|---|", flush=True)
    for name in names:
        count, whole, alone = measure_set(a.program, a.shared, name, a.every)
        print(f"| {name} | {count} | {whole['covered']} of {whole['boxes']} ({100 * whole['covered'] / whole['boxes']:.1f} %) "
              f"| {100 * alone['covered'] / alone['boxes']:.1f} % | {100 * whole['picture']:.1f} % | {100 * alone['picture']:.1f} % "
              f"| {whole['seconds']:.1f} |", flush=True)
        if a.missed:
            for found in (whole, alone):
                print(found["missed"], file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/passerby", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    parser.add_argument("--every", default=1, type=int, help="only every Nth picture")
    parser.add_argument("--missed", action="store_true", help="name the boxes that are not covered")
    parser.add_argument("names", nargs="*", choices=[*SETS, *CLIPS, []], metavar="SET|CLIP",
                        help=f"of {', '.join((*SETS, *CLIPS))}; default all")
    a = parser.parse_args()
    chosen = a.names or (*SETS, *CLIPS)
    if any(name in SETS for name in chosen):
        print_sets(a, [name for name in SETS if name in chosen])
    if any(name in CLIPS for name in chosen):
        print("| clip | seen | exposed | overmask | picture covered | s a frame |\n|---|---|---|---|---|---|", flush=True)
        for name in CLIPS:
            if name in chosen:
                print_clip(a.program, a.shared, name)


if __name__ == "__main__":
    main()
