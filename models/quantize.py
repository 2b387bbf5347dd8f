"""Makes a network calculate in integers of 8 bits: less than half the time on processors that multiply those fast.

Weights get a scale for each output channel. The tensors between the layers get one scale each, from the range of values
that was measured on ordinary pictures; what lies outside is cut off. Written as ONNX's QuantizeLinear and
DequantizeLinear around each layer, which the runtime joins into integer layers.
"""
import numpy as np
import onnx
from onnx import helper, numpy_helper

WEIGHT_MOST = 127  # symmetric: -128 is not used
ACTIVATION_STEPS = 255
INTEGER_LAYERS = ("Conv", "LeakyRelu", "Concat")


def _scales(graph, ranges):
    """Scale and zero point of each tensor; those that are joined share theirs, so that joining them is copying."""
    joined = {name: name for name in ranges}

    def root(name):
        while joined[name] != name:
            name = joined[name]
        return name

    for node in graph.node:
        if node.op_type == "Concat":
            for name in node.input:
                joined[root(name)] = root(node.output[0])
    spans = {}
    for name, (low, high) in ranges.items():
        a, b = spans.get(root(name), (0.0, 0.0))  # zero is always exact: it is what pictures are padded with
        spans[root(name)] = (min(a, low), max(b, high))
    scales = {}
    for name in ranges:
        low, high = spans[root(name)]
        scale = np.float32((high - low) / ACTIVATION_STEPS)
        scales[name] = (scale, np.uint8(np.clip(round(-low / float(scale)), 0, ACTIVATION_STEPS)))
    return scales


def _pool_first(graph):
    """LeakyRelu and MaxPool commute: with the pool first, the picture's largest layers need no integers."""
    nodes, by_input = [], {node.input[0]: node for node in graph.node if node.op_type == "MaxPool"}
    for node in graph.node:
        pool = by_input.get(node.output[0]) if node.op_type == "LeakyRelu" else None
        if pool:
            between = node.output[0]
            pool.input[0], node.output[0] = node.input[0], pool.output[0]
            pool.output[0] = node.input[0] = between
            nodes += [pool, node]
        elif node.op_type != "MaxPool":
            nodes.append(node)
    return nodes


class _Writer:
    def __init__(self, scales, weights):
        self.nodes, self.constants, self.scales, self.weights, self.made = [], [], scales, weights, set()

    def constant(self, name, value):
        if name not in self.made:
            self.made.add(name)
            self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def rounded(self, name):
        """The tensor `name`, as 8 bits can tell it."""
        out = name + ".rounded"
        if out not in self.made:
            self.made.add(out)
            scale, zero = (self.constant(f"{name}.{what}", v) for what, v in zip(("scale", "zero"), self.scales[name]))
            self.nodes.append(helper.make_node("QuantizeLinear", [name, scale, zero], [name + ".8"]))
            self.nodes.append(helper.make_node("DequantizeLinear", [name + ".8", scale, zero], [out]))
        return out

    def integers(self, name, values, scale, kind):
        scale = scale.astype(np.float32)
        inputs = [self.constant(name + ".8", values.astype(kind)), self.constant(name + ".scale", scale),
                  self.constant(name + ".zero", np.zeros(len(scale), kind))]
        self.nodes.append(helper.make_node("DequantizeLinear", inputs, [name + ".rounded"], axis=0))
        return name + ".rounded"

    def convolution(self, node):
        source, weight_name, bias_name = node.input
        weight, bias = self.weights[weight_name], self.weights[bias_name]
        scale = np.maximum(np.abs(weight).reshape(len(weight), -1).max(axis=1), 1e-8) / WEIGHT_MOST
        rounded = np.clip(np.round(weight / scale[:, None, None, None]), -WEIGHT_MOST, WEIGHT_MOST)
        bias_scale = scale * self.scales[source][0]
        node.input[:] = [self.rounded(source), self.integers(weight_name, rounded, scale, np.int8),
                         self.integers(bias_name, np.round(bias / bias_scale), bias_scale, np.int32)]
        self.nodes.append(node)

    def as_it_is(self, node):
        for name in node.input:
            if name in self.weights:
                self.constant(name, self.weights[name])
        self.nodes.append(node)


def quantize(model, ranges):
    """A copy of `model`. `ranges`: of each tensor, as {name: [lowest, highest]}. Layers that read the network's input or write
    its outputs stay as they are: there each bit counts."""
    model = onnx.load_from_string(model.SerializeToString())
    graph = model.graph
    missing = [o for node in graph.node for o in node.output if o not in ranges]
    if missing:
        raise ValueError(f"there is no range for {', '.join(missing)}: measure it anew for this network")
    writer = _Writer(_scales(graph, ranges), {w.name: numpy_helper.to_array(w) for w in graph.initializer})
    inputs, outputs = {i.name for i in graph.input}, {o.name for o in graph.output}
    pooled = {node.input[0] for node in graph.node if node.op_type == "MaxPool"}
    for node in _pool_first(graph):
        plain = node.op_type not in INTEGER_LAYERS or node.input[0] in inputs | pooled
        if node.op_type == "Conv" and not plain and node.output[0] not in outputs:
            writer.convolution(node)
        elif plain:
            writer.as_it_is(node)
        else:
            node.input[:] = [writer.rounded(name) if name in writer.scales else name for name in node.input]
            writer.as_it_is(node)
    made = helper.make_graph(writer.nodes, graph.name, list(graph.input), list(graph.output), writer.constants)
    made = helper.make_model(made, opset_imports=list(model.opset_import), ir_version=model.ir_version)
    onnx.checker.check_model(made)
    return made
