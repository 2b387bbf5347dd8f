#!/usr/bin/python3
"""A quiet scene is recorded as the camera sent it, to the bit, and a visitor is covered in it.

An RTSP camera sends an empty square for half a minute, then people who walk over it, each with a machine-readable pattern, then
the empty square again. What `passerby serve` recorded is decoded and compared with what the camera sent, picture by picture.

quiet_test.py PROGRAM [Quiet.test_...]
"""
import hashlib
import pathlib
import unittest

import numpy as np

import canary_test
import support
from canary_test import FIRST, FOOTAGE, FRAMES, HEIGHT, LABELS, LEFT, PATTERNS, SIDE, TOP, WIDTH
from recorder import Recorder, RtspCamera, decoded_frames
from support import decode, encode

RATE = 10
QUIET_BEFORE, QUIET_AFTER = 32 * RATE, 16 * RATE
GROUP = RATE  # an IDR picture a second


def hashes(planes):
    return [hashlib.sha256(b"".join(plane[i].tobytes() for plane in planes)).digest() for i in range(len(planes[0]))]


def empty_square(everything):
    return tuple(np.median(plane, axis=0).astype(np.uint8) for plane in everything)


def with_noise(picture, frames, seed):
    """A sensor's noise: no two pictures are the same."""
    random = np.random.default_rng(seed)
    return tuple(np.clip(plane + random.normal(0, 1.5, (frames, *plane.shape)), 16, 235).astype(np.uint8) for plane in picture)


class Quiet(support.FolderTest):
    @classmethod
    def setUpClass(cls):
        if not FOOTAGE.exists():
            support.skip_loudly(f"{FOOTAGE} is not there ('./run build' brings it): no quiet square with visitors")
        cls.keep = support.FolderTest()
        support.FolderTest.setUp(cls.keep)
        cls.addClassCleanup(cls.keep.doCleanups)
        cut = cls.keep.folder / "cut.mkv"
        support.ffmpeg("-i", FOOTAGE, "-vf", f"crop={WIDTH}:{HEIGHT}:{LEFT}:{TOP}", "-c:v", "ffv1", cut)
        everything = decode(cut)
        people = tuple(plane[FIRST:FIRST + FRAMES].copy() for plane in everything)
        boxes = canary_test.labelled_boxes() if LABELS.exists() else canary_test.moving_boxes(people[0])
        for i, spots in canary_test.places(boxes).items():
            for x, y in spots:
                people[0][i, y:y + SIDE, x:x + SIDE] = PATTERNS[0]
                for plane, colour in zip(people[1:], PATTERNS[1:]):
                    plane[i, y // 2:(y + SIDE) // 2, x // 2:(x + SIDE) // 2] = colour
        square = empty_square(everything)
        before, after = with_noise(square, QUIET_BEFORE, 1), with_noise(square, QUIET_AFTER, 2)
        sent = tuple(np.concatenate(parts) for parts in zip(before, people, after))
        cls.clip = encode(cls.keep.folder / "square.mp4", sent, "-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-bf", "0",
                          "-g", str(GROUP), "-sc_threshold", "0", "-pix_fmt", "yuv420p", rate=RATE)
        cls.sent = hashes(decode(cls.clip))

    def record(self, **settings):
        """What was recorded of the whole clip, as one file."""
        program, user, password = support.program(), "viewer", "of the square"
        with RtspCamera(self.clip, user, password) as camera:
            camera.start()
            url = f"rtsp://127.0.0.1:{camera.port}/stream"
            with Recorder(program, self.folder, {"square": {"url": url, "user": user, "password": password, **settings}}) as recorder:
                recorder.start().sign_in()
                recorder.wait_for_recording("square")
                recorder.wait_for("the end of the clip", lambda: recorder.losses("square"))
                recorder.stop()
                self.files = recorder.files("square")
                self.log = recorder.log()
        return self.files

    def test_quiet_pictures_are_the_cameras_and_people_are_covered(self):
        recorded, shown = [], []
        for path in self.record():
            planes = decode(path)
            # Every picture decodes, and no more is said of it than that.
            self.assertEqual(decoded_frames(path), len(planes[0]))
            times = support.times(path)
            self.assertEqual(times, sorted(set(times)), "time goes on")
            recorded += hashes(planes)
            shown.append(planes)
        places = {h: i for i, h in enumerate(self.sent)}
        kept = [places[h] for h in recorded if h in places]
        self.assertEqual(kept, sorted(kept))
        with_people = range(QUIET_BEFORE, QUIET_BEFORE + FRAMES)
        self.assertEqual([i for i in kept if i in with_people], [], "a picture with people is shown as it was sent")
        before, after = [i for i in kept if i < with_people.start], [i for i in kept if i >= with_people.stop]
        print(f"{len(recorded)} pictures recorded of {len(self.sent)}; kept: {len(before)} before the visit, {len(after)} after it")
        self.assertGreater(len(before), 4 * RATE, self.log)
        self.assertGreater(len(after), 4 * RATE, self.log)
        # Whole groups from an IDR picture on.
        self.assertEqual({i % GROUP for i in (before[0], after[0])}, {0})
        seen = sorted((s for planes in shown for s in canary_test.sightings(planes) if s[0] >= 1), reverse=True)
        self.assertEqual(seen[:5], [], "the pattern that people carry is seen (times the limit, frame, plane, which, x, y)")

    def test_everything_is_encoded_where_the_config_says_so(self):
        recorded = [h for path in self.record(quiet="encode") for h in hashes(decode(path))]
        self.assertGreater(len(recorded), QUIET_BEFORE)
        self.assertEqual(set(recorded) & set(self.sent), set())


if __name__ == "__main__":
    support.main()
