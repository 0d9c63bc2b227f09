"""A network in eight-bit integers, from the ranges that its maps take: quantise and dequantise nodes (QDQ) around them.

A map x becomes round(x / scale) + zero in 0–255, with scale and zero such that its range just fits and 0 stays 0
exactly (padding is 0); beyond the range it is cut. Weights become −127–127 with a scale for each channel that goes out,
biases 32 bits. (Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference", CVPR 2018; QDQ as ONNX's QuantizeLinear and DequantizeLinear, opset 17.)

onnxruntime computes a node in integers when it stands between the two. So everything from the first convolution to the
heads stays in eight bits; a single float node in between would take the map there and back. Nodes whose outcome has no
range stay in float. The same network and ranges give the same bytes on any machine; a change of what is written raises
QUANTISER in models/convert/versions.py.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from models.errors import ConversionFailed

Ranges = Mapping[str, tuple[float, float]]
"""The least and the largest value of each map, by its name."""

INTEGER = frozenset({"Conv", "LeakyRelu", "Concat", "MaxPool", "Resize", "Add"})
"""What onnxruntime computes in eight bits."""
LEVELS = 255
WEIGHT_MOST = 127
SCALE_MIN = 1e-9
"""A map that is always 0 has a scale, too."""


def quantised(model: bytes, ranges: Ranges) -> bytes:
    """The `folded` network in eight bits wherever the outcome of a node has a range.

    ConversionFailed for the range of a map that the network has not: it is of another network.
    """
    whole = onnx.load_from_string(model)
    graph = whole.graph
    unknown = set(ranges) - {node.output[0] for node in graph.node} - {entry.name for entry in graph.input}
    if unknown:
        raise ConversionFailed(
            f"there is a range for {min(unknown)!r}, which the network has not: the ranges are of another network. "
            "Measure them again (tillfree models quantise)"
        )
    writing = _Writing({constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}, ranges)
    for node in list(graph.node):
        writing.add(node)
    used = {name for node in writing.nodes for name in node.input}
    constants = [*graph.initializer, *writing.constants]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(writing.nodes)
    graph.initializer.extend(constant for constant in constants if constant.name in used)
    onnx.checker.check_model(whole)
    content: bytes = whole.SerializeToString(deterministic=True)
    return content


class _Writing:
    """The nodes in their order. `_rounded` names the dequantised maps by those that they were."""

    def __init__(self, values: Mapping[str, npt.NDArray[np.float32]], ranges: Ranges) -> None:
        self._values = values
        self._ranges = ranges
        self._rounded: dict[str, str] = {}
        self._scales: dict[str, float] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, node: onnx.NodeProto) -> None:
        """Write the node, in integers where its outcome has a range and its kind can."""
        whole = node.op_type in INTEGER and node.output[0] in self._ranges
        features = [name for name in node.input if name in self._ranges] if whole else []
        for name in features:
            self._round(name)
        for number, name in enumerate(node.input):
            # What is there in eight bits already is read so, by nodes in float too: it is the same map.
            node.input[number] = self._rounded.get(name, name)
        if features and node.op_type == "Conv":
            self._round_weights(node, features[0])
        self.nodes.append(node)
        if features:
            self._round(node.output[0])

    def _round(self, name: str) -> None:
        if name in self._rounded:
            return
        least, most = self._ranges[name]
        least, most = min(least, 0.0), max(most, 0.0)
        scale = np.float32(max((most - least) / LEVELS, SCALE_MIN))
        zero = np.uint8(np.clip(np.round(-least / scale), 0, LEVELS))
        step = [self._constant(f"{name} scale", scale), self._constant(f"{name} zero", zero)]
        self.nodes += [
            helper.make_node("QuantizeLinear", [name, *step], [f"{name} in 8 bits"]),
            helper.make_node("DequantizeLinear", [f"{name} in 8 bits", *step], [f"{name} rounded"]),
        ]
        self._rounded[name], self._scales[name] = f"{name} rounded", float(scale)

    def _round_weights(self, node: onnx.NodeProto, feature: str) -> None:
        weights = self._values[node.input[1]]
        most = np.abs(weights.reshape(len(weights), -1)).max(axis=1)
        scales = np.maximum(most / WEIGHT_MOST, SCALE_MIN).astype(np.float32)
        shape = (-1, *[1] * (weights.ndim - 1))
        whole = np.clip(np.round(weights / scales.reshape(shape)), -WEIGHT_MOST, WEIGHT_MOST).astype(np.int8)
        node.input[1] = self._dequantised(node.output[0], "weights", whole, scales)
        if len(node.input) > 2:
            steps = (scales.astype(np.float64) * self._scales[feature]).astype(np.float32)
            bias = np.round(self._values[node.input[2]].astype(np.float64) / steps)
            limits = np.iinfo(np.int32)
            whole_bias = np.clip(bias, limits.min, limits.max).astype(np.int32)
            node.input[2] = self._dequantised(node.output[0], "bias", whole_bias, steps)

    def _dequantised(
        self, map_name: str, what: str, whole: npt.NDArray[np.signedinteger], scales: npt.NDArray[np.float32]
    ) -> str:
        name = f"{map_name} {what}"
        zeros = np.zeros(len(scales), whole.dtype)
        inputs = [
            self._constant(f"{name} in whole numbers", whole),
            self._constant(f"{name} scales", scales),
            self._constant(f"{name} zeros", zeros),
        ]
        self.nodes.append(helper.make_node("DequantizeLinear", inputs, [name], axis=0))
        return name

    def _constant(self, name: str, value: npt.ArrayLike) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name
