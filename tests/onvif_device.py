"""A camera's ONVIF side, as far as it takes to find its stream: real HTTP on loopback, for one user."""
import base64
import hashlib
import http.server
import re
import threading
from xml.sax.saxutils import escape


class OnvifDevice:
    """`streams`: url by name."""

    def __init__(self, user, password, streams):
        self.user, self.password, self.streams = user, password, streams
        device = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, body = device.answer(asked)
                body = f'<s:Envelope xmlns:s="urn:s"><s:Body>{body}</s:Body></s:Envelope>'.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/onvif/device_service"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def knows(self, asked):
        said = {name: re.search(rf"<(?:\w+:)?{name}(?: [^>]*)?>([^<]*)<", asked) for name in ("Username", "Password", "Nonce", "Created")}
        if not all(said.values()):
            return False
        user, digest, nonce, created = (said[name].group(1) for name in ("Username", "Password", "Nonce", "Created"))
        wanted = hashlib.sha1(base64.b64decode(nonce) + created.encode() + self.password.encode()).digest()
        return user == self.user and base64.b64decode(digest) == wanted

    def answer(self, asked):
        if not self.knows(asked):
            return 401, "<Fault/>"
        if "GetCapabilities" in asked:
            return 200, f"<Media><XAddr>{self.address}</XAddr></Media>"
        if "GetProfiles" in asked:
            return 200, "".join(f'<Profiles token="{escape(name)}"><Name>{escape(name)}</Name></Profiles>' for name in self.streams)
        token = re.search(r"<ProfileToken>([^<]*)<", asked).group(1)
        return 200, f"<Uri>{escape(self.streams[token])}</Uri>"
