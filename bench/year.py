#!/usr/bin/python3
"""How fast is the recorder with a year of sixteen cameras in its catalogue: 8.4 million minutes?

    bench/year.py [--program build/release/passerby] [--days 365] [--cameras 16] [--seed 1]

A real recorder records a minute; the year is copies of that row, written into its catalogue with SQLite, and files for those that are
asked for (a link to the one that there is). Then it starts on all that and is asked over HTTP, with one camera recording, also while
retention deletes half of the year. Prints a Markdown table of times beside what is wanted, and what retention did to the camera.
"""
import argparse
import contextlib
import datetime
import http.client
import json
import os
import pathlib
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
from recorder import Recorder, make_clip  # noqa: E402

MINUTE = 60_000_000
ASKED = 300  # instants
DELETES_S = 60


def iso(micros):
    return datetime.datetime.fromtimestamp(micros / 1e6, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def path_of(root, camera, start):
    return root / datetime.datetime.fromtimestamp(start / 1e6, datetime.timezone.utc).strftime(f"%Y-%m-%d/%H/{camera}/%M.%S.000.mp4")


def fill(database, cameras, first, days):
    """A row a minute and camera, in the order in which they would have come."""
    names = [name for (name,) in database.execute("SELECT name FROM pragma_table_info('segment') WHERE name NOT IN ('id', 'camera', 'start', 'end')")]
    row = database.execute(f"SELECT {', '.join(names)} FROM segment WHERE batch IS NOT NULL ORDER BY end - start DESC LIMIT 1").fetchone()
    assert row, "no recording is on the ledger yet"
    like = dict(zip(names, row))
    triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'segment'").fetchall()
    for name, _ in triggers:
        database.execute(f"DROP TRIGGER {name}")
    marks = ", ".join("?" * (len(names) + 3))
    insert = f"INSERT INTO segment (camera, start, end, {', '.join(names)}) VALUES ({marks})"
    for day in range(days):
        starts = range(first + day * 1440 * MINUTE, first + (day + 1) * 1440 * MINUTE, MINUTE)
        with database:
            database.executemany(insert, ((camera, start, start + MINUTE, *row) for start in starts for camera in cameras))
    with database:
        for camera in cameras:
            database.execute("INSERT OR IGNORE INTO camera (id) VALUES (?)", (camera,))
            database.execute("UPDATE camera SET bytes = bytes + ?, recorded_from = ? WHERE id = ?", (days * 1440 * like["bytes"], first, camera))
        # Ids are given out by the table of what is being written.
        database.execute("UPDATE sqlite_sequence SET seq = (SELECT max(id) FROM segment) WHERE name = 'writing'")
        for _, sql in triggers:
            database.execute(sql)


class Client:
    """One connection, as a browser keeps it."""

    def __init__(self, recorder):
        host = urllib.parse.urlsplit(recorder.address).netloc
        self.connection = http.client.HTTPConnection(host, timeout=120)
        (jar,) = (h.cookiejar for h in recorder.browser.handlers if hasattr(h, "cookiejar"))
        self.headers = {"Cookie": "; ".join(f"{c.name}={c.value}" for c in jar), "Range": "bytes=0-"}

    def ask(self, path):
        """(milliseconds to the first byte of the answer's body, the body)"""
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        first = answer.read(1)
        took = 1000 * (time.perf_counter() - began)
        body = first + answer.read()
        assert answer.status in (200, 206) and first, (path, answer.status, body[:300])
        return took, body


def of_span(camera, what, start, end):
    return f"/api/cameras/{camera}/{what}?" + urllib.parse.urlencode({"from": iso(start), "to": iso(end)})


def line(what, times, wanted):
    times = sorted(times)
    within = times[min(len(times) - 1, int(0.95 * len(times)))]
    print(f"| {what} | {statistics.median(times):.0f} | {within:.0f} | {times[-1]:.0f} | {wanted} |", flush=True)


def measure(client, cameras, instants):
    firsts, days, months, lists = [], [], [], []
    for camera, start in instants:
        # What the player does: the list of what there is around the instant, and the beginning of that part.
        took, text = client.ask(of_span(camera, "playlist.m3u8", start, start + 60 * MINUTE))
        name = next(part for part in text.decode().split('"') if ".mp4" in part)
        more, _ = client.ask(urllib.parse.urljoin(f"/api/cameras/{camera}/", name))
        firsts.append(took + more)
        days.append(client.ask(of_span(camera, "timeline", start, start + 1440 * MINUTE))[0])
    for camera in cameras:
        months.append(client.ask(of_span(camera, "hours", instants[0][1], instants[0][1] + 31 * 1440 * MINUTE))[0])
        lists.append(client.ask(f"/api/cameras/{camera}/days")[0])
    line("any instant: playlist and first byte of the picture", firsts, 50)
    line("timeline of a day", days, "")
    line("timeline of a month", months, 100)
    line("the calendar of all days", lists, 100)


def half_of_it_goes(recorder, days, instants):
    """Retention has millions of recordings to delete, and a camera records."""
    config = json.loads(recorder.config.read_text())
    recorder.config.write_text(json.dumps({**config, "retention": {"days": days}}))
    database = sqlite3.connect(f"file:{recorder.data / 'catalogue.sqlite'}?mode=ro", uri=True)

    def rows():
        return database.execute("SELECT count(*) FROM segment").fetchone()[0]

    with contextlib.closing(database):
        before = rows()
        recorder.start()
        recorder.wait_for("the camera is live", lambda: recorder.camera("live")["state"] == "live")
        client, firsts, began = Client(recorder), [], time.monotonic()
        dropped, since = recorder.camera("live")["dropped"], time.time()
        while time.monotonic() - began < DELETES_S:
            for camera, start in instants:
                firsts.append(client.ask(of_span(camera, "playlist.m3u8", start, start + 60 * MINUTE))[0])
        took, gone = time.monotonic() - began, before - rows()
    line("playlist while half of the year is deleted", firsts, 50)
    lost = recorder.camera("live")["dropped"] - dropped
    gaps = [gap for gap in recorder.timeline("live")[1] if not gap["end"] or gap["end"].timestamp() > since]
    print(f"\nIn {took:.0f} s retention deleted {gone} recordings ({gone / took:.0f} a second); the camera that was recorded meanwhile lost "
          f"{lost} frames, with {len(gaps)} gaps.")  # fmt: skip
    recorder.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/passerby", type=pathlib.Path)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    cameras = [f"c{i + 1:02}" for i in range(args.cameras)]
    with tempfile.TemporaryDirectory(prefix="passerby_year_", dir=os.environ.get("TMPDIR")) as folder:
        folder = pathlib.Path(folder)
        make_clip(folder / "street.mp4", 60)
        live = {"live": {"url": f"file:{folder / 'street.mp4'}", "loop": True}}
        section = {**{c: {"url": "rtsp://127.0.0.1:9/s", "enabled": False} for c in cameras}, **live}
        with Recorder(args.program.resolve(), folder, section, more={"retention": {"days": 1000}}) as recorder:
            recorder.start().sign_in()
            recorder.wait_for("a recording", lambda: recorder.segments("live"))
            recorder.stop()
            recorder.start()
            recorder.stop()
            root = recorder.data / "recordings"
            whole = max(root.rglob("*.mp4"), key=lambda p: p.stat().st_size)
            database = sqlite3.connect(recorder.data / "catalogue.sqlite")
            now = int(time.time() * 1e6)
            first = now - now % (1440 * MINUTE) - (args.days + 1) * 1440 * MINUTE
            began = time.monotonic()
            with contextlib.closing(database):
                fill(database, cameras, first, args.days)
            size = (recorder.data / "catalogue.sqlite").stat().st_size
            print(f"{args.days * 1440 * args.cameras} minutes of {args.cameras} cameras in {time.monotonic() - began:.0f} s; "
                  f"the catalogue has {size / 1e9:.2f} GB", file=sys.stderr)  # fmt: skip
            pick = random.Random(args.seed)
            instants = [(pick.choice(cameras), first + pick.randrange((args.days - 31) * 1440) * MINUTE) for _ in range(ASKED)]
            for camera, start in instants:
                file = path_of(root, camera, start)
                file.parent.mkdir(parents=True, exist_ok=True)
                if not file.exists():
                    os.link(whole, file)
            print("| | median, ms | 95 of 100 within | at most | wanted |\n|---|---|---|---|---|")
            starts = []
            for _ in range(3):
                began = time.perf_counter()
                recorder.start()
                Client(recorder).ask("/api/openapi.json")
                starts.append(1000 * (time.perf_counter() - began))
                recorder.stop()
            line("start until the first answer", starts, 2000)
            recorder.start()
            measure(Client(recorder), cameras, instants)
            recorder.stop()
            half_of_it_goes(recorder, args.days // 2, [i for i in instants if i[1] > first + (args.days // 2 + 2) * 1440 * MINUTE])


if __name__ == "__main__":
    main()
