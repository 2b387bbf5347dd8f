"""Figures as Markdown."""
import json

from . import measure

HEAD = ("| clip | mode | seen | exposed | overmask % all | before | after | readable after s | proven from |\n"
        "|---|---|---|---|---|---|---|---|---|")


def line(clip, mode, f):
    if "tracks" in f:
        seen, exposed = f"{f['exposed']} of {f['person_frames']} heads", f"{f['tracks_exposed']} of {f['tracks']} tracks"
    else:
        seen, exposed = f"{f['foreground_seen_pct']} %", f"{f['frames_exposed']} of {f['frames']} frames"
    again = ", ".join("never" if s is None else f"{s:g}" for s in f.get("readable_s", []))
    show = lambda key: "" if f.get(key) is None else f[key]  # noqa: E731
    return (f"| {clip.name} | {mode} | {seen} | {exposed} | {f['overmask_pct']} | {show('before')} | {show('after')} | {again} "
            f"| {f['proven_from']} |")


def markdown(cache, chosen, program):
    lines = [HEAD]
    for _, clip in chosen:
        for mode in ("file", "live"):
            place = measure.kept(cache, program, clip.name, mode)
            if place.exists():
                lines.append(line(clip, mode, json.loads(place.read_text())))
    return "\n".join(lines)
