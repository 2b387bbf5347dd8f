#!/usr/bin/python3
"""What do other models see? Faces of labelled pictures and persons of labelled frames, by the built-in models and by yours.

    bench/models.py [--detect build/release/passerby_detect] [--shared ../shared] [--every N] [MODEL.yaml ...]

Prints a Markdown table: the built-in models alone, then each model by itself with what it leaves of the built-in ones.
The pictures are research data that the project may read but not contain; --shared names the folder that has data/.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import tempfile

FACES = "data/faces_mask"
PETS = "data/video_pets09_s2l1"
PETS_VIDEO = f"{PETS}/pets09_s2l1_view001_768x576_7fps.mp4"
# From which scores on the engine listens (src/redact/inspector.cc).
HEARD_FACE, HEARD_PERSON = 0.2, 0.25
SAME = 0.5


def y4m(*arguments):
    command = ["ffmpeg", "-v", "error", *map(str, arguments), "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "-"]
    return subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout


def labelled_faces(shared, every):
    """Frames, and for each the boxes (x, y, w, h) of its faces; of every `every`th picture in the order of their names."""
    boxes = {}
    with open(shared / FACES / "labels.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            boxes.setdefault(row["image"], []).append([float(row[key]) for key in "xywh"])
    names = sorted(boxes)[::every]
    return b"".join(y4m("-i", shared / FACES / "images" / name) for name in names), [boxes[name] for name in names]


def labelled_persons(shared, every):
    """The same of the persons in every `every`th frame of the clip."""
    boxes = {}
    for line in (shared / PETS / "gt.txt").read_text(encoding="utf-8").splitlines():
        frame, _, *box = line.split(",")[:6]
        boxes.setdefault(int(frame), []).append([float(value) for value in box])
    frames = sorted(boxes)[::every]
    chosen = "+".join(f"eq(n,{frame - 1})" for frame in frames)
    return y4m("-i", shared / PETS_VIDEO, "-vf", f"select='{chosen}'", "-fps_mode", "passthrough"), [boxes[f] for f in frames]


def seen(detect, frames, models):
    """For each frame a list of (kind, score, [x, y, w, h])."""
    with tempfile.TemporaryFile() as file:
        file.write(frames)
        file.seek(0)
        done = subprocess.run([detect, *models], stdin=file, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr.strip())
    return [[(kind, score, box) for kind, score, *box in json.loads(line)] for line in done.stdout.splitlines()]


def iou(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(w, 0) * max(h, 0)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def has_middle_of(box, other):
    x, y = other[0] + other[2] / 2, other[1] + other[3] / 2
    return box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]


def recall(labels, found, kind, heard, same):
    """How many labelled boxes were found, of how many, and how many boxes beside hold the middle of none."""
    hits = idle = 0
    for boxes, detections in zip(labels, found, strict=True):
        heard_boxes = [box for k, score, box in detections if k == kind and score >= heard]
        hits += sum(any(same(box, label) for box in heard_boxes) for label in boxes)
        idle += sum(not any(has_middle_of(box, label) for label in boxes) for box in heard_boxes)
    return hits, sum(map(len, labels)), idle


def of_faces(detect, labelled, models):
    frames, labels = labelled
    return recall(labels, seen(detect, frames, models), "face", HEARD_FACE, has_middle_of)


def of_persons(detect, labelled, models):
    frames, labels = labelled
    return recall(labels, seen(detect, frames, models), "person", HEARD_PERSON, lambda a, b: iou(a, b) >= SAME)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detect", default="build/release/passerby_detect", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    parser.add_argument("--every", default=5, type=int, help="of the pictures; of the frames every fourth of that")
    parser.add_argument("models", nargs="*", metavar="MODEL.yaml")
    a = parser.parse_args()
    faces, persons = labelled_faces(a.shared, a.every), labelled_persons(a.shared, 4 * a.every)
    print(f"{len(faces[1])} pictures, {len(persons[1])} frames\n")
    print("| models | faces found | boxes on no face | persons found | boxes on nobody |\n|---|---|---|---|---|", flush=True)
    for models in [[], *[[model] for model in a.models]]:
        cells = []
        for hits, all_of_them, idle in (of_faces(a.detect, faces, models), of_persons(a.detect, persons, models)):
            cells += [f"{hits} of {all_of_them} ({100 * hits / all_of_them:.1f} %)", str(idle)]
        name = pathlib.Path(models[0]).stem if models else "built-in"
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
