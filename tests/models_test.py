#!/usr/bin/python3
"""Models that a user brings: networks made here that always see the same thing, and real ones where the shared folder has them.

models_test.py PROGRAM [Own|Real ...]
"""
import hashlib
import json
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import support

sys.path.insert(0, str(support.ROOT / "bench"))
import models as figures  # noqa: E402

SIZE = (96, 128)  # rows, columns
BOX = (32, 16, 64, 48)  # x, y, width, height; on whole cells of the engine's grid
# A cover is grown a little.
NEAR = 24


def network(path, outputs, side=128):
    """A network for pictures of `side` x `side` that gives these arrays, whatever it is shown."""
    nodes = [helper.make_node("Identity", [f"{name}_is"], [name]) for name in outputs]
    values = [numpy_helper.from_array(np.asarray(array, np.float32), f"{name}_is") for name, array in outputs.items()]
    declared = [helper.make_tensor_value_info(name, TensorProto.FLOAT, np.shape(array)) for name, array in outputs.items()]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, side, side])
    graph = helper.make_graph(nodes, "constant", [picture], declared, values)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6), str(path))
    return path


def ssd(path, score=0.9):
    """One person in BOX of a picture that fills the width of the input."""
    x, y, w, h = BOX
    corners = [[[x / 128, y / 128, (x + w) / 128, (y + h) / 128]]]
    return network(path, {"boxes": corners, "scores": [[[1 - score, score]]]})


def yolox(path):
    """The same: the cell of stride 32 in row 1 and column 2 has its corner in the middle of BOX, near enough."""
    x, y, w, h = BOX
    cells = np.zeros((1, 16 * 16 + 8 * 8 + 4 * 4, 6))
    cells[0, 256 + 64 + 4 * 1 + 2] = [(x + w / 2) / 32 - 2, (y + h / 2) / 32 - 1, np.log(w / 32), np.log(h / 32), 0.9, 1]
    return network(path, {"output": cells})


def describe(path, onnx_file, **changes):
    keys = {"file": onnx_file, "decoder": "ssd", "role": "replace", "labels": "{ 1: person }", "least_score": 0.5,
            "input": "{ size: 128, colour: bgr, mean: 0, std: 1 }", **changes}
    path.write_text("".join(f"{key}: {value}\n" for key, value in keys.items() if value is not None), encoding="utf-8")
    return path


class ModelsTest(support.FolderTest):
    def one_line(self, done, *says):
        """The last line is the program's; `says` is each in some line."""
        self.assertEqual(done.status, 1, f"\n{done}")
        for text in says:
            self.assertIn(text, done.err, f"\n{done}")


class Own(ModelsTest):
    def clip(self):
        """A dull picture: from dark to light, with a little noise."""
        ramp = np.linspace(60, 180, SIZE[1])[None, :, None] + np.random.default_rng(1).integers(-6, 7, (*SIZE, 1))
        picture = np.repeat(ramp, 3, 2).astype(np.uint8)[None]
        return support.encode(self.folder / "in.mp4", np.repeat(picture, 5, 0), "-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv420p")

    def test_what_it_sees_is_covered_and_nothing_else(self):
        clip = self.clip()
        before = support.decode(clip)[0][0].astype(int)
        for decoder, make, labels in (("ssd", ssd, "{ 1: person }"), ("yolox", yolox, "{ 0: person }")):
            file = make(self.folder / f"{decoder}.onnx")
            model = describe(self.folder / f"{decoder}.yaml", file.name, decoder=decoder, labels=labels)
            out, report = self.folder / "out.mp4", self.folder / "report.json"
            self.must_redact(clip, out, "--force", "--scene", "moving", "--report", report, "--model", model)
            changed = np.abs(support.decode(out)[0].astype(int) - before)
            x, y, w, h = BOX
            inside = support.decode(out)[0][:, y + 4:y + h - 4, x + 4:x + w - 4].astype(int)
            self.assertLess(np.ptp(inside, axis=(1, 2)).max(), 8, f"{decoder}: where a person is said to be is no flat cover")
            outside = np.ones(SIZE, bool)
            outside[max(0, y - NEAR):y + h + NEAR, max(0, x - NEAR):x + w + NEAR] = False
            self.assertGreater(outside.sum(), 1000)
            self.assertLess(changed[:, outside].mean(), 4, f"{decoder}: more than a person is covered")
            found = {m["name"]: m["sha256"] for m in json.loads(report.read_text())["models"]}
            self.assertEqual(found[decoder], hashlib.sha256(file.read_bytes()).hexdigest())
            self.assertIn("person", found, "who looks for vehicles?")

    def test_without_it_nothing_is_there(self):
        """The test above would prove nothing of a clip in which the built-in models see somebody."""
        clip, out = self.clip(), self.folder / "out.mp4"
        report = self.folder / "report.json"
        self.must_redact(clip, out, "--scene", "moving", "--report", report)
        self.assertEqual(max(json.loads(report.read_text())["covered"]), 0)

    def test_what_does_not_fit_is_refused_before_anything_is_written(self):
        clip, out = self.clip(), self.folder / "out.mp4"
        ssd(self.folder / "good.onnx")
        network(self.folder / "nan.onnx", {"boxes": [[[0, 0, 1, 1]]], "scores": [[[0, np.nan]]]})
        for changes, *says in (
            ({"decoder": "yunet"}, "good.onnx' gives boxes [1, 1, 4]", "the decoder yunet wants cls_8", "name the decoder"),
            ({"file": "none.onnx"}, "none.onnx' is not there", "correct file:"),
            ({"file": "nan.onnx"}, "nan.onnx' gave a value that is not finite", "another export"),
            ({"role": "guess"}, "mine.yaml:3: role: 'guess' is no role", "replace, join"),
        ):
            model = describe(self.folder / "mine.yaml", changes.pop("file", "good.onnx"), **changes)
            self.one_line(support.redact(clip, out, "--model", model), *says)
            self.assertFalse(out.exists())
        self.one_line(support.redact(clip, out, "--provider", "cuda"), "cannot run models on 'cuda', only on: cpu", "write one of")

    def test_the_recorder_refuses_it_at_the_start(self):
        ssd(self.folder / "good.onnx", score=7)
        describe(self.folder / "mine.yaml", "good.onnx")
        config = self.folder / "passerby.yaml"
        config.write_text(f"data: {self.folder}/recordings\nmodels: [mine.yaml]\ncameras: {{ gate: {{ url: file:in.mp4 }} }}\n")
        for command in (["config", "check"], ["serve", "--listen", "127.0.0.1:0", "--config"]):
            done = support.run(support.program(), *command, config)
            self.one_line(done, "good.onnx' gives a score of 7, which is no probability", "name the decoder")
        self.assertFalse((self.folder / "recordings").exists())
        ssd(self.folder / "good.onnx")
        done = support.run(support.program(), "config", "check", config)
        self.assertEqual((done.status, done.err), (0, ""), f"\n{done}")


