"""From values for each frame to figures: before a change, after it, and how long until the picture can be read again."""
import numpy as np

READABLE = 0.10  # of the background or of a spot hidden, at most
COVERED = 0.02   # of the picture's detail shown, at most, where everything is covered
SEEN = 0.05      # of somebody's detail seen: the leak meter calls the frame exposed
LOOK = 5         # seconds after a move in which the whole picture is looked at


def looked_at(about):
    """The frames around a camera's move, in which the picture has to be covered wholly."""
    if about["group"] != "camera":
        return range(0)
    return [f for s in about["changes"] for f in range(s, s + round(LOOK * about["fps"]))]


def hidden(curves):
    """The share of the background that is hidden.

    The leak meter's overmask cannot see a grey cover on a grey picture; so at least what the report says is covered, less the
    labelled places with their surroundings.
    """
    return [max(over, (covered - (1 - free)) / free if free else 0.0)
            for over, covered, free in zip(curves["over"], curves["covered"], curves["free"])]


def percent(part):
    return round(100 * float(np.mean(part)), 2) if len(part) else None


def figures(about, curves, proven):
    fps, starts, since = about["fps"], about["changes"], about["since"]
    hide, end = hidden(curves), len(curves["over"])
    settle = round(about["settled"] * fps)
    first = starts[0] if starts else since if since is not None else end
    found = {"before": percent(hide[min(proven, first) - 1:first])}
    if starts:
        parts = list(zip(starts, [*starts[1:], end]))
        found["after"] = percent([v for s, e in parts for v in hide[s + settle:e]])
        found["readable_s"] = [readable(hide[s:e], fps) for s, e in parts]
        found["seen_at_change"] = round(max(float(max(curves["seen"][s:s + settle])) for s in starts), 3)
        if looked_at(about):
            found["noticed_frames"] = [noticed(curves["shown"][s:e]) for s, e in parts]
    elif since is not None:
        second = round(fps)
        found["after"] = percent(hide[first + settle:])
        found["worst_second"] = round(100 * float(max(np.convolve(hide[first:], np.ones(second) / second, "valid"))), 1)
    if spots := about["facts"].get("spots"):
        found["spot_readable_s"] = [readable([v[k] for v in curves["spots"][s[4]:]], fps) for k, s in enumerate(spots)]
    if still := about["facts"].get("still"):
        found["first_seen_s"] = next((round((f - still[0]) / fps, 1) for f in range(*still) if curves["seen"][f] > SEEN), None)
        found["still_s"] = round((still[1] - still[0]) / fps)
    return found


def noticed(shown):
    """Frames until the whole picture is covered; None if it never is."""
    return next((i for i, v in enumerate(shown) if v is not None and v <= COVERED), None)


def readable(hide, fps):
    """Seconds until at most a tenth of the background is hidden and stays so for a second; None if that never happens."""
    second = max(1, round(fps))
    for i in range(len(hide) - second + 1):
        if hide[i] <= READABLE and np.mean(hide[i:i + second]) <= READABLE:
            return round(i / fps, 2)
    return None
