"""Scenes to put people into: real footage of an empty room, and footage whose own people do not count or are taken out.

Each yields (number, BGR picture, mask), both arrays free to be changed.
"""
import functools

import cv2
import numpy as np

from .footage import UNKNOWN, footage
from .paste import from_plate, soft

ROOM_EMPTY = (5, 54)  # frames before anybody comes
NOISE = 6             # of 255, what two pictures of the same empty place differ by at most


def pingpong(i, first, last):
    """first … last … first, again and again: no jump at a seam."""
    span = last - first
    at = i % (2 * span)
    return first + min(at, 2 * span - at)


def room(shared, count):
    """The empty room, 768×432 at 10 frames a second."""
    clip = footage(shared, "room")
    for i in range(count):
        yield i, clip.images[pingpong(i, *ROOM_EMPTY)].copy(), np.zeros((clip.height, clip.width), np.uint8)


def peopled(shared, name, count, step=1):
    """Labelled footage again and again; its own people are there and count neither as seen nor as background."""
    clip = footage(shared, name)
    for i in range(count):
        at = i * step % len(clip)
        label = clip.labels[at]
        if isinstance(label, list):
            mask = np.zeros((clip.height, clip.width), np.uint8)
            for _, x, y, w, h, _ in label:
                x0, y0 = max(0, round(x - 0.15 * w)), max(0, round(y - 0.1 * h))
                mask[y0:round(y + 1.1 * h), x0:round(x + 1.15 * w)] = UNKNOWN
        else:
            mask = np.where(label > 0, UNKNOWN, 0).astype(np.uint8)
        yield i, clip.images[at].copy(), mask


@functools.lru_cache(maxsize=700)
def _emptied(shared, name, at):
    clip = footage(shared, name)
    hole = soft(cv2.dilate((clip.labels[at] > 0).astype(np.uint8), np.ones((7, 7), np.uint8)), 0, 1.5)[..., None]
    # Shadows and mirrorings are not in the labels: what is left may differ by no more than noise does.
    noise = np.clip(clip.images[at].astype(np.float32) - clip.plate, -NOISE, NOISE) * (1 - hole)
    return np.clip(np.rint(clip.plate + noise), 0, 255).astype(np.uint8)


def emptied(shared, name, count, step=1):
    """Footage with masks whose people were painted over with the plate; the rest keeps its noise."""
    last = len(footage(shared, name)) - 1
    for i in range(count):
        image = _emptied(shared, name, pingpong(i * step, 0, last)).copy()
        yield i, image, np.zeros(image.shape[:2], np.uint8)


# Frames of the room in which somebody walks to the right, and stands with the back to the camera, whole.
WALKS = {"knit": range(1181, 1190), "shirt": range(850, 860), "grey": range(183, 190)}
STANDS = {"knit": range(980, 1160), "shirt": range(780, 840), "grey": range(96, 166), "big": range(1285, 1330)}


@functools.lru_cache(maxsize=16)
def somebody(shared, who, walks):
    """Cutouts of a person of the room, in the order of the frames."""
    clip = footage(shared, "room")
    plate = np.median(np.stack(clip.images[ROOM_EMPTY[0]:ROOM_EMPTY[1]:3]), axis=0).astype(np.uint8)
    found = []
    for i in (WALKS if walks else STANDS)[who]:
        image = clip.images[i].copy()
        image[:, :190] = plate[:, :190]  # the floor there mirrors whoever comes
        found.append(from_plate(image, plate, 34))
    return found


def pose(shared, who, i, walks=False):
    poses = somebody(shared, who, walks)
    return poses[i % len(poses)] if walks else poses[pingpong(i, 0, len(poses) - 1)]


def along(i, points):
    """Where something is at frame i on its way through (frame, x, y) …, and whether it moves then; None before and after."""
    if not points[0][0] <= i < points[-1][0]:
        return None
    frames, xs, ys = zip(*points)
    k = max(k for k in range(len(points) - 1) if frames[k] <= i)
    return np.interp(i, frames, xs), np.interp(i, frames, ys), points[k][1:] != points[k + 1][1:]
