#!/usr/bin/python3
"""The API as doc/openapi.json describes it: a real recorder is asked everything once, also for what it must refuse, and every
answer is validated. (So is every other answer in these whole-program tests: Recorder.heard.)

api_test.py PROGRAM [TEST ...]
"""
import contextlib
import copy
import datetime
import json
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request

from jsonschema import Draft202012Validator

from described import Description, description
from onvif_device import OnvifDevice
from recorder import FOOTAGE, OWN_PASSWORD, PATIENCE_S, Recorder, make_clip, totp

PROGRAM = pathlib.Path("build/release/passerby")
POLICY = {"basis": "agreement with the works council", "until": "2099-12-31"}
# What cannot be had in a minute: a request that is three days old, a full disk, a fault, a server that is overwhelmed.
NOT_SEEN = {410, 500, 503, 507}


def at(**ahead):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


def query(**values):
    return "?" + urllib.parse.urlencode({name.strip("_"): value for name, value in values.items()})


class Listening(Recorder):
    """Keeps what was answered, and the bodies that were taken."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.answers, self.taken = {}, {}

    def heard(self, method, path, status, headers, body):
        super().heard(method, path, status, headers, body)
        path, media = path.partition("?")[0], headers.get("Content-Type")
        self.answers[description().operation(method, path), method, path, status, media] = (headers, body)

    def ask(self, wanted, method, path, body=None, headers=None):
        status, answer = self.call(method, path, body, headers)
        assert status == wanted, f"{method} {path}: {status} {answer[:500]}, not {wanted}"
        if body is not None and status < 300:
            self.taken[path] = body
        return json.loads(answer) if answer[:1] in (b"{", b"[") else answer

    def cookie(self):
        (jar,) = (h.cookiejar for h in self.browser.handlers if isinstance(h, urllib.request.HTTPCookieProcessor))
        return "; ".join(f"{c.name}={c.value}" for c in jar)

    def live_messages(self, path):
        """A text of each kind from a live view, by kind."""
        host, port = self.address.removeprefix("http://").split(":")
        head = (f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {self.cookie()}\r\nConnection: Upgrade\r\n"
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n")  # fmt: skip
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection, connection.makefile("rb") as stream:
            connection.sendall(head.encode())
            status = int(stream.readline().split()[1])
            while stream.readline().strip():
                pass
            self.heard("GET", path, status, {}, b"")
            texts = {}
            while len(texts) < 2:
                kind, length = stream.read(2)
                length = int.from_bytes(stream.read({126: 2, 127: 8}[length]), "big") if length > 125 else length
                payload = stream.read(length)
                if kind == 0x81:
                    text = json.loads(payload)
                    texts[text["type"]] = text
        return texts


class ApiTest(unittest.TestCase):
    """One recorder for all tests; they look at what it answered."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="passerby-")))
        clip = cls.folder / "street.mp4"
        make_clip(clip, 60)
        cls.keys = {name: cls.make_key(name) for name in ("officer", "council", "requester")}
        street = {"url": f"file:{clip}", "loop": True, "approval": "required", "originals": POLICY, "activity": {"epsilon": 1}}
        cameras = {"street": street, "yard": {"url": "rtsp://127.0.0.1:9/s", "enabled": False}}
        keyholders = {"needed": 2, "keys": {name: cls.keys[name] for name in ("officer", "council")}}
        more = {"keyholders": keyholders, "camera_networks": ["127.0.0.0/8"], "about": {"purpose": {"en": "safety", "de": "Sicherheit"}}}
        cls.recorder = cls.enterClassContext(Listening(PROGRAM, cls.folder, cameras, more=more))
        cls.begun = at(minutes=-5)
        cls.log_in()
        cls.record()
        cls.use_cameras()
        cls.use_scenes()
        cls.use_masks()
        cls.use_places()
        cls.use_openings()
        cls.use_ledger()
        cls.use_about()
        cls.use_settings()
        cls.use_tokens()
        cls.use_users()
        cls.send_what_is_no_request()

    @classmethod
    def make_key(cls, name):
        subprocess.run(["age-keygen", "-o", cls.folder / name], check=True, capture_output=True)
        return re.search(r"public key: (\S+)", (cls.folder / name).read_text()).group(1)

    @classmethod
    def all_of_it(cls):
        return {"from": cls.begun, "to": at(minutes=5)}

    @classmethod
    def log_in(cls):
        r = cls.recorder.start()
        assert r.ask(200, "GET", "/api/openapi.json") == description().document
        ((headers, _),) = r.answers.values()
        r.ask(304, "GET", "/api/openapi.json", headers={"If-None-Match": headers["ETag"]})
        r.ask(401, "GET", "/api/cameras")
        once = r.one_time_password()
        r.ask(200, "POST", "/api/login", {"user": "admin", "password": once})
        r.ask(403, "GET", "/api/cameras")
        r.ask(403, "POST", "/api/password", {"old": "not this one", "new": OWN_PASSWORD})
        r.ask(400, "POST", "/api/password", {"old": once, "new": "short"})
        r.ask(204, "POST", "/api/password", {"old": once, "new": OWN_PASSWORD})
        r.ask(200, "GET", "/api/session")

    @classmethod
    def record(cls):
        """Two segments with a gap between them: the first is finished."""
        r = cls.recorder
        r.wait_for_recording("street")
        process = r.children()["street"]
        os.kill(process, 9)
        r.wait_for("another process", lambda: r.children().get("street", process) != process)
        r.wait_for_recording("street")
        r.wait_for("a sealed part", lambda: r.sealed("street"))

    @classmethod
    def use_cameras(cls):
        r, span = cls.recorder, query(**cls.all_of_it())
        r.ask(200, "GET", "/api/cameras")
        r.ask(200, "HEAD", "/api/cameras")
        r.ask(200, "GET", "/api/cameras/yard")
        r.ask(404, "GET", "/api/cameras/nowhere")
        r.ask(426, "GET", "/api/cameras/street/live")
        messages = r.live_messages("/api/cameras/street/live")
        for kind, schema in (("init", "LiveInit"), ("state", "LiveState")):
            assert description().errors({"$ref": f"#/components/schemas/{schema}"}, messages[kind]) == [], messages[kind]
        r.ask(200, "GET", "/api/cameras/street/days")
        assert r.ask(200, "GET", "/api/cameras/street/hours" + query(**cls.all_of_it()))
        r.ask(400, "GET", "/api/cameras/street/hours")
        r.ask(200, "GET", "/api/cameras/street/playlist.m3u8" + span)
        r.ask(400, "GET", "/api/cameras/street/playlist.m3u8")
        kept = {**cls.all_of_it(), "reason": "a bicycle", "until": at(days=9)}
        protection = r.ask(200, "POST", "/api/cameras/street/protect", kept)
        r.ask(200, "GET", "/api/cameras/street/timeline" + span)
        r.ask(204, "POST", "/api/cameras/street/unprotect", protection)
        r.ask(404, "POST", "/api/cameras/street/unprotect", protection)
        found = r.ask(200, "GET", "/api/cameras/street/timeline" + span)
        assert all(found.values()), found
        r.ask(400, "GET", "/api/cameras/street/timeline" + query(from_=at(), to="tomorrow"))
        segment = f"/api/segments/{found['segments'][0]['id']}.mp4"
        r.ask(200, "GET", segment)
        r.ask(206, "GET", segment, headers={"Range": "bytes=0-99"})
        r.ask(416, "GET", segment, headers={"Range": "bytes=999999999-"})
        r.ask(404, "GET", "/api/segments/999999.mp4")
        r.ask(200, "GET", "/api/cameras/street/export" + span)
        r.ask(404, "GET", "/api/cameras/yard/export" + span)
        entry = next(e["index"] for e in r.ask(200, "GET", "/api/ledger/entries")["entries"] if e["kind"] == "export")
        proof = r.ask(200, "GET", f"/api/exports/{entry}.proof")
        assert proof["manifests"] and proof["batches"], proof
        r.ask(404, "GET", "/api/exports/0.proof")
        r.ask(200, "GET", "/api/health")

    @classmethod
    def use_scenes(cls):
        r, scene = cls.recorder, "/api/cameras/street/scene"
        picture = r.wait_for("a picture of the scene", lambda: r.ask(200, "GET", scene)["picture"])["sha256"]
        assert r.ask(200, "GET", f"{scene}.png" + query(sha256=picture))[:4] == b"\x89PNG"
        r.ask(404, "GET", "/api/cameras/yard/scene.png")
        r.ask(409, "POST", f"{scene}/approve", {"picture": "0" * 64})
        r.ask(200, "POST", f"{scene}/approve", {"picture": picture, "refused": ["0,0 0.5,0 0.5,1 0,1"]})
        assert r.ask(200, "POST", f"{scene}/withdraw")["approvals"][0]["withdrawn"]
        r.ask(400, "POST", "/api/cameras/yard/scene/withdraw")

    @classmethod
    def become_two(cls):
        """There is a second administrator, whose browser swap() is about."""
        r = cls.recorder
        second = {"name": "second", "roles": ["administrator"], "cameras": None}
        once = r.ask(201, "POST", "/api/users", second)["password"]
        mine = r.browser
        r.forget_session()
        r.ask(200, "POST", "/api/login", {"user": "second", "password": once})
        r.ask(204, "POST", "/api/password", {"old": once, "new": OWN_PASSWORD})
        cls.other, r.browser = r.browser, mine

    @classmethod
    def swap(cls):
        cls.other, cls.recorder.browser = cls.recorder.browser, cls.other

    @staticmethod
    def closed_port():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]

    @classmethod
    def use_masks(cls):
        """One draws, and with a second person less is covered only when both want it."""
        r, masks = cls.recorder, "/api/cameras/street/masks"
        r.ask(200, "GET", masks)
        r.ask(400, "POST", masks, {"areas": ["0,0 1,0"]})
        r.ask(200, "POST", masks, {"areas": ["0,0 0.5,0 0.5,1", "0.8,0 1,0 1,1"]})
        cls.become_two()
        waits = r.ask(202, "POST", masks, {"areas": ["0,0 0.5,0 0.5,1"]})["waits"]
        r.ask(403, "POST", f"{masks}/agree", {"id": waits})
        cls.swap()
        r.ask(200, "POST", f"{masks}/agree", {"id": waits})
        r.ask(409, "POST", f"{masks}/agree", {"id": waits})
        cls.swap()
        r.ask(204, "POST", "/api/users/second/remove")

    @classmethod
    def use_places(cls):
        """A line and a zone are drawn, and one is removed. The number is written into the catalogue: an hour is too long to wait."""
        r, places = cls.recorder, "/api/cameras/street/places"
        assert r.ask(200, "GET", places)["counting"]["error"] == 12
        line, zone = {"name": "Door", "points": "0.1,0.5 0.9,0.5"}, {"name": "Yard", "points": "0,0 0.5,0 0.5,1"}
        for bad in ({"name": "", "points": line["points"]}, {"name": "x", "points": "0,0"}, {"name": "x", "points": "0,0 2,0"}):
            r.ask(400, "POST", places, {"places": [bad]})
        drawn = r.ask(200, "POST", places, {"places": [line, zone]})["places"]
        assert [(p["name"], p["kind"], p["by"]) for p in drawn] == [("Door", "line", "admin"), ("Yard", "zone", "admin")]
        kept = r.ask(200, "POST", places, {"places": [{"id": drawn[0]["id"]}]})["places"]
        assert [p["id"] for p in kept] == [drawn[0]["id"]]
        r.ask(409, "POST", places, {"places": [{"id": drawn[1]["id"]}]})
        r.ask(409, "POST", "/api/cameras/yard/places", {"places": [line]})
        now = int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1e6)
        with contextlib.closing(sqlite3.connect(r.data / "catalogue.sqlite", PATIENCE_S)) as db, db:
            db.execute("INSERT INTO activity VALUES (?, ?, ?, 5, -1, 0, 2, 4000, 1000)", (drawn[0]["id"], now, now + 60_000_000))
        activity = r.ask(200, "GET", "/api/cameras/street/activity" + query(**cls.all_of_it()))
        assert [bool(p["removed"]) for p in activity["places"]] == [False, True]
        (number,) = activity["numbers"]
        assert (number["persons"], number["vehicles"], number["error"]) == ({"in": 5, "out": -1}, {"in": 0, "out": 2}, 12)
        r.ask(400, "GET", "/api/cameras/street/activity")

    @classmethod
    def use_openings(cls):
        r = cls.recorder
        span = r.sealed("street")[0]
        wanted = {"camera": "street", "from": span["start"], "to": span["end"], "purpose": "incident", "reason": "a bicycle",
                  "case": "", "key": cls.keys["requester"]}  # fmt: skip
        r.ask(404, "POST", "/api/openings", {**wanted, "camera": "yard"})
        opening = f"/api/openings/{r.ask(201, 'POST', '/api/openings', wanted)['id']}"
        request = r.ask(200, "GET", f"{opening}/request.json")
        part = f"{opening}/part" + query(number=request["parts"][0]["number"])
        r.ask(409, "POST", f"{opening}/open")
        r.ask(409, "GET", part)
        (cls.folder / "request.json").write_text(json.dumps(request))
        for name in ("officer", "council"):
            file = cls.folder / f"{name}.json"
            done = subprocess.run([PROGRAM, "keyholder", "approve", cls.folder / "request.json", "--key", cls.folder / name,
                                   "--out", file], capture_output=True, text=True, check=False)  # fmt: skip
            assert done.returncode == 0, done
            answer = json.loads(file.read_text())
            r.ask(403, "POST", f"{opening}/answer", {**answer, "token": "0" * 32})
            r.ask(200, "POST", f"{opening}/answer", answer)
        r.ask(409, "POST", f"{opening}/answer", answer)
        assert len(r.ask(200, "POST", f"{opening}/open")["answers"]) == 2
        assert r.ask(200, "GET", part).startswith(b"age-encryption.org/v1")
        assert r.ask(200, "GET", opening)["opened"]
        r.ask(200, "GET", "/api/openings")
        r.ask(404, "GET", f"/api/openings/{'0' * 32}")

    @classmethod
    def use_ledger(cls):
        r = cls.recorder
        r.ask(204, "POST", "/api/purpose", {"purpose": "training"})
        r.ask(400, "POST", "/api/purpose", {"purpose": "curiosity"})
        r.ask(200, "GET", "/api/ledger")
        r.ask(400, "GET", "/api/ledger/entries?count=many")
        for form in ("json", "csv", "text"):
            r.ask(200, "GET", "/api/use" + query(**cls.all_of_it(), format=form))
        r.ask(400, "GET", "/api/use" + query(**cls.all_of_it(), format="pdf"))
        tile = next(path for path in sorted((r.data / "ledger/tile").rglob("*")) if path.is_file())
        for name in ("checkpoint", "key", tile.relative_to(r.data / "ledger").as_posix()):
            r.ask(200, "GET", f"/ledger/{name}")
        r.ask(404, "GET", "/ledger/cosigned")

    @classmethod
    def use_about(cls):
        r = cls.recorder
        about = r.ask(200, "GET", "/api/about")
        assert about["missing"] and about["use"] and about["ledger_key"], about
        for path in ("/about-this-camera", "/about-this-camera/sign", "/about-this-camera/style.css"):
            assert r.ask(200, "GET", path)
        assert b'lang="de"' in r.ask(200, "GET", "/about-this-camera", headers={"Accept-Language": "de"})
        r.ask(400, "GET", "/about-this-camera?language=%")

    @classmethod
    def use_settings(cls):
        """A camera that nobody answers for; a second person agrees to keep it for longer."""
        r, gate = cls.recorder, {"url": "rtsp://198.51.100.7/stream", "name": "Gate", "enabled": False}
        r.ask(400, "POST", "/api/settings/cameras/gate", {"url": "file:/etc/passwd"})
        r.ask(403, "POST", "/api/settings/cameras/street", gate)
        r.ask(200, "POST", "/api/settings/cameras/gate", gate)
        assert r.ask(200, "GET", "/api/cameras/gate")["state"] == "off"
        tried = r.ask(200, "POST", "/api/settings/cameras/gate/test", {"url": f"rtsp://127.0.0.1:{cls.closed_port()}/"})
        assert tried["ok"] is False and tried["trouble"] == "refused", tried
        # Without a way to other networks nobody can be asked.
        assert r.call("POST", "/api/settings/discover")[0] in (200, 503)
        r.ask(400, "POST", "/api/settings/streams", {"address": "http://169.254.169.254/onvif"})
        with OnvifDevice("viewer", "secret", {"main": "rtsp://127.0.0.1:9/main"}) as device:
            r.ask(403, "POST", "/api/settings/streams", {"address": device.address, "user": "viewer", "password": "wrong"})
            found = r.ask(200, "POST", "/api/settings/streams", {"address": device.address, "user": "viewer", "password": "secret"})
        assert found == {"streams": [{"name": "main", "url": "rtsp://127.0.0.1:9/main", "size": None}]}, found
        cls.become_two()
        longer = {**gate, "retention": {"days": 3000}}
        r.ask(202, "POST", "/api/settings/cameras/gate", longer)
        waits = r.ask(202, "POST", "/api/settings/retention", {"days": 3000, "size": None})["waits"]
        r.ask(403, "POST", "/api/settings/agree", {"id": waits[0]["id"]})
        cls.swap()
        r.ask(200, "POST", "/api/settings/agree", {"id": waits[0]["id"]})
        r.ask(409, "POST", "/api/settings/agree", {"id": waits[0]["id"]})
        cls.swap()
        r.ask(204, "POST", "/api/users/second/remove")
        r.ask(200, "POST", "/api/settings/retention", {"days": 2, "size": "10 GB"})
        r.ask(400, "POST", "/api/settings/retention", {"days": None, "size": None})
        assert b"Gate" in r.ask(200, "GET", "/api/settings/backup")
        r.ask(200, "GET", "/api/settings")
        r.ask(200, "POST", "/api/settings/cameras/gate/remove")
        r.ask(404, "POST", "/api/settings/cameras/gate/remove")

    @classmethod
    def use_tokens(cls):
        r = cls.recorder
        wanted = {"name": "backup", "roles": ["operator"], "cameras": ["street"], "expires": at(days=9)}
        r.ask(403, "POST", "/api/tokens", {**wanted, "roles": ["auditor"]})
        token = {"Authorization": f"Bearer {r.ask(201, 'POST', '/api/tokens', wanted)['token']}"}
        r.ask(200, "GET", "/api/cameras/street", headers=token)
        r.ask(404, "GET", "/api/cameras/yard", headers=token)
        r.ask(403, "GET", "/api/tokens", headers=token)
        (made,) = r.ask(200, "GET", "/api/tokens")
        r.ask(204, "POST", "/api/tokens/end", {"id": made["id"]})
        r.ask(404, "POST", "/api/tokens/end", {"id": made["id"]})

    @classmethod
    def use_users(cls):
        r, guest = cls.recorder, {"name": "guest", "roles": ["viewer"], "cameras": []}
        r.ask(201, "POST", "/api/users", guest)
        r.ask(409, "POST", "/api/users", guest)
        r.ask(200, "POST", "/api/users/guest", {"roles": ["viewer", "auditor"], "cameras": None})
        r.ask(403, "POST", "/api/users/admin", {"roles": ["viewer"], "cameras": None})
        once = r.ask(200, "POST", "/api/users/guest/reset")["password"]
        r.ask(200, "GET", "/api/users")
        administrator = r.browser
        r.forget_session()
        r.ask(200, "POST", "/api/login", {"user": "guest", "password": once})
        r.ask(204, "POST", "/api/password", {"old": once, "new": OWN_PASSWORD})
        r.ask(403, "GET", "/api/users")
        r.ask(204, "POST", "/api/logout")
        r.ask(200, "POST", "/api/login", {"user": "guest", "password": OWN_PASSWORD})
        cls.use_second_factor("guest")
        r.browser = administrator
        r.ask(204, "POST", "/api/users/guest/second-factor/end")
        r.ask(404, "POST", "/api/users/nobody/second-factor/end")
        r.ask(204, "POST", "/api/users/guest/remove")
        r.ask(404, "POST", "/api/users/guest/remove")
        r.call("POST", "/api/login", {"user": "admin", "password": OWN_PASSWORD})
        other = next(s["id"] for s in r.ask(200, "GET", "/api/sessions") if not s["current"])
        r.ask(204, "POST", "/api/sessions/end", {"id": other})
        r.ask(404, "POST", "/api/sessions/end", {"id": other})

    @classmethod
    def use_second_factor(cls, user):
        r = cls.recorder
        secret = r.ask(200, "GET", "/api/second-factor")["secret"]
        wish = {"password": OWN_PASSWORD, "secret": secret}
        r.ask(400, "POST", "/api/second-factor", {**wish, "first_code": "12345"})
        r.ask(403, "POST", "/api/second-factor", {**wish, "first_code": totp(secret), "password": "not this one"})
        codes = r.ask(200, "POST", "/api/second-factor", {**wish, "first_code": totp(secret)})["recovery_codes"]
        r.ask(401, "POST", "/api/login", {"user": user, "password": OWN_PASSWORD})
        r.ask(401, "POST", "/api/login", {"user": user, "password": OWN_PASSWORD, "code": "000000"})
        r.ask(200, "POST", "/api/login", {"user": user, "password": OWN_PASSWORD, "code": codes[0]})
        r.ask(403, "POST", "/api/second-factor/end", {"password": OWN_PASSWORD})
        r.ask(204, "POST", "/api/second-factor/end", {"password": OWN_PASSWORD, "code": codes[1]})

    @classmethod
    def send_what_is_no_request(cls):
        r = cls.recorder
        r.ask(404, "GET", "/api/nothing")
        r.ask(405, "POST", "/api/cameras")
        r.ask(403, "POST", "/api/purpose", {"purpose": "training"}, {"Origin": "http://elsewhere.example"})
        r.ask(413, "POST", "/api/purpose", {"purpose": "x" * 70_000})
        r.ask(415, "POST", "/api/purpose", {"purpose": "training"}, {"Content-Type": "text/plain"})
        r.ask(421, "GET", "/api/cameras", headers={"Host": "elsewhere.example"})
        r.ask(431, "GET", "/api/cameras", headers={"X-Long": "x" * 20_000})
        for _ in range(10):
            r.ask(401, "POST", "/api/login", {"user": "stranger", "password": "a guess"})
        r.ask(429, "POST", "/api/login", {"user": "stranger", "password": "a guess"})

    def test_everything_was_done(self):
        succeeded = {key for key, _, _, status, _ in self.recorder.answers if status < 300}
        # Where there is no network nobody can be asked for cameras.
        succeeded.add(("POST", "/api/settings/discover"))
        self.assertEqual(succeeded, set(description().operations))

    def test_every_kind_of_refusal_was_seen(self):
        statuses = {int(status) for operation in description().operations.values() for status in operation["responses"]
                    if status != "default"}  # fmt: skip
        statuses |= set(description().document["components"]["responses"]["Any"]["x-statuses"])
        seen = {status for _, _, _, status, _ in self.recorder.answers}
        self.assertEqual(statuses - NOT_SEEN, seen - NOT_SEEN)

    def test_bodies_need_what_is_described_as_required(self):
        tried = 0
        for path, body in self.recorder.taken.items():
            operation = description().operations[description().operation("POST", path)]
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self.assertEqual(description().errors(schema, body), [], path)
            for name in description().resolved(schema)["required"]:
                without = {key: value for key, value in body.items() if key != name}
                self.assertEqual(self.recorder.call("POST", path, without)[0], 400, (path, name))
                tried += 1
        with_body = [key for key, operation in description().operations.items() if "requestBody" in operation]
        self.assertEqual({description().operation("POST", path) for path in self.recorder.taken}, set(with_body))
        self.assertGreater(tried, 30)

    def test_a_field_too_many_or_too_few_is_noticed(self):
        """Every field that answers have: left out of the description, or wanted by it under another name."""
        tried = 0
        for name, schema in description().document["components"]["schemas"].items():
            if name.endswith("Body") or name in ("KeyholderAnswer", "LiveInit", "LiveState", "LedgerEntry"):
                continue
            for field in schema.get("required", []):
                with self.subTest(f"{name}.{field}"):
                    self.assertTrue(self.is_noticed(name, lambda s: s["properties"].pop(field)), "not described")
                    self.assertTrue(self.is_noticed(name, lambda s: s["required"].append(f"{field}, too")), "not answered")
                    tried += 1
        self.assertGreater(tried, 120)

    def is_noticed(self, name, change):
        schema = copy.deepcopy(description().document["components"]["schemas"][name])
        if change(schema) is not None:
            schema["required"] = [field for field in schema["required"] if field in schema["properties"]]
        schemas = {**description().document["components"]["schemas"], name: schema}
        document = description().document
        broken = Description({**document, "components": {**document["components"], "schemas": schemas}})
        for (key, method, path, status, _), (headers, body) in self.recorder.answers.items():
            if key and broken.problems(method, path, status, headers, body):
                return True
        return False

    def test_the_document_is_sound(self):
        schemas = description().document["components"]["schemas"]
        text = json.dumps(description().document)
        for name, schema in schemas.items():
            Draft202012Validator.check_schema(schema)
            if "properties" in schema:
                self.assertIs(schema.get("additionalProperties", schema.get("unevaluatedProperties")), False, name)
                self.assertLessEqual(set(schema["required"]), set(schema["properties"]), name)
            if not name.startswith("Live"):
                self.assertIn(f'"#/components/schemas/{name}"', text)
        for reference in set(re.findall(r'"\$ref": "([^"]+)"', text)):
            self.assertTrue(description().resolved({"$ref": reference}), reference)
        ids = [operation["operationId"] for operation in description().operations.values()]
        self.assertEqual(len(ids), len(set(ids)))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
    if not FOOTAGE.exists():
        sys.exit(f"{FOOTAGE} is missing; scripts/setup.sh fetches it")
    unittest.main(verbosity=2)
