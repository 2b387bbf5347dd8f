#!/usr/bin/python3
"""What do viewers cost the cameras? Fifty look at recordings and sixteen live, while a camera is recorded.

    bench/viewers.py [--program build/release/passerby] [--recordings 50] [--live 16] [--seconds 60]

A real RTSP server plays vtest.avi. Each viewer of recordings asks for a list and then for a recording of it, twice as fast as it plays; each
live viewer takes all that comes. Prints what they got, what the server's process spent on them, and what the camera lost.
"""
import argparse
import asyncio
import json
import os
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
from recorder import FOOTAGE, Recorder, RtspCamera, run_quietly  # noqa: E402

from clips.processes import cpu_seconds  # noqa: E402

PLAYS_S = 600
RECORDED_S = 75  # until the first recording is there


class Viewers:
    def __init__(self, recorder, token, camera):
        self.host, self.port = "127.0.0.1", int(recorder.address.rpartition(":")[2])
        self.head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        self.timeline, self.live_path = recorder.timeline_path(camera), f"/api/cameras/{camera}/live"
        self.waits, self.fragments = [], []

    async def get(self, reader, writer, path):
        writer.write(f"GET {path} HTTP/1.1\r\n{self.head}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert " 200 " in head.split("\r\n")[0], (path, head)
        return await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))

    async def look_back(self, number):
        pick = random.Random(number)
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=1 << 24)
        while True:
            segments = json.loads(await self.get(reader, writer, self.timeline))["segments"]
            one = pick.choice(segments)
            began = time.monotonic()
            await self.get(reader, writer, f"/api/segments/{one['id']}.mp4")
            self.waits.append(1000 * (time.monotonic() - began))
            await asyncio.sleep(pick.uniform(1, 2))

    async def look_live(self):
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=1 << 24)
        writer.write((f"GET {self.live_path} HTTP/1.1\r\n{self.head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n").encode())  # fmt: skip
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        self.fragments.append(0)
        mine = len(self.fragments) - 1
        while True:
            kind, length = await reader.readexactly(2)
            if length > 125:
                length = int.from_bytes(await reader.readexactly({126: 2, 127: 8}[length]), "big")
            await reader.readexactly(length)
            self.fragments[mine] += kind == 0x82

    async def all_of_them(self, recordings, live, seconds):
        tasks = [asyncio.create_task(self.look_back(n)) for n in range(recordings)] + [asyncio.create_task(self.look_live()) for _ in range(live)]
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/passerby", type=pathlib.Path)
    parser.add_argument("--recordings", type=int, default=50)
    parser.add_argument("--live", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=60)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="passerby_viewers_", dir=os.environ.get("TMPDIR")) as folder:
        folder = pathlib.Path(folder)
        run_quietly("ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", FOOTAGE, "-t", str(PLAYS_S), "-an", "-c:v", "libx264", "-preset", "ultrafast",
                    "-bf", "0", "-g", "10", folder / "street.mp4")  # fmt: skip
        with RtspCamera(folder / "street.mp4", "viewer", "secret") as camera:
            camera.start()
            section = {"street": {"url": f"rtsp://127.0.0.1:{camera.port}/stream", "user": "viewer", "password": "secret"}}
            with Recorder(args.program.resolve(), folder, section) as recorder:
                recorder.start().sign_in()
                recorder.wait_for_recording("street")
                expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
                _, answer = recorder.call("POST", "/api/tokens", {"name": "viewers", "roles": ["viewer"], "cameras": None, "expires": expires})
                time.sleep(RECORDED_S)
                spent, dropped = cpu_seconds([recorder.process.pid]), recorder.camera("street")["dropped"]
                viewers = Viewers(recorder, json.loads(answer)["token"], "street")
                asyncio.run(viewers.all_of_them(args.recordings, args.live, args.seconds))
                spent = cpu_seconds([recorder.process.pid]) - spent
                waits = sorted(viewers.waits)
                print(f"{args.recordings} viewers of recordings took {len(waits)} recordings, half within {waits[len(waits) // 2]:.0f} ms, 95 of 100 within "
                      f"{waits[int(0.95 * len(waits))]:.0f} ms")  # fmt: skip
                print(f"{args.live} live viewers got {min(viewers.fragments)} to {max(viewers.fragments)} parts in {args.seconds} s")
                print(f"the server's process: {100 * spent / args.seconds:.0f} % of a core")
                print(f"the camera: {recorder.camera('street')['dropped'] - dropped} frames lost, {len(recorder.losses('street'))} gaps")
                recorder.stop()


if __name__ == "__main__":
    main()
