"""For the whole-program tests: a running `passerby serve`, its API, and what it wrote."""
import base64
import datetime
import hashlib
import hmac
import http.cookiejar
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from described import description

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOOTAGE = ROOT / ".deps" / "sample" / "vtest.avi"
OWN_PASSWORD = "a password of my own"
# What is started so is gone with the test, however that ends.
WITH_US = ("setpriv", "--pdeathsig", "KILL")
# How long a condition may take. Far more than it does: on a busy machine tests should be slow rather than wrong.
PATIENCE_S = 90


def wait_for(what, condition, context=lambda: ""):
    """Polls until `condition()` gives something true, and returns that. `context()` is told when it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not after {PATIENCE_S} s, but {value!r}\n{context()}")
        time.sleep(0.1)


def has_ended(pid):
    """Also when whoever inherited it does not ask how."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def utc(text):
    return datetime.datetime.fromisoformat(text)


def totp(secret, ahead=0):
    """RFC 6238, by another program than ours."""
    key = base64.b32decode(secret)
    mac = hmac.new(key, (int(time.time()) // 30 + ahead).to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def run_quietly(*command):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
    return done.stdout


def make_clip(path, seconds):
    """The beginning of the footage as an H.264 file; small, since tests share two cores with two cameras."""
    run_quietly("ffmpeg", "-v", "error", "-t", "20", "-i", FOOTAGE, "-vf", "scale=384:288", "-an", "-c:v", "libx264",
                "-preset", "ultrafast", "-bf", "0", "-g", "10", "-f", "mp4", f"{path}.once")  # fmt: skip
    run_quietly("ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", f"{path}.once", "-t", str(seconds), "-c", "copy", path)


def decoded_frames(path):
    """Decodes the whole file; an error of the decoder or the demuxer fails."""
    out = run_quietly("ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-of", "json",
                      "-show_entries", "stream=codec_name,nb_read_frames", path)  # fmt: skip
    (stream,) = json.loads(out)["streams"]
    if stream["codec_name"] != "h264":
        raise AssertionError(f"{path}: {stream['codec_name']}")
    return int(stream["nb_read_frames"])


def fragments(path):
    """The fragments' (start, duration, frames), times in seconds, of a segment file as in doc/storage.md; all of it whole."""
    data = path.read_bytes()
    at, out, boxes = 0, [], []
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        kind, end = data[at + 4:at + 8].decode("latin1"), at + size
        if size < 8 or end > len(data):
            raise AssertionError(f"{path}: torn at byte {at} of {len(data)}: {kind!r}, {size} bytes")
        if kind == "free" and data[at + 8:at + 16] == b"passerby":
            index = data[at:end]
            length = int.from_bytes(index[24:32], "big")
            fragment = data[end:end + length]
            if hashlib.blake2b(index[:56] + fragment, digest_size=16).digest() != index[56:72]:
                raise AssertionError(f"{path}: the hash at byte {at} does not fit")
            numbers = (int.from_bytes(index[i:j], "big") for i, j in ((32, 40), (40, 48), (20, 24)))
            start, duration, frames = numbers
            out.append((start / 1e6, duration / 1e6, frames))
        boxes.append(kind)
        at = end
    if boxes != ["ftyp", "moov"] + ["free", "moof", "mdat"] * len(out):
        raise AssertionError(f"{path}: {boxes}")
    return out


class RtspCamera:
    """rtsp_server.py, as it can be killed and started again on the same port."""

    def __init__(self, clip, user, password):
        self.clip = clip
        self.login = {"CAMERA_USER": user, "CAMERA_PASSWORD": password}
        self.port, self.process = 0, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.kill()

    def start(self, **login):
        script = pathlib.Path(__file__).with_name("rtsp_server.py")
        self.process = subprocess.Popen([*WITH_US, "/usr/bin/python3", "-B", script, self.clip, str(self.port)],
                                        stdout=subprocess.PIPE, env={**os.environ, **self.login, **login})  # fmt: skip
        self.port = int(self.process.stdout.readline())
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Recorder:
    """One config and data folder; `passerby serve` on it, as often as it is started.

    The first start logs in and chooses a password. Everything that was printed stays in `folder`/out-N, err-N.
    """

    def __init__(self, program, folder, cameras, environment=None, more=None):
        """`cameras`: the config's section, as a dict. `more`: other sections."""
        self.program, self.folder = program, pathlib.Path(folder)
        self.data = self.folder / "data"
        self.environment = {**os.environ, **(environment or {})}
        self.config = self.folder / "passerby.yaml"
        # JSON is YAML.
        more = dict(more or {})
        http_section = {"listen": "127.0.0.1:0", **more.pop("http", {})}
        self.config.write_text(json.dumps({"data": "data", "http": http_section, **({"cameras": cameras} if cameras else {}),
                                           **more}))
        self.process, self.address, self.starts = None, "", 0
        self.forget_session()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    # The process

    def start(self):
        self.starts += 1
        with open(self.folder / f"out-{self.starts}", "wb") as out, open(self.folder / f"err-{self.starts}", "wb") as err:
            self.process = subprocess.Popen([*WITH_US, self.program, "serve", "--config", self.config], env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=err)  # fmt: skip
        self.address = self.wait_for("the address", lambda: re.search(r"https?://[\w.:]+", self.printed())).group()
        return self

    def printed(self):
        return (self.folder / f"out-{self.starts}").read_text()

    def log(self):
        return (self.folder / f"err-{self.starts}").read_text()

    def one_time_password(self):
        found = re.search(r"one-time password (\S+)", self.printed())
        return found.group(1) if found else None

    def wait_for(self, what, condition):
        def unless_ended():
            if self.process.poll() is not None:
                raise AssertionError(f"{what}: passerby ended with {self.process.returncode}\n{self.log()}")
            return condition()

        return wait_for(what, unless_ended, self.log)

    def signal(self, number):
        """Returns the exit status and how many seconds it took."""
        sent = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE_S)
        return status, time.monotonic() - sent

    def stop(self):
        return self.signal(signal.SIGTERM)

    def children(self):
        """Process ids of the cameras, by id."""
        out = {}
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                name, rest = re.fullmatch(r"\d+ \((.*)\) (.*)\n", path.read_text(), re.S).groups()
            except OSError:  # it has ended
                continue
            if int(rest.split()[1]) == self.process.pid and name.startswith("cam "):
                out[name[4:]] = int(path.parent.name)
        return out

    def command_lines(self):
        out = []
        for pid in (self.process.pid, *self.children().values()):
            try:
                out.append(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
            except OSError:  # it has ended
                pass
        # Of a process that has just ended the line is empty.
        return [line for line in out if line]

    # The API

    def forget_session(self):
        # Whose certificate is whose is tls_test.py's.
        believing = ssl._create_unverified_context()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
                                                   urllib.request.HTTPSHandler(context=believing))  # fmt: skip

    def call(self, method, path, body=None, headers=None):
        """(status, body), whatever the status is. Fails when doc/openapi.json does not describe this answer."""
        data = None if body is None else json.dumps(body).encode()
        headers_sent = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.address + path, data, headers_sent, method=method)
        if method != "GET":
            request.add_header("Origin", (headers or {}).get("Origin", self.address))
        try:
            with self.browser.open(request, timeout=PATIENCE_S) as answer:
                status, said, answered = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, said, answered = error.code, error.headers, error.read()
        self.heard(method, path, status, said, answered)
        return status, answered

    def heard(self, method, path, status, headers, body):
        if path.startswith(("/api/", "/ledger/")):
            description().check(method, path, status, headers, body)

    def get(self, path):
        status, body = self.call("GET", path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {body.decode()}")
        return json.loads(body)

    def log_in(self, password):
        status, body = self.call("POST", "/api/login", {"user": "admin", "password": password})
        return status, json.loads(body)

    def sign_in(self):
        """The first login: with the one-time password, which it changes."""
        once = self.one_time_password()
        status, answer = self.log_in(once)
        assert (status, answer.get("must_change_password")) == (200, True), answer
        status, body = self.call("POST", "/api/password", {"old": once, "new": OWN_PASSWORD})
        assert status == 204, body
        return self

    def camera(self, camera):
        return self.get(f"/api/cameras/{camera}")

    def timeline_path(self, camera):
        """Of all of this test."""
        now = datetime.datetime.now(datetime.timezone.utc)
        span = {"from": now - datetime.timedelta(hours=1), "to": now + datetime.timedelta(hours=1)}
        query = urllib.parse.urlencode({k: v.strftime("%Y-%m-%dT%H:%M:%SZ") for k, v in span.items()})
        return f"/api/cameras/{camera}/timeline?{query}"

    def timeline(self, camera):
        """(segments, gaps): their times are datetimes, a gap that lasts ends with None."""
        answer = self.get(self.timeline_path(camera))
        for entry in answer["segments"] + answer["gaps"]:
            entry["start"], entry["end"] = utc(entry["start"]), entry["end"] and utc(entry["end"])
        return answer["segments"], answer["gaps"]

    def segments(self, camera):
        return self.timeline(camera)[0]

    def sealed(self, camera):
        """The spans of which originals are kept, as text."""
        return self.get(self.timeline_path(camera))["sealed"]

    def losses(self, camera):
        """The gaps after the first picture, without `overload`: that is of a machine that is busy with other things, too."""
        segments, gaps = self.timeline(camera)
        return [gap for gap in gaps if segments and gap["start"] >= segments[0]["start"] and gap["cause"] != "overload"]

    def wait_for_recording(self, camera):
        """Until it is live and the newest entry of its timeline is a segment; returns what it then says of itself."""

        def recorded():
            said = self.camera(camera)
            segments, gaps = self.timeline(camera)
            goes_on = segments and all(gap["end"] and gap["end"] <= segments[-1]["start"] for gap in gaps)
            return said if said["state"] == "live" and goes_on else None

        return self.wait_for(f"{camera} is recorded", recorded)

    def files(self, camera):
        """Its segments' files, oldest first."""
        return sorted(self.data.glob(f"recordings/*/*/{camera}/*.mp4"))
