"""What the figures of a clip have to be, and which of them are not."""

HEADS = 1 / 4476   # of heads exposed, at most; one in a short clip
SEEN = 0.1         # % of the foreground's detail seen, at most; and no frame of which more than a twentieth is
OVERMASK = 2       # % of the background, at most, where light and camera stand still
RESTLESS = 10      # % hidden, at most, while the light plays, and 5 s after it changed at once
READABLE = 5       # seconds after a sudden change of the light
NOTICED = 3        # frames after the camera moved until all is covered


def missed(group, f):
    """The names of the goals that the figures `f` of one mode miss, each with the figure."""
    out = []

    def goal(name, value, fits):
        if not fits:
            out.append(f"{name} {value}")

    if "tracks" in f:
        goal("heads seen", f["exposed"], f["exposed"] <= max(1, HEADS * f["person_frames"]) and not f["tracks_exposed"])
    else:
        goal("seen in frames", f["frames_exposed"], not f["frames_exposed"] and (f["foreground_seen_pct"] or 0) <= SEEN)
    if group in ("light", "camera") or "after" in f:
        if f.get("after") is not None:
            goal("hidden %", f["after"], f["after"] <= RESTLESS)
    else:
        goal("overmask %", f["overmask_pct"], f["overmask_pct"] is not None and f["overmask_pct"] <= OVERMASK)
    for seconds in f.get("readable_s", []):
        goal("readable after s", seconds or "never", seconds is not None and (group == "camera" or seconds <= READABLE))
    for frames in f.get("noticed_frames", []):
        goal("all covered after frames", "never" if frames is None else frames, frames is not None and frames <= NOTICED)
    for seconds in f.get("spot_readable_s", []):
        goal("place shown after s", "never", seconds is not None)
    return out
