"""Light that changes: each effect is applied to the later part of a real clip that runs several times over.

An effect takes a picture, the seconds since it began, its share of the way (0 to 1) and the frame's number.
"""
import functools

import cv2
import numpy as np

from .footage import SOURCES, Clip, footage

# source: frames that are used, frame of the change, frame of the change back, frames in all (the used ones again and again)
PLANS = {"pets": (400, 150, 275, 400), "caviar": (610, 500, 750, 1000), "hall": (296, 400, 650, 900)}


def tone(gain=1.0, gamma=1.0, lift=0.0):
    """A tone curve with clipping, as a table of 256."""
    x = np.arange(256) / 255
    return np.clip(255 * (gain * x**gamma + lift), 0, 255).astype(np.uint8)


def curve(**how):
    table = tone(**how)
    return lambda image, *_: cv2.LUT(image, table)


def times(image, gain):
    """The picture times a field of gains, clipped."""
    field = gain if gain.ndim == 3 else cv2.merge([gain] * 3)
    return cv2.multiply(image, field, dtype=cv2.CV_8U)


def lamp(soft):
    """A warm lamp over a third of the picture; `soft` fades out, otherwise it ends in an edge of 2 pixels."""

    @functools.lru_cache(maxsize=1)
    def gains(h, w):
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        if soft:
            d = ((x / w - 0.4) / 0.22) ** 2 + ((y / h - 0.5) / 0.3) ** 2
            light = np.exp(-d)
        else:
            light = np.zeros((h, w), np.float32)
            corners = np.array([(0.22, 0), (0.6, 0), (0.75, 1), (0.1, 1)]) * (w, h)
            cv2.fillPoly(light, [corners.astype(np.int32)], 1.0)
            light = cv2.GaussianBlur(light, (0, 0), 1.0)
        return (1 + light[..., None] * np.array([0.35, 0.5, 0.6])).astype(np.float32)

    return lambda image, *_: times(image, gains(*image.shape[:2]))


def dusk(image, seconds, way, _):
    """From full light to three tenths of it."""
    return cv2.LUT(image, tone(gain=1 - 0.7 * way))


def clouds(image, seconds, *_):
    """A smooth field of gains between 0.7 and 1.3 that drifts over the picture in about twelve seconds."""
    h, w = image.shape[:2]
    y, x = np.mgrid[0:h:8, 0:w:8].astype(np.float32) / w
    at = x - seconds / 12
    field = np.sin(2 * np.pi * at * 1.3 + 2 * y) + np.sin(2 * np.pi * (at * 0.7 + y * 0.9) + 1)
    ramp = min(1.0, seconds / 3)
    return times(image, cv2.resize(1 + 0.15 * ramp * field, (w, h), interpolation=cv2.INTER_LINEAR))


def infrared(image, *_):
    """Colour goes, reds and greens become bright, the curve is another one: what a camera does when its filter swings away."""
    grey = np.clip(image.astype(np.float32) @ np.array([0.05, 0.45, 0.6], np.float32), 0, 255)
    return cv2.merge([cv2.LUT(grey.astype(np.uint8), tone(gain=0.95, gamma=0.75))] * 3)


def flicker(image, seconds, way, _):
    """Lamps on the mains against the shutter: bands of ±6 % that beat slowly (50 Hz), then fast (60 Hz)."""
    beat = 0.7 if way < 0.5 else 3.3
    rows = np.arange(image.shape[0], dtype=np.float32) / image.shape[0]
    gain = 1 + 0.06 * np.sin(2 * np.pi * (1.5 * rows + beat * seconds))
    return times(image, np.repeat(gain[:, None], image.shape[1], axis=1).astype(np.float32))


def hunting(image, seconds, *_):
    """Exposure control that overshoots and swings, again every ten seconds."""
    t = seconds % 10
    return cv2.LUT(image, tone(gain=1 + 0.45 * np.exp(-t / 2.5) * np.cos(2 * np.pi * t / 1.6)))


def rain(image, _seconds, _way, number):
    """Streaks of drops, new ones in every frame, and a little haze."""
    random = np.random.default_rng(number)
    h, w = image.shape[:2]
    streaks = np.zeros((h, w), np.float32)
    for _ in range(h * w // 1500):
        x, y, length = random.integers(w), random.integers(-20, h), int(random.integers(h // 30, h // 10))
        strength = float(random.uniform(0.15, 0.5))
        cv2.line(streaks, (int(x), int(y)), (int(x) + length // 8, int(y) + length), strength, 1, cv2.LINE_AA)
    streaks = cv2.GaussianBlur(streaks, (0, 0), 0.6)[..., None]
    hazy = image * 0.92 + 14
    return np.clip(hazy + (210 - hazy) * streaks, 0, 255).astype(np.uint8)


def night(image, _seconds, _way, number):
    """Four tenths of the light, with the amplifier's noise: sigma 10 in luma, less and coarser in colour."""
    random = np.random.default_rng(number)
    h, w = image.shape[:2]
    luma = random.normal(0, 10, (h, w, 1)).astype(np.float32)
    colour = cv2.resize(random.normal(0, 5, (h // 2, w // 2, 3)).astype(np.float32), (w, h))
    return np.clip(image * 0.4 + luma + colour, 0, 255).astype(np.uint8)


# name: effect, how it is made, whether it goes back, whether it changes at once
EFFECTS = {
    "exposure_down": (curve(gain=0.6), "gain 0.6 at once, and back", True, True),
    "exposure_up": (curve(gain=1.5), "gain 1.5 with clipping at once, and back", True, True),
    "gamma": (curve(gamma=0.6), "gamma 0.6 at once, and back", True, True),
    "lamp_soft": (lamp(True), "a lamp over a third of the picture with a soft edge goes on and off", True, True),
    "lamp_hard": (lamp(False), "the same with a hard edge", True, True),
    "infrared": (infrared, "colour to infrared (grey, other tones), and back", True, True),
    "dusk": (dusk, "gain from 1 to 0.3, evenly", False, False),
    "clouds": (clouds, "a moving field of gains of ±30 %", False, False),
    "flicker": (flicker, "mains flicker: bands of ±6 %, slow beat, then fast", False, False),
    "hunting": (hunting, "automatic exposure that swings by up to 45 %, every 10 s", False, False),
    "rain": (rain, "streaks of rain in every frame", False, True),
    "night": (night, "gain 0.4 and noise of sigma 10", False, True),
}
# Every effect on PETS; indoors those that find something else there.
ONLY = {"caviar": ("exposure_up", "lamp_hard", "clouds", "infrared", "night"),
        "hall": ("exposure_down", "lamp_soft", "dusk", "flicker", "hunting")}


def changed(shared, source, effect, back):
    used, at, until, count = PLANS[source]
    clip = footage(shared, source)
    until = until if back else count
    for i in range(count):
        image = clip.images[i % used]
        if at <= i < until:
            image = effect(image, (i - at) / clip.fps, (i - at) / (until - at), i)
        yield image, clip.labels[i % used]


def clips(shared):
    for source, (_, at, until, _) in PLANS.items():
        for name, (effect, made, back, sudden) in EFFECTS.items():
            if name not in ONLY.get(source, EFFECTS):
                continue
            yield Clip(f"light_{name}_{source}", "light", made, SOURCES[source][2],
                       lambda s=source, e=effect, b=back: changed(shared, s, e, b),
                       changes=(at, until) if back else (at,) if sudden else (), since=None if sudden else at)
