#!/usr/bin/python3
"""Sealed originals from end to end: a real recorder seals, real `age` and passerby's own commands open, and only when enough
keyholders agree.

sealed_test.py PROGRAM [TEST ...]
"""
import base64
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from recorder import OWN_PASSWORD, PATIENCE_S, Recorder, RtspCamera, decoded_frames, make_clip, run_quietly, utc

PROGRAM = pathlib.Path("build/release/passerby")
NEXT_YEARS = "2099-12-31"
POLICY = {"basis": "agreement with the works council", "until": NEXT_YEARS}


def passerby(*arguments, program="passerby"):
    environment = {**os.environ, "PASSERBY_PASSWORD": OWN_PASSWORD}
    return subprocess.run([PROGRAM.with_name(program), *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=PATIENCE_S, env=environment, check=False)  # fmt: skip


def age(*arguments, text=None):
    return subprocess.run(["age", *map(str, arguments)], input=text, capture_output=True, timeout=PATIENCE_S, check=False)


def make_keys(folder, names):
    """Public keys by name; NAME.key has the secret one. The first is made by age-keygen, the others by passerby."""
    keys = {}
    for name in names:
        file = folder / f"{name}.key"
        if not keys:
            subprocess.run(["age-keygen", "-o", file], check=True, capture_output=True)
            keys[name] = re.search(r"public key: (\S+)", file.read_text()).group(1)
        else:
            done = passerby("keyholder", "new", "--out", file)
            assert done.returncode == 0, done
            keys[name] = done.stdout.split()[-1]
    return keys


def packets(file):
    """The hash of every packet's bytes: the same in whatever container they lie."""
    out = run_quietly("ffprobe", "-v", "error", "-select_streams", "v", "-show_packets", "-show_data_hash", "md5",
                      "-show_entries", "packet=data_hash", "-of", "json", file)  # fmt: skip
    return [p["data_hash"] for p in json.loads(out)["packets"]]


def pictures(file):
    """The hash of every decoded picture."""
    lines = run_quietly("ffmpeg", "-v", "error", "-i", file, "-an", "-f", "framemd5", "-").splitlines()
    return [line.rsplit(",", 1)[1].strip() for line in lines if not line.startswith("#")]


class SealedFile:
    """A sealed part as doc/format/sealed.md describes it, read without any code of passerby's."""

    def __init__(self, path):
        data = path.read_bytes()
        end = data.index(b"\n", data.index(b"\n--- ") + 1) + 1
        self.header, self.payload = data[:end], data[end:]
        self.mac = base64.b64decode(self.header.rsplit(b" ", 1)[1].strip() + b"=")
        self.authenticated = self.header[:self.header.index(b"\n--- ") + 4]
        self.stanzas = []
        for block in self.header.split(b"\n-> ")[1:]:
            first, *lines = block.split(b"\n")
            body = b"".join(line for line in lines if not line.startswith(b"--- "))
            self.stanzas.append((first.decode().split(" "), base64.b64decode(body + b"=" * (-len(body) % 4))))

    def share(self, number, key_file):
        arguments, body = self.stanzas[number - 1]
        assert arguments[:2] == ["passerby-share", str(number)], arguments
        done = age("-d", "-i", key_file, text=body)
        assert done.returncode == 0, done
        assert hashlib.sha256(done.stdout).hexdigest() == arguments[4]
        return dict(line.split(": ", 1) for line in done.stdout.decode().splitlines()[1:])

    def fits(self, file_key):
        def hkdf(key, info):
            return hmac.digest(hmac.digest(b"", key, "sha256"), info + b"\1", "sha256")

        return hmac.compare_digest(hmac.digest(hkdf(file_key, b"header"), self.authenticated, "sha256"), self.mac)


def combined(shares):
    """Shamir's secret, by the book: index -> 16 bytes."""

    def times(a, b):
        product = 0
        while b:
            product ^= a if b & 1 else 0
            a = a << 1 ^ (0x11B if a & 0x80 else 0)
            b >>= 1
        return product

    def inverse(a):
        return next(b for b in range(256) if times(a, b) == 1)

    secret = bytearray(16)
    for i, value in shares.items():
        weight = 1
        for j in shares:
            if j != i:
                weight = times(weight, times(j, inverse(i ^ j)))
        secret = bytearray(s ^ times(v, weight) for s, v in zip(secret, value))
    return bytes(secret)


def memory_holds(pid, needle):
    """Whether the process's memory holds these bytes, and how much was searched."""
    searched = 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            begin, end = (int(x, 16) for x in span.split("-"))
            if not rights.startswith("rw") or end - begin > 1 << 31:
                continue
            try:
                memory.seek(begin)
                block = memory.read(end - begin)
            except OSError:
                continue  # a guard page
            searched += len(block)
            if needle in block:
                return True, searched
    return False, searched


class Sealing(unittest.TestCase):
    """Two of three keyholders. One recorder for all tests, which runs on."""

    NAMES = ("officer", "council", "court")

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="passerby-")))
        cls.keys = make_keys(cls.folder, cls.NAMES)
        cls.clip = cls.folder / "street.mp4"
        make_clip(cls.clip, 300)
        over = {"url": f"file:{cls.clip}", "loop": True, "originals": {**POLICY, "until": "2020-12-31"}}
        cameras = {"street": {"url": f"file:{cls.clip}", "loop": True, "originals": POLICY}, "yard": over}
        keyholders = {"needed": 2, "keys": cls.keys}
        recorder = cls.recorder = cls.enterClassContext(Recorder(PROGRAM, cls.folder, cameras, more={"keyholders": keyholders}))
        recorder.start().sign_in()
        recorder.wait_for("two sealed parts", lambda: len(cls.parts()) > 1)
        cls.span = cls.sealed_spans()[0]

    @classmethod
    def parts(cls):
        return sorted((cls.recorder.data / "recordings").rglob("*.age"))

    @classmethod
    def sealed_spans(cls):
        return cls.recorder.sealed("street")

    def key(self, number):
        return self.folder / f"{self.NAMES[number - 1]}.key"

    def request(self, name, **more):
        options = {"camera": "street", "from": self.span["start"], "to": self.span["end"], "reason": "a bicycle was stolen",
                   "case": "2026-17", "folder": self.folder / name, **more}  # fmt: skip
        done = passerby("open", "request", "--server", self.recorder.address,
                        *(x for k, v in options.items() for x in (f"--{k}", v)))  # fmt: skip
        return done, self.folder / name

    def approve(self, folder, number, word="approve"):
        return passerby("keyholder", word, folder / "request.json", "--key", self.key(number), "--server", self.recorder.address)

    def finish(self, folder):
        return passerby("open", "finish", "--server", self.recorder.address, "--folder", folder)

    def kinds(self):
        entries = json.loads(self.recorder.call("GET", "/api/ledger/entries?count=500")[1])["entries"]
        return [e for e in reversed(entries)]

    def test_two_open_it_and_it_is_what_the_camera_sent(self):
        done, folder = self.request("opened")
        self.assertEqual(done.returncode, 0, done)
        request = json.loads((folder / "request.json").read_text())
        self.assertGreater(decoded_frames(folder / "covered.mp4"), 20)
        shown = passerby("keyholder", "show", folder / "request.json")
        for words in ("a bicycle was stolen", "2026-17", self.span["start"], "2 of 3 keyholders"):
            self.assertIn(words, shown.stdout)

        early = self.finish(folder)
        self.assertEqual(early.returncode, 1)
        self.assertIn("2 keyholders must approve, and 0 did", early.stderr)
        first = self.approve(folder, 1)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        self.assertIn("1 of 2 approvals", first.stdout)
        self.assertIn("and 1 did", self.finish(folder).stderr)
        again = self.approve(folder, 1)
        self.assertEqual(again.returncode, 1)
        self.assertIn("keyholder 1 has answered already", again.stderr)
        # The third keyholder has no passerby at all.
        answer = self.answer_by_age_alone(request, 3)
        (self.folder / "answer.json").write_text(json.dumps(answer))
        passed_on = passerby("open", "answer", self.folder / "answer.json", "--server", self.recorder.address)
        self.assertEqual(passed_on.returncode, 0, passed_on)
        self.assertIn("The request is approved: 2 of 2", passed_on.stdout)

        opened = self.finish(folder)
        self.assertEqual((opened.returncode, opened.stderr), (0, ""))
        original = folder / "original.mp4"
        sent = packets(self.clip)
        got = packets(original)
        self.assertGreater(len(got), 100)
        self.assertEqual([p for p in got if p not in set(sent)], [])
        self.assertEqual(decoded_frames(original), len(got))
        self.assertEqual(original.stat().st_mode & 0o777, 0o600)

        mine = [e for e in self.kinds() if e.get("request") == request["id"]]
        self.assertEqual([e["kind"] for e in mine], ["request", "answer", "answer", "opening"])
        self.assertEqual(mine[0]["file"], hashlib.sha256((folder / "request.json").read_bytes()).hexdigest())
        self.assertEqual(mine[3]["segments"], len(request["parts"]))
        ledger = b"".join(p.read_bytes() for p in (self.recorder.data / "ledger").rglob("*") if p.is_file())
        self.assertNotIn(b"bicycle", ledger)
        status = passerby("open", "status", "--server", self.recorder.address, "--folder", folder)
        self.assertRegex(status.stdout, r"opened, expires .*\n  keyholder 1: approve.*\n  keyholder 3: approve")

    def answer_by_age_alone(self, request, number):
        def opened(file):
            done = age("-d", "-i", self.key(number), text=base64.b64decode(file))
            self.assertEqual(done.returncode, 0, done)
            return done.stdout

        text = f"passerby answer 1\nrequest: {request['id']}\n\n".encode()
        text += b"".join(opened(part["shares"][number - 1]) for part in request["parts"])
        shares = age("-a", "-r", request["key"], text=text)
        self.assertEqual(shares.returncode, 0, shares)
        return {"passerby-answer": 1, "request": request["id"], "keyholder": number, "answer": "approve",
                "token": opened(request["tokens"][number - 1]).decode(), "shares": shares.stdout.decode()}  # fmt: skip

    def test_who_says_no_and_who_is_nobody(self):
        done, folder = self.request("refused")
        self.assertEqual(done.returncode, 0, done)
        request = json.loads((folder / "request.json").read_text())
        stranger = make_keys(self.folder, ["stranger"])
        self.assertTrue(stranger)
        nobody = passerby("keyholder", "approve", folder / "request.json", "--key", self.folder / "stranger.key")
        self.assertIn("not one of the 3 keyholders", nobody.stderr)
        forged = {"passerby-answer": 1, "request": request["id"], "keyholder": 2, "answer": "refuse", "token": "0" * 32}
        self.assertEqual(self.recorder.call("POST", f"/api/openings/{request['id']}/answer", forged)[0], 403)
        self.assertIn("0 of 2", self.approve(folder, 1, "refuse").stdout)
        self.assertIn("refused", self.approve(folder, 2, "refuse").stdout)
        late = self.approve(folder, 3)
        self.assertEqual(late.returncode, 1)
        self.assertIn("so many keyholders refused", late.stderr)
        self.assertIn("so many keyholders refused", self.finish(folder).stderr)
        answers = [e["answer"] for e in self.kinds() if e.get("request") == request["id"] and e["kind"] == "answer"]
        self.assertEqual(answers, ["refuse", "refuse"])

    def test_what_cannot_be_asked_for(self):
        for more, says in (({"camera": "nowhere"}, "nothing is sealed"), ({"from": "yesterday"}, "is not a time"),
                           ({"to": self.span["start"]}, "must be later"), ({"purpose": "curiosity"}, "must be one of"),
                           ({"from": "2001-01-01T00:00:00Z", "to": "2001-01-01T00:01:00Z"}, "nothing is sealed")):  # fmt: skip
            done, folder = self.request("never", **more)
            self.assertEqual(done.returncode, 1, more)
            self.assertIn(says, done.stderr)
            self.assertFalse(folder.exists())

    def test_no_key_is_in_the_recorder_nor_on_its_disk(self):
        sealed = SealedFile(self.parts()[0])
        self.assertEqual(len(sealed.stanzas), 3)
        for number in (1, 2, 3):
            self.assertNotEqual(age("-d", "-i", self.key(number), text=sealed.header + sealed.payload).returncode, 0)
        shares = {number: sealed.share(number, self.key(number)) for number in (1, 3)}
        self.assertEqual(shares[1]["payload"], hashlib.sha256(sealed.payload).hexdigest())
        self.assertEqual(shares[3]["share"], "3 of 3, 2 needed")
        values = {number: base64.b64decode(share["value"] + "==") for number, share in shares.items()}
        key = combined(values)
        self.assertTrue(sealed.fits(key), "two shares make the key")
        self.assertFalse(sealed.fits(combined({1: values[1], 3: bytes(16)})))
        pids = [self.recorder.process.pid, *self.recorder.children().values()]
        self.assertGreater(len(pids), 1)
        for pid in pids:
            held, searched = memory_holds(pid, key)
            self.assertFalse(held, f"process {pid} holds a file key")
            self.assertGreater(searched, 10 << 20)
        held, _ = memory_holds(os.getpid(), key)
        self.assertTrue(held, "the search finds it where it is")
        secrets = [key, *(v for v in values.values()), *(self.key(n).read_bytes().split(b"\n")[2] for n in (1, 2, 3))]
        files = [p for p in self.recorder.data.rglob("*") if p.is_file()]
        self.assertGreater(len(files), 5)
        for file in files:
            content = file.read_bytes()
            for secret in secrets:
                self.assertNotIn(secret, content, file)

    def test_nothing_is_kept_after_the_last_day(self):
        self.recorder.wait_for_recording("yard")
        self.recorder.wait_for("half a minute of recordings", lambda: self.recorder.segments("yard")[-1]["end"] >
                               self.recorder.segments("yard")[0]["start"] + datetime.timedelta(seconds=25))  # fmt: skip
        self.assertEqual(self.recorder.sealed("yard"), [])
        self.assertEqual([p for p in self.parts() if "yard" in p.parts], [])
        self.assertIn("yard: originals are not kept: the policy ended 2021-01-01", self.recorder.log())

    def test_the_rules_are_on_the_record(self):
        first = [e for e in self.kinds() if e["kind"] == "keyholders"][0]
        text = "passerby keyholders 1, needed 2\n" + "".join(f"{key}\n" for key in self.keys.values())
        self.assertEqual(first["set"], hashlib.sha256(text.encode()).hexdigest())
        self.assertEqual((first["change"], first["needed"], first["keys"]), ("begun", 2, 3))
        policy = [e for e in self.kinds() if e["kind"] == "policy"][0]["after"]["originals"]
        self.assertEqual(policy["basis"], POLICY["basis"])
        self.assertEqual(policy["until"], "2100-01-01T00:00:00Z")
        camera = json.loads(self.recorder.call("GET", "/api/cameras/street")[1])
        self.assertEqual(camera["originals"]["keyholders"], 3)


