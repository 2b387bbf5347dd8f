"""People who keep still: loiterers, sitters, whoever was there first, and a scene that is never empty. Short, and for an hour."""
import functools

import numpy as np

from . import scenes
from .footage import FOREGROUND, Clip, footage
from .paste import Cutout, from_mask, from_plate, paste
from .people import FEET, loiterer, walk

PLACE = [66, 80, 30, 110]  # of the man before the shop window
FPS = 5  # of the clips in the mall and the corridor: every fifth frame; enough for who hardly moves


@functools.lru_cache(maxsize=4)
def held(count, poses, seed):
    """Which pose is held at which frame: one to four seconds each, then the one before or after it. The moves are real."""
    random, at, out = np.random.default_rng(seed), 0, []
    while len(out) < count:
        out += [at] * int(random.integers(FPS, 4 * FPS))
        at = min(poses - 1, max(0, at + int(random.choice([-2, -1, 1, 2]))))
    return out


@functools.lru_cache(maxsize=1)
def arrival(shared):
    """The man of the mall on his way to the shop window."""
    clip = footage(shared, "caviar")
    return [from_mask(clip.images[f], clip.labels[f]) for f in range(60, 232, 5)]


def loiter(shared, lead, stands, tail):
    """Seconds before he comes (0: he is there in the first frame), for which he stands, and after he went."""
    comes, stays = arrival(shared) if lead else [], loiterer(shared)
    goes = arrival(shared)[::-1]
    poses = held(stands * FPS, len(stays), 1)
    acts = [None] * lead * FPS + comes + [stays[p] for p in poses] + goes + [None] * tail * FPS
    for (_, image, mask), who in zip(scenes.emptied(shared, "caviar", len(acts), 5), acts):
        if who:
            paste(image, mask, who, *who.foot)
        yield image, mask


@functools.lru_cache(maxsize=1)
def sitter(shared):
    """The man of the corridor who faces the camera: walking frames, and the same with bent knees: thighs left out."""
    clip = footage(shared, "hall")
    near = {f: (200, 130) for f in range(190, 252)}
    walks = [from_mask(clip.images[f], clip.labels[f], near[f]) for f in range(190, 215)]
    sits = []
    for f in range(238, 252):
        whole = from_mask(clip.images[f], clip.labels[f], near[f]).tall(100)
        upper, lower = whole.part(0, 0.6), whole.part(0.78, 1)
        sits.append(Cutout(np.vstack([upper.image, lower.image]), np.vstack([upper.alpha, lower.alpha]), whole.axis))
    return walks, sits


def sit(shared, lead, stays, tail):
    """Comes, sits down on the bench for so many seconds, and goes."""
    walks, sits = sitter(shared)
    poses = held(stays * FPS, len(sits), 2)
    way = list(zip(np.linspace(212, 124, 25), np.linspace(140, 166, 25)))
    comes = [(w.tall(80 + k), *at) for k, (w, at) in enumerate(zip(walks, way))]
    acts = [None] * lead * FPS + comes + [(sits[p], 121, 166) for p in poses] + comes[::-1] + [None] * tail * FPS
    for (_, image, mask), act in zip(scenes.emptied(shared, "hall", len(acts), 5), acts):
        if act:
            paste(image, mask, *act)
        yield image, mask


def first_room(shared):
    """Real from end to end: a woman at the table from the first frame on, who goes after 20 s; then the empty room."""
    clip = footage(shared, "room")
    frames = [*range(976, 1234), *(scenes.pingpong(i, 1210, 1233) for i in range(150))]
    plate = np.median(np.stack(clip.images[1210:1234:2]), axis=0).astype(np.uint8)
    for f in frames:
        mask = np.zeros((clip.height, clip.width), np.uint8)
        image = clip.images[f].copy()
        if f < 1206:
            seen = image.copy()
            seen[:, :190] = plate[:, :190]
            if who := from_plate(seen, plate, 30):
                paste(seen, mask, who, *who.foot)
        yield image, mask


def never_empty(shared):
    """From the first frame on somebody is there, often two; each place is free for some seconds now and then."""
    acts = {"shirt": [(-1, 230, FEET), (130, 230, FEET), (150, 620, FEET), (260, 620, FEET), (275, 880, FEET)],
            "grey": [(-1, 430, FEET - 12), (90, 430, FEET - 12), (112, 880, FEET - 12)],
            "knit": [(100, -120, FEET), (125, 400, FEET), (330, 400, FEET), (352, 880, FEET)],
            "big": [(310, -130, FEET + 10), (330, 200, FEET + 10), (460, 200, FEET + 10)]}
    for i, image, mask in scenes.room(shared, 450):
        for who, way in acts.items():
            if who == "big":
                walk_stiff(shared, image, mask, who, i, way)
            else:
                walk(shared, image, mask, who, i, way)
        yield image, mask


def walk_stiff(shared, image, mask, who, i, way):
    """For somebody of whom no walking frames are whole: slides."""
    if at := scenes.along(i, way):
        paste(image, mask, scenes.pose(shared, who, i), *at[:2], label=FOREGROUND)


def stands(lead, seconds, comes=35):
    """The facts for measuring: from when to when somebody keeps still, in frames."""
    begin = lead * FPS + (comes if lead else 0)
    return {"still": [begin, begin + seconds * FPS]}


def clips(shared):
    def still(name, made, fps, frames, **more):
        return Clip(f"still_{name}", "still", made, fps, frames, **more)

    yield still("loiter_caviar", "a man stands before a shop window for 2 min and hardly moves", FPS,
                lambda: loiter(shared, 25, 120, 30), facts=stands(25, 120))
    yield still("first_caviar", "the same man, there in the first frame, goes after a minute", FPS,
                lambda: loiter(shared, 0, 60, 40), facts=stands(0, 60) | {"spots": [[*PLACE, 60 * FPS + 40]]})
    yield still("sit_hall", "a man sits on a bench for 2 min and hardly moves", FPS,
                lambda: sit(shared, 25, 120, 30), facts=stands(25, 120, 25))
    yield still("first_room", "a woman in the first frame goes after 20 s (real from end to end)", 10,
                lambda: first_room(shared), facts={"still": [0, 200], "spots": [[395, 20, 115, 360, 232]]})
    yield still("never_empty_room", "somebody is always there, from the first frame on", 10, lambda: never_empty(shared), since=360)
    yield still("hour_loiter_caviar", "the man before the shop window stands there for an hour", FPS,
                lambda: loiter(shared, 30, 3600, 60), facts=stands(30, 3600), long=True)
    yield still("hour_sit_hall", "the man on the bench sits there for an hour", FPS,
                lambda: sit(shared, 30, 3600, 60), facts=stands(30, 3600, 25), long=True)
    yield still("hour_first_caviar", "the man is there in the first frame and stands for an hour", FPS,
                lambda: loiter(shared, 0, 3600, 60), facts=stands(0, 3600) | {"spots": [[*PLACE, 3600 * FPS + 40]]}, long=True)
