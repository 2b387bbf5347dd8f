#!/usr/bin/python3
"""Hard situations made from real footage, and how well each is covered.

    bench/situations.py list [NAME ...]
    bench/situations.py make --keep DIR [NAME ...]
    bench/situations.py measure --keep DIR [--program build/release/passerby] [--mode file|live|both] [NAME ...]
    bench/situations.py table --keep DIR [NAME ...]       # what has been measured, as Markdown

NAME is a clip, a group (light, camera, …) or a part of a name; without one all but the long clips (--long adds them). --shared names the
folder that has data/ and tools/leakmeter. Everything is kept in DIR and done once: a clip for as long as the source that makes it is the
same, a figure for as long as clip and program are. So a run that was broken off goes on where it was.
"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from clips import catalogue, measure, table, write  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["list", "make", "measure", "table"])
    parser.add_argument("--keep", type=pathlib.Path, help="the folder of clips and figures")
    parser.add_argument("--program", default="build/release/passerby", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    parser.add_argument("--mode", choices=["file", "live", "both"], default="both")
    parser.add_argument("--long", action="store_true", help="the clips of an hour, too")
    parser.add_argument("names", nargs="*", metavar="NAME")
    a = parser.parse_intermixed_args()
    chosen = catalogue.chosen(a.shared, a.names, a.long)
    if a.what == "list":
        for _, clip in chosen:
            print(f"{clip.name:32} {clip.made}")
        return
    if not a.keep:
        parser.error("--keep names the folder of clips and figures")
    modes = ["file", "live"] if a.mode == "both" else [a.mode]
    if a.what == "table":
        print(table.markdown(a.keep, chosen, a.program))
        return
    for module, clip in chosen:
        folder = write.write(clip, module, a.keep)
        print(f"{folder}", file=sys.stderr, flush=True) if a.what == "make" else None
        for mode in modes if a.what == "measure" else []:
            print(table.line(clip, mode, measure.measure(folder, a.program, a.shared, mode)), flush=True)


if __name__ == "__main__":
    main()