class OneKeyholder(unittest.TestCase):
    """With a real RTSP camera, whose packets carry their parameter sets along."""

    def test_age_alone_opens_it_and_keys_can_be_exchanged(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="passerby-")))
        keys = make_keys(folder, ["officer", "successor"])
        clip = folder / "street.mp4"
        make_clip(clip, 300)
        camera = self.enterContext(RtspCamera(clip, "viewer", "canary-of-the-camera")).start()
        cameras = {"street": {"url": f"rtsp://127.0.0.1:{camera.port}/stream", "user": "viewer", "originals": POLICY,
                              "password": "canary-of-the-camera"}}  # fmt: skip
        sent = set(pictures(clip))

        def record(name):
            """Until a part is listed that is newer than all before."""
            recorder.config.write_text(json.dumps({"data": "data", "http": {"listen": "127.0.0.1:0"}, "cameras": cameras,
                                                   "keyholders": {"needed": 1, "keys": {name: keys[name]}}}))  # fmt: skip
            recorder.start()
            if recorder.starts == 1:
                recorder.sign_in()
            begun = datetime.datetime.now(datetime.timezone.utc)
            recorder.wait_for("a sealed part", lambda: any(utc(span["end"]) > begun for span in recorder.sealed("street")))

        def sealed():
            return sorted((recorder.data / "recordings").rglob("*.age"))

        def opened(file, name):
            out = folder / "opened.mp4"
            out.unlink(missing_ok=True)
            return age("-d", "-i", folder / f"{name}.key", "-o", out, file).returncode == 0 and out

        recorder = self.enterContext(Recorder(PROGRAM, folder, cameras))
        record("officer")
        self.assertEqual(recorder.stop()[0], 0, recorder.log())
        old, shown = sealed(), 0
        for file in old:
            out = opened(file, "officer")
            self.assertTrue(out, file)
            got = pictures(out)
            shown += len(got)
            self.assertEqual([p for p in got if p not in sent], [])
            self.assertFalse(opened(file, "successor"))
        self.assertGreater(shown, 80)
        record("successor")
        # A request over both is refused in words.
        spans = recorder.sealed("street")
        done = passerby("open", "request", "--server", recorder.address, "--camera", "street", "--reason", "r", "--from",
                        spans[0]["start"], "--to", spans[-1]["end"], "--folder", folder / "both")  # fmt: skip
        self.assertIn("sealed to other keyholders", done.stderr)
        done = passerby("open", "request", "--server", recorder.address, "--camera", "street", "--reason", "r", "--from",
                        spans[0]["start"], "--to", spans[0]["end"], "--folder", folder / "first")  # fmt: skip
        self.assertEqual(done.returncode, 0, done)
        approved = passerby("keyholder", "approve", folder / "first/request.json", "--key", folder / "officer.key", "--server",
                            recorder.address)  # fmt: skip
        self.assertIn("1 of 1", approved.stdout, approved)
        finished = passerby("open", "finish", "--server", recorder.address, "--folder", folder / "first")
        self.assertEqual((finished.returncode, finished.stderr), (0, ""))
        self.assertGreater(decoded_frames(folder / "first/original.mp4"), 50)
        self.assertEqual(recorder.stop()[0], 0, recorder.log())
        for file in set(sealed()) - set(old):
            self.assertTrue(opened(file, "successor"), file)
            self.assertFalse(opened(file, "officer"))
        checked = passerby("check", recorder.data, "--depth", "bytes")
        self.assertEqual(checked.returncode, 0, checked)
        self.assertEqual(passerby(recorder.data, "--stateless", program="passerby-verify").returncode, 0)
        report = json.loads(passerby("report", "use", recorder.data, "--format", "json").stdout)
        self.assertEqual(report["by_camera"]["street"]["opening"], 1)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
