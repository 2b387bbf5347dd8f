"""People who are hard to cover for where, how fast or how small they are. Cut out of real footage, put into real footage."""
import functools

import cv2
import numpy as np

from . import scenes
from .footage import Clip, footage
from .paste import from_mask, from_plate, paste
from .scenes import along, pose

FEET = 395  # row of the feet of whoever stands in the room
PETS_WALKER = (19, 0, 8)  # a label's number, first frame, frames: he walks to the left
LEAD = 150  # frames of the empty room first


def walk(shared, image, mask, who, i, points, **how):
    """Somebody on the way through `points`: walking where that moves, standing elsewhere. Turned to where it goes."""
    at = along(i, points)
    if at:
        x, y, moves = at
        cutout = pose(shared, who, i, moves)
        ahead = along(i + 1, points)
        if moves and ahead and ahead[0] < x:
            cutout = cutout.mirrored()
        paste(image, mask, cutout, x, y, **how)


def edge(shared):
    left = [(LEAD, -90, FEET), (LEAD + 5, 8, FEET), (LEAD + 55, 8, FEET), (LEAD + 60, -90, FEET)]
    below = [(LEAD + 80, 300, 820), (LEAD + 84, 300, 722), (LEAD + 130, 300, 722), (LEAD + 134, 300, 820)]
    for i, image, mask in scenes.room(shared, LEAD + 150):
        walk(shared, image, mask, "knit", i, left)
        if at := along(i, below):
            paste(image, mask, pose(shared, "shirt", i), *at[:2])
        yield image, mask


def run_room(shared):
    for i, image, mask in scenes.room(shared, LEAD + 130):
        run, step = divmod(i - LEAD, 25)
        if i >= LEAD and step < 17:
            cutout = pose(shared, ("knit", "shirt", "grey")[run % 3], 2 * step, walks=True).smeared(21)
            x = -100 + 60 * step
            paste(image, mask, cutout if run % 2 == 0 else cutout.mirrored(), x if run % 2 == 0 else image.shape[1] - x, FEET)
        yield image, mask


@functools.lru_cache(maxsize=4)
def pets_person(shared, ident, first, count):
    """Somebody of PETS who stands alone there: what differs from the plate in the labelled box."""
    clip, found = footage(shared, "pets"), []
    for i in range(first, first + count):
        x, y, w, h = next(box[1:5] for box in clip.labels[i] if box[0] == ident)
        only = np.zeros((clip.height, clip.width), np.uint8)
        only[max(0, int(y - 6)):int(y + h + 8), max(0, int(x - 8)):int(x + w + 8)] = 1
        image = np.where(only[..., None] > 0, clip.images[i], clip.plate)
        found.append(from_plate(image, clip.plate, 24, close=5))
    return found


def run_pets(shared):
    """Four dashes over the crossing, 60 pixels a frame."""
    runner = pets_person(shared, *PETS_WALKER)
    for i, image, mask in scenes.peopled(shared, "pets", 230):
        run, step = divmod(i - 110, 30)
        if i >= 110 and step < 15:
            cutout = runner[2 * step % len(runner)].tall(85).smeared(13)
            x, y = -30 + 60 * step, 300 + 14 * run
            paste(image, mask, cutout if run % 2 else cutout.mirrored(), image.shape[1] - x if run % 2 else x, y)
        yield image, mask


def tiny(shared):
    """Along the far path, a stop of 20 s, and on."""
    walker = pets_person(shared, *PETS_WALKER)
    way = [(110, 20, 140), (160, 190, 108), (300, 190, 108), (340, 320, 84)]
    for i, image, mask in scenes.peopled(shared, "pets", 360):
        if at := along(i, way):
            cutout = walker[i % len(walker) if at[2] else i // 9 % 3].mirrored().tall(20)
            paste(image, mask, cutout, at[0], at[1])
        yield image, mask


def pillar(shared):
    """Behind the pillar of the mall's corridor, half of the body beside it; the pillar is the picture's own."""
    before = np.zeros((256, 384), np.float32)
    cv2.fillPoly(before, [np.array([(231, 0), (384, 0), (384, 160), (290, 150), (231, 131)])], 1.0)
    before = cv2.GaussianBlur(before, (0, 0), 0.7)
    man = loiterer(shared)
    way = [(190, 262, 126), (215, 231, 127), (415, 231, 127), (440, 262, 126)]
    for i, image, mask in scenes.peopled(shared, "caviar", 500, step=2):
        if at := along(i, way):
            paste(image, mask, man[scenes.pingpong(i // 3, 0, len(man) - 1)].tall(84), at[0], at[1], behind=before)
        yield image, mask


@functools.lru_cache(maxsize=2)
def loiterer(shared):
    """The man who stands before the shop window of the mall, as he shifts his weight."""
    clip = footage(shared, "caviar")
    return [from_mask(clip.images[f], clip.labels[f]) for f in range(232, 284)]


def group(shared):
    """Three people who come together, stand close and go together."""
    for i, image, mask in scenes.room(shared, LEAD + 210):
        for who, x, y in (("grey", 205, FEET - 25), ("shirt", 275, FEET - 10), ("knit", 335, FEET + 12)):
            walk(shared, image, mask, who, i, [(LEAD, x - 460, y), (LEAD + 21, x, y), (LEAD + 140, x, y), (LEAD + 170, x + 640, y)])
        yield image, mask


def child(shared):
    """A grown-up with a child on the arm: a second cutout, a third as tall, before the chest, that looks over the shoulder."""
    way = [(LEAD, -120, FEET), (LEAD + 20, 330, FEET), (LEAD + 110, 330, FEET), (LEAD + 132, 880, FEET)]
    for i, image, mask in scenes.room(shared, LEAD + 150):
        walk(shared, image, mask, "grey", i, way)
        if at := along(i, way):
            paste(image, mask, pose(shared, "shirt", i // 2).part(0, 0.75).scaled(0.42), at[0] + 52, at[1] - 190)
        yield image, mask


CLIPS = {
    "edge_room": (edge, 10, "a third of a person at the left edge for 5 s, then only a head at the lower edge"),
    "run_room": (run_room, 10, "five dashes through the room, 60 px a frame, smeared by 21 px"),
    "run_pets": (run_pets, 7, "the same outdoors, 85 px tall, among the walkers"),
    "tiny_pets": (tiny, 7, "20 px tall, along the far path, with a stop of 20 s"),
    "pillar_caviar": (pillar, 12.5, "half behind a pillar for 16 s"),
    "group_room": (group, 10, "three people close together"),
    "child_room": (child, 10, "a child carried on the arm"),
}


def clips(shared):
    for name, (frames, fps, made) in CLIPS.items():
        yield Clip(f"person_{name}", "person", made, fps, lambda f=frames: f(shared))
