#!/usr/bin/python3
"""What the web app can do, by command: `passerby api`, `camera`, `user`, `token`, `session`, of a running recorder.

commands_test.py PROGRAM [TEST ...]
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from recorder import OWN_PASSWORD, PATIENCE_S, Recorder, make_clip, totp

PROGRAM = pathlib.Path("build/release/passerby")


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class CommandsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="passerby-")))
        clip = cls.folder / "street.mp4"
        make_clip(clip, 60)
        cameras = {"street": {"url": f"file:{clip}", "loop": True}, "yard": {"url": "rtsp://10.0.0.9/s", "enabled": False}}
        # By TLS with its own certificate, as most will have it.
        cls.recorder = cls.enterClassContext(Recorder(PROGRAM, cls.folder, cameras, more={"http": {"tls": "self-signed"}}))
        cls.recorder.start().sign_in()
        cls.recorder.wait_for_recording("street")
        cls.environment = {"PASSERBY_SERVER": cls.recorder.address, "PASSERBY_PASSWORD": OWN_PASSWORD,
                           "PASSERBY_CA": str(cls.recorder.data / "tls/certificate.pem")}  # fmt: skip

    def run_program(self, *command, input=None, **environment):
        return subprocess.run([PROGRAM, *command], capture_output=True, text=True, timeout=PATIENCE_S, check=False, input=input,
                              env={**os.environ, **self.environment, **environment})  # fmt: skip

    def told(self, *command, **more):
        done = self.run_program(*command, **more)
        self.assertEqual(done.returncode, 0, (command, done.stderr))
        return json.loads(done.stdout) if done.stdout else None

    def refused(self, *command, **more):
        done = self.run_program(*command, **more)
        self.assertEqual((done.returncode, done.stdout), (1, ""), command)
        self.assertEqual(done.stderr.count("\n"), 1, "one line")
        return done.stderr

    def test_cameras_recordings_and_areas(self):
        self.assertEqual({camera["id"] for camera in self.told("camera", "list")}, {"street", "yard"})
        self.assertEqual(self.told("camera", "show", "yard")["state"], "off")
        span = ("--from", utc(-3600), "--to", utc(3600))
        self.assertTrue(self.told("camera", "timeline", "street", *span)["segments"])
        film = self.folder / "film.mp4"
        self.told("camera", "export", "street", *span, "--out", film)
        self.assertEqual(film.read_bytes()[4:8], b"ftyp")
        kept = self.told("camera", "protect", "street", *span, "--reason", "a fall on the stairs", "--until", utc(86400))
        self.assertIsNone(self.told("camera", "unprotect", "street", str(kept["id"])))
        area = "0.1,0.1 0.4,0.1 0.4,0.5"
        self.assertEqual(len(self.told("camera", "draw", "street", "--area", area)["areas"]), 1)
        # Alone, less cover happens at once.
        self.assertEqual(self.told("camera", "draw", "street")["areas"], [])
        self.assertEqual(len(self.told("camera", "masks", "street")["versions"]), 2)
        self.assertIn("there is no camera", self.refused("camera", "show", "nowhere"))
        self.assertIn("recorder says", self.refused("camera", "unprotect", "street", "99"))
        self.assertIn("write a whole number", self.refused("camera", "unprotect", "street", "x"))

    def test_two_agree_to_less_cover(self):
        password = self.told("user", "add", "second", "--role", "administrator")["password"]
        self.choose_password("second", password)
        self.told("camera", "draw", "yard", "--area", "0.1,0.1 0.4,0.1 0.4,0.5")
        waits = self.told("camera", "draw", "yard")["waits"]
        self.assertIn("recorder says", self.refused("camera", "agree", "yard", str(waits)), "not who proposed it")
        self.assertEqual(self.told("camera", "agree", "yard", str(waits), "--user", "second")["areas"], [])
        self.told("user", "remove", "second")

    def test_cameras_are_set_and_removed(self):
        secret = {"PASSERBY_CAMERA_PASSWORD": "canary-71c2"}
        gate = ("gate", "--url", "rtsp://198.51.100.7/stream", "--camera-user", "viewer")
        shown = self.told("camera", "set", *gate, "--name", "Gate", "--days", "3", "--enabled", "false", **secret)
        (camera,) = [c for c in shown["cameras"] if c["id"] == "gate"]
        self.assertEqual((camera["name"], camera["has_password"], camera["retention"], camera["cover"]),
                         ("Gate", True, {"days": 3, "size": None}, ["persons", "faces", "plates"]))  # fmt: skip
        shown = self.told("camera", "set", *gate, "--cover", "faces", "--size", "5 GB", "--enabled", "false")
        (camera,) = [c for c in shown["cameras"] if c["id"] == "gate"]
        self.assertEqual((camera["cover"], camera["has_password"], camera["retention"]["size"]), (["faces"], True, 5e9))
        self.assertIn("recorder says: cameras.gate.url", self.refused("camera", "test", "gate", "--url", "rtsp://127.0.0.1/"))
        self.assertIn("give it again", self.refused("camera", "set", "gate", "--url", "rtsp://198.51.100.8/s", "--camera-user", "viewer"))
        self.assertIn("config file has", self.refused("camera", "set", "street", "--url", "rtsp://198.51.100.7/s"))
        self.assertEqual(self.told("camera", "keep", "--days", "3")["retention"], {"fixed": False, "days": 3, "size": None})
        self.assertIn("without a limit", self.refused("camera", "keep"))
        self.assertIn("does not wait", self.refused("camera", "agree-to-settings", "9"))
        backup = self.folder / "backup.yaml"
        self.told("camera", "backup", "--out", backup)
        self.assertIn("198.51.100.7", backup.read_text())
        self.assertNotIn("canary-71c2", backup.read_text() + json.dumps(self.told("camera", "settings")))
        self.told("camera", "remove", "gate")
        self.assertIn("there is no camera", self.refused("camera", "remove", "gate"))

    def choose_password(self, user, once):
        done = self.run_program("camera", "list", "--user", user, PASSERBY_PASSWORD=once)
        self.assertIn("choose your own first", done.stderr)
        self.recorder.forget_session()
        self.assertEqual(self.recorder.call("POST", "/api/login", {"user": user, "password": once})[0], 200)
        self.assertEqual(self.recorder.call("POST", "/api/password", {"old": once, "new": OWN_PASSWORD})[0], 204)

    def test_users_tokens_and_sessions(self):
        made = self.told("user", "add", "eve", "--role", "viewer", "--role", "auditor", "--camera", "yard")
        self.assertEqual((made["roles"], made["cameras"]), (["viewer", "auditor"], ["yard"]))
        self.assertEqual(self.told("user", "set", "eve", "--role", "viewer")["cameras"], None)
        self.assertNotEqual(self.told("user", "reset", "eve")["password"], made["password"])
        self.assertIn("eve", [user["name"] for user in self.told("user", "list")])
        self.assertIsNone(self.told("user", "remove", "eve"))
        self.assertIn("nobody would be left", self.refused("user", "remove", "admin"))

        token = self.told("token", "add", "dashboard", "--role", "operator", "--camera", "yard", "--expires", utc(3600))["token"]
        as_script = {"PASSERBY_TOKEN": token, "PASSERBY_PASSWORD": "wrong"}
        self.assertEqual([camera["id"] for camera in self.told("camera", "list", **as_script)], ["yard"])
        self.assertIn("administrators", self.refused("user", "list", **as_script))
        (kept,) = [t for t in self.told("token", "list") if t["name"] == "dashboard"]
        self.told("token", "end", str(kept["id"]))
        self.assertIn("log in again", self.refused("camera", "list", **as_script))

        sessions = self.told("session", "list")
        other = next(s["id"] for s in sessions if not s["current"])
        self.told("session", "end", other)
        self.assertNotIn(other, [s["id"] for s in self.told("session", "list")])

    def test_anything_else_that_the_api_knows(self):
        self.assertEqual(self.told("api", "GET", "/api/openapi.json")["openapi"], "3.1.0")
        self.assertIn("version", self.told("api", "GET", "/api/health"))
        self.told("api", "POST", "/api/purpose", '{"purpose": "training"}')
        self.told("api", "POST", "/api/purpose", "-", input='{"purpose": "audit"}')
        body = self.folder / "body.json"
        body.write_text('{"purpose": "incident"}')
        self.told("api", "POST", "/api/purpose", f"@{body}")
        out = self.folder / "key"
        self.told("api", "GET", "/ledger/key", "--out", out)
        self.assertIn("+", out.read_text())
        self.assertIn("GET and POST", self.refused("api", "DELETE", "/api/users"))
        self.assertIn("such as /api/cameras", self.refused("api", "GET", "api/cameras"))
        self.assertIn("not JSON", self.refused("api", "POST", "/api/purpose", "{"))
        self.assertIn("no-such-file", self.refused("api", "POST", "/api/purpose", "@no-such-file"))
        self.assertIn("certificate", self.refused("api", "GET", "/api/health", PASSERBY_CA="/etc/ssl/certs/ca-certificates.crt"))
        self.assertIn("wrong", self.refused("api", "GET", "/api/health", PASSERBY_PASSWORD="not this one"))

    def test_z_a_second_factor_is_asked_for(self):
        secret = self.told("api", "GET", "/api/second-factor")["secret"]
        wish = {"password": OWN_PASSWORD, "secret": secret, "first_code": totp(secret)}
        codes = self.told("api", "POST", "/api/second-factor", json.dumps(wish))["recovery_codes"]
        self.assertIn("no terminal to ask for the code", self.refused("camera", "list", input=""))
        self.assertTrue(self.told("camera", "list", PASSERBY_CODE=totp(secret, 1)))
        self.assertIn("wrong", self.refused("camera", "list", PASSERBY_CODE=totp(secret, 1)), "once")
        self.assertTrue(self.told("camera", "list", PASSERBY_CODE=codes[0]))
        end = json.dumps({"password": OWN_PASSWORD, "code": codes[1]})
        self.told("api", "POST", "/api/second-factor/end", end, PASSERBY_CODE=codes[2])
        self.assertTrue(self.told("camera", "list"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PROGRAM = pathlib.Path(sys.argv.pop(1))
    PROGRAM = PROGRAM.resolve()
    unittest.main(verbosity=2)
