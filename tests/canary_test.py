#!/usr/bin/python3
"""A pattern that is held where a person is must not be found in anything that was written.

Real footage of walking people; onto each of them a machine-readable pattern is pasted, in luma and in colour, and the clip is
redacted in every way. Then every plane of every frame of what came out is searched for the pattern by correlation, whole and
by its quarters, in its own size and smaller. The same search must find it in the input, or it proves nothing.

canary_test.py PROGRAM [Canary.test_...]
"""
import collections
import json
import os

import cv2
import numpy as np

import support
from support import decode, encode, names_in

FOOTAGE = support.ROOT / ".deps/sample/vtest.avi"  # of Debian's opencv-doc; ./run brings it
LABELS = support.SHARED / "data/video_pets09_s2l1/gt.txt"  # boxes for the same footage
FIRST, FRAMES = 124, 72
LEFT, TOP, WIDTH, HEIGHT = 272, 112, 480, 288  # where they walk
SIDE = 24
# Correlations. The footage by itself reaches 0.60 for the whole pattern, 0.70 for a smaller one, 0.75 for a quarter of it.
WHOLE, SMALLER, QUARTER = 0.7, 0.8, 0.85
FLAT = 1.5  # below this standard deviation there is nothing to correlate with


def pattern(side, cell, seed):
    cells = np.random.default_rng(seed).integers(0, 2, (side // cell, side // cell), np.uint8)
    return np.kron(cells, np.ones((cell, cell), np.uint8))


# Luma and colour carry patterns of their own, so that a cover that forgets a plane is found out.
PATTERNS = (pattern(SIDE, 3, 1) * 219 + 16, pattern(SIDE // 2, 2, 2) * 160 + 48, pattern(SIDE // 2, 2, 3) * 160 + 48)
NAMES = ("luma", "blue", "red")


def labelled_boxes():
    boxes = collections.defaultdict(list)
    for line in LABELS.read_text().splitlines():
        frame, _, *box = [float(x) for x in line.split(",")[:6]]
        boxes[int(frame) - 1 - FIRST].append(box)
    return boxes


def moving_boxes(luma):
    """Without labels: what differs from the median of the clip and is as high as a person."""
    boxes, still = {}, np.median(luma, axis=0).astype(np.int16)
    for i, frame in enumerate(luma):
        moving = cv2.morphologyEx((np.abs(frame - still) > 28).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 5)))
        _, _, stats, _ = cv2.connectedComponentsWithStats(moving)
        boxes[i] = [[x + LEFT, y + TOP, w, h] for x, y, w, h, _ in stats[1:].tolist() if 45 < h < 140 and 14 < w < h]
    return boxes


def places(boxes):
    """Where the pattern goes, [frame][...](x, y): on head and chest, in even pixels, wholly in the picture, none on another."""
    chosen = collections.defaultdict(list)
    for i in range(FRAMES):
        for left, top, width, height in boxes[i]:
            x, y = int(left - LEFT + (width - SIDE) / 2) // 2 * 2, int(top - TOP + 0.1 * height) // 2 * 2
            apart = all(abs(x - a) >= SIDE or abs(y - b) >= SIDE for a, b in chosen[i])
            if apart and 0 <= x <= WIDTH - SIDE and 0 <= y <= HEIGHT - SIDE:
                chosen[i].append((x, y))
    return chosen


def uneven(plane, side):
    """Where a square of this side that begins there has something to see."""
    box = dict(ksize=(side, side), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
    mean = cv2.boxFilter(plane, cv2.CV_32F, **box)
    return cv2.sqrBoxFilter(plane, cv2.CV_32F, **box) - mean * mean > FLAT * FLAT


def correlation(plane, template, where):
    """Normalised cross-correlation everywhere; 0 where the picture is flat, where it would be noise divided by noise."""
    found = cv2.matchTemplate(plane, template, cv2.TM_CCOEFF_NORMED)
    return found * where[:found.shape[0], :found.shape[1]]


def probes(template):
    """(name, template, limit): the whole, smaller, and each quarter."""
    n, half = len(template), len(template) // 2
    yield "whole", template, WHOLE
    for scale in (0.75, 0.5):
        yield f"at scale {scale}", cv2.resize(template, (int(n * scale),) * 2, interpolation=cv2.INTER_AREA), SMALLER
    if n == SIDE:  # a quarter of the colours' patterns has too few cells to tell anything
        for y in (0, half):
            for x in (0, half):
                yield f"quarter {y // half}{x // half}", np.ascontiguousarray(template[y:y + half, x:x + half]), QUARTER


def sightings(planes):
    """(share of the limit, frame, plane, probe, x, y): the best match of each probe in each plane of each frame."""
    for name, plane, template in zip(NAMES, planes, PATTERNS):
        for i, frame in enumerate(plane, 1):
            frame, where = np.ascontiguousarray(frame), {}
            for kind, probe, limit in probes(template):
                side = len(probe)
                if side not in where:
                    where[side] = uneven(frame, side)
                found = correlation(frame, probe, where[side])
                at = np.unravel_index(found.argmax(), found.shape)
                yield float(found[at]) / limit, i, name, kind, int(at[1]), int(at[0])


class Canary(support.FolderTest):
    @classmethod
    def setUpClass(cls):
        if not FOOTAGE.exists():
            support.skip_loudly(f"{FOOTAGE} is not there ('./run build' brings it): no search for a pattern on people")
        cls.keep = support.FolderTest()
        support.FolderTest.setUp(cls.keep)
        cls.addClassCleanup(cls.keep.doCleanups)
        cut = cls.keep.folder / "cut.mkv"
        support.ffmpeg("-i", FOOTAGE, "-vf", f"trim=start_frame={FIRST}:end_frame={FIRST + FRAMES},crop={WIDTH}:{HEIGHT}:{LEFT}:{TOP},"
                       "setpts=N/10/TB", "-r", 10, "-c:v", "ffv1", cut)
        cls.clean = decode(cut)
        cls.places = places(labelled_boxes() if LABELS.exists() else moving_boxes(cls.clean[0]))
        marked = tuple(plane.copy() for plane in cls.clean)
        for i, spots in cls.places.items():
            for x, y in spots:
                marked[0][i, y:y + SIDE, x:x + SIDE] = PATTERNS[0]
                for plane, colour in zip(marked[1:], PATTERNS[1:]):
                    plane[i, y // 2:(y + SIDE) // 2, x // 2:(x + SIDE) // 2] = colour
        cls.source = encode(cls.keep.folder / "marked.mp4", marked, "-c:v", "libx264", "-preset", "veryfast", "-crf", "4",
                            "-pix_fmt", "yuv420p")

    def test_the_search_finds_it_in_the_input_and_nowhere_else(self):
        places = [(i, x, y) for i, spots in self.places.items() for x, y in spots]
        self.assertGreater(len(places), 2 * FRAMES, "too few persons carry the pattern")
        for name, plane, template in zip(NAMES, decode(self.source), PATTERNS):
            shrink = SIDE // len(template)
            for kind, probe, limit in probes(template):
                if "scale" in kind:
                    continue
                side, found = len(probe), 0
                dy, dx = (int(c) * side for c in kind[-2:]) if "quarter" in kind else (0, 0)
                for i, x, y in places:
                    held = np.ascontiguousarray(plane[i][y // shrink + dy:, x // shrink + dx:][:side, :side])
                    found += correlation(held, probe, np.ones((1, 1)))[0, 0] >= limit
                self.assertGreaterEqual(found / len(places), 0.95, f"{name}, {kind}: the search cannot see what is there")
        worst = max(sightings(tuple(plane[::6] for plane in self.clean)))
        self.assertLess(worst[0], 1, f"the search sees what is not there: {worst}")

    def expect_nothing_found(self, *options):
        places = {key: str(self.new_folder(key)) for key in ("HOME", "TMPDIR", "cwd")}
        where = places.pop("cwd")
        out, report = self.folder / "out.mp4", self.folder / "r.json"
        done = support.redact(self.source, out, "--report", report, *options, cwd=where, env={**os.environ, **places})
        self.assertEqual(done.status, 0, f"\n{done}")
        planes = decode(out)
        self.assertEqual(len(planes[0]), FRAMES)
        said = json.loads(report.read_text())
        self.assertLess(said["covered"][-1], 0.6, "nearly all is covered: this shows nothing")
        seen = sorted((s for s in sightings(planes) if s[0] >= 1), reverse=True)
        self.assertEqual(seen[:5], [], f"the pattern is seen {len(seen)} times (times the limit, frame, plane, which, x, y); '{' '.join(options)}'")
        # Whatever else was written: no row of it in any file, and nothing but numbers and words in the report.
        rows = [p[n].tobytes() for p in PATTERNS for n in range(len(p)) if len(set(p[n])) > 1]
        for name in names_in(self.folder):
            content = (self.folder / name).read_bytes()
            self.assertFalse([r for r in rows if r in content or r.hex().encode() in content], f"pixels in {name}")
        self.assertLess(len(report.read_bytes()), 40 * FRAMES + 2000, "the report is longer than numbers are")

    def test_file_silhouette(self):
        self.expect_nothing_found("--cover", "silhouette")

    def test_file_vanish(self):
        self.expect_nothing_found("--cover", "vanish")

    def test_file_block(self):
        self.expect_nothing_found("--cover", "block")

    def test_live_silhouette(self):
        self.expect_nothing_found("--as-live", "--cover", "silhouette")

    def test_live_vanish(self):
        self.expect_nothing_found("--as-live", "--cover", "vanish")

    def test_live_block(self):
        self.expect_nothing_found("--as-live", "--cover", "block")


if __name__ == "__main__":
    support.main()
