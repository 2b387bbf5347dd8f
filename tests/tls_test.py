#!/usr/bin/python3
"""TLS of a running recorder, by clients of others: curl, OpenSSL, Python's ssl. And a proxy in front.

tls_test.py PROGRAM [TEST ...]
"""
import hashlib
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

from recorder import OWN_PASSWORD, PATIENCE_S, Recorder, make_clip

PROGRAM = pathlib.Path("build/release/passerby")
OFF = {"yard": {"url": "rtsp://10.0.0.9/stream", "enabled": False}}


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False, stdin=subprocess.DEVNULL, **more)


def make_certificate(folder, name, days=30):
    """A certificate for `name`, made by another program than ours."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    made = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(days),
               "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1", "-keyout", key, "-out", certificate)  # fmt: skip
    assert made.returncode == 0, made.stderr
    return certificate, key


class TlsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerby-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def recorder(self, http, cameras=None):
        return self.enterContext(Recorder(PROGRAM, self.folder, cameras or OFF, more={"http": http}))

    def with_certificate(self, cameras=None):
        self.certificate, self.key = make_certificate(self.folder, "one.test")
        return self.recorder({"tls": {"certificate": str(self.certificate), "key": str(self.key)}}, cameras).start()

    def connect(self, recorder, context=None):
        """A connection, its certificate in the manner of fingerprints, and what was agreed upon."""
        context = context or ssl._create_unverified_context()
        plain = socket.create_connection(("127.0.0.1", int(recorder.address.rpartition(":")[2])), PATIENCE_S)
        return self.enterContext(context.wrap_socket(plain, server_hostname="one.test"))

    def fingerprint(self, recorder):
        digest = hashlib.sha256(self.connect(recorder).getpeercert(binary_form=True)).hexdigest().upper()
        return ":".join(re.findall("..", digest))


class OwnCertificate(TlsTest):
    def test_curl_believes_it_and_gets_secure_cookies(self):
        recorder = self.with_certificate()
        self.assertTrue(recorder.address.startswith("https://127.0.0.1:"))
        head = run("curl", "-sSi", "--cacert", self.certificate, recorder.address + "/")
        self.assertEqual(head.returncode, 0, head.stderr)
        self.assertIn("strict-transport-security: max-age=31536000", head.stdout.lower())
        # Who does not know it does not.
        self.assertEqual(run("curl", "-sS", recorder.address).returncode, 60)
        login = run("curl", "-sSi", "--cacert", self.certificate, "-H", "Content-Type: application/json", "-d",
                    f'{{"user": "admin", "password": "{recorder.one_time_password()}"}}', recorder.address + "/api/login")  # fmt: skip
        cookie = re.search(r"set-cookie: (.*)\r?\n", login.stdout, re.I).group(1)
        self.assertRegex(cookie, r"^__Host-passerby_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=/; Secure$")
        # The other name, which a page of another port could plant, is none.
        token = cookie.partition("=")[2].partition(";")[0]
        for name, wanted in {"__Host-passerby_session": "200", "passerby_session": "401"}.items():
            got = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", self.certificate, "-H",
                      f"Cookie: {name}={token}", recorder.address + "/api/session")  # fmt: skip
            self.assertEqual(got.stdout, wanted, name)

    def test_old_protocols_and_weak_ciphers_are_refused(self):
        recorder = self.with_certificate()
        connection = self.connect(recorder)
        self.assertEqual(connection.version(), "TLSv1.3")
        offered = ssl._create_unverified_context()
        offered.set_alpn_protocols(["h2", "http/1.1"])
        self.assertEqual(self.connect(recorder, offered).selected_alpn_protocol(), "http/1.1")

        def agreed(version, ciphers):
            context = ssl._create_unverified_context()
            context.minimum_version = context.maximum_version = version
            context.set_ciphers(ciphers)
            try:
                return self.connect(recorder, context).cipher()[0]
            except ssl.SSLError as refused:
                return refused.reason

        self.assertEqual(agreed(ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256"), "ECDHE-ECDSA-AES128-GCM-SHA256")
        # No forward secrecy, no authenticated encryption.
        for weak in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "DHE-RSA-AES256-GCM-SHA384"):
            self.assertIn("FAILURE", agreed(ssl.TLSVersion.TLSv1_2, weak + ":@SECLEVEL=0"), weak)
        for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            self.assertRegex(agreed(old, "ALL:@SECLEVEL=0"), "ALERT|VERSION")

    def test_plain_http_gets_nothing(self):
        recorder = self.with_certificate()
        plain = run("curl", "-sS", recorder.address.replace("https", "http") + "/")
        self.assertNotEqual(plain.returncode, 0)
        self.assertEqual(plain.stdout, "")
        self.assertEqual(recorder.call("GET", "/api/openapi.json")[0], 200)

    def test_a_certificate_that_changes_is_taken_up(self):
        recorder = self.with_certificate()
        before = self.fingerprint(recorder)
        held = self.connect(recorder)
        certificate, key = make_certificate(self.folder, "two.test")
        # The certificate is there before its key, as when one program writes two files.
        os.replace(certificate, self.certificate)
        self.assertEqual(self.fingerprint(recorder), before)
        recorder.wait_for("a word about it", lambda: "belong together" in recorder.log())
        self.assertIn("stays in use", recorder.log())
        os.replace(key, self.key)
        self.assertNotEqual(self.fingerprint(recorder), before)
        held.sendall(b"GET /api/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        self.assertIn(b"200 OK", held.recv(100), "who is connected stays so")

    def test_errors_name_the_file_and_the_mend(self):
        certificate, key = make_certificate(self.folder, "one.test")
        _, other = make_certificate(self.folder, "two.test")
        text = self.folder / "text.pem"
        text.write_text("no certificate")
        for files, wanted in {
            (self.folder / "gone.pem", key): "gone.pem",
            (certificate, self.folder / "gone.key"): "gone.key",
            (text, key): "'.*text.pem' is no certificate .*; give a PEM file",
            (certificate, text): "'.*text.pem' is no private key .*; give a PEM file without a password",
            (certificate, other): "the key in '.*two.test.key' is not the one of the certificate in '.*one.test.pem'",
        }.items():
            recorder = Recorder(PROGRAM, self.folder, OFF, more={"http": {"tls": dict(zip(("certificate", "key"), map(str, files)))}})
            refused = run(PROGRAM, "serve", "--config", recorder.config)
            self.assertEqual(refused.returncode, 1)
            self.assertRegex(refused.stderr, wanted)

    def test_the_live_view_goes_over_it(self):
        clip = self.folder / "street.mp4"
        make_clip(clip, 60)
        recorder = self.with_certificate({"street": {"url": f"file:{clip}", "loop": True}}).sign_in()
        recorder.wait_for_recording("street")
        login = run("curl", "-sSi", "--cacert", self.certificate, "-H", "Content-Type: application/json", "-d",
                    f'{{"user": "admin", "password": "{OWN_PASSWORD}"}}', recorder.address + "/api/login")  # fmt: skip
        cookie = re.search(r"set-cookie: ([^;]*)", login.stdout, re.I).group(1)
        connection = self.connect(recorder)
        connection.sendall((f"GET /api/cameras/street/live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: Upgrade\r\n"
                            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n").encode())  # fmt: skip
        got = b""
        while b"moof" not in got:
            part = connection.recv(65536)
            self.assertTrue(part, got[:300])
            got += part
        self.assertTrue(got.startswith(b"HTTP/1.1 101"))
        self.assertIn(b"Strict-Transport-Security", got)
        self.assertIn(b'"codec"', got)
        # A whole segment, too, byte for byte.
        segment = recorder.segments("street")[0]["id"]
        status, body = recorder.call("GET", f"/api/segments/{segment}.mp4")
        self.assertEqual(status, 200)
        self.assertEqual(body[4:8], b"ftyp")
        self.assertIn(b"mdat", body)


class SelfSigned(TlsTest):
    def test_it_is_made_once_and_its_fingerprint_printed(self):
        recorder = self.recorder({"tls": "self-signed"}).start()
        printed = re.search(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", recorder.printed()).group()
        self.assertEqual(self.fingerprint(recorder), printed)
        files = {path.name: path.stat().st_mode & 0o777 for path in (recorder.data / "tls").iterdir()}
        self.assertEqual(files, {"certificate.pem": 0o644, "key.pem": 0o600})
        known = ssl.create_default_context(cafile=recorder.data / "tls/certificate.pem")
        port = int(recorder.address.rpartition(":")[2])
        for name in ("localhost", "127.0.0.1"):
            with socket.create_connection(("127.0.0.1", port)) as plain, known.wrap_socket(plain, server_hostname=name) as tls:
                self.assertEqual(tls.version(), "TLSv1.3")
        recorder.stop()
        recorder.start()
        self.assertEqual(self.fingerprint(recorder), printed, "what somebody agreed to stays")


class Proxy(TlsTest):
    def call(self, recorder, **headers):
        login = f'{{"user": "admin", "password": "{recorder.one_time_password()}"}}'
        lines = [part for name, value in headers.items() for part in ("-H", f"{name.replace('_', '-')}: {value}")]
        return run("curl", "-sSi", "-H", "Content-Type: application/json", *lines, "-d", login, recorder.address + "/api/login")

    def test_what_a_trusted_proxy_says_counts(self):
        recorder = self.recorder({"proxy": ["127.0.0.1"], "names": ["cctv.example.org"]}).start()
        said = {"X_Forwarded_Proto": "https", "X_Forwarded_For": "198.51.100.1, 203.0.113.7", "Host": "cctv.example.org",
                "Origin": "https://cctv.example.org"}  # fmt: skip
        answer = self.call(recorder, **said)
        self.assertIn("200 OK", answer.stdout)
        self.assertIn("__Host-passerby_session=", answer.stdout)
        self.assertIn("Strict-Transport-Security", answer.stdout)
        # The last one is the proxy's own word; the others anybody may have written.
        self.assertIn("login from 203.0.113.7", recorder.log())
        self.assertIn("421", self.call(recorder, Host="evil.example").stdout)

    def test_what_others_say_does_not(self):
        recorder = self.recorder({"proxy": ["10.0.0.0/8"]}).start()
        answer = self.call(recorder, X_Forwarded_Proto="https", X_Forwarded_For="203.0.113.7")
        self.assertIn("200 OK", answer.stdout)
        self.assertNotIn("__Host-", answer.stdout)
        self.assertNotIn("Strict-Transport-Security", answer.stdout)
        self.assertIn("login from 127.0.0.1", recorder.log())


class Warnings(TlsTest):
    def test_plain_http_for_others_is_warned_of(self):
        for http, warned in (({"listen": "0.0.0.0:0"}, True), ({"listen": "[::]:0"}, True), ({"listen": "127.0.0.1:0"}, False),
                             ({"listen": "[::1]:0"}, False), ({"listen": "0.0.0.0:0", "tls": "self-signed"}, False),
                             ({"listen": "0.0.0.0:0", "proxy": ["10.0.0.1"]}, False)):  # fmt: skip
            recorder = Recorder(PROGRAM, self.folder, OFF, more={"http": http})
            checked = run(PROGRAM, "config", "check", recorder.config)
            self.assertEqual(checked.returncode, 0, checked.stderr)
            self.assertEqual("without TLS passwords and pictures can be read" in checked.stderr, warned, http)
        with self.recorder({"listen": "0.0.0.0:0"}).start() as recorder:
            self.assertIn("without TLS passwords", recorder.log())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PROGRAM = pathlib.Path(sys.argv.pop(1))
    PROGRAM = PROGRAM.resolve()
    unittest.main(verbosity=2)
