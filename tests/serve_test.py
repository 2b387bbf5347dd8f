#!/usr/bin/python3
"""`passerby serve` as a whole: real cameras that go and come back, crashes, what is on the disk, who may look.

serve_test.py PROGRAM [TEST ...]
"""
import base64
import json
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

from faulty_camera import FaultyCamera
from recorder import FOOTAGE, OWN_PASSWORD, PATIENCE_S, Recorder, RtspCamera, decoded_frames, fragments, has_ended, make_clip, wait_for

PROGRAM = pathlib.Path("build/release/passerby")
FRAMES_PER_SECOND = 10
STOP_WITHIN_S = 5
ADMIN = {"user": "admin", "must_set_second_factor": False, "roles": ["operator", "administrator"], "cameras": None}
OFF = {"yard": {"url": "rtsp://127.0.0.1:9/stream", "enabled": False}}


def setUpModule():
    global CLIPS, CLIP
    CLIPS = tempfile.TemporaryDirectory(prefix="passerby-")
    CLIP = pathlib.Path(CLIPS.name) / "street.mp4"
    make_clip(CLIP, 600)


def tearDownModule():
    CLIPS.cleanup()


def run_program(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def looped(path):
    return {"url": f"file:{path}", "loop": True}


class ServeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerby-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def recorder(self, cameras, environment=None):
        return self.enterContext(Recorder(PROGRAM, self.folder, cameras, environment))

    def assert_stops_in_time(self, recorder):
        status, seconds = recorder.stop()
        self.assertEqual(status, 0, recorder.log())
        self.assertLessEqual(seconds, STOP_WITHIN_S)

    def assert_in_order(self, recorder, camera):
        """No segment overlaps another one, nor a gap; and together they leave no hole. (doc/storage.md)"""
        segments, gaps = recorder.timeline(camera)
        entries = sorted(segments + gaps, key=lambda entry: entry["start"])
        for before, after in zip(entries, entries[1:]):
            self.assertEqual(before["end"], after["start"], entries)

    def assert_file_is_whole(self, path):
        parts = fragments(path)
        frames = sum(count for _, _, count in parts)
        duration = sum(duration for _, duration, _ in parts)
        for (start, duration_before, _), (after, _, _) in zip(parts, parts[1:]):
            self.assertAlmostEqual(start + duration_before, after, places=4)
        self.assertEqual(decoded_frames(path), frames)
        # A machine that is busy leaves frames out.
        self.assertGreaterEqual(frames, len(parts))
        self.assertLess(frames, duration * FRAMES_PER_SECOND * 1.2 + 2)

    def assert_nowhere(self, secret, recorder, but=()):
        """Not where others may look: what was printed, command lines, the data folder, the API. `but`: files for it."""
        secret = secret.encode()
        printed = [path for path in self.folder.glob("*-*") if path.is_file()]
        written = [path for path in recorder.data.rglob("*") if path.is_file() and path.name not in but]
        self.assertTrue(printed and written)
        for path in printed + written:
            self.assertNotIn(secret, path.read_bytes(), path)
        lines = recorder.command_lines()
        self.assertTrue(lines)
        for line in lines:
            self.assertIn(b"passerby", line)
            self.assertNotIn(secret, line)
        timelines = [recorder.timeline_path(camera["id"]) for camera in recorder.get("/api/cameras")]
        for path in ["/", "/api/session", "/api/cameras", "/api/health", *timelines]:
            status, body = recorder.call("GET", path)
            self.assertEqual(status, 200, path)
            self.assertNotIn(secret, body, path)


class CamerasTest(ServeTest):
    def test_a_camera_that_falls_silent_is_noticed_by_its_own_process(self):
        source = self.enterContext(RtspCamera(CLIP, "viewer", "secret")).start()
        camera = FaultyCamera([source])
        self.addCleanup(camera.close)
        url = f"rtsp://127.0.0.1:{camera.port}/stream"
        recorder = self.recorder({"door": {"url": url, "user": "viewer", "password": "secret"}})
        recorder.start().sign_in()
        recorder.wait_for_recording("door")
        camera.begin("stalled")
        recorder.wait_for("the camera to be lost", lambda: recorder.camera("door")["state"] == "unreachable")
        # Not by the supervisor, who gives a process twice as long.
        self.assertIn("no data from", recorder.camera("door")["error"])
        camera.end("stalled")
        recorder.wait_for_recording("door")
        self.assertEqual([gap["cause"] for gap in recorder.losses("door")], ["camera"])

    def test_an_rtsp_camera_goes_and_comes_back(self):
        password = "canary-" + secrets.token_hex(8)
        camera = self.enterContext(RtspCamera(CLIP, "viewer", password)).start()
        gate = {"url": f"rtsp://127.0.0.1:{camera.port}/stream", "user": "viewer", "password": "${GATE_PASSWORD}"}
        recorder = self.recorder({"gate": gate, "street": looped(CLIP)}, {"GATE_PASSWORD": password})
        recorder.start().sign_in()
        said = recorder.wait_for_recording("gate")
        self.assertEqual((said["size"], said["error"]), ([384, 288], ""))
        # A kernel without a part of it is said to lack it.
        contained = said["contained"]
        self.assertTrue(contained["system_calls"])
        self.assertEqual(contained["files"], "files are not closed off" not in contained["missing"], contained)
        recorder.wait_for_recording("street")
        street = recorder.children()["street"]
        self.assert_nowhere(password, recorder)

        camera.kill()
        recorder.wait_for("the loss is noticed", lambda: recorder.camera("gate")["state"] == "unreachable")
        self.assertNotEqual(recorder.camera("gate")["error"], "")
        (gap,) = recorder.wait_for("the gap", lambda: recorder.losses("gate"))
        self.assertEqual((gap["cause"], gap["end"]), ("camera", None))
        lost = recorder.segments("gate")[-1]

        camera.start(CAMERA_PASSWORD="another")
        recorder.wait_for("it refuses us", lambda: "password" in recorder.camera("gate")["error"])
        self.assert_nowhere(password, recorder)
        camera.kill()

        camera.start()
        recorder.wait_for_recording("gate")
        (gap,) = recorder.losses("gate")
        self.assertEqual((gap["cause"], gap["start"]), ("camera", lost["end"]))
        segments = recorder.segments("gate")
        self.assertIn(gap["end"], [segment["start"] for segment in segments])
        newest = segments[-1]
        recorder.wait_for("it goes on", lambda: recorder.segments("gate")[-1]["end"] > newest["end"])

        # The other camera has not noticed anything.
        self.assertEqual(recorder.children()["street"], street)
        self.assertEqual(recorder.losses("street"), [])
        for id in ("gate", "street"):
            self.assert_in_order(recorder, id)
        finished = next(s for s in recorder.segments("gate") if s["id"] == lost["id"])
        status, body = recorder.call("GET", f"/api/segments/{finished['id']}.mp4")
        self.assertEqual((status, body in [path.read_bytes() for path in recorder.files("gate")]), (200, True))
        self.assert_nowhere(password, recorder)

        self.assert_stops_in_time(recorder)
        self.assertGreaterEqual(len(recorder.files("gate")), 2)
        for path in recorder.files("gate") + recorder.files("street"):
            self.assert_file_is_whole(path)

    def test_it_stops_with_every_fragment_finished(self):
        # One camera takes the connection and never answers: it must not hold anything up.
        silent = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        silent_camera = {"url": f"rtsp://127.0.0.1:{silent.getsockname()[1]}/stream"}
        recorder = self.recorder({"street": looped(CLIP), "silent": silent_camera}).start().sign_in()
        recorder.wait_for_recording("street")
        self.assertEqual(recorder.camera("silent")["state"], "starting")
        self.assert_stops_in_time(recorder)
        for path in recorder.files("street"):
            self.assert_file_is_whole(path)

        before = recorder.files("street")
        recorder.start()
        recorder.wait_for_recording("street")
        (gap,) = recorder.losses("street")
        segments = recorder.segments("street")
        self.assertEqual(gap["cause"], "stop")
        self.assertIn(gap["start"], [segment["end"] for segment in segments])
        self.assertIn(gap["end"], [segment["start"] for segment in segments])
        self.assertLessEqual(set(before), set(recorder.files("street")))
        self.assert_in_order(recorder, "street")

    def test_crashes_lose_nothing_that_was_recorded(self):
        recorder = self.recorder({"street": looped(CLIP)}).start().sign_in()
        recorder.wait_for_recording("street")
        process = recorder.children()["street"]
        os.kill(process, signal.SIGKILL)
        recorder.wait_for("another process", lambda: recorder.children().get("street", process) != process)
        recorder.wait_for_recording("street")
        (gap,) = recorder.losses("street")
        self.assertEqual(gap["cause"], "crash")
        self.assertIn("signal 9", gap["detail"])

        (process,) = recorder.children().values()
        before = recorder.segments("street")
        recorder.signal(signal.SIGKILL)
        # Nobody would take its pictures any more.
        wait_for("the camera's process ends", lambda: has_ended(process))
        recorder.start()
        self.assertIn("recovered 1 segment", recorder.log())
        recorder.wait_for_recording("street")
        after = {segment["id"]: segment for segment in recorder.segments("street")}
        for segment in before:
            self.assertEqual(after[segment["id"]]["start"], segment["start"])
            self.assertGreaterEqual(after[segment["id"]]["end"], segment["end"])
        beside = run_program("check", recorder.data, "--depth", "bytes", "--json")
        self.assertEqual((beside.returncode, json.loads(beside.stdout)["findings"]), (0, []), beside)
        self.assertTrue(json.loads(beside.stdout)["recorder_runs"])
        gap = recorder.losses("street")[-1]
        self.assertEqual((gap["cause"], gap["start"]), ("crash", after[before[-1]["id"]]["end"]))
        self.assert_in_order(recorder, "street")
        self.assert_stops_in_time(recorder)
        for path in recorder.files("street"):
            self.assert_file_is_whole(path)
        done = run_program("check", recorder.data, "--depth", "pictures")
        self.assertEqual((done.returncode, done.stdout[:11]), (0, "0 findings,"), done)
        recorder.files("street")[0].unlink()
        done = run_program("check", recorder.data)
        self.assertEqual((done.returncode, "the file is gone" in done.stdout), (2, True), done)
        self.assertEqual(run_program("check", recorder.data, "--repair").returncode, 0)
        self.assertEqual(run_program("check", recorder.data).returncode, 0)


class RedirectTest(ServeTest):
    """A camera that sends the recorder on to another host: its own process does not follow."""

    def setUp(self):
        super().setUp()
        self.elsewhere = socket.create_server(("127.0.0.2", 0))
        self.addCleanup(self.elsewhere.close)
        self.camera = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.camera.close)
        self.asked = 0
        threading.Thread(target=self.redirect, daemon=True).start()

    def redirect(self):
        host, port = self.elsewhere.getsockname()
        while True:
            try:
                client, _ = self.camera.accept()
            except OSError:
                return
            with client:
                asked = client.recv(65536).decode()
                protocol = "RTSP/1.0" if "RTSP/1.0" in asked else "HTTP/1.1"
                number = re.search(r"CSeq: (\d+)", asked)
                client.sendall(f"{protocol} 302 Found\r\nCSeq: {number.group(1) if number else 0}\r\n"
                               f"Location: {protocol[:4].lower()}://{host}:{port}/admin\r\nContent-Length: 0\r\n\r\n".encode())  # fmt: skip
                self.asked += 1

    def was_reached(self):
        self.elsewhere.settimeout(0)
        try:
            self.elsewhere.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def address(self, scheme):
        return f"{scheme}://127.0.0.1:{self.camera.getsockname()[1]}/stream"

    def test_other_programs_follow(self):
        subprocess.run(["ffprobe", "-v", "quiet", "-timeout", "1000000", self.address("rtsp")], timeout=PATIENCE_S, check=False)
        self.assertTrue(self.was_reached(), "the test shows nothing")

    def test_a_cameras_process_does_not(self):
        recorder = self.recorder({scheme: {"url": self.address(scheme)} for scheme in ("rtsp", "http")})
        recorder.start().sign_in()
        for scheme in ("rtsp", "http"):
            recorder.wait_for("it is not reached", lambda: recorder.camera(scheme)["state"] == "unreachable")
        recorder.wait_for("both asked twice", lambda: self.asked >= 4)
        self.assertFalse(self.was_reached())


