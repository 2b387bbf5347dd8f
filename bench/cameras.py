#!/usr/bin/python3
"""How many cameras does this machine carry? `passerby serve` beside Debian's `motion`, which records the same cameras and covers nothing.

    bench/cameras.py [--program build/release/passerby] [--cameras 1 2 4 6 8 10] [--seconds 60] [--into bench/results]

A real RTSP server plays a square in full HD at 15 frames/s to each camera: empty nine tenths of the time, people walking over it in the
rest, each camera in another part of it. passerby has proven its scene before it is measured. For each number of cameras in turn: first
passerby, then motion as it copies packets (and decodes to look for motion), then motion as it encodes. Counted are the CPU time of all their
processes, of the machine's, and what was lost. Writes cameras.md and cameras.svg.
"""
import argparse
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
from recorder import WITH_US, Recorder, RtspCamera, wait_for  # noqa: E402

from clips.plot import lines  # noqa: E402
from clips.processes import busy_seconds, cpu_seconds, resident_mb, tree  # noqa: E402

VTEST = pathlib.Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")  # of Debian's opencv-doc
WIDTH, HEIGHT, RATE = 1920, 1080, 15
QUIET_S, BUSY_S, PROVES_S, PLAYS_S = 54, 6, 45, 600
USER, PASSWORD = "viewer", "of the square"


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def square(folder):
    """A minute, in two parts of the same stream: the median of vtest.avi with a sensor's noise, and its people at the same noise."""
    still, film = folder / "still.png", folder / "minute.mp4"
    size = f"scale={WIDTH}:-2:flags=lanczos,crop={WIDTH}:{HEIGHT}"
    run("ffmpeg", "-v", "error", "-y", "-i", VTEST, "-vf", f"fps=2,tmedian=radius=40,{size}", "-frames:v", 1, still)
    noise = "noise=alls=4:allf=t,format=yuv420p"
    run("ffmpeg", "-v", "error", "-y", "-loop", 1, "-framerate", RATE, "-t", QUIET_S, "-i", still, "-t", BUSY_S, "-i", VTEST, "-filter_complex",
        f"[1:v]{size},fps={RATE},setsar=1[people];[0:v]setsar=1[empty];[empty][people]concat=n=2,{noise}", "-c:v", "libx264", "-preset", "veryfast",
        "-tune", "zerolatency", "-bf", 0, "-g", 2 * RATE, "-b:v", "4M", "-maxrate", "4M", "-bufsize", "4M", film)  # fmt: skip
    return film


def from_another_moment(film, offset, made):
    run("ffmpeg", "-v", "error", "-y", "-stream_loop", -1, "-ss", offset, "-i", film, "-t", PLAYS_S, "-c", "copy", made)
    return made


def watch(pid, seconds):
    """(CPU time of the tree, of the machine), each for a second."""
    own, machine, began = cpu_seconds(tree(pid)), busy_seconds(), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return (cpu_seconds(tree(pid)) - own) / took, (busy_seconds() - machine) / took


def with_passerby(program, folder, urls, seconds):
    section = {f"c{i + 1}": {"url": url, "user": USER, "password": PASSWORD} for i, url in enumerate(urls)}
    with Recorder(program, folder, section) as recorder:
        recorder.start().sign_in()
        wait_for("all cameras are live", lambda: all(recorder.camera(c)["state"] == "live" for c in section))
        time.sleep(PROVES_S)
        before = {c: recorder.camera(c) for c in section}
        began = time.time()
        own, machine = watch(recorder.process.pid, seconds)
        after = {c: recorder.camera(c) for c in section}
        megabytes = [resident_mb(pid) for pid in recorder.children().values()]
        gaps = [gap for c in section for gap in recorder.timeline(c)[1] if not gap["end"] or gap["end"].timestamp() > began]
        recorder.stop()
    return {"own": own, "machine": machine, "memory": max(megabytes), "lost": sum(after[c]["dropped"] - before[c]["dropped"] for c in section),
            "gaps": len(gaps), "proven": min(c["proven"] for c in after.values()), "pace": min(c["pace"] for c in after.values())}  # fmt: skip


