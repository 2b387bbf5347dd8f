"""People who are not there in the flesh: on a screen, on a poster, in a window; and one on a bicycle."""
import csv
import functools

import cv2
import numpy as np

from . import scenes
from .footage import FOREGROUND, UNKNOWN, Clip, footage
from .paste import cut, largest, paste, soft
from .scenes import along, pose

# The dark pane at the left of the room, as a share of one where it is.
PANE = [(0, 0), (57, 0), (98, 150), (0, 150)]


def pane(height, width):
    inside = np.zeros((height, width), np.float32)
    cv2.fillPoly(inside, [np.array(PANE)], 1.0)
    return cv2.GaussianBlur(inside, (0, 0), 0.8)


def screen(shared):
    """The pane is a monitor on which the corridor plays, from the first frame on."""
    corridor = footage(shared, "hall")
    for i, image, mask in scenes.room(shared, 300):
        at = i * 5 // 2 % len(corridor)
        part = np.s_[0:240, 112:270]
        shown = cv2.resize(corridor.images[at][part], (100, 152), interpolation=cv2.INTER_AREA)
        label = cv2.resize(corridor.labels[at][part], (100, 152), interpolation=cv2.INTER_NEAREST)
        inside = pane(*mask.shape)[:152, :100]
        image[:152, :100] = np.rint(shown * 0.9 * inside[..., None] + image[:152, :100] * (1 - inside[..., None]))
        mask[:152, :100] = np.where(inside > 0.6, label, 0)
        yield image, mask


@functools.lru_cache(maxsize=1)
def portrait(shared):
    """A labelled picture of a face, and the face's box in it."""
    folder = shared / "data/faces_keypoints"
    row = list(csv.DictReader((folder / "labels.csv").open()))[1]
    return cv2.imread(str(folder / "images" / row["image"])), [float(row[k]) for k in ("x", "y", "w", "h")]


def poster(shared):
    """A poster of a face on the wall, from the first frame on; only the face has to be covered."""
    printed, (x, y, w, h) = portrait(shared)
    scale = 170 / printed.shape[0]
    printed = cv2.resize(printed, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left, top, (ph, pw) = 190, 30, printed.shape[:2]
    face = np.s_[top + round(y * scale):top + round((y + h) * scale), left + round(x * scale):left + round((x + w) * scale)]
    for _, image, mask in scenes.room(shared, 300):
        noise = cv2.absdiff(image, cv2.medianBlur(image, 3))[top:top + ph, left:left + pw]
        image[top:top + ph, left:left + pw] = cv2.add((printed * 0.9).astype(np.uint8), noise)
        mask[top:top + ph, left:left + pw] = UNKNOWN
        mask[face] = FOREGROUND
        yield image, mask


def mirror(shared):
    """Two people who stand outside the picture show in the pane: mirrored, at 40 % of what they are."""
    for i, image, mask in scenes.room(shared, 330):
        outside = 1 - pane(*mask.shape)
        for who, way in (("shirt", [(150, 130, 215), (158, 42, 215), (230, 42, 215), (238, -60, 215)]),
                         ("knit", [(262, -60, 205), (270, 30, 205), (310, 30, 205), (318, 140, 205)])):
            if at := along(i, way):
                reflected = pose(shared, who, i, at[2]).mirrored().scaled(0.52)
                paste(image, mask, reflected, at[0], at[1], opacity=0.4, behind=outside)
        yield image, mask


@functools.lru_cache(maxsize=1)
def cyclist(shared):
    """The cyclist of PETS2001, before the street as it was a second earlier and later. Wheels hardly differ from it: their place is given."""
    clip, found = footage(shared, "clouds"), []
    plate = np.median(np.stack(clip.images[770:800:3] + clip.images[862:892:3]), axis=0).astype(np.uint8)
    for i in range(826, 832):
        middle, wheels = 159 - (i - 822) * 3.5, 167 - 0.75 * (i - 826)
        differs = cv2.absdiff(clip.images[i], plate).max(axis=2)
        solid = differs > 20
        solid[:150], solid[round(wheels) + 9:] = False, False
        solid[:, :round(middle) - 9], solid[:, round(middle) + 8:] = False, False
        solid = largest(cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)))
        alpha, spokes = soft(solid, 0, 0.6), np.zeros_like(solid)
        for x, y in ((middle - 4, wheels), (middle + 5, wheels + 2.7)):
            cv2.circle(spokes, (round(x), round(y)), 5, 1, cv2.FILLED)
        # Between the spokes one sees the street: there it is the new one's.
        found.append(cut(clip.images[i], np.maximum(alpha * (wheels - 4 > np.arange(len(alpha)))[:, None],
                                                    np.maximum(alpha, spokes) * np.clip(differs / 45, 0, 1))))
    return found


def bicycle(shared):
    """Twice over the crossing, 45 px tall, among the walkers."""
    riders = cyclist(shared)
    for i, image, mask in scenes.peopled(shared, "pets", 220):
        ride, step = divmod(i - 110, 50)
        if i >= 110 and step < 44:
            rider = riders[step % len(riders)].tall(52)
            x, y = 790 - 19 * step, 330 - 2.2 * step
            paste(image, mask, rider if ride == 0 else rider.mirrored(), x if ride == 0 else image.shape[1] - x, y if ride == 0 else 300)
        yield image, mask


CLIPS = {
    "screen_room": (screen, 10, "a corridor with people plays on a screen, from the first frame on"),
    "poster_room": (poster, 10, "a printed face on the wall, from the first frame on"),
    "mirror_room": (mirror, 10, "reflections at 40 % in a dark pane"),
    "bicycle_pets": (bicycle, 7, "a cyclist, 52 px tall, 19 px a frame"),
}


def clips(shared):
    for name, (frames, fps, made) in CLIPS.items():
        yield Clip(f"shown_{name}", "shown", made, fps, lambda f=frames: f(shared))
