"""Figures as Markdown."""
from . import goals, measure

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
HEAD = "| clip | how it is made | as a file | as live | goals |\n|---|---|---|---|---|"


def times(values):
    return ", ".join("never" if v is None else f"{v:g}" for v in values)


def share(value):
    return "nothing" if value is None else f"{value:g} %"


def figure(f):
    """One mode's figures in words."""
    if "tracks" in f:
        said = [f"{f['exposed']} of {f['person_frames']} heads, {f['tracks_exposed']} of {f['tracks']} tracks"]
    else:
        said = [f"{share(f['foreground_seen_pct'])} seen, {f['frames_exposed']} of {f['frames']} frames"]
    if "after" in f:
        said.append(f"hidden {share(f['before'])} before, {share(f['after'])} after")
    else:
        said.append(f"overmask {share(f['overmask_pct'])}" if f["overmask_pct"] is not None else "never proven")
    if "worst_second" in f:
        said.append(f"{f['worst_second']:g} % in the worst second")
    if "noticed_frames" in f:
        said.append(f"all covered after {times(f['noticed_frames'])} frames, {100 * f['seen_at_change']:.0f} % of somebody seen at most")
    if "readable_s" in f:
        said.append(f"readable after {times(f['readable_s'])} s")
    if "still_s" in f:
        when = "never seen" if f["first_seen_s"] is None else f"first seen after {f['first_seen_s']:g} s"
        said.append(f"in {f['still_s']} s of keeping still {when}")
    if "spot_readable_s" in f:
        said.append(f"place shown after {times(f['spot_readable_s'])} s")
    return "; ".join(said)


def verdict(group, by_mode):
    missed = {mode: goals.missed(group, f) for mode, f in by_mode.items()}
    if not any(missed.values()):
        return "met" if missed else ""
    return "; ".join(f"{mode}: {', '.join(what)}" for mode, what in missed.items() if what)


def markdown(cache, chosen, program):
    """A table for each group, of what has been measured with this program."""
    lines, group = [], None
    for _, clip in chosen:
        by_mode = {mode: f for mode in ("file", "live") if (f := measure.known(cache / clip.name, program, mode))}
        if not by_mode:
            continue
        if clip.group != group:
            group = clip.group
            lines += ["", f"### {group}", "", HEAD]
        cells = [figure(by_mode[m]) if m in by_mode else "" for m in ("file", "live")]
        lines.append(f"| {clip.name} | {clip.made} | {cells[0]} | {cells[1]} | {verdict(group, by_mode)} |")
    return "\n".join(lines).strip()


def put_into(path, figures):
    """Replaces what is between the two comments of a Markdown file."""
    text = path.read_text()
    if BEGIN not in text or END not in text:
        raise SystemExit(f"{path} has no lines '{BEGIN}' and '{END}' for the table to go between")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    path.write_text(f"{head}{BEGIN}\n{figures}\n{END}{tail}")
