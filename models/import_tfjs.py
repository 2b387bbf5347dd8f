"""Imports a TensorFlow.js graph model (one .json and its .bin) as an ONNX file.

TensorFlow works in NHWC, ONNX in NCHW. Every four-dimensional tensor is therefore stored in NCHW, and a TensorFlow
`Transpose` costs nothing: it only changes which stored axis a TensorFlow axis names (`Tensor.order`). Zero padding moves
into the convolution that reads it, and an added constant vector becomes that convolution's bias, so what remains are
convolutions, activations and the joints between them.

The same input gives the same bytes each time: the result is pinned by its SHA-256 in models.json.
What the handlers below do not know stops the import; nothing is guessed.
"""
import base64
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13  # the newest that the operators used here need; ONNX Runtime reads it as it is
IR_VERSION = 8
NHWC, NCHW = (0, 2, 3, 1), (0, 1, 2, 3)  # order[i] is the stored axis of TensorFlow's axis i


class Unsupported(Exception):
    """The graph has something that this importer does not know."""


class Tensor:
    """A value while it is being imported: its ONNX name, its stored (NCHW) shape, and how TensorFlow orders its axes."""

    def __init__(self, name, shape, order, pads=None, pad_value=0.0):
        self.name, self.shape, self.order = name, tuple(shape), tuple(order)
        self.pads = pads  # stored-axis (before, after) pairs that the reader still has to apply
        self.pad_value = pad_value


def text(attr, key, default=""):
    return base64.b64decode(attr[key]["s"]).decode() if key in attr else default


def ints(attr, key):
    return [int(v) for v in attr[key]["list"]["i"]]


def read_graph(path):
    """Returns (nodes by name, constants by name). Weights stored as float16 are widened to float32, which is exact."""
    with open(path, encoding="utf-8") as file:
        model = json.load(file)
    nodes = {node["name"]: node for node in model["modelTopology"]["node"]}
    constants = {}
    for group in model["weightsManifest"]:
        blob = b""
        for part in group["paths"]:
            with open(os.path.join(os.path.dirname(path), part), "rb") as file:
                blob += file.read()
        offset = 0
        for weight in group["weights"]:
            stored = np.dtype(weight.get("quantization", weight)["dtype"]).newbyteorder("<")
            if stored not in (np.float16, np.float32, np.int32):
                raise Unsupported(f"weight {weight['name']} is stored as {stored}")
            count = int(np.prod(weight["shape"], dtype=np.int64))
            values = np.frombuffer(blob, stored, count, offset).reshape(weight["shape"])
            offset += values.nbytes
            constants[weight["name"]] = values.astype(weight["dtype"])
        if offset != len(blob):
            raise Unsupported(f"{path}: the weights take {offset} bytes, the file has {len(blob)}")
    return nodes, constants