def with_motion(folder, urls, seconds, copies):
    common = ["daemon off", "setup_mode off", "webcontrol_port 0", "stream_port 0", "log_level 3", f"target_dir {folder}/films"]
    for i, url in enumerate(urls):
        camera = folder / f"camera{i + 1}.conf"
        camera.write_text("\n".join([f"camera_id {i + 1}", f"netcam_url {url}", f"netcam_userpass {USER}:{PASSWORD}", f"width {WIDTH}",
                                     f"height {HEIGHT}", f"framerate {RATE}", "picture_output off", "movie_output on", "emulate_motion on",
                                     f"movie_passthrough {'on' if copies else 'off'}", f"movie_filename {i + 1}-%s", ""]))  # fmt: skip
        common.append(f"camera {camera}")
    (folder / "motion.conf").write_text("\n".join(common) + "\n")
    with open(folder / "motion.log", "wb") as log:
        process = subprocess.Popen([*WITH_US, "motion", "-n", "-c", folder / "motion.conf"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_for("motion records all cameras", lambda: len(list(folder.glob("films/*"))) >= len(urls), (folder / "motion.log").read_text)
        time.sleep(PROVES_S / 3)
        own, machine = watch(process.pid, seconds)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    return {"own": own, "machine": machine}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/passerby", type=pathlib.Path)
    parser.add_argument("--cameras", nargs="+", type=int, default=[1, 2, 4, 6, 8, 10])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--into", default="bench/results", type=pathlib.Path)
    args = parser.parse_args()
    args.into.mkdir(parents=True, exist_ok=True)
    most = max(args.cameras)
    head = ("| cameras | passerby, CPU | motion, copies packets | motion, encodes | the machine, with passerby | frames lost | gaps | least pace | "
            "memory of a camera, MiB |\n|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    print(head)
    rows, text = [], [head]
    with tempfile.TemporaryDirectory(prefix="passerby_cameras_", dir=os.environ.get("TMPDIR")) as folder:
        folder = pathlib.Path(folder)
        film = square(folder)
        step = (QUIET_S + BUSY_S) / most
        clips = [from_another_moment(film, 2 * round(i * step / 2), folder / f"{i}.mp4") for i in range(most)]
        for number in sorted(args.cameras):
            results = {}
            for kind in ("passerby", "copies", "encodes"):
                place = folder / f"{kind}{number}"
                place.mkdir()
                # Each begins with the same moments.
                with contextlib.ExitStack() as servers:
                    cameras = [servers.enter_context(RtspCamera(clip, USER, PASSWORD)).start() for clip in clips[:number]]
                    urls = [f"rtsp://127.0.0.1:{camera.port}/stream" for camera in cameras]
                    if kind == "passerby":
                        results[kind] = with_passerby(args.program.resolve(), place, urls, args.seconds)
                    else:
                        results[kind] = with_motion(place, urls, args.seconds, kind == "copies")
            own = results["passerby"]
            rows.append((number, own["own"], results["copies"]["own"], results["encodes"]["own"]))
            row = (f"| {number} | {own['own']:.2f} | {results['copies']['own']:.2f} | {results['encodes']['own']:.2f} | {own['machine']:.2f} | "
                   f"{own['lost']} | {own['gaps']} | {own['pace']:.2f} | {own['memory']:.0f} |")  # fmt: skip
            print(row, flush=True)
            text.append(row)
    (args.into / "cameras.md").write_text("\n".join(text) + "\n")
    names = ("passerby", "motion, copies packets", "motion, encodes")
    plot = lines("Cores that are busy, by number of cameras (1080p15)", [row[0] for row in rows],
                 {name: [row[1 + i] for row in rows] for i, name in enumerate(names)})  # fmt: skip
    (args.into / "cameras.svg").write_text(plot)


if __name__ == "__main__":
    main()
