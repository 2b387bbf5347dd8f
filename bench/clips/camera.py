"""A camera that moves: a window that slides over real footage, so that what comes in at the edge is real, too. Labels move along."""
import math

import cv2
import numpy as np

from .footage import SOURCES, Clip, footage

# source: width and height of the window, frames that are used, frame of the move, frames in all
PLANS = {"pets": (640, 448, 400, 140, 400), "caviar": (336, 224, 610, 500, 1100), "hall": (304, 208, 296, 420, 1020)}


def moved(shared, source, where):
    """`where(frames since the move, frames a second)` gives the window's shift in pixels and its zoom."""
    width, height, used, at, count = PLANS[source]
    clip = footage(shared, source)
    left, top = (clip.width - width) / 2, (clip.height - height) / 2
    for i in range(count):
        (dx, dy), zoom = where(i - at, clip.fps) if i >= at else ((0, 0), 1)
        # Out of the source's middle: first the shift, then the zoom about the window's middle.
        m = np.array([[zoom, 0, width / 2 - zoom * (left + dx + width / 2)],
                      [0, zoom, height / 2 - zoom * (top + dy + height / 2)]], np.float64)
        image = cv2.warpAffine(clip.images[i % used], m, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        yield image, label_moved(clip.labels[i % used], m, width, height)


def label_moved(label, m, width, height):
    """Boxes or mask after the affine map `m` (no rotation); boxes that left the picture go."""
    if isinstance(label, np.ndarray):
        return cv2.warpAffine(label, m, (width, height), flags=cv2.INTER_NEAREST)
    moved_boxes = []
    for ident, x, y, w, h, conf in label:
        x, y, w, h = m[0, 0] * x + m[0, 2], m[1, 1] * y + m[1, 2], m[0, 0] * w, m[1, 1] * h
        if x < width and y < height and x + w > 0 and y + h > 0:
            moved_boxes.append((ident, x, y, w, h, conf))
    return moved_boxes


def bump(dx, dy):
    return lambda n, fps: ((dx, dy), 1)


def zoom(n, fps):
    return (0, 0), 1.15


def pan(n, fps):
    """12 pixels a second until 48 are reached."""
    return (min(48, 12 * n / fps), 0), 1


def pan_small(n, fps):
    """5 pixels a second until 20 are reached."""
    return (min(20, 5 * n / fps), 0), 1


def sway(pixels):
    """Gusts: two swings that do not fit each other, up to `pixels` each way."""

    def where(n, fps):
        t = n / fps
        x = 0.7 * math.sin(2 * math.pi * 0.9 * t) + 0.3 * math.sin(2 * math.pi * 0.23 * t + 1)
        y = 0.5 * math.sin(2 * math.pi * 0.7 * t + 2)
        return (pixels * x, pixels * y), 1

    return where


# name: source, where the window is, how it is made, when the picture has to be readable again (None: it goes on)
MOVES = {
    "bump_8_caviar": ("caviar", bump(7, 4), "the camera is bumped by 8 pixels and stays so", 20),
    "bump_8_pets": ("pets", bump(7, 4), "the same, outdoors", 20),
    "bump_20_hall": ("hall", bump(18, -9), "bumped by 20 pixels", 20),
    "bump_60_pets": ("pets", bump(-52, 30), "bumped by 60 pixels", 20),
    "zoom_pets": ("pets", zoom, "zooms in by 15 % at once", 20),
    "pan_pets": ("pets", pan, "turns by 48 pixels within 4 s", 20),
    "pan_hall": ("hall", pan_small, "turns by 20 pixels within 4 s", 20),
    "sway_1_caviar": ("caviar", sway(1), "sways in the wind by up to 1 pixel", None),
    "sway_2_pets": ("pets", sway(2), "sways by up to 2 pixels", None),
}


def clips(shared):
    for name, (source, where, made, settled) in MOVES.items():
        at = PLANS[source][3]
        yield Clip(f"camera_{name}", "camera", made, SOURCES[source][2], lambda s=source, w=where: moved(shared, s, w),
                   changes=() if settled is None else (at,), since=at if settled is None else None, settled=settled or 5)