class Importer:
    def __init__(self, nodes, constants):
        self.nodes, self.constants = nodes, constants
        self.tensors, self.out, self.initializers = {}, [], []
        self.readers = {}
        for node in nodes.values():
            for name in node.get("input", []):
                self.readers[name] = self.readers.get(name, 0) + 1

    # -- the ONNX side ------------------------------------------------------------------------------------------------
    def constant(self, name, values):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def emit(self, op, inputs, shape, order, **attributes):
        name = f"t{len(self.out)}"
        self.out.append(helper.make_node(op, inputs, [name], name=f"{op}_{len(self.out)}", **attributes))
        return Tensor(name, shape, order)

    def plain(self, tensor):
        """The tensor with no padding pending."""
        if tensor.pads is None:
            return tensor
        pads = [p[0] for p in tensor.pads] + [p[1] for p in tensor.pads]
        value = self.constant(f"pad_value{len(self.out)}", np.float32(tensor.pad_value))
        amount = self.constant(f"pads{len(self.out)}", np.array(pads, np.int64))
        shape = [n + a + b for n, (a, b) in zip(tensor.shape, tensor.pads)]
        return self.emit("Pad", [tensor.name, amount, value], shape, tensor.order)

    # -- the TensorFlow side ------------------------------------------------------------------------------------------
    def value(self, name):
        """Imports `name` and all that it depends on. Iterative, since graphs are deeper than Python's stack."""
        stack = [name]
        while stack:
            top = stack[-1]
            if top in self.tensors or top in self.constants:
                stack.pop()
                continue
            node = self.nodes[top]
            missing = [i for i in node.get("input", []) if i not in self.tensors and i not in self.constants]
            if missing:
                stack.extend(reversed(missing))
                continue
            handler = getattr(self, "op_" + node["op"].strip("_").lower(), None)
            if handler is None:
                raise Unsupported(f"operator {node['op']} ({top})")
            self.tensors[top] = handler(node, node.get("attr", {}), node.get("input", []))
        return self.tensors[name]

    def op_placeholder(self, node, attr, inputs):
        dims = [int(d["size"]) for d in attr["shape"]["shape"]["dim"]]
        dims[0] = 1  # a free batch size becomes 1: static shapes let the runtime plan its memory
        order = NCHW if dims[1] == 3 else NHWC
        return Tensor("input", [dims[order.index(axis)] for axis in range(4)], order)

    def op_identity(self, node, attr, inputs):
        return self.tensors[inputs[0]]

    def op_transpose(self, node, attr, inputs):
        x, perm = self.tensors[inputs[0]], self.constants[inputs[1]]
        order = [x.order[p] for p in perm]
        return Tensor(x.name, x.shape, order, x.pads, x.pad_value)

    def op_pad(self, node, attr, inputs):
        x, amounts = self.plain(self.tensors[inputs[0]]), self.constants[inputs[1]]
        pads = [None] * 4
        for axis, (before, after) in enumerate(amounts.tolist()):
            pads[x.order[axis]] = (before, after)
        value = float(self.constants[inputs[2]]) if len(inputs) > 2 else 0.0
        return Tensor(x.name, x.shape, x.order, pads, value)

    op_padv2 = op_pad

    def window(self, x, node, attr, kernel, fill):
        """Strides, dilations, pads and output size of a sliding window over x (NHWC to TensorFlow)."""
        if tuple(x.order) != NHWC:
            raise Unsupported(f"{node['name']}: a window over axes in order {x.order}")
        strides = ints(attr, "strides")[1:3]
        dilations = ints(attr, "dilations")[1:3] if "dilations" in attr else [1, 1]
        before, after, size = [0, 0], [0, 0], [0, 0]
        if x.pads is not None:
            if x.pads[0] != (0, 0) or x.pads[1] != (0, 0) or x.pad_value != fill:
                x = self.plain(x)
            else:
                before, after = [p[0] for p in x.pads[2:]], [p[1] for p in x.pads[2:]]
        for i in range(2):
            length = x.shape[2 + i] + before[i] + after[i]
            reach = (kernel[i] - 1) * dilations[i] + 1
            if text(attr, "padding") == "SAME":
                total = max((-(-length // strides[i]) - 1) * strides[i] + reach - length, 0)
                before[i] += total // 2
                after[i] += total - total // 2
                length += total
            elif text(attr, "padding") != "VALID":
                raise Unsupported(f"{node['name']}: padding {text(attr, 'padding')}")
            size[i] = (length - reach) // strides[i] + 1
        attributes = dict(kernel_shape=list(kernel), strides=strides, pads=before + after)
        return x, attributes, dilations, size

    def convolution(self, node, attr, inputs, weights, group):
        x, attributes, dilations, size = self.window(
            self.tensors[inputs[0]], node, attr, weights.shape[2:], fill=0.0)
        names = [x.name, self.constant(node["name"] + "/w", weights)]
        fused = [base64.b64decode(s).decode() for s in attr.get("fused_ops", {}).get("list", {}).get("s", [])]
        if fused and fused[0] == "BiasAdd":
            names.append(self.constant(node["name"] + "/b", self.constants[inputs[2]]))
            fused = fused[1:]
        shape, order = (x.shape[0], weights.shape[0], *size), x.order
        x = self.emit("Conv", names, shape, order, dilations=dilations, group=group, **attributes)
        for name in fused:
            if name == "LeakyRelu":
                x = self.emit("LeakyRelu", [x.name], shape, order, alpha=float(attr["leakyrelu_alpha"]["f"]))
            else:
                x = self.activation(name, x)
        return x

    def op_conv2d(self, node, attr, inputs):
        weights = self.constants[inputs[1]].transpose(3, 2, 0, 1)  # HWIO to OIHW
        return self.convolution(node, attr, inputs, weights, self.tensors[inputs[0]].shape[1] // weights.shape[1])

    op_fusedconv2d = op_conv2d

    def op_depthwiseconv2dnative(self, node, attr, inputs):
        weights = self.constants[inputs[1]]
        height, width, channels, multiplier = weights.shape
        weights = weights.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)
        return self.convolution(node, attr, inputs, weights, channels)

    op_fuseddepthwiseconv2dnative = op_depthwiseconv2dnative

    def op_maxpool(self, node, attr, inputs):
        x = self.tensors[inputs[0]]
        # MaxPool's own padding never wins, so padding with a value below all others is the same thing.
        fill = x.pad_value if x.pad_value <= -3e38 else 0.0 if x.pads is None else None
        x, attributes, _, size = self.window(x, node, attr, ints(attr, "ksize")[1:3], fill)
        return self.emit("MaxPool", [x.name], (*x.shape[:2], *size), x.order, **attributes)

    def op_addv2(self, node, attr, inputs):
        if any(name in self.constants for name in inputs):
            constant, other = sorted(inputs, key=lambda name: name not in self.constants)
            return self.add_vector(node, self.plain(self.tensors[other]), other, self.constants[constant])
        a, b = (self.plain(self.tensors[name]) for name in inputs)
        if a.order != b.order or a.shape != b.shape:
            raise Unsupported(f"{node['name']}: adds tensors of different shape")
        return self.emit("Add", [a.name, b.name], a.shape, a.order)

    op_add = op_biasadd = op_addv2

    def add_vector(self, node, x, name, vector):
        producer = self.out[-1] if self.out and self.out[-1].output[0] == x.name else None
        fits = vector.ndim == 1 and x.order[-1] == 1 and vector.size == x.shape[1]
        if not (fits and producer and producer.op_type == "Conv" and len(producer.input) == 2):
            raise Unsupported(f"{node['name']}: adds a constant of shape {vector.shape}")
        if self.readers[name] != 1:
            raise Unsupported(f"{name}: is read without its bias too")
        producer.input.append(self.constant(node["name"] + "/b", vector))
        return x

    def activation(self, op, x, **attributes):
        if op == "Relu6":
            low = self.constant(f"zero{len(self.out)}", np.float32(0))
            high = self.constant(f"six{len(self.out)}", np.float32(6))
            return self.emit("Clip", [x.name, low, high], x.shape, x.order)
        if op not in ("Relu", "LeakyRelu", "Sigmoid"):
            raise Unsupported(f"activation {op}")
        return self.emit(op, [x.name], x.shape, x.order, **attributes)

    def op_relu(self, node, attr, inputs):
        return self.activation(node["op"], self.plain(self.tensors[inputs[0]]))

    op_relu6 = op_sigmoid = op_relu

    def op_leakyrelu(self, node, attr, inputs):
        return self.activation("LeakyRelu", self.plain(self.tensors[inputs[0]]), alpha=float(attr["alpha"]["f"]))

    def op_concatv2(self, node, attr, inputs):
        parts = [self.plain(self.tensors[name]) for name in inputs[:-1]]
        first = parts[0]
        if any(part.order != first.order for part in parts):
            raise Unsupported(f"{node['name']}: joins tensors of different axis order")
        axis = first.order[int(self.constants[inputs[-1]])]
        shape = list(first.shape)
        shape[axis] = sum(part.shape[axis] for part in parts)
        return self.emit("Concat", [part.name for part in parts], shape, first.order, axis=axis)

    def op_resizebilinear(self, node, attr, inputs):
        x, size = self.plain(self.tensors[inputs[0]]), self.constants[inputs[1]].tolist()
        corners, half = (attr.get(key, {}).get("b", False) for key in ("align_corners", "half_pixel_centers"))
        mode = "align_corners" if corners else "half_pixel" if half else "asymmetric"
        shape = (*x.shape[:2], *size)
        scales = self.constant(f"scales{len(self.out)}", np.array([n / o for n, o in zip(shape, x.shape)], np.float32))
        return self.emit("Resize", [x.name, "", scales], shape, x.order, mode="linear",
                         coordinate_transformation_mode=mode)

    def op_depthtospace(self, node, attr, inputs):
        x, block = self.plain(self.tensors[inputs[0]]), int(attr["block_size"]["i"])
        n, channels, height, width = x.shape
        shape = (n, channels // block**2, height * block, width * block)
        return self.emit("DepthToSpace", [x.name], shape, x.order, blocksize=block, mode="DCR")

    # -- the whole ----------------------------------------------------------------------------------------------------
    def first_channels(self, x, count):
        """The first `count` channels of x. Values that nobody needs are best never computed into a result."""
        names = [self.constant(f"slice{len(self.out)}_{key}", np.array([value], np.int64))
                 for key, value in (("start", 0), ("end", count), ("axis", 1))]
        return self.emit("Slice", [x.name, *names], (x.shape[0], count, *x.shape[2:]), x.order)


def import_model(path, outputs, free_size=False):
    """Returns the ONNX model. `outputs` maps the name of each ONNX output to the graph's tensor, or to
    `tensor[:n]` where only its first n channels are wanted. With `free_size` height and width are left open: what
    this importer writes depends on them nowhere, as long as each is a multiple of the net's strides."""
    importer = Importer(*read_graph(path))
    results = []
    for name, source in outputs.items():
        source, _, count = source.partition("[:")
        tensor = importer.plain(importer.value(source))
        if count:
            tensor = importer.first_channels(tensor, int(count.rstrip("]")))
        if any(tensor.name in node.input for node in importer.out):
            raise Unsupported(f"{source}: is an output and is read inside the graph as well")
        producer = next(node for node in importer.out if node.output[0] == tensor.name)
        producer.output[0] = name
        shape = (*tensor.shape[:2], f"{name}_height", f"{name}_width") if free_size else tensor.shape
        results.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    entry = next(t for t in importer.tensors.values() if t.name == "input")
    shape = (*entry.shape[:2], "height", "width") if free_size else entry.shape
    inputs = [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)]
    graph = helper.make_graph(importer.out, os.path.basename(path), inputs, results, importer.initializers)
    model = helper.make_model(graph, producer_name="passerby", opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model
