#!/usr/bin/python3
"""The ledger from outside: a real recorder is used, and what it says of it is verified by passerby-verify and by another
program that shares no code with it.

ledger_test.py PROGRAM [TEST ...]
"""
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

from recorder import FOOTAGE, PATIENCE_S, WITH_US, Recorder, make_clip, utc

PROGRAM = pathlib.Path("build/release/passerby")


def run(program, *arguments):
    return subprocess.run([PROGRAM.with_name(program), *map(str, arguments)], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False)  # fmt: skip


def build_in_go(test, name, folder):
    go = shutil.which("go")
    if not go:
        test.skipTest("there is no Go here")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "",
                   "GOCACHE": str(folder / "go-cache")}  # fmt: skip
    subprocess.run([go, "build", "-o", folder / name, "."], cwd=pathlib.Path(__file__).with_name(name), env=environment,
                   check=True)  # fmt: skip
    return folder / name


class LedgerTest(unittest.TestCase):
    """One recorder for all tests; they only look at what it left."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="passerby-")))
        clip = cls.folder / "street.mp4"
        make_clip(clip, 60)
        cameras = {"street": {"url": f"file:{clip}", "loop": True}, "yard": {"url": "rtsp://127.0.0.1:9/s", "enabled": False}}
        recorder = cls.recorder = cls.enterClassContext(Recorder(PROGRAM, cls.folder, cameras))
        recorder.start().sign_in()
        recorder.wait_for_recording("street")
        # A segment is finished, so that it has a manifest: the process is gone and comes back.
        (process,) = recorder.children().values()
        os.kill(process, 9)
        recorder.wait_for("another process", lambda: recorder.children().get("street", process) != process)
        recorder.wait_for_recording("street")
        assert recorder.call("POST", "/api/purpose", {"purpose": "incident"})[0] == 204
        first, *_, last = recorder.segments("street")
        assert recorder.call("GET", f"/api/segments/{first['id']}.mp4")[0] == 200
        recorder.wait_for("a second of the next", lambda: recorder.segments("street")[-1]["end"] > last["end"])
        recorder.call("POST", "/api/login", {"user": "admin", "password": "not this one"})
        span = {"from": first["start"], "to": first["start"] + datetime.timedelta(minutes=1)}
        query = urllib.parse.urlencode({k: v.strftime("%Y-%m-%dT%H:%M:%SZ") for k, v in span.items()})
        with recorder.browser.open(f"{recorder.address}/api/cameras/street/export?{query}", timeout=PATIENCE_S) as answer:
            (cls.folder / "clip.mp4").write_bytes(answer.read())
            cls.proof_at = answer.headers["X-Passerby-Proof"]
        (cls.folder / "clip.proof").write_bytes(recorder.call("GET", cls.proof_at)[1])
        cls.online = run("passerby-verify", recorder.address, "--state", cls.folder / "seen", "--json")
        cls.clip_online = run("passerby-verify", cls.folder / "clip.mp4", "--ledger", recorder.address, "--stateless")
        assert recorder.stop()[0] == 0, recorder.log()
        cls.key = (recorder.data / "ledger/key").read_text().strip()

    def copy_of_ledger(self):
        target = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "ledger"
        shutil.copytree(self.recorder.data / "ledger", target)
        return target

    def test_it_verifies_over_the_network_and_without(self):
        self.assertEqual(self.online.returncode, 0, self.online)
        said = json.loads(self.online.stdout)
        self.assertEqual(said["key"], self.key)
        self.assertEqual(said["kinds"], {"start": 1, "policy": 2, "view": 1, "segments": 1, "export": 1})
        done = run("passerby-verify", self.recorder.data, "--key", self.key, "--state", self.folder / "seen", "--json")
        self.assertEqual(done.returncode, 0, done)
        offline = json.loads(done.stdout)
        self.assertEqual(offline["kinds"]["stop"], 1)
        self.assertEqual(offline["kinds"]["logins"], 1)
        self.assertGreater(offline["manifests"], 2)

    def test_another_program_agrees(self):
        program = build_in_go(self, "other_verifier", self.folder)
        ledger = self.copy_of_ledger()
        done = subprocess.run([program, ledger, self.key], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreaterEqual(int(done.stdout), 8)
        bundle = next((ledger / "tile/entries").rglob(f"{int(done.stdout)}"))
        bundle.write_bytes(bundle.read_bytes().replace(b"incident", b"training"))
        self.assertNotEqual(subprocess.run([program, ledger, self.key], capture_output=True, check=False).returncode, 0)
        self.assertEqual(run("passerby-verify", ledger, "--stateless").returncode, 2)

    def test_a_clip_says_what_it_is(self):
        self.assertEqual(self.clip_online.returncode, 0, self.clip_online)
        for words in ("it is camera street from ", "purpose: incident", "put on the record at ", "covered by the rules ",
                      "it continues the ", "verified"):  # fmt: skip
            self.assertIn(words, self.clip_online.stdout)
        clip = self.folder / "clip.mp4"
        proof = json.loads((self.folder / "clip.proof").read_text())
        self.assertGreaterEqual(len(proof["manifests"]), 1)
        changed = self.folder / "changed.mp4"
        changed.write_bytes(clip.read_bytes()[:-1] + b"x")
        done = run("passerby-verify", changed, "--proof", self.folder / "clip.proof")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the file is not the one that was exported", done.stdout)
        other_key = self.key.replace("passerby.invalid", "passerby.example")
        self.assertEqual(run("passerby-verify", clip, "--key", other_key).returncode, 1)
        self.assertEqual(run("passerby-verify", changed).returncode, 1, "it has no proof beside it")

    def test_who_looks_twice_sees_a_rollback(self):
        older = self.copy_of_ledger()
        seen = self.folder / "seen-twice"
        self.assertEqual(run("passerby-verify", older, "--state", seen).returncode, 0)
        size = int((older / "checkpoint").read_text().splitlines()[1])
        # The recorder's own earlier checkpoint, from the proof, in place of the newest.
        (older / "checkpoint").write_text(json.loads((self.folder / "clip.proof").read_text())["checkpoint"])
        done = run("passerby-verify", older, "--state", seen)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn(f"rolled back: it had {size} entries", done.stdout)

    def test_the_report_counts_what_was_done(self):
        done = run("passerby", "report", "use", self.recorder.data, "--format", "json")
        self.assertEqual(done.returncode, 0, done)
        report = json.loads(done.stdout)
        self.assertEqual(report["by_camera"]["street"], {"live": 0, "view": 1, "export": 1, "opening": 0})
        self.assertEqual(report["by_purpose"], {"incident": 2})
        self.assertEqual(report["never_looked_at"], ["yard"])
        self.assertEqual(report["failed_logins"], 1)
        self.assertEqual([change["what"] for change in report["policy_changes"]], ["the camera was added"] * 2)
        text = run("passerby", "report", "use", self.recorder.data)
        self.assertIn("and on whom: nobody", text.stdout)
        self.assertEqual(run("passerby", "report", "use", self.folder / "none").returncode, 1)

    def test_nothing_in_it_names_a_person(self):
        public = b"".join(p.read_bytes() for p in (self.recorder.data / "ledger").rglob("*") if p.is_file())
        self.assertIn(b'"who":"u-', public)
        for name in (b"admin\"", b"127.0.0.1", str(self.folder).encode()):
            self.assertNotIn(name, public)

    def test_check_looks_at_it_too(self):
        done = run("passerby", "check", self.recorder.data)
        self.assertEqual(done.returncode, 0, done)
        data = self.folder / "changed"
        shutil.copytree(self.recorder.data, data)
        manifests = next((data / "manifests").iterdir())
        manifests.write_text(manifests.read_text().replace("street", "strand", 1))
        done = run("passerby", "check", data)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"manifests/{manifests.name}: it is not what entry", done.stdout)
        self.assertEqual(run("passerby-verify", data, "--stateless").returncode, 2)

    def test_a_restored_backup_signs_only_when_a_person_says_so(self):
        folder = self.folder / "restored"
        folder.mkdir()
        shutil.copytree(self.recorder.data, folder / "data")
        copy = self.enterContext(Recorder(PROGRAM, folder, {"yard": {"url": "rtsp://127.0.0.1:9/s", "enabled": False}}))
        copy.start()
        self.assertIn("passerby ledger resume", copy.log())
        self.assertEqual(copy.call("GET", "/ledger/checkpoint")[0], 503)
        copy.stop()
        size = int((folder / "data/ledger/checkpoint").read_text().splitlines()[1])
        done = run("passerby", "ledger", "resume", folder / "data")
        self.assertEqual(done.returncode, 0, done)
        copy.start()
        self.assertNotIn("cannot be written", copy.log())
        copy.stop()
        done = run("passerby-verify", folder / "data", "--key", self.key, "--stateless", "--json")
        self.assertEqual(json.loads(done.stdout)["kinds"]["restore"], 1, done)
        self.assertGreater(json.loads(done.stdout)["entries"], size + 1)


class WitnessTest(unittest.TestCase):
    def test_a_witness_made_by_others_cosigns_what_only_grows(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="passerby-")))
        program = build_in_go(self, "other_witness", folder)
        cameras = {"yard": {"url": "rtsp://127.0.0.1:9/s", "enabled": False}}
        recorder = self.enterContext(Recorder(PROGRAM, folder, cameras))
        recorder.start()
        self.assertEqual(recorder.stop()[0], 0)
        log_key = (recorder.data / "ledger/key").read_text().strip()
        witness = subprocess.Popen([*WITH_US, program, log_key], stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (witness.kill(), witness.wait(), witness.stdout.close()))
        key, address = (witness.stdout.readline().strip() for _ in range(2))
        dead = key.replace("witness.example", "dead.example")
        config = json.loads(recorder.config.read_text())
        # Another that is never there holds nobody up; its key is no key, since the name is part of it.
        recorder.config.write_text(json.dumps({**config, "ledger": {"witnesses": [{"url": "http://127.0.0.1:9", "key": dead}]}}))
        refused = run("passerby", "config", "check", recorder.config)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("is no public key of a ledger", refused.stderr + refused.stdout)
        witnesses = [{"url": "http://127.0.0.1:9", "key": key}, {"url": address, "key": key}]
        recorder.config.write_text(json.dumps({**config, "ledger": {"witnesses": witnesses}}))

        def cosigned():
            file = recorder.data / "ledger/cosigned"
            return int(file.read_text().splitlines()[1]) if file.exists() else 0

        sizes = []
        for _ in range(3):
            recorder.start()
            recorder.wait_for("a cosignature", lambda: cosigned() > (sizes or [0])[-1])
            sizes.append(cosigned())
            online = run("passerby-verify", recorder.address, "--witness", key, "--quorum", "1", "--stateless")
            self.assertEqual(online.returncode, 0, online)
            self.assertIn("1 of 1 witnesses have cosigned", online.stdout)
            self.assertEqual(recorder.stop()[0], 0, recorder.log())
            self.assertIn("witness witness.example has not cosigned: http://127.0.0.1:9", recorder.log())
        self.assertEqual(sizes, sorted(set(sizes)))
        self.assertGreaterEqual(sizes[0], 3)
        self.assertEqual(run("passerby-verify", recorder.data, "--witness", key, "--quorum", "2", "--stateless").returncode, 2)
        self.assertEqual(run("passerby", "check", recorder.data).returncode, 0)
        # What a witness has seen cannot be taken back, even by who has the key of the ledger.
        text = (recorder.data / "ledger/cosigned").read_text()
        (recorder.data / "ledger/cosigned").write_text(text.replace(f"\n{sizes[-1]}\n", f"\n{sizes[-1] + 1000}\n", 1))
        self.assertEqual(run("passerby-verify", recorder.data, "--witness", key, "--quorum", "1", "--stateless").returncode, 2)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
    if not FOOTAGE.exists():
        sys.exit(f"{FOOTAGE} is missing; scripts/setup.sh fetches it")
    unittest.main(verbosity=2)
