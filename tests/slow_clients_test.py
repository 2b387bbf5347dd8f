#!/usr/bin/python3
"""Many clients that take their time, against a recorder with a camera: no recorded frame is lost, and others get answers.

slow_clients_test.py PROGRAM [TEST ...]     PASSERBY_SLOW=1000: so many; without it 300, and for less long
"""
import asyncio
import json
import os
import pathlib
import sys
import tempfile
import time
import unittest

from recorder import OWN_PASSWORD, PATIENCE_S, Recorder, RtspCamera, make_clip

PROGRAM = pathlib.Path("build/release/passerby")
CLIENTS = int(os.environ.get("PASSERBY_SLOW", "300"))
ROUNDS = 40 if CLIENTS >= 1000 else 8


class Slow:
    """Keeps one connection after the other open, as long as it is let."""

    def __init__(self, port, number, kind, token, segment):
        # Of addresses all over loopback, or all of one.
        self.source = ("127.9.9.9" if number % 3 == 0 else f"127.1.{number // 250}.{number % 250 + 1}", 0)
        self.port, self.kind, self.connections, self.heard = port, kind, 0, b""
        self.words = {
            "header": [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", *[b"x"] * 1000],
            "body": [b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
                     *[b" "] * 999],
            "silent": [b""] * 1000,
            # It asks for media and does not read.
            "reader": [f"GET {segment} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode(), *[b""] * 1000],
            # The same without an account: the app's largest file, over and over.
            "page": [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50, *[b""] * 1000],
        }[kind]  # fmt: skip

    async def run(self):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=self.source, limit=1024)
                self.connections += 1
                for word in self.words:
                    writer.write(word)
                    await asyncio.sleep(1)
                    if writer.is_closing() or (self.kind not in ("reader", "page") and reader.at_eof()):
                        break
                writer.close()
            except OSError:
                pass
            await asyncio.sleep(0.5)


class SlowClientsTest(unittest.TestCase):
    def test_they_cost_no_frame_and_others_get_answers(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="passerby-")))
        clip = folder / "street.mp4"
        make_clip(clip, 600)
        camera = self.enterContext(RtspCamera(clip, "viewer", "secret")).start()
        gate = {"url": f"rtsp://127.0.0.1:{camera.port}/stream", "user": "viewer", "password": "secret"}
        recorder = self.enterContext(Recorder(PROGRAM, folder, {"gate": gate})).start().sign_in()
        recorder.wait_for_recording("gate")
        segment = f"/api/segments/{recorder.segments('gate')[0]['id']}.mp4"
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        status, token = recorder.call("POST", "/api/tokens", {"name": "slow", "roles": ["operator"], "cameras": None, "expires": expires})
        self.assertEqual(status, 201, token)
        token = json.loads(token)["token"]
        before = recorder.camera("gate")["dropped"]

        port = int(recorder.address.rpartition(":")[2])
        kinds = ("header", "body", "silent", "header", "page", "reader") if CLIENTS else ()
        slow = [Slow(port, n, kinds[n % len(kinds)], token, segment) for n in range(CLIENTS)]
        answered = asyncio.run(self.ask_meanwhile(recorder, slow))

        self.assertEqual(answered, {"session": ROUNDS, "login": ROUNDS, "media": ROUNDS})
        # All of them were there, and most came more than once: who says nothing is let go.
        self.assertTrue(all(s.connections for s in slow if s.kind != "reader"), [s.kind for s in slow if not s.connections])
        self.assertEqual(recorder.losses("gate"), [])
        after = recorder.camera("gate")
        self.assertEqual(after["state"], "live", recorder.log())
        # Its own process takes no notice of clients; but it needs its share of a machine, which other tests may have.
        dropped = after["dropped"] - before
        print(f"{CLIENTS} clients, {sum(s.connections for s in slow)} connections, {ROUNDS} rounds: {dropped} frames left out for want of time")
        segments, _ = recorder.timeline("gate")
        self.assertTrue(segments)
        if CLIENTS >= 1000:
            self.assertEqual(dropped, 0)
            self.assertEqual([one["end"] for one in segments[:-1]], [one["start"] for one in segments[1:]], "no hole")

    async def ask_meanwhile(self, recorder, slow):
        """What somebody with an account, somebody who logs in, and somebody who looks at a recording get."""
        tasks = [asyncio.create_task(s.run()) for s in slow]
        await asyncio.sleep(5)
        answered = {"session": 0, "login": 0, "media": 0}

        def ask():
            asked = {"session": ("GET", "/api/session", None), "login": ("POST", "/api/login", {"user": "admin", "password": OWN_PASSWORD}),
                     "media": ("GET", f"/api/segments/{recorder.segments('gate')[0]['id']}.mp4", None)}  # fmt: skip
            for name, (method, path, body) in asked.items():
                answered[name] += recorder.call(method, path, body)[0] == 200

        for _ in range(ROUNDS):
            await asyncio.wait_for(asyncio.to_thread(ask), PATIENCE_S)
            await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return answered


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PROGRAM = pathlib.Path(sys.argv.pop(1))
    PROGRAM = PROGRAM.resolve()
    unittest.main(verbosity=2, warnings="ignore")
