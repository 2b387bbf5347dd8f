"""Redacts a made clip, lets the leak meter judge, and says when the picture could be read again.

The leak meter gives the figures of the whole clip; its own functions, frame by frame, give those before and after a change.
"""
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import tempfile
import time

import cv2
import numpy as np

from . import windows
from .write import sha

VERSION = 1  # of these figures: another one measures everything anew


def start(*command):
    return subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process):
    said, _ = process.communicate()
    if process.returncode not in (0, 2):
        raise SystemExit(f"{' '.join(process.args)}\n{said}")


def kept(cache, program, name, mode):
    return cache / "figures" / sha(program) / f"{name}.{mode}.json"


def known(folder, program, mode):
    """The figures of a clip, if they have been taken: of this clip and its labels, this program, and this module's version."""
    if not (folder / "clip.json").exists():
        return None
    about = json.loads((folder / "clip.json").read_text())
    place = kept(folder.parent, program, about["name"], mode)
    if not place.exists() or (found := json.loads(place.read_text()))["key"] != key(about):
        return None
    return found | windows.figures(about, found["curves"], found["proven_from"])


def key(about):
    return [*about["sha"], about["min_height"], about["facts"].get("spots"), VERSION]


def measure(folder, program, shared, mode):
    """The figures; taken now unless they are known."""
    if found := known(folder, program, mode):
        return found
    about = json.loads((folder / "clip.json").read_text())
    with tempfile.TemporaryDirectory() as temporary:
        found = _measure(folder, about, program, shared, mode, pathlib.Path(temporary)) | {"key": key(about)}
    place = kept(folder.parent, program, about["name"], mode)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(found) + "\n")
    return known(folder, program, mode)


def _measure(folder, about, program, shared, mode, work):
    clip, out, report, leak = folder / "clip.mp4", work / "out.mp4", work / "report.json", work / "leak.json"
    began = time.monotonic()
    how = ["--as-live"] if mode == "live" else ["--scene", "fixed"]
    finish(start(program, "redact", "--preset", "superfast", clip, out, "--force", "--report", report, *how))
    seconds = round(time.monotonic() - began)
    said = json.loads(report.read_text())
    proven = said["proven_from"] or 1
    masks = (folder / "masks").is_dir()
    labels = ["--masks", folder / "masks"] if masks else [folder / "gt.csv", "--min-height", about["min_height"]]
    judge = start("/usr/bin/python3", shared / "tools/leakmeter", clip, out, *labels, "--from", proven, "--json", leak)
    curves = curve(meter_of(shared), clip, out, folder, about)
    finish(judge)
    found = json.loads(leak.read_text())
    if not masks:
        curves["seen"] = [0.0] * len(curves["over"])
        for frame, _, share in found["all_leaks"]:
            curves["seen"][frame - 1] = max(curves["seen"][frame - 1], share)
    for tiresome in ("first_leaks", "all_leaks", "exposed_tracks"):
        found.pop(tiresome, None)
    curves["covered"] = said["covered"]
    rounded = lambda v: None if v is None else [round(float(x), 3) for x in v] if isinstance(v, list) else round(float(v), 4)  # noqa: E731
    return found | {"mode": mode, "proven_from": proven, "seconds": seconds, "doubts": said["doubts"],
                    "curves": {name: [rounded(v) for v in values] for name, values in curves.items()}}


def meter_of(shared):
    """The leak meter as a module, for its definitions."""
    loader = importlib.machinery.SourceFileLoader("leakmeter", str(shared / "tools/leakmeter"))
    meter = importlib.util.module_from_spec(importlib.util.spec_from_loader("leakmeter", loader))
    loader.exec_module(meter)
    return meter


def curve(meter, original, redacted, folder, about):
    """A value for each frame, as shares of 1, by the leak meter's definitions.

    over: of the background, changed; seen: of the foreground's detail (masks only; at boxes the leak meter lists them);
    free: of the picture, background; shown: of the whole picture's detail, in the frames around a camera's move only;
    spots: for each of the clip's spots, of its pixels, changed by more than coding does.
    """
    looked_at, spots = windows.looked_at(about), about["facts"].get("spots", [])
    masks = sorted((folder / "masks").glob("*.png"))
    boxes = {} if masks else meter.boxes_by_frame(str(folder / "gt.csv"), 1)
    before, after = cv2.VideoCapture(str(original)), cv2.VideoCapture(str(redacted))
    found = {"over": [], "seen": [], "free": [], "shown": [], "spots": []}
    while True:
        (ok, a), (ok2, b) = before.read(), after.read()
        if not (ok and ok2):
            return found
        a, b, number = *(cv2.cvtColor(f, cv2.COLOR_BGR2GRAY) for f in (a, b)), len(found["over"])
        h, w = a.shape
        if masks or number in looked_at:
            detail, correlation = meter.detail_and_correlation(a, b, 0, 0, w, h, whole=True)
        found["shown"].append((correlation[detail] >= .7).mean() if number in looked_at else None)
        if masks:
            mask = cv2.imread(str(masks[number]), cv2.IMREAD_GRAYSCALE)
            free = cv2.dilate((mask > 0).astype(np.uint8), np.ones((31, 31))) == 0
            detail &= mask == 255
            found["seen"].append((correlation[detail] >= .7).mean() if detail.any() else 0.0)
        else:
            free = np.ones((h, w), bool)
            for _, (x, y, bw, bh), _, _ in boxes.get(number + 1, []):
                x0, y0, x1, y1 = meter.clip(x - bw / 4, y - bh / 4, x + bw * 1.25, y + bh * 1.25, w, h)
                free[y0:y1, x0:x1] = False
        found["spots"].append([changed(a, b, *spot[:4]) for spot in spots])
        found["over"].append((cv2.absdiff(a, b)[free] > 30).mean() if free.any() else 0.0)
        found["free"].append(free.mean())


def changed(a, b, x, y, w, h):
    """The share of a rectangle's pixels that are not what they were; small differences of coding and noise are blurred away."""
    a, b = (cv2.blur(p[y:y + h, x:x + w], (5, 5)) for p in (a, b))
    return (cv2.absdiff(a, b) > 10).mean()
