"""A camera whose picture says when it was taken: MJPEG over HTTP, with the time as a strip of black and white fields.

    /usr/bin/python3 tests/clock_camera.py [FPS] [WIDTH] [HEIGHT]      # prints its address

The strip along the top has 24 fields: the time since 1970 in units of 10 ms, its lowest 16 bits, and a check of 8.
"""

import http.server
import sys
import threading
import time

import cv2
import numpy as np

FIELDS = 24
STRIP = 32  # pixels tall


def fields(now):
    value = int(now * 100) & 0xFFFF
    check = (value ^ value >> 8 ^ 0xA5) & 0xFF
    word = value << 8 | check
    return [word >> (FIELDS - 1 - i) & 1 for i in range(FIELDS)]


def picture(now, size):
    width, height = size
    image = np.full((height, width, 3), 110, np.uint8)
    image[height // 2 :] = (90, 120, 90)
    cv2.rectangle(image, (width // 3, height // 3), (width // 2, height // 2), (60, 60, 160), -1)
    for i, bit in enumerate(fields(now)):
        image[:STRIP, i * width // FIELDS : (i + 1) * width // FIELDS] = 235 * bit + 10
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def serve(fps, size):
    class Camera(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            next_at = time.time()
            try:
                while True:
                    jpeg = picture(time.time(), size)
                    self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg) + jpeg + b"\r\n")
                    self.wfile.flush()
                    next_at += 1 / fps
                    time.sleep(max(0, next_at - time.time()))
            except OSError:
                pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # until who started us is gone


if __name__ == "__main__":
    fps, width, height = [int(arg) for arg in sys.argv[1:4]] if len(sys.argv) > 3 else (15, 640, 480)
    serve(fps, (width, height))
