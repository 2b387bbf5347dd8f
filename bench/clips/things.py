"""Things that come to rest or leave. Nobody is in them: they have to become background, and `spots` says how long that takes."""
import functools

import cv2
import numpy as np

from . import scenes
from .footage import FOREGROUND, UNKNOWN, Clip, footage
from .paste import cut, from_mask, paste, soft
from .people import FEET, walk

BAG = [107, 131, 23, 9]


@functools.lru_cache(maxsize=1)
def bag_stands(shared):
    """The corridor's bench with the bag on it, and a soft alpha for putting it into other frames."""
    alpha = np.zeros((240, 352), np.float32)
    alpha[129:141, 105:132] = 1
    return footage(shared, "hall").images[236], cv2.GaussianBlur(alpha, (0, 0), 1)[..., None]


def bag(shared, rests, step=2, visits=0):
    """The corridor, empty for 20 s; the real clip, in which a man puts his bag on a bench; and empty but for the bag, for `rests` seconds.

    One frame in `step`. `visits`: after so many seconds the real clip's walkers come by again, and again.
    """
    clip, (with_bag, alpha) = footage(shared, "hall"), bag_stands(shared)
    for _, image, mask in scenes.emptied(shared, "hall", 500 // step, step):
        yield image, mask
    for f in range(0, len(clip), step):
        yield clip.images[f], clip.labels[f]
    for i, image, mask in scenes.emptied(shared, "hall", rests * 25 // step, step):
        f = 150 + (i * step % (visits * 25) if visits and i * step >= visits * 25 else len(clip))
        if f < len(clip):
            yield clip.images[f], clip.labels[f]
        else:
            yield np.rint(image * (1 - alpha) + with_bag * alpha).astype(np.uint8), mask


@functools.lru_cache(maxsize=1)
def table(shared):
    """The room's table as a cutout, and the room without it: wall and floor from beside it, fitted in."""
    clip = footage(shared, "room")
    plate = np.median(np.stack(clip.images[5:54:3]), axis=0).astype(np.uint8)
    shape = np.zeros(plate.shape[:2], np.uint8)
    cv2.ellipse(shape, (454, 116), (71, 37), 2, 0, 360, 1, cv2.FILLED)
    cv2.fillPoly(shape, [np.array([(444, 150), (460, 150), (456, 285), (492, 328), (486, 336), (444, 306), (402, 335), (394, 328),
                                   (436, 290), (398, 270), (404, 263), (438, 282)])], 1)
    cv2.fillPoly(shape, [np.array([(446, 282), (480, 266), (486, 274), (450, 292)])], 1)
    hole = cv2.dilate(shape, np.ones((13, 13), np.uint8))
    left, top, right, bottom = 372, 68, 536, 352
    beside = plate[top:bottom, left - 190:right - 190]
    bare = cv2.seamlessClone(beside, plate, hole[top:bottom, left:right] * 255, ((left + right) // 2, (top + bottom) // 2),
                             cv2.NORMAL_CLONE)
    return cut(plate, soft(shape, 0)), bare, cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 2)[..., None]


def chair(shared):
    """A table is pushed aside by 170 px and stays there."""
    thing, bare, hole = table(shared)
    x, y = thing.foot
    pushed = [(0, x, y), (166, x, y), (182, x - 170, y), (10**6, x - 170, y)]
    for i, image, mask in scenes.room(shared, 450):
        image = np.rint(image * (1 - hole) + bare * hole).astype(np.uint8)
        at, _, moves = scenes.along(i, pushed)
        paste(image, mask, thing, at, y, label=UNKNOWN if moves else 0)
        if not moves:
            mask[:] = 0
        walk(shared, image, mask, "knit", i, [(150, 880, FEET), (166, x + 100, FEET), (182, x - 70, FEET), (200, 880, FEET)])
        yield image, mask


@functools.lru_cache(maxsize=1)
def car(shared):
    clip = footage(shared, "highway")
    return from_mask(clip.images[0], clip.labels[0], near=(175, 100))


def parked(shared, count, way):
    """The motorway with a car on the hard shoulder on the way through (frame, x, y, size); a mask covers it while it moves."""
    clip, standing = footage(shared, "highway"), car(shared)
    frames, xs, ys, sizes = zip(*way)
    for i in range(count):
        at = scenes.pingpong(i * 2, 0, len(clip) - 1)
        image, mask = clip.images[at].copy(), clip.labels[at].copy()
        if frames[0] <= i < frames[-1]:
            k = max(k for k in range(len(way) - 1) if frames[k] <= i)
            moves = way[k][1:3] != way[k + 1][1:3]
            under = mask.copy()
            paste(image, mask, standing.scaled(np.interp(i, frames, sizes)), np.interp(i, frames, xs), np.interp(i, frames, ys),
                  label=FOREGROUND if moves else UNKNOWN)
            if not moves:
                mask = np.where(mask == UNKNOWN, under, mask)
        yield image, mask


LEAVES = [(-1, 72, 172, 0.95), (375, 72, 172, 0.95), (385, 66, 182, 1.05), (400, -60, 300, 1.9)]
PARKS = [(250, 205, 5, 0.3), (290, 78, 166, 0.9), (296, 72, 172, 0.95), (10**6, 72, 172, 0.95)]
PLACE = [54, 138, 36, 30]


def clips(shared):
    def thing(name, made, fps, frames, **more):
        return Clip(f"thing_{name}", "thing", made, fps, frames, **more)

    yield thing("bag_hall", "a man puts a bag on a bench and goes (real; then a minute of the corridor with the bag)", 12.5,
                lambda: bag(shared, 60), facts={"spots": [[*BAG, 325]]})
    yield thing("chair_room", "a table is pushed aside: its old and its new place", 10, lambda: chair(shared),
                facts={"spots": [[388, 84, 130, 250, 200], [218, 84, 130, 250, 200]]})
    yield thing("car_leaves_highway", "a car parked from the first frame on leaves after 30 s", 12.5,
                lambda: parked(shared, 800, LEAVES), facts={"spots": [[*PLACE, 392]]})
    yield thing("car_parks_highway", "a car comes and parks", 12.5, lambda: parked(shared, 1000, PARKS), facts={"spots": [[*PLACE, 296]]})
    yield thing("hour_bag_hall", "the bag rests for an hour; people come by every five minutes", 5,
                lambda: bag(shared, 3600, 5, 300), facts={"spots": [[*BAG, 130]]}, long=True)
