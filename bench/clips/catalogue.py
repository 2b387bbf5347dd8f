"""Every clip that can be made, in the order of the table."""
from . import camera, light, people, shown, still, things

MODULES = (light, camera, people, shown, still, things)


def chosen(shared, names, long):
    """(module's name, clip) of the clips that are asked for by name, group or part of a name."""
    shared = shared.resolve()
    found = [(m.__name__, clip) for m in MODULES for clip in m.clips(shared)]
    if not names:
        return [f for f in found if long or not f[1].long]
    asked = lambda clip, n: n == clip.group or n in clip.name  # noqa: E731
    picked = [f for f in found if any(asked(f[1], n) and (long or not f[1].long or "hour" in n) for n in names)]
    if not picked:
        raise SystemExit(f"no clip is called {' or '.join(names)}; `bench/situations.py list` names them")
    return picked
