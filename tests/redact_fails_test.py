#!/usr/bin/python3
"""`passerby redact` when it cannot: one line that says what, where and the mend; no output, nothing half-made, nothing lost.

redact_fails_test.py PROGRAM [Refuses|Damaged|Stopped ...]
"""
import json
import os
import shlex
import shutil
import signal
import subprocess
import time

import support
from support import encode, names_in, times
from redact_test import SINE, X264, scene

KEY = "00112233445566778899aabbccddeeff"
LOCKED = [*X264, "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", KEY, "-encryption_kid", KEY]
TRIANGLE = "0,0 1,0 0,1"


class FailsTest(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.good = encode(self.folder / "good.mp4", scene(), *X264)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def all_files(self):
        return {name: (self.folder / name).read_bytes() for name in names_in(self.folder) if not (self.folder / name).is_symlink()}

    def expect_one_line(self, done, says):
        """`says`: regular expressions, each for something that the line must say: what, where, the mend."""
        self.assertEqual(done.status, 1, f"\n{done}")
        self.assertEqual((done.out, len(done.err_lines)), ("", 1), f"not just one line on stderr\n{done}")
        self.assertRegex(done.err, r"\Apasserby: [^\x00-\x1f]+\n\Z")
        for expression in says:
            self.assertRegex(done.err, expression)

    def expect_refused(self, *arguments, says, **more):
        before = self.all_files()
        done = support.redact(*arguments, **more)
        self.expect_one_line(done, says)
        after = self.all_files()
        self.assertEqual(sorted(after), sorted(before), f"files came or went\n{done}")
        self.assertEqual([name for name in before if before[name] != after[name]], [], f"files changed\n{done}")


class Refuses(FailsTest):
    def test_inputs_that_are_no_video(self):
        whole = self.good.read_bytes()
        locked = encode(self.folder / "locked.mp4", scene(), *LOCKED)
        sound = self.folder / "sound.m4a"
        support.ffmpeg(*SINE, sound)
        for path, says in [
            (self.folder / "missing.mp4", ["no such file|not there", "check"]),
            (self.folder, ["is a folder", "name a video file"]),
            (self.folder / "missing" / "a.mp4", ["no such file|not there", "check"]),
            (self.file("empty.mp4", b""), ["is empty"]),
            (self.file("text.mp4", b"This is not a video.\n" * 50), ["not a video that passerby reads"]),
            (self.file("half.mp4", whole[:len(whole) // 2]), [r"index \(moov\) is missing"]),
            (self.file("noise.mkv", bytes(i * i % 251 for i in range(9999))), ["not a video that passerby reads"]),
            (self.file("list.txt", b"ffconcat version 1.0\nfile good.mp4\n"), ["not a video that passerby reads"]),
            (locked, ["is encrypted", "decrypt|key"]),
            (sound, ["no video"]),
            (encode(self.folder / "tiny.mkv", scene(2, 14, 14), "-c:v", "ffv1"), ["too small", "at least 16 x 16"]),
        ]:
            with self.subTest(path.name):
                self.expect_refused(path, self.folder / "out.mp4", says=[path.name, *(f"(?i){s}" for s in says)])

    def test_arguments_that_cannot_be(self):
        out = self.folder / "out.mp4"
        for arguments, says in [
            ([self.folder / "out.avi"], [r"out\.avi", r"must end in \.mp4"]),
            ([self.folder / "out"], ["out", r"must end in \.mp4"]),
            ([out, "--scene", "still"], ["'still'", "fixed.*moving"]),
            ([out, "more"], ["'more' is no folder", "several pictures"]),
            ([out, "--what", "persons,trees"], ["'trees'", "persons, faces, plates, vehicles or screens"]),
            ([out, "--what", "persons"], ["faces", "add"]),
            ([out, "--style", "blur"], ["'blur'", "silhouette.*vanish.*block"]),
            ([out, "--audio", "mute"], ["'mute'", "drop.*keep"]),
            ([out, "--mask", "0.1,0.1 0.5,0.5"], ["0.1,0.1 0.5,0.5", "three points"]),
            ([out, "--mask", "0,0 1,0 0,1.5"], ["1.5", "0 to 1"]),
            ([out, "--mask", "0,0 1,0 0,-1"], ["-1", "0 to 1"]),
            ([out, "--mask", "0,0 1,0 0,nan"], ["nan", "0 to 1"]),
            ([out, "--mask", "0,0 1,0 0,a"], ["0,0 1,0 0,a", "x,y"]),
            ([out, "--mask", ""], ["polygon", "three points|x,y"]),
            ([out, "--mask", TRIANGLE, "--mask", "1"], ["'1'", "three points"]),
            ([self.folder / "out.png", "--strict"], ["no background", "leave out --strict"]),
            ([out, "--strict", "--scene", "moving"], ["moving scene", "no background"]),
            ([out, "--approved", self.folder / "none.png"], [r"none\.png"]),
            ([out, "--approved", self.good], ["approves nothing of", "--scene-picture"]),
        ]:
            with self.subTest(arguments[1:] or arguments[0].name):
                self.expect_refused(self.good, *arguments, says=says)
        for arguments in [[], [self.good], [self.good, out, "--colour"]]:
            with self.subTest(f"usage: {arguments}"):
                done = support.redact(*arguments)
                self.assertGreater(done.status, 0, done)
                self.assertIn("--help", done.err)
                self.assertFalse(out.exists())

    def test_it_never_writes_over_its_input(self):
        aliases = {"itself": self.good, "by a symbolic link": self.folder / "symbolic.mp4", "by a hard link": self.folder / "hard.mp4",
                   "by another path": self.folder / "." / ".." / self.folder.name / "good.mp4"}
        aliases["by a symbolic link"].symlink_to("good.mp4")
        os.link(self.good, aliases["by a hard link"])
        for how, path in aliases.items():
            with self.subTest(how):
                self.expect_refused(self.good, path, says=["is the input", "another name"])
                self.expect_refused(self.good, path, "--force", says=["is the input", "another name"])
            with self.subTest(f"the report, {how}"):
                self.expect_refused(self.good, self.folder / "out.mp4", "--report", path, "--force", says=["is the input", "another name"])

    def test_it_writes_over_an_output_only_when_told(self):
        old = self.file("out.mp4", b"what was there")
        self.expect_refused(self.good, old, says=[r"out\.mp4", "--force"])
        dangling = self.folder / "dangling.mp4"
        dangling.symlink_to("nowhere.mp4")
        self.expect_refused(self.good, dangling, says=[r"dangling\.mp4", "--force"])
        self.must_redact(self.good, old, "--force")
        self.assertEqual(len(times(old)), 20)
        report = self.file("r.json", b"what was there")
        self.expect_refused(self.good, self.folder / "new.mp4", "--report", report, says=[r"r\.json", "--force"])
        self.expect_refused(self.good, self.folder / "new.mp4", "--report", self.folder / "new.mp4", says=[r"new\.mp4", "another name"])

    def test_folders_that_are_not_there(self):
        plain = self.file("plain", b"")
        for out, says in [(self.folder / "no" / "out.mp4", ["no", "make it"]), (plain / "out.mp4", ["plain", "folder"])]:
            with self.subTest(out.parent.name):
                self.expect_refused(self.good, out, says=says)
        folder = self.new_folder("folder.mp4")
        self.expect_refused(self.good, folder, says=[r"folder\.mp4", "name"])
        self.expect_refused(self.good, folder, "--force", says=[r"folder\.mp4", "name"])
        self.expect_refused(self.good, self.folder / "out.mp4", "--report", self.folder / "no" / "r.json", says=["no", "make it"])

    def on_a_small_disk(self, script, size):
        """Runs the script in a folder that is a disk of its own; the list of files in it comes last on stdout."""
        disk = self.new_folder(f"disk_{len(list(self.folder.iterdir()))}")
        setup = f"mount -t tmpfs -o size={size} none {disk} && cd {disk} || exit 99; {script}; s=$?; ls -A; exit $s"
        rights = ["-m"] if os.geteuid() == 0 else ["-Urm"]
        if not shutil.which("unshare") or support.run("unshare", *rights, "mount", "-t", "tmpfs", "none", disk).status != 0:
            support.skip_loudly("no right to mount a small disk (needs root or user namespaces): a full disk is not tested")
        return support.run("unshare", *rights, "sh", "-c", setup)

    def test_a_full_disk(self):
        film = encode(self.folder / "film.mp4", scene(width=320, height=240), *X264)
        for size in ["4k", "8k"]:
            with self.subTest(size):
                command = shlex.join([str(support.program()), "redact", "--preset", "ultrafast", str(film), "out.mp4"])
                done = self.on_a_small_disk(command, size)
                self.assertEqual(done.out, "", f"left on the disk: {done.out}")
                self.expect_one_line(done, [r"out\.mp4", "no space left", "free some"])
        with self.subTest("the report does not fit"):
            command = shlex.join([str(support.program()), "redact", str(film), "../out.mp4", "--report", "r.json"])
            done = self.on_a_small_disk(f"head -c 4096 /dev/zero >full; {command}", "4k")
            self.assertEqual(done.out, "full\n", "left on the disk")
            done.out = ""
            self.expect_one_line(done, [r"r\.json", "(?i)no space left"])
            self.assertFalse((self.folder / "out.mp4").exists(), "there is an output although the command failed")

    def test_a_folder_without_write_permission(self):
        command = shlex.join([str(support.program()), "redact", str(self.good), "out.mp4"])
        done = self.on_a_small_disk(f"mount -o remount,ro .; {command}", "1M")
        self.assertEqual(done.out, "", f"left on the disk: {done.out}")
        self.expect_one_line(done, ["folder", "cannot write", "(?i)read-only"])

    def test_without_its_models_it_does_nothing(self):
        home = self.new_folder("elsewhere")
        copy = home / support.program().name
        shutil.copy(support.program(), copy)
        models = support.program().parent / "share" / "models"
        for state in ["missing", "cut off", "changed"]:
            with self.subTest(state):
                shutil.rmtree(home / "share", ignore_errors=True)
                if state != "missing":
                    shutil.copytree(models, home / "share" / "models")
                    for person in (home / "share" / "models").glob("person*.onnx"):  # which is taken depends on the processor
                        content = bytearray(person.read_bytes())
                        content[len(content) // 2] ^= 1
                        person.write_bytes(content[:len(content) // 2] if state == "cut off" else content)
                done = support.run(copy, "redact", self.good, self.folder / "out.mp4")
                self.expect_one_line(done, ["models" if state == "missing" else r"person8?\.onnx", r"\./run"])
                self.assertFalse((self.folder / "out.mp4").exists())


class Damaged(FailsTest):
    def test_what_decodes_is_written_and_the_rest_is_a_gap(self):
        film = scene(50)
        for name in ["damaged.mp4", "damaged.mkv", "damaged.ts", "damaged.avi"]:
            with self.subTest(name):
                path = encode(self.folder / name, film, *X264, "-g", "10", "-bf", "0")
                content = bytearray(path.read_bytes())
                middle = len(content) // 2
                # Not an eighth: a TS of which a multiple of 16 packets is gone does not show it, its counters have four bits.
                content[middle:middle + len(content) // 7] = bytes(i * 37 % 256 for i in range(len(content) // 7))
                path.write_bytes(content)
                self.expect_gaps(path, frames=range(30, 51))

    def test_cut_off(self):
        for name in ["cut.mp4", "cut.mkv"]:
            with self.subTest(name):
                path = encode(self.folder / name, scene(50), *X264, "-g", "10", "-bf", "0", "-movflags", "+faststart")
                content = path.read_bytes()
                path.write_bytes(content[:len(content) * 3 // 4])
                self.expect_gaps(path, frames=range(25, 46))

    def expect_gaps(self, path, frames):
        out, report = self.folder / f"{path.name}.out.mp4", self.folder / f"{path.name}.json"
        done = support.redact(path, out, "--report", report)
        self.assertEqual(done.status, 2, f"\n{done}")
        said = json.loads(report.read_text())
        self.assertGreaterEqual(len(said["gaps"]), 1, said["gaps"])
        for gap in said["gaps"]:
            self.assertIn(gap["after_frame"], range(0, said["frames"] + 1))
            self.assertTrue(gap["cause"])
        self.assertRegex(done.err, r"gap after frame \d+: \S")
        self.assertIn(said["frames"], frames)
        self.assertEqual((len(times(out)), len(said["covered"])), (said["frames"], said["frames"]))


class Stopped(FailsTest):
    def setUp(self):
        super().setUp()
        self.long = self.folder / "long.mp4"  # takes much longer than it takes to stop it
        support.ffmpeg("-stream_loop", 500, "-i", self.good, "-c", "copy", self.long)
        self.out = self.new_folder("out")

    def stop(self, ready, number, *options):
        """Starts, waits until ready(child), sends the signal; checks that nothing is left."""
        child = support.start("redact", self.long, self.out / "out.mp4", "--report", self.out / "r.json", *options)
        self.addCleanup(child.kill)
        patience = time.monotonic() + support.LONGEST
        while not ready(child):
            self.assertIsNone(child.poll(), "it ended by itself")
            self.assertLess(time.monotonic(), patience, "it does not get going")
            time.sleep(0.01)
        child.send_signal(number)
        _, said = child.communicate(timeout=support.LONGEST)
        self.assertEqual(names_in(self.out), [], said)
        self.assertEqual(child.returncode, 1, said)
        self.assertRegex(said.decode().splitlines()[-1], r"\Apasserby: stopped; nothing was written")

    def has_input_open(self, child):
        folder = f"/proc/{child.pid}/fd"
        try:
            return any(os.path.realpath(f"{folder}/{fd}") == os.path.realpath(self.long) for fd in os.listdir(folder))
        except FileNotFoundError:
            return False

    def has_part_file(self, _):
        return bool(names_in(self.out))

    def test_while_it_proves_the_scene(self):
        self.stop(self.has_input_open, signal.SIGINT)

    def test_while_it_writes(self):
        self.stop(self.has_part_file, signal.SIGINT, "--as-live")

    def test_by_the_end_of_the_session(self):
        self.stop(self.has_part_file, signal.SIGTERM, "--as-live")

    def test_what_was_there_stays(self):
        (self.out / "out.mp4").write_bytes(b"what was there")
        child = support.start("redact", self.long, self.out / "out.mp4", "--force", "--as-live")
        self.addCleanup(child.kill)
        while len(names_in(self.out)) < 2:
            self.assertIsNone(child.poll(), "it ended by itself")
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=support.LONGEST)
        self.assertEqual((names_in(self.out), (self.out / "out.mp4").read_bytes()), (["out.mp4"], b"what was there"))


if __name__ == "__main__":
    support.main()
