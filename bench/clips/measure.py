"""Redacts a made clip, lets the leak meter judge, and says when the picture could be read again.

The leak meter gives the figures of the whole clip; its own functions, frame by frame, give those before and after a change.
"""
import hashlib
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import tempfile
import time

import cv2
import numpy as np

READABLE = 0.10  # of the background covered, at most
VERSION = 1      # of these figures: another one measures everything anew


def sha(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()[:16]


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode not in (0, 2):
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def kept(cache, program, name, mode):
    return cache / "figures" / sha(program) / f"{name}.{mode}.json"


def measure(folder, program, shared, mode):
    """The figures, from the cache where clip, program and this module's version are the same."""
    about = json.loads((folder / "clip.json").read_text())
    place = kept(folder.parent, program, about["name"], mode)
    key = [about["recipe"], sha(folder / "clip.mp4"), VERSION]
    if place.exists() and (known := json.loads(place.read_text()))["key"] == key:
        return known
    with tempfile.TemporaryDirectory() as temporary:
        found = _measure(folder, about, program, shared, mode, pathlib.Path(temporary))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(found | {"key": key}, indent=1) + "\n")
    return found


def _measure(folder, about, program, shared, mode, work):
    clip, out, report, leak = folder / "clip.mp4", work / "out.mp4", work / "report.json", work / "leak.json"
    started = time.monotonic()
    run(program, "redact", clip, out, "--force", "--report", report, *(["--as-live"] if mode == "live" else ["--scene", "fixed"]))
    seconds = time.monotonic() - started
    said = json.loads(report.read_text())
    proven = said["proven_from"] or 1
    masks = (folder / "masks").is_dir()
    labels = ["--masks", folder / "masks"] if masks else [folder / "gt.csv", "--min-height", about["min_height"]]
    run("/usr/bin/python3", shared / "tools/leakmeter", clip, out, *labels, "--from", proven, "--json", leak)
    found = json.loads(leak.read_text())
    meter = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("leakmeter", importlib.machinery.SourceFileLoader("leakmeter", str(shared / "tools/leakmeter"))))
    meter.__loader__.exec_module(meter)
    over, seen = curve(meter, clip, out, folder)
    if not masks:
        seen = [0.0] * len(over)
        for frame, _, share in found["all_leaks"]:
            seen[frame - 1] = max(seen[frame - 1], share)
    for tiresome in ("first_leaks", "all_leaks", "exposed_tracks"):
        found.pop(tiresome, None)
    return found | {"mode": mode, "proven_from": proven, "seconds": round(seconds), "doubts": said["doubts"], "fps": about["fps"],
                    "over": [round(float(v), 4) for v in over], "seen": [round(float(v), 3) for v in seen],
                    "covered": [round(v, 4) for v in said["covered"]]} | windows(about, over, seen, proven)


def curve(meter, original, redacted, folder):
    """For each frame the share of the background that is covered, and (with masks) the share of the foreground that is seen."""
    masks = sorted((folder / "masks").glob("*.png"))
    boxes = {} if masks else meter.boxes_by_frame(str(folder / "gt.csv"), 1)
    before, after, over, seen = cv2.VideoCapture(str(original)), cv2.VideoCapture(str(redacted)), [], []
    while True:
        (ok, a), (ok2, b) = before.read(), after.read()
        if not (ok and ok2):
            return over, seen
        a, b = (cv2.cvtColor(f, cv2.COLOR_BGR2GRAY) for f in (a, b))
        h, w = a.shape
        if masks:
            mask = cv2.imread(str(masks[len(over)]), cv2.IMREAD_GRAYSCALE)
            free = cv2.dilate((mask > 0).astype(np.uint8), np.ones((31, 31))) == 0
            detail, correlation = meter.detail_and_correlation(a, b, 0, 0, w, h, whole=True)
            detail &= mask == 255
            seen.append((correlation[detail] >= .7).mean() if detail.any() else 0.0)
        else:
            free = np.ones((h, w), bool)
            for _, (x, y, bw, bh), _, _ in boxes.get(len(over) + 1, []):
                x0, y0, x1, y1 = meter.clip(x - bw / 4, y - bh / 4, x + bw * 1.25, y + bh * 1.25, w, h)
                free[y0:y1, x0:x1] = False
        over.append((cv2.absdiff(a, b)[free] > 30).mean() if free.any() else 0.0)


def windows(about, over, seen, proven):
    """Overmask before, while and after; how long until the picture is readable; what was seen around the changes."""
    fps, end, starts = about["fps"], len(over), about["changes"]
    first = starts[0] if starts else about["since"] if about["since"] is not None else end
    settle = round(about["settled"] * fps)
    mean = lambda part: round(100 * float(np.mean(part)), 2) if len(part) else None  # noqa: E731
    found = {"before": mean(over[min(proven, first) - 1:first])}
    if starts:
        parts = [(s, e) for s, e in zip(starts, [*starts[1:], end])]
        found["after"] = mean(np.concatenate([over[s + settle:e] for s, e in parts]))
        found["readable_s"] = [readable(over[s:e], fps) for s, e in parts]
        found["seen_at_change"] = round(max(max(seen[max(0, s - 1):s + settle]) for s in starts), 3)
        found["noticed_frames"] = [next((i for i, v in enumerate(over[s:e]) if v > 0.9), None) for s, e in parts]
    elif about["since"] is not None:
        found["after"] = mean(over[first + settle:])
        found["worst_second"] = round(100 * float(max(np.convolve(over[first:], np.ones(round(fps)) / round(fps), "valid"))), 1)
    return found


def readable(over, fps):
    """Seconds until at most a tenth is covered and stays so for a second; None if that never happens."""
    second = max(1, round(fps))
    for i in range(len(over) - second + 1):
        if np.mean(over[i:i + second]) <= READABLE and over[i] <= READABLE:
            return round(i / fps, 2)
    return None
