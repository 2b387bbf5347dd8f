#!/usr/bin/python3
"""Hard situations made from real footage, and how well each is covered.

    bench/situations.py list [NAME ...]
    bench/situations.py make --keep DIR [NAME ...]
    bench/situations.py measure --keep DIR [--program build/release/passerby] [--mode file|live|both] [NAME ...]
    bench/situations.py table --keep DIR [--into FILE.md] [NAME ...]   # what has been measured, as Markdown

NAME is a clip, a group (light, camera, …) or a part of a name; without one all but the long clips (--long adds them). --shared names the
folder that has data/ and tools/leakmeter. Everything is kept in DIR and done once: a clip for as long as the source that makes it is the
same, a figure for as long as clip and program are. So a run that was broken off goes on where it was.
"""
import argparse
import concurrent.futures
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from clips import catalogue, measure, table, write  # noqa: E402

MAKING = threading.Lock()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["list", "make", "measure", "table"])
    parser.add_argument("--keep", type=pathlib.Path, help="the folder of clips and figures")
    parser.add_argument("--program", default="build/release/passerby", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    parser.add_argument("--mode", choices=["file", "live", "both"], default="both")
    parser.add_argument("--into", type=pathlib.Path, help="put the table between this file's two comments")
    parser.add_argument("--jobs", type=int, default=1, help="clips at a time")
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
        figures = table.markdown(a.keep, chosen, a.program)
        table.put_into(a.into, figures) if a.into else print(figures)
        return
    with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        list(pool.map(lambda work: one(a, modes, *work), chosen))


def one(a, modes, module, clip):
    with MAKING:  # it would only contend for memory
        folder = write.write(clip, module, a.keep)
    if a.what == "make":
        print(folder, flush=True)
    for mode in modes if a.what == "measure" else []:
        found = measure.measure(folder, a.program, a.shared, mode)
        print(f"{clip.name}, {mode}: {table.figure(found)}. {table.verdict(clip.group, {mode: found})}", flush=True)


if __name__ == "__main__":
    main()
