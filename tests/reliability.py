#!/usr/bin/python3
"""What a recorder survives: kills at random moments, every system call failing, a full disk.

reliability.py kills   [--count N] [--seed S] [--minutes M]   SIGKILLs of the server, a camera's process, or both
reliability.py calls   [--every N] [--seed S] [--minutes M]   every file-system call of one recording fails
                       [--from N]                             goes on where the same seed stopped
reliability.py appends                                        every file-system call of one entry of the ledger fails
reliability.py full    [--count N]                            the disk is full, and has space again
reliability.py cameras [--count N] [--seed S] [--minutes M]   cameras fail in nine ways, beside one that does not
reliability.py overload [--count N] [--minutes M]             one real camera after another, until the machine does not keep up

Each prints its seed and what it found, and ends with status 1 when something was lost. doc/reliability.md has the figures.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

from faulty_camera import KINDS, FaultyCamera
from recorder import FOOTAGE, Recorder, RtspCamera, make_clip, run_quietly, utc, wait_for

BUILD = pathlib.Path(__file__).resolve().parent.parent / "build" / "release"
RESTART_WITHIN_S = 5
LOST_AT_MOST_S = 2
BACK_WITHIN_S = 5
SEEN_WITHIN_S = 5
SPACE_USED_WITHIN_S = 10


class Tally:
    """What was done and found. It is printed whenever the run ends, also when somebody ends it early."""

    def __init__(self, words, seed):
        self.words, self.seed = words, seed
        self.wrong, self.done, self.longest, self.goals = [], 0, {}, {}

    def expect(self, holds, what):
        if not holds:
            self.wrong.append(what)
            print("WRONG:", what, flush=True)

    def took(self, what, seconds, goal):
        self.longest[what] = max(self.longest.get(what, 0.0), seconds)
        self.goals[what] = goal

    def tell_every(self, n):
        if self.done % n == 0:
            print(f"{self.done} {self.words}, {len(self.wrong)} wrong; {self.figures()}", flush=True)

    def figures(self):
        return "at most: " + ", ".join(f"{what} {s:.1f} s" for what, s in sorted(self.longest.items()))

    def end(self):
        for what, seconds in self.longest.items():
            self.expect(seconds <= self.goals[what], f"{what}: {seconds:.1f} s, and {self.goals[what]} s is the goal")
        print(f"seed {self.seed}; {self.done} {self.words}, {len(self.wrong)} times something was wrong; {self.figures()}")
        return 1 if self.wrong or not self.done else 0


def check(program, data, depth="files"):
    done = subprocess.run([program, "check", data, "--depth", depth, "--json"], capture_output=True, text=True, check=False)
    if done.returncode == 1:
        return [done.stderr.strip()]
    return [f"{f['where']}: {f['what']}" for f in json.loads(done.stdout)["findings"]]


def kills(a, tally):
    """The oracle is what the API said was recorded: after a kill all of it is there, and the rest is a gap."""
    rng = random.Random(a.seed)
    until = time.monotonic() + a.minutes * 60
    with tempfile.TemporaryDirectory(prefix="passerby-") as folder:
        clip = pathlib.Path(folder) / "clip.mp4"
        make_clip(clip, 600)
        with Recorder(a.program, folder, {"street": {"url": f"file:{clip}", "loop": True}}) as recorder:
            recorder.start().sign_in()
            recorder.wait_for_recording("street")
            while tally.done < a.count and time.monotonic() < until:
                time.sleep(rng.uniform(0, 2.5))
                who = rng.choice(["server", "camera", "both"])
                children = list(recorder.children().values())
                asked = time.time()
                before = recorder.segments("street")
                # What is listed is what is synced: all that a power cut would leave.
                tally.took("missing at a power cut", asked - before[-1]["end"].timestamp(), LOST_AT_MOST_S)
                killed = time.time()
                if who != "server":
                    for pid in children:
                        os.kill(pid, signal.SIGKILL)
                if who != "camera":
                    recorder.signal(signal.SIGKILL)
                    if tally.done % 10 == 0:
                        tally.expect(not [f for f in check(a.program, recorder.data) if "nobody lists" not in f],
                                     f"kill {tally.done}: check before the restart finds something")
                    started = time.monotonic()
                    recorder.start()
                    tally.took("a start", time.monotonic() - started, RESTART_WITHIN_S)
                # Not what is left from before, of which the server may still believe that it goes on.
                recorder.wait_for("recording again", lambda: recorder.segments("street")[-1]["start"].timestamp() > killed)
                recorder.wait_for_recording("street")
                after = {s["id"]: s for s in recorder.segments("street")}
                for s in before:
                    kept = after.get(s["id"])
                    # When it is finished its end is moved towards the clock's time, by 0.1 % (doc/storage.md, "Time").
                    end = s["end"] - (s["end"] - s["start"]) / 999
                    tally.expect(kept and kept["start"] == s["start"] and kept["end"] >= end,
                                 f"kill {tally.done} ({who}): {s} was listed, and is {kept}")  # fmt: skip
                last = max(s["end"].timestamp() for s in after.values() if s["start"].timestamp() < killed)
                tally.took(f"missing before a kill of {who}", killed - last, LOST_AT_MOST_S)
                segments, gaps = recorder.timeline("street")
                entries = sorted(segments + gaps, key=lambda e: e["start"])
                for x, y in zip(entries, entries[1:]):
                    tally.expect(x["end"] == y["start"], f"kill {tally.done} ({who}): {x} and then {y}")
                tally.done += 1
                tally.tell_every(25)
            recorder.stop()
            found = check(a.program, recorder.data, "bytes")
            tally.expect(not found, f"check at the end: {found[:5]}")
            verified = subprocess.run([a.program.with_name("passerby-verify"), recorder.data, "--stateless"],
                                      capture_output=True, text=True, check=False)  # fmt: skip
            tally.expect(verified.returncode == 0, f"the ledger at the end: {verified.stdout}{verified.stderr}")


# The calls that change or read files. `when` counts each by itself.
CALLS = ("openat,read,pread64,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,"
         "rmdir,fstat,newfstatat,stat,statx,fcntl,flock,lseek,close,getdents64,statfs,mmap").split(",")  # fmt: skip

LOCKS_REFUSED = 250


def one_recording(a, data, *strace, mode=()):
    """(status, lines): what it acknowledged."""
    command = ["strace", "-f", "-qq", "-o", "/dev/null", *strace] if strace else []
    done = subprocess.run([*command, a.program.with_name("one_recording"), data, *mode], capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip
    return done.returncode, done.stdout.splitlines()


def calls(a, tally):
    rng = random.Random(a.seed)
    counted = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="passerby-", dir=a.scratch) as folder:
        trace = pathlib.Path(folder) / "trace"
        subprocess.run(["strace", "-f", "-qq", "-o", trace, a.program.with_name("one_recording"), f"{folder}/count"],
                       stdout=subprocess.DEVNULL, check=True)  # fmt: skip
        lines = trace.read_text(errors="replace").splitlines()
        # What the program does before it touches its data folder is the loader's.
        begin = next(i for i, line in enumerate(lines) if f"{folder}/count" in line and "execve" not in line)
        first = collections.Counter()
        for i, line in enumerate(lines):
            name = re.match(r"(?:\d+ +)?(\w+)\(", line)
            if name and name.group(1) in CALLS:
                counted[name.group(1)] += 1
                if i < begin:
                    first[name.group(1)] += 1
        todo = [(call, n, fault, again)
                for call, all_of_them in sorted(counted.items()) for n in range(first[call] + 1, all_of_them + 1)
                for fault in ("signal=KILL", "error=EIO", "error=ENOSPC") for again in ("", "+")
                if not (fault == "signal=KILL" and again)]  # fmt: skip
        rng.shuffle(todo)
        todo = todo[: max(1, len(todo) // a.every)]
        print(f"seed {a.seed}: {sum(counted.values()) - sum(first.values())} calls of {len(counted)} kinds, {len(todo)} runs",
              flush=True)  # fmt: skip

        until, left_out = time.monotonic() + a.minutes * 60, []

        def run(number, call, n, fault, again):
            if time.monotonic() > until:
                left_out.append(number)
                return
            what = f"{call} number {n}{again} with {fault}"
            data = pathlib.Path(folder) / f"run-{number}"
            # SQLite takes any error of a lock for a lock that another process has, and waits ten seconds for it, in each
            # transaction: no lock is refused for ever, but for so long that one transaction gives up.
            times = f"{n}..{n + LOCKS_REFUSED}" if again and call == "fcntl" else f"{n}{again}"
            _, said = one_recording(a, data, "-e", f"inject={call}:{fault}:when={times}")
            listed = dict(line.split()[1:] for line in said if line.startswith("listed "))
            deleting = "deleting" in said
            entries = [int(line.split()[1]) for line in said if line.startswith("entries ")]
            # Without the fault: recovery, and then all goes on.
            status, kept = one_recording(a, data, mode=("look",))
            tally.expect(status == 0, f"{what}: it does not start again")
            found = check(a.program, data, "bytes")
            tally.expect(not found, f"{what}: check finds {found[:3]}")
            there = dict(line.split()[1:] for line in kept if line.startswith("listed "))
            for start, end in listed.items():
                tally.expect(deleting or utc(there.get(start, "1970-01-01T00:00:00Z")) >= utc(end),
                             f"{what}: {start} to {end} was listed, and is {there.get(start)}")  # fmt: skip
            signed = [int(line.split()[1]) for line in kept if line.startswith("entries ")]
            tally.expect(not entries or signed and signed[-1] >= entries[-1], f"{what}: entries of the ledger are gone")
            tally.expect(one_recording(a, data)[0] == 0, f"{what}: it does not record again")
            subprocess.run(["rm", "-rf", data], check=True)
            tally.done += 1
            tally.tell_every(200)

        # Each mostly waits for its disk and its clock.
        with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
            numbered = list(enumerate(todo))[a.first :]
            for done in concurrent.futures.as_completed([pool.submit(run, i, *what) for i, what in numbered]):
                try:
                    done.result()
                except subprocess.TimeoutExpired as error:
                    tally.expect(False, f"it hangs: {error}")
    if left_out:
        print(f"out of time; go on with --seed {a.seed} --from {min(left_out)}")


def appends(a, tally):
    """Every file-system call of one entry of the ledger, from the moment at which it is begun."""
    with tempfile.TemporaryDirectory(prefix="passerby-", dir=a.scratch) as folder:
        before = pathlib.Path(folder) / "before"
        one_recording(a, before)
        _, said = one_recording(a, before, mode=("look",))
        size = next(int(line.split()[1]) for line in said if line.startswith("entries "))
        trace = pathlib.Path(folder) / "trace"
        counted = pathlib.Path(folder) / "count"

        # Each run has a folder of its own making: a copy would be taken for another ledger.
        def prepared(data):
            one_recording(a, data)
            return data

        subprocess.run(["strace", "-f", "-qq", "-o", trace, a.program.with_name("one_recording"), prepared(counted), "append"],
                       stdout=subprocess.DEVNULL, check=True)  # fmt: skip
        names, begun, first = collections.Counter(), False, collections.Counter()
        for line in trace.read_text(errors="replace").splitlines():
            name = re.match(r"(?:\d+ +)?(\w+)\(", line)
            if not name or name.group(1) not in CALLS:
                continue
            names[name.group(1)] += 1
            begun = begun or '"appending' in line
            if not begun or '"appending' in line:
                first[name.group(1)] += 1
        todo = [(call, n, fault, again)
                for call, all_of_them in sorted(names.items()) for n in range(first[call] + 1, all_of_them + 1)
                for fault in ("signal=KILL", "error=EIO", "error=ENOSPC") for again in ("", "+")
                if not (fault == "signal=KILL" and again)]  # fmt: skip
        print(f"{sum(names.values()) - sum(first.values())} calls, {len(todo)} runs", flush=True)
        for number, (call, n, fault, again) in enumerate(todo):
            what = f"{call} number {n}{again} with {fault}"
            data = prepared(pathlib.Path(folder) / f"run-{number}")
            _, said = one_recording(a, data, "-e", f"inject={call}:{fault}:when={n}{again}", mode=("append",))
            acknowledged = [int(line.split()[1]) for line in said if line.startswith("entries ")]
            status, kept = one_recording(a, data, mode=("look",))
            tally.expect(status == 0, f"{what}: it does not start again")
            there = [int(line.split()[1]) for line in kept if line.startswith("entries ")]
            tally.expect(there and there[0] in (size, size + 1), f"{what}: {there} entries, and there were {size}")
            tally.expect(not acknowledged or there == acknowledged, f"{what}: {acknowledged} was acknowledged, and is {there}")
            found = check(a.program, data, "files")
            tally.expect(not found, f"{what}: check finds {found[:3]}")
            verified = subprocess.run([a.program.with_name("passerby-verify"), data, "--stateless"], capture_output=True,
                                      text=True, check=False)  # fmt: skip
            tally.expect(verified.returncode == 0, f"{what}: {verified.stdout}{verified.stderr}")
            subprocess.run(["rm", "-rf", data], check=True)
            tally.done += 1


def full(a, tally):
    """On a small tmpfs: the gap is there within 5 s, and recording again within 10 s of space, without a restart."""
    with tempfile.TemporaryDirectory(prefix="passerby-") as folder:
        clip = pathlib.Path(folder) / "clip.mp4"
        make_clip(clip, 600)
        disk = pathlib.Path(folder) / "data"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk], check=True)
        try:
            cameras = {"street": {"url": f"file:{clip}", "loop": True}}
            with Recorder(a.program, folder, cameras, more={"retention": {"size": "8 MB", "keep_free": "1 kB"}}) as recorder:
                recorder.start().sign_in()
                recorder.wait_for_recording("street")
                while tally.done < a.count:
                    filler = disk / "filler"
                    filled = time.monotonic()
                    with open(filler, "wb", buffering=0) as out:
                        try:
                            while True:
                                out.write(bytes(1 << 16))
                        except OSError:
                            pass
                    last_gap = lambda: (recorder.timeline("street")[1] or [{"cause": "", "end": 1}])[-1]
                    wait_for("the gap", lambda: last_gap()["cause"] == "disk" and not last_gap()["end"], recorder.log)
                    tally.took("a gap after the disk was full", time.monotonic() - filled, SEEN_WITHIN_S)
                    filler.unlink()
                    freed = time.monotonic()
                    recorder.wait_for_recording("street")
                    tally.took("recording after there was space", time.monotonic() - freed, SPACE_USED_WITHIN_S)
                    tally.done += 1
                recorder.stop()
                found = check(a.program, recorder.data, "bytes")
                tally.expect(not found, f"check at the end: {found[:5]}")
        finally:
            subprocess.run(["umount", "-l", disk], check=False)


def cameras(a, tally):
    """Three cameras fail, each by itself; a fourth does not, and must not notice."""
    lock = threading.Lock()
    until = time.monotonic() + a.minutes * 60
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passerby-")))
        clips = [folder / "small.mp4", folder / "large.mp4"]
        for clip, size in zip(clips, ("192:144", "256:192")):
            run_quietly("ffmpeg", "-v", "error", "-stream_loop", "40", "-i", FOOTAGE, "-t", "3000", "-vf", f"scale={size}", "-an",
                        "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "10", clip)  # fmt: skip
        clips.append(folder / "other.hevc.mp4")
        run_quietly("ffmpeg", "-v", "error", "-i", clips[0], "-t", "600", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                    "log-level=error:bframes=0:keyint=10", "-tag:v", "hvc1", clips[2])  # fmt: skip
        sources = [stack.enter_context(RtspCamera(clip, "viewer", "secret")).start() for clip in clips]
        faulty = {f"faulty-{i}": FaultyCamera(sources) for i in range(3)}
        for camera in faulty.values():
            stack.callback(camera.close)
        ports = {"steady": sources[0].port, **{name: camera.port for name, camera in faulty.items()}}
        config = {name: {"url": f"rtsp://127.0.0.1:{port}/stream", "user": "viewer", "password": "secret"}
                  for name, port in ports.items()}  # fmt: skip
        recorder = stack.enter_context(Recorder(a.program, folder, config))
        recorder.start().sign_in()
        for name in config:
            recorder.wait_for_recording(name)

        def torment(name, camera, seed):
            rng = random.Random(seed)
            while tally.done < a.count and time.monotonic() < until:
                kind = rng.choice(KINDS)
                camera.begin(kind)
                time.sleep(rng.uniform(0.2, 7))
                camera.end(kind)
                ended = time.time()

                def is_back():
                    segments, _ = recorder.timeline(name)
                    return recorder.camera(name)["state"] == "live" and segments[-1]["end"].timestamp() > ended + 0.5

                try:
                    wait_for(f"{name} after {kind}", is_back, recorder.log)
                except AssertionError as error:
                    tally.expect(False, str(error)[:2000])
                with lock:
                    # Less the half second that it had to record, to be seen.
                    tally.took(f"back after {kind}", time.time() - ended - 0.5, BACK_WITHIN_S)
                    tally.done += 1
                    tally.tell_every(50)

        threads = [threading.Thread(target=torment, args=(name, camera, f"{a.seed}-{name}")) for name, camera in faulty.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        losses, dropped = recorder.losses("steady"), recorder.camera("steady")["state"]
        tally.expect(not losses and dropped == "live", f"the camera without a fault has lost something: {losses}, {dropped}")
        for name in config:
            segments, gaps = recorder.timeline(name)
            entries = sorted(segments + gaps, key=lambda e: e["start"])
            for x, y in zip(entries, entries[1:]):
                tally.expect(x["end"] == y["start"], f"{name}: {x} and then {y}")
        recorder.stop()
        found = check(a.program, recorder.data, "bytes")
        tally.expect(not found, f"check at the end: {found[:5]}")


STEPS = ("detectors slow down", "frames are dropped", "overload is a gap")


def overload(a, tally):
    """What gives, and in which order, as one camera after another begins to send. What is missing is a gap, and says why."""
    # Steps of each camera, by the time at which they were first seen.
    seen = collections.defaultdict(dict)
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passerby-")))
        clip = folder / "large.mp4"
        run_quietly("ffmpeg", "-v", "error", "-stream_loop", "1", "-i", FOOTAGE, "-vf", "scale=1280:720,fps=25", "-an", "-t", "60", "-c:v",
                    "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "25", f"{clip}.once.mp4")  # fmt: skip
        run_quietly("ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", f"{clip}.once.mp4", "-t", "3600", "-c", "copy", clip)
        sources = [stack.enter_context(RtspCamera(clip, "viewer", "secret")).start() for _ in range(min(a.count, 16))]
        names = ["steady", *(f"more-{i:02}" for i in range(1, len(sources)))]
        for source in sources[1:]:
            source.kill()
        config = {name: {"url": f"rtsp://127.0.0.1:{source.port}/stream", "user": "viewer", "password": "secret"}
                  for name, source in zip(names, sources)}  # fmt: skip
        recorder = stack.enter_context(Recorder(a.program, folder, config))
        recorder.start().sign_in()
        recorder.wait_for_recording("steady")
        until = time.monotonic() + a.minutes * 60

        def look():
            for name in names[:tally.done]:
                said, now = recorder.camera(name), time.monotonic()
                found = (said["pace"] < 1, said["dropped"] > 0, any(g["cause"] == "overload" for g in recorder.timeline(name)[1]))
                for step, holds in zip(STEPS, found):
                    if holds and step not in seen[name]:
                        seen[name][step] = now
                        print(f"{tally.done} cameras: {name}: {step}", flush=True)

        for source in sources:
            if tally.done:
                source.start()
            tally.done += 1
            # It is given time to be live, and to show what gives.
            joined = time.monotonic()
            while time.monotonic() < min(until, joined + 15):
                look()
                time.sleep(0.2)
            steady = set(seen["steady"])
            if steady == set(STEPS) or time.monotonic() > until:
                break
        for name in names[:tally.done]:
            order = [seen[name][s] for s in STEPS if s in seen[name]]
            tally.expect(order == sorted(order), f"{name}: not in the order: {seen[name]}")
            missing = [s for s, before in zip(STEPS[1:], STEPS) if s in seen[name] and before not in seen[name]]
            tally.expect(not missing, f"{name}: without what comes before: {missing}")
        segments, gaps = recorder.timeline("steady")
        entries = sorted(segments + gaps, key=lambda e: e["start"])
        for x, y in zip(entries, entries[1:]):
            tally.expect(x["end"] == y["start"], f"steady: {x} and then {y}")
        unexplained = [g for g in recorder.losses("steady")]
        tally.expect(not unexplained, f"steady: gaps that are not of the overload: {unexplained}")
        recorder.stop()
        found = check(a.program, recorder.data, "bytes")
        tally.expect(not found, f"check at the end: {found[:5]}")
    tally.expect(any(STEPS[0] in s for s in seen.values()), "the machine kept up with all of them: give it more with --count")


# What to do, and what is counted.
COMMANDS = {"kills": (kills, "kills"), "calls": (calls, "runs with a failing call"),
            "appends": (appends, "appends with a failing call"), "full": (full, "times the disk was full"),
            "cameras": (cameras, "camera faults"), "overload": (overload, "cameras")}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=COMMANDS)
    parser.add_argument("--program", type=pathlib.Path, default=BUILD / "passerby")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--minutes", type=float, default=180)
    parser.add_argument("--every", type=int, default=1, help="of so many runs one is done, at random")
    parser.add_argument("--from", type=int, default=0, dest="first", help="of `calls`, the number of the first run")
    parser.add_argument("--jobs", type=int, default=8, help="of `calls`, at the same time")
    parser.add_argument("--scratch", default="/dev/shm")
    a = parser.parse_args()
    a.program = a.program.resolve()
    run, words = COMMANDS[a.what]
    tally = Tally(words, a.seed)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(a, tally)
    except KeyboardInterrupt:
        print("ended early", flush=True)
    except Exception as error:
        tally.wrong.append(repr(error))
        raise
    finally:
        status = tally.end()
    return status


if __name__ == "__main__":
    sys.exit(main())
