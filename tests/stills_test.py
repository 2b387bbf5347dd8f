#!/usr/bin/python3
"""`passerby redact` on single pictures: what comes out, and how well faces and plates in labelled ones are covered.

stills_test.py PROGRAM [Pictures|Sample|Figures ...]

The labelled pictures are not part of the project; PASSERBY_SHARED names the folder that has data/.
"""
import json
import struct
import sys

import numpy as np

import support
from redact_test import MARK, X264, scene, still
from support import encode, names_in

sys.path.insert(0, str(support.ROOT / "bench"))
import stills  # noqa: E402
from stills import cv2  # noqa: E402


def exif(orientation):
    """A JPEG segment APP1 with two EXIF entries: the description, which says MARK, and the orientation."""
    text = MARK.encode() + b"\0"
    entries = [struct.pack(">HHII", 0x10E, 2, len(text), 8 + 2 + 24 + 4), struct.pack(">HHIHH", 0x112, 3, 1, orientation, 0)]
    tiff = b"MM\0*" + struct.pack(">I", 8) + struct.pack(">H", 2) + b"".join(entries) + b"\0\0\0\0" + text
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff


class StillsTest(support.FolderTest):
    def picture(self, name="in.png", width=97, height=63):
        """Nobody is in it, and no turn or mirror of it looks the same."""
        path = self.folder / name
        cv2.imwrite(str(path), scene(1, width, height)[0][..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 97])
        return path

    def redacted(self, source, name, *options):
        out, report = self.folder / name, self.folder / f"{name}.json"
        done = self.must_redact(source, out, "--report", report, *options)
        self.assertIn("Look at a picture before you publish it", done.err)
        return cv2.imread(str(out)), json.loads(report.read_text())


class Pictures(StillsTest):
    def expect_same(self, path, before, covered):
        """Where nothing is covered the same picture; `before` is red, green, blue."""
        after = cv2.imread(str(path))
        self.assertEqual(after.shape, before.shape)
        self.assertLess(covered, 0.5, "so much is covered that this test shows nothing")
        same = np.abs(before[..., ::-1].astype(int) - after).max(-1) < 40
        self.assertGreater(same.mean(), 1 - covered - 0.05, f"{path.name} shows another picture")

    def shares(self, done):
        return {line.split(": ")[0].split("/")[-1]: float(line.split(": ")[1].split()[0]) / 100
                for line in done.err_lines if "of the picture covered" in line}

    def test_pictures_keep_their_size_and_go_to_a_folder(self):
        pictures = [self.picture(name) for name in ("a.jpg", "b.png", "c.webp", "d.bmp")]
        out = self.new_folder("out")
        shares = self.shares(self.must_redact(*pictures, out))
        self.assertEqual(names_in(out), ["a.jpg", "b.png", "c.png", "d.png"])
        for name in names_in(out):
            with self.subTest(name):
                self.expect_same(out / name, scene(1, 97, 63)[0], shares[name])
        done = support.redact(*pictures, out)
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.err, r"a\.jpg' exists.*--force")

    def test_a_film_of_one_frame_can_become_a_picture_and_a_picture_a_film(self):
        after, report = self.redacted(encode(self.folder / "one.mkv", still(1), "-c:v", "ffv1"), "out.png")
        self.expect_same(self.folder / "out.png", still(1)[0], report["covered"][0])
        self.assertEqual((report["scene"], report["frames"], report["picture"]), ("moving", 1, False))
        self.assertEqual((report["height"], report["width"], report["doubts"], report["gaps"]), (64, 96, [], []))
        out, report = self.folder / "out.mp4", self.folder / "r.json"
        self.must_redact(self.picture("in.jpg", 96, 64), out, "--report", report)
        self.assertEqual((len(support.times(out)), json.loads(report.read_text())["scene"]), (1, "moving"))

    def test_it_is_set_upright_and_told_nothing_of(self):
        jpeg = self.picture("in.jpg").read_bytes()
        turns = {1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 6: lambda a: np.rot90(a, -1), 8: np.rot90}
        pictures = [self.folder / f"turned{orientation}.jpg" for orientation in turns]
        for picture, orientation in zip(pictures, turns):
            picture.write_bytes(jpeg[:2] + exif(orientation) + jpeg[2:])
            self.assertIn(MARK.encode(), picture.read_bytes())
        out = self.new_folder("out")
        shares = self.shares(self.must_redact(*pictures, out))
        for picture, turned in zip(pictures, turns.values()):
            with self.subTest(picture.name):
                self.expect_same(out / picture.name, turned(scene(1, 97, 63)[0]), shares[picture.name])
                content = (out / picture.name).read_bytes()
                self.assertEqual([word for word in (MARK.encode(), b"Exif", b"Lavc") if word in content], [])
                self.assertEqual([kind for kind in (b"\xff\xe1", b"\xff\xe2", b"\xff\xfe") if kind in content[:400]], [])
        self.redacted(pictures[0], "out.png")
        content = (self.folder / "out.png").read_bytes()
        self.assertEqual([kind for kind in (b"eXIf", b"tEXt", b"iTXt", b"tIME", b"iCCP") if kind in content], [])

    def test_masks_are_covered(self):
        after, report = self.redacted(self.picture(), "out.png", "--mask", "0,0 0.5,0 0.5,1 0,1", "--what", "faces")
        self.assertGreaterEqual(report["covered"][0], 0.5)
        self.assertLess(np.ptp(after[:, :44].reshape(-1, 3), axis=0).max(), 3, "the mask is not flat")
        self.assertGreater(np.ptp(after[:, 52:].reshape(-1, 3), axis=0).max(), 50, "all of it is flat")

    def test_refusals(self):
        picture, film = self.picture(), encode(self.folder / "film.mp4", scene(3), *X264)
        broken = self.folder / "broken.jpg"
        broken.write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
        out = self.folder / "out.png"
        before = names_in(self.folder)
        for arguments, says in [
            ([film, out], r"'.*film\.mp4' is a video; give the output a name that ends in \.mp4"),
            ([picture, out, "--scene", "fixed"], "--scene fixed"),
            ([picture, out, "--as-live"], "--as-live"),
            ([picture, out, "--audio", "keep"], "--audio keep"),
            ([picture, picture], "is the input"),
            ([broken, out], "broken.jpg"),
            ([picture, self.folder / "no" / "out.png"], "folder"),
            ([film, picture, self.new_folder("out")], r"film\.mp4' is a video"),
        ]:
            with self.subTest(says):
                done = support.redact(*arguments)
                self.assertEqual((done.status, done.out), (1, ""), done)
                self.assertRegex(done.err, rf"\Apasserby: [^\n]*{says}[^\n]*\n\Z")
                self.assertEqual(names_in(self.folder), before)