class StrictTest(ServeTest):
    """A camera whose scene is shown only where a person approved it."""

    def test_only_what_was_approved_is_shown(self):
        recorder = self.recorder({"street": {**looped(CLIP), "approval": "required"}}).start().sign_in()
        scene = lambda: recorder.get("/api/cameras/street/scene")
        street = lambda: recorder.camera("street")
        act = lambda what, **body: recorder.call("POST", f"/api/cameras/street/scene/{what}", body)

        recorder.wait_for("the scene is proven", lambda: scene()["picture"] and scene()["proven"] > 0.8)
        self.assertEqual((street()["covered"], street()["approved"]), (1, 0))
        self.assertIn("nobody has approved this scene", street()["doubt"])
        status, png = recorder.call("GET", "/api/cameras/street/scene.png")
        self.assertEqual((status, png[:8]), (200, b"\x89PNG\r\n\x1a\n"))
        self.assertEqual(act("approve", picture="0" * 64, refused=[])[0], 409)

        # The left half is not approved.
        def approve():
            picture = scene()["picture"]["sha256"]
            recorder.call("GET", f"/api/cameras/street/scene.png?sha256={picture}")
            return act("approve", picture=picture, refused=["0,0 0.5,0 0.5,1 0,1"])[0] == 200

        recorder.wait_for("it is approved", approve)
        said = recorder.wait_for("it is shown", lambda: street()["approved"] > 0.3 and street())
        self.assertLess(said["approved"], 0.51)
        recorder.wait_for("the picture is seen", lambda: street()["covered"] < 0.75)
        self.assertEqual(street()["doubt"], "")
        approval = scene()["approvals"][-1]
        self.assertEqual((approval["by"], approval["withdrawn"]), ("admin", None))

        # Another process of the camera, and of the recorder, shows it when it has proven it again, and not before.
        os.kill(recorder.children()["street"], signal.SIGKILL)
        recorder.wait_for("it has begun anew", lambda: street()["state"] == "live" and street()["proven"] < 0.5)
        self.assertLessEqual(street()["approved"], street()["proven"])
        recorder.wait_for("it is shown again", lambda: street()["approved"] > 0.3)
        self.assert_stops_in_time(recorder)
        recorder.start()
        recorder.wait_for("it is shown after a restart", lambda: street()["approved"] > 0.3)

        self.assertEqual(act("withdraw")[0], 200)
        recorder.wait_for("all is covered", lambda: street()["covered"] == 1 and street()["approved"] == 0)
        self.assertEqual(scene()["approvals"][-1]["withdrawn"]["by"], "admin")
        first = recorder.segments("street")[0]
        self.assertEqual(first["covered"] > 0.5, True, first)


