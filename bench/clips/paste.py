"""Cutting real people and things out of footage, and putting them into other footage with soft edges and a label."""
import dataclasses

import cv2
import numpy as np

from .footage import FOREGROUND, UNKNOWN


@dataclasses.dataclass(frozen=True)
class Cutout:
    """A BGR picture and its alpha (float, 0 to 1), cropped to what is there.

    `axis` is the column of the body's middle in it; `foot` where that stood in the footage, at the height of the feet, in pixels.
    """

    image: np.ndarray
    alpha: np.ndarray
    axis: float
    foot: tuple = (0, 0)

    @property
    def height(self):
        return self.alpha.shape[0]

    def scaled(self, factor):
        size = (max(1, round(self.alpha.shape[1] * factor)), max(1, round(self.alpha.shape[0] * factor)))
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        alpha = np.clip(cv2.resize(self.alpha, size, interpolation=how), 0, 1)
        return Cutout(cv2.resize(self.image, size, interpolation=how), alpha, self.axis * factor, self.foot)

    def tall(self, pixels):
        return self.scaled(pixels / self.height)

    def mirrored(self):
        return Cutout(self.image[:, ::-1].copy(), self.alpha[:, ::-1].copy(), self.alpha.shape[1] - self.axis, self.foot)

    def part(self, top=0.0, bottom=1.0):
        """The rows between two shares of the height."""
        rows = slice(round(self.height * top), round(self.height * bottom))
        return Cutout(self.image[rows], self.alpha[rows], self.axis, self.foot)

    def smeared(self, pixels):
        """As a shutter sees something that moves to the side that far while it is open."""
        pad = pixels // 2 + 1
        alpha = cv2.copyMakeBorder(self.alpha, 0, 0, pad, pad, cv2.BORDER_CONSTANT)
        image = cv2.copyMakeBorder(self.image, 0, 0, pad, pad, cv2.BORDER_REPLICATE)
        kernel = np.full((1, pixels), 1 / pixels, np.float32)
        blurred = cv2.filter2D(alpha, -1, kernel)
        colour = cv2.filter2D(image * alpha[..., None], -1, kernel) / np.maximum(blurred, 1e-3)[..., None]
        return Cutout(np.clip(colour, 0, 255).astype(np.uint8), blurred, self.axis + pad, self.foot)


def cut(image, alpha, least=0.05):
    """The cutout of a picture with an alpha of the same size; None where nothing is."""
    ys, xs = np.where(alpha > least)
    if not len(ys):
        return None
    y0, y1, x0, x1 = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    image, alpha = image[y0:y1, x0:x1].copy(), alpha[y0:y1, x0:x1].astype(np.float32)
    columns = alpha[:(y1 - y0 + 1) // 2].sum(axis=0)
    axis = float((columns * (np.arange(x1 - x0) + 0.5)).sum() / max(columns.sum(), 1e-6))
    return Cutout(image, alpha, axis, (x0 + axis, int(y1)))


def soft(solid, shrink=1, feather=0.8):
    """An alpha from a mask: a little smaller than it, so that no rim of the old background comes along, then feathered."""
    if shrink:
        solid = cv2.erode(solid.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * shrink + 1,) * 2))
    return cv2.GaussianBlur(solid.astype(np.float32), (0, 0), feather)


def largest(solid, near=None):
    """The largest piece of a mask, or the one nearest to a point (x, y), its holes filled."""
    count, pieces, stats, centres = cv2.connectedComponentsWithStats(solid.astype(np.uint8))
    if count < 2:
        return solid.astype(np.uint8)
    if near is None:
        best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    else:
        far = np.linalg.norm(centres[1:] - np.array(near), axis=1) + 1e6 * (stats[1:, cv2.CC_STAT_AREA] < 12)
        best = 1 + int(np.argmin(far))
    piece = (pieces == best).astype(np.uint8)
    outlines, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros_like(piece), outlines, -1, 1, cv2.FILLED)


def from_mask(image, mask, near=None, shrink=0):
    """Somebody of labelled footage; `near` chooses among several."""
    return cut(image, soft(largest(mask == FOREGROUND, near), shrink))


def from_plate(image, plate, threshold=26, near=None, shrink=1, close=9):
    """Somebody before a background that is known: what differs from it, without the faint shadow."""
    differs = cv2.absdiff(cv2.GaussianBlur(image, (0, 0), 1), cv2.GaussianBlur(plate, (0, 0), 1)).max(axis=2)
    solid = cv2.morphologyEx((differs > threshold).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((close, close), np.uint8))
    return cut(image, soft(largest(solid, near), shrink, 1.0))


def paste(image, mask, cutout, x, y, label=FOREGROUND, opacity=1.0, behind=None):
    """Puts it with its axis at column x and its feet at row y, whole pixels; what reaches out of the picture is cut off.

    `behind`: where it is 1 (float, the picture's size), the picture stays before it. `mask` gets the label where most of what is
    seen is the cutout, and UNKNOWN on its soft edge. Both arrays are changed.
    """
    h, w = cutout.alpha.shape
    x0, y0 = round(x - cutout.axis), round(y) - h
    left, top, right, bottom = max(0, x0), max(0, y0), min(image.shape[1], x0 + w), min(image.shape[0], y0 + h)
    if left >= right or top >= bottom:
        return
    here, there = np.s_[top:bottom, left:right], np.s_[top - y0:bottom - y0, left - x0:right - x0]
    alpha = cutout.alpha[there] * (1 - behind[here] if behind is not None else 1)
    blend = (alpha * opacity)[..., None]
    image[here] = np.rint(cutout.image[there] * blend + image[here] * (1 - blend)).astype(np.uint8)
    edge = (alpha > 0.08) & (mask[here] != FOREGROUND)
    mask[here][edge] = UNKNOWN
    mask[here][alpha > 0.6] = label