class Labelled(StillsTest):
    def measure(self, name, names):
        folder = support.SHARED / "data" / name
        if not folder.exists():
            support.skip_loudly(f"{folder} is not there: nobody knows how much of '{name}' is covered")
        names = names or sorted(stills.labels(folder))
        try:
            found = stills.measure(support.program(), folder, stills.SETS[name], names, "persons,faces,plates")
        except SystemExit as failed:
            self.fail(failed.code)
        print(name, found, file=sys.stderr, flush=True)
        self.assertGreater(found["boxes"], 0)
        return found


class Sample(Labelled):
    """A few, so that a change that spoils something is seen at once."""

    def test_faces(self):
        found = self.measure("faces_mask", ["lo_s293.jpg", "hi_ff3a2e87.jpg"])
        self.assertEqual(found["missed"], [])

    def test_plates(self):
        found = self.measure("plates_ro", ["dayride_type1_001_t1060.jpg", "nightride_type3_001_t1.jpg"])
        self.assertEqual(found["missed"], [])
        self.assertLess(found["picture"], 0.6, "so much is covered that the other figure shows nothing")


class Figures(Labelled):
    """All of them: the bounds that are promised."""

    def check(self, name, least, most_covered):
        found = self.measure(name, None)
        self.assertGreaterEqual(found["covered"] / found["boxes"], least, found["missed"])
        self.assertLess(found["picture"], most_covered, "share of the picture that is covered")

    def test_faces_mask(self):
        self.check("faces_mask", 0.97, 0.9)

    def test_faces_keypoints(self):
        self.check("faces_keypoints", 0.99, 0.97)

    def test_plates_ro(self):
        self.check("plates_ro", 0.95, 0.25)

    def test_plates_openalpr_br(self):
        self.check("plates_openalpr_br", 0.95, 0.35)


if __name__ == "__main__":
    support.main()
