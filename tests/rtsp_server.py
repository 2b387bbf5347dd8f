#!/usr/bin/python3
"""A camera for tests: an RTSP server on this machine that plays a file in real time to whoever logs in: H.264, or HEVC where
its name ends in .hevc.mp4; with sound where it ends in .aac.mp4 or .pcmu.mov.

rtsp_server.py FILE PORT     the user is in the environment: CAMERA_USER, CAMERA_PASSWORD
With RTP_WRAPS_AFTER_S=3 in it, RTP's 32 bits of time begin anew after three seconds; they do after 13.25 h of any camera.
It prints its port when it is ready (PORT 0: any that is free), and runs until it is killed.
"""
import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PATH = "/stream"
ROLE = "viewer"
# How sound is sent, and the clock of its timestamps.
SOUND = {".aac.mp4": ("rtpmp4gpay pt=97", 48000), ".pcmu.mov": ("rtppcmupay pt=0", 8000)}
VIDEO_CLOCK = 90000


def begin_of_time(clock):
    wraps = os.environ.get("RTP_WRAPS_AFTER_S")
    return f"timestamp-offset={2**32 - int(wraps) * clock}" if wraps else ""


def factory_of(path):
    # qtdemux and the payloaders are in gst-plugins-good; the parameter sets go with each keyframe, as cameras do it.
    payloader = "rtph265pay" if path.endswith(".hevc.mp4") else "rtph264pay"
    factory = GstRtspServer.RTSPMediaFactory()
    sound = next((f"queue ! {how} name=pay1 {begin_of_time(clock)}" for end, (how, clock) in SOUND.items() if path.endswith(end)), None)
    video = f"{payloader} name=pay0 pt=96 config-interval=-1 {begin_of_time(VIDEO_CLOCK)}"
    film = f'filesrc location="{path}" ! qtdemux name=film'
    factory.set_launch(f"( {film}  film.video_0 ! queue ! {video}  film.audio_0 ! {sound} )" if sound else f"( {film} ! {video} )")
    permissions = GstRtspServer.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role(ROLE, right, True)
    factory.set_permissions(permissions)
    return factory


def digest_login(user, password):
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    auth.add_digest(user, password, token)
    return auth


def main():
    path, port = sys.argv[1:3]
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    server.set_auth(digest_login(os.environ["CAMERA_USER"], os.environ["CAMERA_PASSWORD"]))
    server.get_mount_points().add_factory(PATH, factory_of(path))
    if server.attach(None) == 0:
        sys.exit(f"rtsp_server.py: cannot listen on port {port}")
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
