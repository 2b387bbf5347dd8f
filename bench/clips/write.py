"""Writes a clip and its labels into a folder, and knows when that has been done before.

FOLDER/NAME/clip.mp4, gt.csv (boxes) or masks/ (one PNG a frame), clip.json (what measuring has to know).
"""
import fcntl
import hashlib
import inspect
import json
import os
import shutil
import subprocess
import sys

import cv2


def recipe(module):
    """A hash of the source that makes a clip, the module's and that of what it uses here: another source, another clip."""
    package, found, waiting = __package__ + ".", {}, [module]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = inspect.getsource(sys.modules[name])
        for thing in vars(sys.modules[name]).values():
            home = thing.__name__ if inspect.ismodule(thing) else getattr(thing, "__module__", "")
            if home and home.startswith(package):
                waiting.append(home)
    text = "".join(found[name] for name in sorted(found)) + inspect.getsource(encoder) + inspect.getsource(_Labels)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sha(*paths):
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def encoder(path, width, height, fps):
    """ffmpeg, waiting for BGR pictures. Few losses; one thread, so that the same pictures give the same file."""
    return subprocess.Popen(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}", "-r", str(fps),
         "-i", "-", "-c:v", "libx264", "-preset", "superfast", "-crf", "14", "-bf", "0", "-threads", "1", "-pix_fmt", "yuv420p",
         str(path)], stdin=subprocess.PIPE)


def write(clip, module, cache):
    """The folder of the clip, made unless it is there. Several runs may share the cache: one makes a clip, the others wait for it."""
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / f"{clip.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _write(clip, recipe(module), cache)


def _write(clip, made_by, cache):
    folder = cache / clip.name
    about = folder / "clip.json"
    if about.exists() and json.loads(about.read_text()).get("recipe") == made_by:
        return folder
    part = cache / f"{clip.name}.part"
    for old in (part, folder):
        shutil.rmtree(old, ignore_errors=True)
    part.mkdir(parents=True)
    labels = _Labels(part)
    ffmpeg, count, size = None, 0, None
    for image, label in clip.frames():
        if ffmpeg is None:
            size = (image.shape[1] // 2 * 2, image.shape[0] // 2 * 2)
            ffmpeg = encoder(part / "clip.mp4", *size, clip.fps)
        image = image[:size[1], :size[0]]
        ffmpeg.stdin.write(image.tobytes())
        labels.add(count, label)
        count += 1
    ffmpeg.stdin.close()
    if ffmpeg.wait() != 0:
        raise SystemExit(f"{clip.name}: ffmpeg could not write {part / 'clip.mp4'}")
    labels.close()
    (part / "clip.json").write_text(json.dumps({
        "name": clip.name, "group": clip.group, "made": clip.made, "fps": clip.fps, "frames": count, "size": size,
        "changes": clip.changes, "since": clip.since, "settled": clip.settled, "min_height": clip.min_height,
        "facts": clip.facts, "recipe": made_by,
        "sha": [sha(part / "clip.mp4"), sha(*sorted(part.glob("gt.csv")), *sorted((part / "masks").glob("*.png")))]}, indent=1) + "\n")
    os.rename(part, folder)
    return folder


class _Labels:
    """gt.csv or masks/, by what the first label is. A mask that is shown again is a link to its file."""

    def __init__(self, folder):
        self.folder, self.csv, self.written = folder, [], {}

    def add(self, at, label):
        if isinstance(label, list):
            self.csv += [f"{at + 1},{i},{x:.2f},{y:.2f},{w:.2f},{h:.2f},{c:g}" for i, x, y, w, h, c in label]
            return
        path = self.folder / "masks" / f"{at:06d}.png"
        path.parent.mkdir(exist_ok=True)
        label = label[:label.shape[0] // 2 * 2, :label.shape[1] // 2 * 2]
        known = self.written.setdefault(hashlib.sha256(label.tobytes()).digest(), path)
        if known is path:
            cv2.imwrite(str(path), label)
        else:
            os.link(known, path)

    def close(self):
        if self.csv:
            (self.folder / "gt.csv").write_text("\n".join(self.csv) + "\n")