class Real(ModelsTest):
    """YuNet and FastestDet, in the words of doc/models.md."""

    def example(self, name):
        """The YAML of the documentation, with the network where it really is."""
        page = (support.ROOT / "doc" / "models.md").read_text(encoding="utf-8")
        found = [block.partition("```")[0] for block in page.split("```yaml\n")[1:] if f"file: {name}" in block.partition("```")[0]]
        self.assertEqual(len(found), 1, f"doc/models.md has no example, or several, for {name}")
        folder = support.SHARED / "models"
        if not (folder / name).exists():
            support.skip_loudly(f"{folder / name} is not there: nobody knows whether {name} works")
        path = self.folder / name.replace(".onnx", ".yaml")
        path.write_text(found[0].replace(f"file: {name}", f"file: {folder / name}"), encoding="utf-8")
        return path

    def data(self, folder):
        if not (support.SHARED / folder).exists():
            support.skip_loudly(f"{support.SHARED / folder} is not there: nobody knows what the models see")

    def test_yunet_finds_faces_that_the_built_in_model_does_not(self):
        model = self.example("yunet_n_640_640.onnx")
        self.data(figures.FACES)
        detect = support.program().with_name("passerby_detect")
        labelled = figures.labelled_faces(support.SHARED, 30)
        built_in, joined = (figures.of_faces(detect, labelled, models) for models in ([], [model]))
        print("faces found: built-in", built_in, "with YuNet", joined, file=sys.stderr, flush=True)
        self.assertGreater(joined[1], 50)
        self.assertGreater(joined[0] / joined[1], 0.9)
        self.assertGreater(joined[0], built_in[0])

    def test_fastestdet_finds_persons_in_place_of_the_built_in_model(self):
        model = self.example("FastestDet_352.onnx")
        self.data(figures.PETS)
        detect = support.program().with_name("passerby_detect")
        hits, persons, _ = figures.of_persons(detect, figures.labelled_persons(support.SHARED, 100), [model])
        print("persons found by FastestDet:", hits, "of", persons, file=sys.stderr, flush=True)
        self.assertGreater(persons, 40)
        self.assertGreater(hits / persons, 0.7)

    def test_a_redaction_names_them_in_its_report(self):
        models = [self.example("yunet_n_640_640.onnx"), self.example("FastestDet_352.onnx")]
        clip = support.encode(self.folder / "in.mp4", np.full((3, *SIZE, 3), 90, np.uint8), "-c:v", "libx264", "-pix_fmt", "yuv420p")
        report = self.folder / "report.json"
        self.must_redact(clip, self.folder / "out.mp4", "--report", report, "--model", models[0], "--model", models[1])
        found = {m["name"]: m["sha256"] for m in json.loads(report.read_text())["models"]}
        self.assertEqual(sorted(found), ["FastestDet_352", "face", "text", "yunet_n_640_640"], "FastestDet replaces all of the built-in one")
        for name in ("FastestDet_352", "yunet_n_640_640"):
            content = (support.SHARED / "models" / f"{name}.onnx").read_bytes()
            self.assertEqual(found[name], hashlib.sha256(content).hexdigest())

    def test_each_is_refused_with_the_decoder_of_the_other(self):
        clip = support.encode(self.folder / "in.mp4", np.full((1, *SIZE, 3), 90, np.uint8), "-c:v", "libx264", "-pix_fmt", "yuv420p")
        for name, decoder in (("yunet_n_640_640.onnx", "yunet"), ("FastestDet_352.onnx", "fastestdet")):
            model = self.example(name)
            text = model.read_text(encoding="utf-8")
            other = {"yunet": "fastestdet", "fastestdet": "yunet"}[decoder]
            labels = "" if "labels" in text else "labels: coco\n"
            model.write_text(text.replace(f"decoder: {decoder}", f"decoder: {other}") + labels, encoding="utf-8")
            self.one_line(support.redact(clip, self.folder / "out.mp4", "--model", model), f"{name}' ", f"{other} wants")


if __name__ == "__main__":
    support.main()
