"""Labelled footage to make clips from, and what a made clip is.

A label is what leakmeter reads: a list of boxes (id, x, y, width, height, conf) in pixels, or a mask as uint8 with 255 for
what must be covered, 0 for background, 170 for what counts as neither.
"""
import dataclasses
import functools
import pathlib
import typing

import cv2
import numpy as np

UNKNOWN, FOREGROUND = 170, 255
SBI = "data/video_sbi2015"
PETS = "data/video_pets09_s2l1"
CDNET = "data/video_cdnet_vehicles"
# name: video (or folder of pictures), labels, frames a second
SOURCES = {
    "pets": (f"{PETS}/pets09_s2l1_view001_768x576_7fps.mp4", f"{PETS}/gt.txt", 7),
    "caviar": (f"{SBI}/CAVIAR1/clip.mp4", f"{SBI}/CAVIAR1/gt", 25),
    "hall": (f"{SBI}/HallAndMonitor/clip.mp4", f"{SBI}/HallAndMonitor/gt", 25),
    "cavignal": (f"{SBI}/CaVignal/clip.mp4", f"{SBI}/CaVignal/gt", 25),
    "ibm": (f"{SBI}/IBMtest2/clip.mp4", f"{SBI}/IBMtest2/gt", 25),
    "room": ("data/video_intel/one-by-one-person-detection.mp4", None, 10),
    "clouds": ("data/video_pets2001_lighting/pets2001_ds3_cam1_320x240.mp4", None, 25),
    "highway": (f"{CDNET}/highway/input", f"{CDNET}/highway/groundtruth", 25),
    "traffic": (f"{CDNET}/traffic/input", f"{CDNET}/traffic/groundtruth", 25),
}


@dataclasses.dataclass(frozen=True)
class Clip:
    """A clip that can be made. `frames` yields (BGR picture, label); frame numbers count from 0 here, from 1 in leakmeter.

    `changes`: frames at which light or camera change at once. `since`: from there on something lasting is going on.
    `settled`: seconds after a change at which the picture has to be readable again.
    """

    name: str
    group: str
    made: str
    fps: float
    frames: typing.Callable[[], typing.Iterator]
    changes: tuple = ()
    since: int | None = None
    settled: float = 5
    min_height: float = 40
    long: bool = False
    facts: dict = dataclasses.field(default_factory=dict)


class Footage:
    """Frames and labels of one source, in memory."""

    def __init__(self, shared, name):
        video, labels, self.fps = SOURCES[name]
        self.name, self._labels = name, shared / labels if labels else None
        self.images = _images(pathlib.Path(shared / video))
        self.height, self.width = self.images[0].shape[:2]

    def __len__(self):
        return len(self.images)

    @functools.cached_property
    def labels(self):
        if self._labels is None:
            return [None] * len(self)
        if self._labels.is_dir():
            return [cv2.imread(str(p), cv2.IMREAD_GRAYSCALE) for p in sorted(self._labels.glob("*.png"))]
        boxes = [[] for _ in self.images]
        for line in self._labels.read_text().splitlines():
            frame, ident, x, y, w, h, conf = (float(v) for v in line.split(",")[:7])
            boxes[int(frame) - 1].append((int(ident), x, y, w, h, conf))
        return boxes

    @functools.cached_property
    def plate(self):
        """The empty scene: the median of what is no foreground, over the whole clip; beside it where somebody is always there."""
        step = max(1, len(self) // 60)
        stack = np.stack(self.images[::step])
        masked = self._labels is not None and self._labels.is_dir()
        there = np.stack([cv2.dilate(m, np.ones((5, 5), np.uint8)) > 0 for m in self.labels[::step]]) if masked else \
            np.zeros(stack.shape[:3], bool)
        stack[there] = 255
        free = (~there).sum(axis=0)  # sorted, what is free comes first
        plate = np.take_along_axis(np.sort(stack, axis=0), np.maximum(free - 1, 0)[None, ..., None] // 2, axis=0)[0]
        return cv2.inpaint(plate, (free == 0).astype(np.uint8), 3, cv2.INPAINT_TELEA)


@functools.lru_cache(maxsize=3)
def footage(shared, name):
    return Footage(shared, name)


def _images(video):
    if video.is_dir():
        return [cv2.imread(str(p)) for p in sorted(video.iterdir())]
    capture, images = cv2.VideoCapture(str(video)), []
    while True:
        ok, image = capture.read()
        if not ok:
            break
        images.append(image)
    if not images:
        raise SystemExit(f"{video} cannot be read; --shared names the folder that has data/")
    return images
