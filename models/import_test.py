#!/usr/bin/python3
"""Tests of the model import: the arithmetic against plain NumPy, and the pinned models byte for byte."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import cv2
import numpy as np
import onnx

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import import_tfjs  # noqa: E402
import quantize  # noqa: E402

DEPS = os.path.join(HERE, "..", ".deps")


def ints(*values):
    return {"list": {"i": [str(v) for v in values]}}


def b64(word):
    return {"SAME": "U0FNRQ==", "VALID": "VkFMSUQ=", "BiasAdd": "Qmlhc0FkZA==", "Relu": "UmVsdQ=="}[word]


class Graph:
    """Writes a small TensorFlow.js graph model with float16 weights."""

    def __init__(self, folder, shape):
        self.path, self.blob, self.weights = os.path.join(folder, "small.json"), b"", []
        dims = [{"size": str(n)} for n in shape]
        self.nodes = [{"name": "in", "op": "Placeholder", "attr": {"shape": {"shape": {"dim": dims}}}}]

    def constant(self, name, values):
        values = np.asarray(values)
        weight = {"name": name, "shape": list(values.shape), "dtype": "int32"}
        if values.dtype.kind == "f":
            values = values.astype("<f2")
            weight.update(dtype="float32", quantization={"dtype": "float16"})
        self.blob += values.astype("<i4" if values.dtype.kind == "i" else "<f2").tobytes()
        self.weights.append(weight)
        return name

    def node(self, name, op, inputs, **attr):
        self.nodes.append({"name": name, "op": op, "input": inputs, "attr": attr})
        return name

    def run(self, output, x):
        """x is NHWC; the result is what the imported net puts out, NCHW."""
        with open(self.path, "w", encoding="utf-8") as file:
            manifest = [{"paths": ["small.bin"], "weights": self.weights}]
            json.dump({"modelTopology": {"node": self.nodes}, "weightsManifest": manifest}, file)
        with open(self.path.replace(".json", ".bin"), "wb") as file:
            file.write(self.blob)
        model = import_tfjs.import_model(self.path, {"out": output})
        net = cv2.dnn.readNetFromONNX(np.frombuffer(model.SerializeToString(), np.uint8))
        net.setInput(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
        return net.forward("out")


def convolve(x, weights, stride, pads):
    """NHWC convolution without cleverness. weights HWIO, pads ((top, bottom), (left, right))."""
    x = np.pad(x, ((0, 0), *pads, (0, 0)))
    height, width = weights.shape[:2]
    rows, columns = ((x.shape[1 + i] - weights.shape[i]) // stride + 1 for i in range(2))
    out = np.zeros((1, rows, columns, weights.shape[3]), np.float32)
    for r in range(rows):
        for c in range(columns):
            patch = x[0, r * stride:r * stride + height, c * stride:c * stride + width]
            out[0, r, c] = np.tensordot(patch, weights, 3)
    return out


def half(random, *shape):
    """Numbers that float16 holds exactly, as float32."""
    return random.uniform(-1, 1, shape).astype(np.float16).astype(np.float32)


class Arithmetic(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.random = np.random.default_rng(1)
        self.x = half(self.random, 1, 9, 7, 3)
        self.graph = Graph(self.folder.name, self.x.shape)

    def same(self, got, nhwc):
        self.assertEqual(got.shape, nhwc.transpose(0, 3, 1, 2).shape)
        np.testing.assert_allclose(got, nhwc.transpose(0, 3, 1, 2), atol=1e-5)

    def conv(self, source, weights, stride=1, padding="VALID", **attr):
        w = self.graph.constant("w", weights)
        return self.graph.node("conv", "Conv2D", [source, w], strides=ints(1, stride, stride, 1),
                               padding={"s": b64(padding)}, **attr)

    def test_uneven_padding_and_bias_move_into_the_convolution(self):
        weights, bias = half(self.random, 3, 3, 3, 4), half(self.random, 4)
        pads = self.graph.constant("p", [[0, 0], [0, 2], [1, 0], [0, 0]])
        self.graph.node("pad", "Pad", ["in", pads])
        self.conv("pad", weights, stride=2)
        self.graph.node("sum", "AddV2", ["conv", self.graph.constant("b", bias)])
        self.graph.node("act", "LeakyRelu", ["sum"], alpha={"f": 0.25})
        y = convolve(self.x, weights, 2, ((0, 2), (1, 0))) + bias
        self.same(self.graph.run("act", self.x), np.where(y > 0, y, y * 0.25))

    def test_same_padding_puts_the_odd_pixel_at_the_end(self):
        weights = half(self.random, 2, 2, 3, 2)
        self.conv("in", weights, padding="SAME")
        self.same(self.graph.run("conv", self.x), convolve(self.x, weights, 1, ((0, 1), (0, 1))))

    def test_a_transposed_detour_changes_nothing(self):
        weights = half(self.random, 3, 3, 3, 2)
        self.graph.node("t1", "Transpose", ["in", self.graph.constant("first", [0, 3, 1, 2])])
        self.graph.node("pad", "Pad", ["t1", self.graph.constant("p", [[0, 0], [0, 0], [1, 1], [2, 0]])])
        self.graph.node("t2", "Transpose", ["pad", self.graph.constant("back", [0, 2, 3, 1])])
        self.conv("t2", weights)
        self.same(self.graph.run("conv", self.x), convolve(self.x, weights, 1, ((1, 1), (2, 0))))

    def test_fused_depthwise_convolution(self):
        weights, bias = half(self.random, 3, 3, 3, 2), half(self.random, 6)
        inputs = ["in", self.graph.constant("w", weights), self.graph.constant("b", bias)]
        self.graph.node("conv", "FusedDepthwiseConv2dNative", inputs, strides=ints(1, 1, 1, 1),
                        padding={"s": b64("VALID")}, fused_ops={"list": {"s": [b64("BiasAdd"), b64("Relu")]}})
        full = np.zeros((3, 3, 3, 6), np.float32)  # each channel reads only itself, and gives two
        for channel in range(3):
            full[:, :, channel, 2 * channel:2 * channel + 2] = weights[:, :, channel]
        y = convolve(self.x, full, 1, ((0, 0), (0, 0))) + bias
        self.same(self.graph.run("conv", self.x), np.maximum(y, 0))

    def test_depth_to_space_and_its_first_channels(self):
        weights = half(self.random, 1, 1, 3, 8)
        self.conv("in", weights)
        self.graph.node("d2s", "DepthToSpace", ["conv"], block_size={"i": "2"})
        y = convolve(self.x, weights, 1, ((0, 0), (0, 0))).reshape(1, 9, 7, 2, 2, 2)
        y = y.transpose(0, 1, 3, 2, 4, 5).reshape(1, 18, 14, 2)
        self.same(self.graph.run("d2s[:1]", self.x), y[..., :1])

    def test_join_along_channels(self):
        weights = half(self.random, 1, 1, 3, 2)
        self.conv("in", weights)
        self.graph.node("join", "ConcatV2", ["conv", "in", self.graph.constant("axis", np.array(-1))])
        y = convolve(self.x, weights, 1, ((0, 0), (0, 0)))
        self.same(self.graph.run("join", self.x), np.concatenate([y, self.x], 3))

    def test_an_unknown_operator_stops_the_import(self):
        self.graph.node("odd", "Einsum", ["in"])
        with self.assertRaisesRegex(import_tfjs.Unsupported, "Einsum"):
            self.graph.run("odd", self.x)

    def test_weights_that_do_not_fill_their_file_stop_the_import(self):
        self.conv("in", half(self.random, 1, 1, 3, 2))
        self.graph.blob += b"\0\0"
        with self.assertRaisesRegex(import_tfjs.Unsupported, "bytes"):
            self.graph.run("conv", self.x)


class Integers(unittest.TestCase):
    """A small network of the layers that quantize.py knows."""

    def setUp(self):
        random = np.random.default_rng(1)
        node, constant = onnx.helper.make_node, onnx.numpy_helper.from_array
        conv = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [1, 1]}
        nodes = [node("Conv", ["in", "w0", "b0"], ["a"], **conv), node("LeakyRelu", ["a"], ["b"], alpha=0.1),
                 node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
                 node("Conv", ["c", "w1", "b1"], ["d"], **conv), node("LeakyRelu", ["d"], ["e"], alpha=0.1),
                 node("Concat", ["e", "c"], ["f"], axis=1), node("Conv", ["f", "w2", "b2"], ["out"], **conv)]
        sizes = [(4, 3), (4, 4), (2, 8)]
        weights = [constant(random.normal(0, 0.3, (o, i, 3, 3)).astype(np.float32), f"w{n}") for n, (o, i) in enumerate(sizes)]
        biases = [constant(random.normal(0, 0.3, o).astype(np.float32), f"b{n}") for n, (o, _) in enumerate(sizes)]
        value = onnx.helper.make_tensor_value_info
        graph = onnx.helper.make_graph(nodes, "small", [value("in", 1, [1, 3, 8, 8])], [value("out", 1, [1, 2, 4, 4])], weights + biases)
        self.model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)])
        self.ranges = {"in": [-3, 3], "a": [-4, 4], "b": [-0.4, 4], "c": [-0.4, 4], "d": [-7, 7], "e": [-0.7, 7], "f": [-0.7, 7], "out": [-9, 9]}

    def test_layers_between_input_and_output_are_in_integers(self):
        made = quantize.quantize(self.model, self.ranges)
        weights = {w.name: onnx.numpy_helper.to_array(w) for w in made.graph.initializer}
        original = {w.name: onnx.numpy_helper.to_array(w) for w in self.model.graph.initializer}
        self.assertTrue({"w0", "w2"} <= weights.keys())
        self.assertNotIn("w1", weights)
        self.assertEqual(weights["w1.8"].dtype, np.int8)
        self.assertEqual(np.abs(weights["w1.8"]).reshape(4, -1).max(axis=1).tolist(), [127] * 4)
        back = weights["w1.8"] * weights["w1.scale"][:, None, None, None]
        np.testing.assert_allclose(back, original["w1"], atol=0.51 * float(weights["w1.scale"].max()))
        back = weights["b1.8"] * weights["b1.scale"]
        np.testing.assert_allclose(back, original["b1"], atol=1e-4)

    def test_what_is_joined_has_one_scale_and_zero_is_exact(self):
        made = quantize.quantize(self.model, self.ranges)
        values = {w.name: onnx.numpy_helper.to_array(w) for w in made.graph.initializer}
        self.assertEqual(values["e.scale"], values["c.scale"])
        self.assertEqual(values["e.zero"], values["f.zero"])
        self.assertAlmostEqual(float(values["f.scale"]), 7.7 / 255, places=6)
        self.assertEqual(values["f.zero"], round(0.7 / (7.7 / 255)))

    def test_the_pool_comes_before_the_activation_and_names_go_on(self):
        made = quantize.quantize(self.model, self.ranges)
        kinds = [node.op_type for node in made.graph.node]
        self.assertLess(kinds.index("MaxPool"), kinds.index("LeakyRelu"))
        self.assertEqual(next(n for n in made.graph.node if n.op_type == "LeakyRelu").output[0], "c")

    def test_a_tensor_without_a_range_stops_it(self):
        del self.ranges["e"]
        with self.assertRaisesRegex(ValueError, "no range for e"):
            quantize.quantize(self.model, self.ranges)


def unpacked():
    with open(os.path.join(HERE, "models.json"), encoding="utf-8") as file:
        packages = {model["package"] for model in json.load(file)["models"] if "package" in model}
    return all(os.path.isdir(os.path.join(DEPS, "npm", package)) for package in packages)


@unittest.skipUnless(unpacked(), "the packages are not unpacked: remove .deps/models and run scripts/setup.sh")
class PinnedModels(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def install(self, *arguments):
        command = [sys.executable, "-B", os.path.join(HERE, "install.py"), self.folder.name,
                   "--packages", os.path.join(DEPS, "npm"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def test_import_gives_the_pinned_bytes_and_mends_a_damaged_file(self):
        self.assertEqual(self.install("--check").returncode, 1)
        self.assertEqual(self.install().returncode, 0)
        self.assertEqual(self.install("--check").returncode, 0)
        with open(self.path("face.onnx"), "r+b") as file:
            file.seek(1000)
            file.write(b"!")
        self.assertEqual(self.install("--check").returncode, 1)
        mended = self.install()
        self.assertEqual((mended.returncode, mended.stdout.split(":")[0]), (0, "face.onnx"))
        self.assertEqual(self.install("--check").returncode, 0)

    def test_another_hash_is_refused(self):
        with open(os.path.join(HERE, "models.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        manifest["models"][0]["sha256"] = "0" * 64
        with open(self.path("other.json"), "w", encoding="utf-8") as file:
            json.dump(manifest, file)
        refused = self.install("--manifest", self.path("other.json"))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("expected SHA-256 0000", refused.stderr)
        self.assertFalse(os.path.exists(self.path("person.onnx")))


if __name__ == "__main__":
    unittest.main()