class MasksTest(ServeTest):
    """An area that somebody draws in the app is burned into everything from the next frame on."""

    def spread_of_last_frame(self, recorder):
        """How far the luma of the left and of the right half goes, of the newest frame on the disk."""
        newest = max(recorder.files("street"), key=lambda path: path.stat().st_mtime)
        width, height = 384, 288
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", newest, "-f", "rawvideo", "-pix_fmt", "gray", "-"],
                             capture_output=True, check=True).stdout[-width * height :]  # fmt: skip
        rows = [raw[y * width : (y + 1) * width] for y in range(8, height - 8)]
        spread = lambda part: max(map(max, part)) - min(map(min, part))
        return spread([row[8 : width // 2 - 8] for row in rows]), spread([row[width // 2 + 8 : -8] for row in rows])

    def test_a_drawn_mask_is_in_the_recording_and_outlives_restarts(self):
        recorder = self.recorder({"street": looped(CLIP)}).start().sign_in()
        street = lambda: recorder.camera("street")
        draw = lambda areas: recorder.call("POST", "/api/cameras/street/masks", {"areas": areas})[0]
        recorder.wait_for("the scene is shown", lambda: street()["covered"] < 0.4)
        self.assertEqual(draw(["0,0 0.5,0 0.5,1"] * 200), 400)
        self.assertEqual(draw(["0,0 0.5,0 0.5,1 0,1"]), 200)
        recorder.wait_for("it is drawn", lambda: street()["covered"] > 0.49)
        # What was drawn is there from the first frame of the next process on: nothing else is shown yet.
        os.kill(recorder.children()["street"], signal.SIGKILL)
        recorder.wait_for("it has begun anew", lambda: street()["state"] == "live" and street()["proven"] < 0.5)
        recorder.wait_for("the rest is shown again", lambda: 0.49 < street()["covered"] < 0.8)
        self.assert_stops_in_time(recorder)
        masked, shown = self.spread_of_last_frame(recorder)
        self.assertLess(masked, 8)
        self.assertGreater(shown, 60)
        recorder.start()
        recorder.wait_for("the rest is shown again", lambda: 0.49 < street()["covered"] < 0.8)
        # Nobody else administers: one person may take it away, and the record says so.
        self.assertEqual(draw([]), 200)
        recorder.wait_for("it is gone", lambda: street()["covered"] < 0.4)
        entries = recorder.get("/api/ledger/entries?count=50")["entries"]
        self.assertEqual([e["change"] for e in entries if e["kind"] == "masks"], ["lowered", "raised"])


class SettingsTest(ServeTest):
    """What is set in the app: the config file has no camera."""

    def setUp(self):
        super().setUp()
        self.password = "canary-" + secrets.token_hex(8)
        self.camera = self.enterContext(RtspCamera(CLIP, "viewer", self.password)).start()
        self.gate = {"name": "Gate", "url": f"rtsp://127.0.0.1:{self.camera.port}/stream", "user": "viewer",
                     "password": self.password}  # fmt: skip
        more = {"camera_networks": ["127.0.0.0/8"]}
        self.r = self.enterContext(Recorder(PROGRAM, self.folder, {}, more=more))
        self.r.start().sign_in()

    def post(self, path, body, wanted=200):
        status, answer = self.r.call("POST", "/api/settings" + path, body)
        self.assertEqual(status, wanted, answer)
        return json.loads(answer)

    def test_a_connection_is_tried_out_and_explained(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            closed = free.getsockname()[1]
        port = self.camera.port
        for more, trouble in (({"password": "wrong"}, "password"), ({"url": f"rtsp://127.0.0.1:{closed}/"}, "refused"),
                              ({"url": f"rtsp://127.0.0.1:{port}/other"}, "path"),
                              ({"url": "rtsp://camera.invalid/"}, "name")):  # fmt: skip
            tried = self.post("/cameras/gate/test", {**self.gate, **more})
            self.assertEqual((tried["ok"], tried.get("trouble")), (False, trouble), tried)
        tried = self.post("/cameras/gate/test", self.gate)
        self.assertTrue(tried["ok"], tried)
        # Nothing of the scene is proven, so nothing of it is shown.
        self.assertEqual(tried["covered"], 1)
        picture = self.folder / "picture.mp4"
        picture.write_bytes(base64.b64decode(tried["picture"]))
        self.assertGreater(decoded_frames(picture), 0)
        self.assertEqual(self.r.get("/api/cameras"), [])
        self.assert_nowhere(self.password, self.r)

    def test_cameras_come_change_and_go_without_a_restart(self):
        self.assertEqual(self.r.get("/api/cameras"), [])
        self.post("/cameras/gate", self.gate)
        self.r.wait_for_recording("gate")
        process = self.r.children()["gate"]
        self.post("/cameras/yard", {"url": self.gate["url"], "user": "viewer", "password": self.password, "scene": "fixed"})
        self.r.wait_for_recording("yard")
        self.assertEqual(self.r.children()["gate"], process)
        # Changed: another process, and what was recorded stays. The password is not said again.
        without = {key: value for key, value in self.gate.items() if key != "password"}
        self.post("/cameras/gate", {**without, "cover": ["persons", "faces", "plates", "vehicles"]})
        self.r.wait_for("another process", lambda: self.r.children().get("gate", process) != process)
        self.r.wait_for_recording("gate")
        self.assertEqual(self.r.camera("gate")["cover"][-1], "vehicles")
        self.post("/cameras/gate", {**without, "enabled": False})
        self.assertEqual(self.r.camera("gate")["state"], "off")
        self.assertNotIn("gate", self.r.children())
        self.assert_in_order(self.r, "gate")
        self.post("/cameras/yard/remove", None)
        self.assertEqual([camera["id"] for camera in self.r.get("/api/cameras")], ["gate"])
        entries = self.r.get("/api/ledger/entries")["entries"]
        about = [(entry["subject"], entry["what"]["change"]) for entry in entries if entry["kind"] == "settings"]
        self.assertEqual(about[::-1], [("camera.gate", "added"), ("camera.yard", "added"), ("camera.gate", "changed"),
                                       ("camera.gate", "changed"), ("camera.yard", "removed")])  # fmt: skip
        # And all of it is so after a restart.
        self.r.stop()
        self.r.start()
        self.assertEqual([camera["id"] for camera in self.r.get("/api/cameras")], ["gate"])
        self.post("/cameras/gate", without)
        self.r.wait_for_recording("gate")
        kept = self.r.data / "settings.yaml"
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        self.assert_nowhere(self.password, self.r, but={"settings.yaml"})


class AccessTest(ServeTest):
    ROUTES = [
        ("POST", "/api/logout"), ("GET", "/api/session"), ("POST", "/api/password"), ("GET", "/api/cameras"),
        ("GET", "/api/cameras/yard"), ("GET", "/api/cameras/yard/live"), ("GET", "/api/cameras/yard/timeline"),
        ("GET", "/api/cameras/yard/days"), ("GET", "/api/cameras/yard/playlist.m3u8"), ("GET", "/api/segments/1.mp4"),
        ("GET", "/api/cameras/yard/export"), ("GET", "/api/health"), ("GET", "/api/cameras/yard/scene"),
        ("GET", "/api/cameras/yard/scene.png"), ("POST", "/api/cameras/yard/scene/approve"),
        ("POST", "/api/cameras/yard/scene/withdraw"),
    ]  # fmt: skip
    WITHOUT_OWN_PASSWORD = {"/api/logout", "/api/session", "/api/password"}

    def test_the_one_time_password_is_for_one_time(self):
        recorder = self.recorder(OFF).start()
        once = recorder.one_time_password()
        for method, path in self.ROUTES:
            status, body = recorder.call(method, path, {} if method == "POST" else None)
            self.assertEqual((status, b'"error"' in body), (401, True), (method, path))
        self.assertEqual(recorder.log_in("not " + once)[0], 401)
        self.assertEqual(recorder.log_in(once), (200, {**ADMIN, "must_change_password": True}))
        for method, path in self.ROUTES:
            if path not in self.WITHOUT_OWN_PASSWORD:
                self.assertEqual(recorder.call(method, path)[0], 403, path)
        change = {"old": once, "new": OWN_PASSWORD}
        self.assertEqual(recorder.call("POST", "/api/password", change, {"Origin": "http://elsewhere.example"})[0], 403)
        for new in ("too short", once):
            self.assertEqual(recorder.call("POST", "/api/password", {**change, "new": new})[0], 400, new)
        self.assertEqual(recorder.call("POST", "/api/password", change)[0], 204)
        self.assertEqual(recorder.camera("yard")["state"], "off")

        self.assert_stops_in_time(recorder)
        recorder.start()
        self.assertIsNone(recorder.one_time_password())
        self.assertEqual(recorder.get("/api/session"), {**ADMIN, "must_change_password": False})
        recorder.forget_session()
        self.assertEqual(recorder.log_in(once)[0], 401)
        self.assertEqual(recorder.log_in(OWN_PASSWORD), (200, {**ADMIN, "must_change_password": False}))
        self.assert_nowhere(OWN_PASSWORD, recorder)
        (self.folder / "out-1").unlink()  # which printed it
        self.assert_nowhere(once, recorder)

    def test_a_data_folder_has_one_recorder(self):
        recorder = self.recorder(OFF).start().sign_in()
        second = run_program("serve", "--config", recorder.config)
        self.assertNotEqual(second.returncode, 0)
        self.assertEqual(second.stdout, "")
        self.assertIn(str(recorder.data), second.stderr)
        self.assertIn("another passerby", second.stderr)
        self.assertEqual(recorder.get("/api/health")["cameras"], {"yard": "off"})


class ConfigTest(ServeTest):
    GOOD = "data: data\ncameras:\n  gate:\n    url: rtsp://127.0.0.1/stream\n"
    BAD = [  # config, what is said after the file's name
        (GOOD + "    pasword: x\n", ":5: cameras.gate.pasword: is not a key; did you mean 'password'?"),
        (GOOD + "retention: { size: 200 }\n", ":5: retention.size: '200' is not a size; write "),
        (GOOD + "    user: viewer\n    password: ${NOT_SET}\n", ":6: cameras.gate.password: "),
        (GOOD + "    masks: [\"0.1,0.1 0.4,0.1\"]\n", ":5: cameras.gate.masks[0]: "),
        (GOOD + "    loop: true\n", ":5: cameras.gate.loop: is for file: only; remove it"),
        ("data: data\ncameras:\n  gate:\n    name: Gate\n", ":3: cameras.gate.url: is missing; write "),
        ("data: data\ncameras:\n  gate:\n    url: rtsp://viewer:hunter2@127.0.0.1/\n", ":4: cameras.gate.url: "),
        ("data: data\ncameras:\n", ":2: cameras: is empty; "),
        ("data: [\n", ":2: "),
    ]  # fmt: skip

    def run_both(self, text):
        (self.folder / "passerby.yaml").write_text(text)
        for command in (["config", "check"], ["serve", "--config"]):
            yield run_program(*command, self.folder / "passerby.yaml")

    def test_a_bad_config_is_refused(self):
        for text, said in self.BAD:
            for done in self.run_both(text):
                with self.subTest(text):
                    self.assertNotEqual(done.returncode, 0)
                    self.assertIn("passerby.yaml" + said, done.stderr)
                    self.assertNotIn("hunter2", done.stdout + done.stderr)
                    self.assertFalse((self.folder / "data").exists())

    def test_everything_that_is_wrong_is_said_at_once(self):
        for done in self.run_both(self.GOOD + "    cover: blur\nretension: {}\n"):
            self.assertIn(":5: cameras.gate.cover: ", done.stderr)
            self.assertIn(":6: retension: is not a key", done.stderr)

    def test_a_good_one_is_right(self):
        (self.folder / "passerby.yaml").write_text(self.GOOD)
        done = run_program("config", "check", self.folder / "passerby.yaml")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse((self.folder / "data").exists())

    def test_a_missing_one_is_said(self):
        done = run_program("serve", "--config", self.folder / "none.yaml")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("none.yaml", done.stderr)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
    if not FOOTAGE.exists():
        sys.exit(f"{FOOTAGE} is missing; scripts/setup.sh fetches it")
    unittest.main(verbosity=2)
