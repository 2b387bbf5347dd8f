#!/usr/bin/python3
"""A camera's password stays where it belongs: forty cameras, each with a password of its own and a way of its own to fail, some of
which say the password back. Nothing that the recorder writes, answers or shows of its processes has any of them.

password_test.py PROGRAM
"""
import base64
import json
import pathlib
import secrets
import socket
import struct
import sys
import tempfile
import threading
import unittest
import urllib.parse

from recorder import Recorder, wait_for

PROGRAM = pathlib.Path("build/release/passerby")
SDP = ("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
       "a=fmtp:96 packetization-mode=1\r\na=control:track\r\n")  # fmt: skip


def rtsp(status, request, more="", body=""):
    cseq = next((line for line in request.split("\r\n") if line.lower().startswith("cseq:")), "CSeq: 1")
    length = f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"RTSP/1.0 {status}\r\n{cseq}\r\n{more}{length}\r\n{body}".encode()


def http(status, more="", body=b""):
    return f"HTTP/1.0 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def authorization(request):
    return " ".join(line for line in request.split("\r\n") if line.lower().startswith("authorization:"))


def answers(sdp, fail_at="", status="", after=b""):
    """An RTSP server that gets as far as `fail_at`, where it answers with `status` or, after PLAY, sends `after`."""

    def answer(request, _):
        method = request.split(" ")[0]
        if method == fail_at and status:
            return rtsp(status, request)
        if method == "OPTIONS":
            return rtsp("200 OK", request, "Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n")
        if method == "DESCRIBE":
            return rtsp("200 OK", request, body=sdp)
        if method == "SETUP":
            return rtsp("200 OK", request, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n")
        return rtsp("200 OK", request, "Session: 1\r\n") + after

    return answer


DIGEST = 'WWW-Authenticate: Digest realm="x", nonce="1"\r\n'
BASIC = 'WWW-Authenticate: Basic realm="x"\r\n'
CLOSE = None
RTSP = {
    "closes": lambda q, s: CLOSE,
    "garbage": lambda q, s: secrets.token_bytes(4000),
    "garbage-text": lambda q, s: b"no protocol of any kind\n" * 500,
    "http": lambda q, s: http("200 OK", body=b"wrong door"),
    "digest": lambda q, s: rtsp("401 Unauthorized", q, DIGEST),
    "basic": lambda q, s: rtsp("401 Unauthorized", q, BASIC),
    "basic-echo": lambda q, s: rtsp(f"401 {authorization(q) or 'who'}", q, BASIC),
    "digest-echo": lambda q, s: rtsp(f"401 {authorization(q) or 'who'}", q, DIGEST),
    "reason-echo": lambda q, s: rtsp(f"500 {s} {urllib.parse.quote(s)}", q),
    "header-echo": lambda q, s: rtsp("454 No", q, f"Server: {s}\r\nX-Error: rtsp://viewer:{s}@127.0.0.1/x\r\n"),
    "sdp-echo": answers(SDP.replace("s=x", "s=SECRET"), "SETUP", "461 Unsupported transport"),
    "forbidden": lambda q, s: rtsp("403 Forbidden", q),
    "not-found": lambda q, s: rtsp("404 Not Found", q),
    "error": lambda q, s: rtsp("500 Internal Server Error", q),
    "busy": lambda q, s: rtsp("453 Not Enough Bandwidth", q),
    "redirect": lambda q, s: rtsp("302 Moved", q, f"Location: rtsp://viewer:{s}@127.0.0.1:9/there\r\n"),
    "no-sdp": answers(""),
    "bad-sdp": answers("v=0\r\nm=video\r\na=\r\n" * 30),
    "only-sound": answers(SDP.replace("m=video 0 RTP/AVP 96", "m=audio 0 RTP/AVP 0")),
    "codec": answers(SDP.replace("H264", "NONESUCH")),
    "setup": answers(SDP, "SETUP", "461 Unsupported transport"),
    "play": answers(SDP, "PLAY", "455 Method Not Valid"),
    "describe": answers(SDP, "DESCRIBE", "400 Bad Request"),
    "silent-after-play": answers(SDP),
    "garbage-after-play": answers(SDP, after=b"$\x00\x00\x40" + bytes(64) + secrets.token_bytes(3000)),
    "long-header": lambda q, s: b"RTSP/1.0 200 OK\r\nX: " + b"y" * 200_000,
    "other-cseq": lambda q, s: b"RTSP/1.0 200 OK\r\nCSeq: 4711\r\n\r\n",
    "no-status": lambda q, s: b"RTSP/1.0\r\n\r\n",
}
HTTP = {
    "h-closes": lambda q, s: CLOSE,
    "h-denied": lambda q, s: http("401 Unauthorized", BASIC),
    "h-echo": lambda q, s: http(f"401 {authorization(q) or s}", BASIC, authorization(q).encode()),
    "h-missing": lambda q, s: http("404 Not Found"),
    "h-redirect": lambda q, s: http("302 Found", f"Location: http://viewer:{s}@127.0.0.1:9/\r\n"),
    "h-empty": lambda q, s: http("200 OK", "Content-Type: multipart/x-mixed-replace; boundary=b\r\n"),
    "h-broken": lambda q, s: http("200 OK", "Content-Type: image/jpeg\r\n", b"\xff\xd8" + secrets.token_bytes(2000)),
    "h-text": lambda q, s: http("200 OK", "Content-Type: text/html\r\n", f"<p>{s}".encode()),
}


class Failing:
    """One camera that fails in its way, on a port of its own."""

    def __init__(self, answer, secret):
        self.answer, self.secret, self.asked, self.heard = answer, secret, 0, ""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        with connection:
            try:
                while True:
                    request = connection.recv(65536).decode("latin1")
                    if not request:
                        return
                    self.asked += 1
                    self.heard += request
                    answer = self.answer(request, self.secret)
                    if answer is CLOSE:
                        # RST: what was not read is thrown away.
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    connection.sendall(answer.replace(b"SECRET", self.secret.encode()))
            except OSError:
                return


class PasswordTest(unittest.TestCase):
    def test_forty_failures_and_not_one_password(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="passerby-")))
        passwords, cameras, failing = {}, {}, {}

        def add(name, url):
            cameras[name] = {"url": url, "user": "viewer", "password": passwords[name]}

        for name in [*RTSP, *HTTP, "tls", "h-tls", "dead", "nowhere"]:
            # With characters that must be escaped in an address.
            passwords[name] = f"canary/{secrets.token_hex(8)}@{name}"
        for kinds, scheme in ((RTSP, "rtsp"), (HTTP, "http")):
            for name, answer in kinds.items():
                failing[name] = Failing(answer, passwords[name])
                self.addCleanup(failing[name].socket.close)
                add(name, f"{scheme}://127.0.0.1:{failing[name].port}/stream")
        add("tls", f"rtsps://127.0.0.1:{failing['garbage'].port}/stream")
        add("h-tls", f"https://127.0.0.1:{failing['h-text'].port}/stream")
        add("dead", "rtsp://127.0.0.1:9/stream")
        add("nowhere", "rtsp://no-such-host.invalid/stream")
        self.assertEqual(len(cameras), 40)

        recorder = self.enterContext(Recorder(PROGRAM, folder, cameras))
        recorder.start().sign_in()
        paths = ["/api/cameras", "/api/health", "/api/ledger", "/api/ledger/entries", "/api/session",
                 *(f"/api/cameras/{name}" for name in cameras), *(recorder.timeline_path(name) for name in cameras)]  # fmt: skip
        seen = {"command lines": b"", "environments": b""}

        def look():
            for pid in (recorder.process.pid, *recorder.children().values()):
                for kind, file in (("command lines", "cmdline"), ("environments", "environ")):
                    try:
                        seen[kind] += pathlib.Path(f"/proc/{pid}/{file}").read_bytes()
                    except OSError:
                        pass  # it has ended
            said = {name: recorder.camera(name) for name in cameras}
            tried_twice = all(f.asked >= 2 for f in failing.values())
            return tried_twice and all(c["error"] for n, c in said.items() if n not in ("silent-after-play",)) and said

        said = wait_for("every camera to fail in words", look, recorder.log)
        for path in paths:
            seen[path] = recorder.call("GET", path)[1]
        self.assertEqual(recorder.stop()[0], 0, recorder.log())
        for file in (*folder.glob("out-*"), *folder.glob("err-*"), *(p for p in recorder.data.rglob("*") if p.is_file())):
            seen[str(file)] = file.read_bytes()
        self.assertIn(b"passerby", seen["command lines"])
        self.assertGreater(len(seen), 80)
        for name in ("basic", "h-denied"):
            login = base64.b64encode(f"viewer:{passwords[name]}".encode()).decode()
            self.assertIn(login, failing[name].heard, "the camera itself is given it")

        for name, password in passwords.items():
            core = password.split("/")[1].split("@")[0]
            forms = {core.encode(), base64.b64encode(f"viewer:{password}".encode()).rstrip(b"="),
                     urllib.parse.quote(password, safe="").encode()}  # fmt: skip
            for where, content in seen.items():
                for form in forms:
                    self.assertNotIn(form, content, f"the password of {name} is in {where}")
        self.assertGreater(len({c["error"] for c in said.values()}), 8, "the failures are told apart")


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
