"""A convolution's padding and bias, brought into the convolution: what is left around it is what computes.

TensorFlow's graphs say padding and bias as nodes of their own, and turn maps to channels-last and back between all of
them. onnxruntime takes that away from a float network when it loads it. Around eight-bit maps it cannot: every node in
between would take the map back to float. So it is done here, before quantising; what is computed stays the same.

    Transpose, Transpose          nothing, where the second undoes the first
    Pad, Conv                     Conv with pads, where the padding is zeros; MaxPool the same, where it is −∞
    Conv, Transpose, Add          Conv with a bias, where one value a channel is added and nobody else takes the map
    what nobody asks for          goes
"""

from collections import Counter
from typing import Any

import onnx
from onnx import helper, numpy_helper

CHANNELS_LAST = [0, 2, 3, 1]
LEAST = -3.0e38
"""Padding below it is −∞ to any map: TensorFlow writes the least float."""


def folded(model: bytes) -> bytes:
    """The network with its convolutions' paddings and biases in them. Inputs, outputs and results stay as they are."""
    whole = onnx.load_from_string(model)
    graph = whole.graph
    folding = _Folding(graph)
    kept = [node for node in graph.node if folding.keep(node)]
    wanted = {output.name for output in graph.output}
    living: list[onnx.NodeProto] = []
    for node in reversed(kept):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            living.append(node)
    constants = [*graph.initializer, *folding.made]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(reversed(living))
    graph.initializer.extend(constant for constant in constants if constant.name in wanted)
    content: bytes = whole.SerializeToString(deterministic=True)
    return content


class _Folding:
    """One pass over a graph in its order: what a node becomes depends on what stands before it only."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._values = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
        self._outputs = {output.name for output in graph.output}
        self._takers = Counter(name for node in graph.node for name in node.input) + Counter(self._outputs)
        self._made_by: dict[str, onnx.NodeProto] = {}
        self._same_as: dict[str, str] = {}
        self.made: list[onnx.TensorProto] = []

    def keep(self, node: onnx.NodeProto) -> bool:
        """Whether the node stays; its inputs, and what it took over from the nodes before it, are set."""
        for number, name in enumerate(node.input):
            node.input[number] = self._same_as.get(name, name)
        match node.op_type:
            case "Transpose" if (before := self._undone(node)) is not None:
                return self._stands_for(before, node)
            case "Add" if self._becomes_bias(node):
                return self._stands_for(node.input[0], node)
            case "Conv" | "MaxPool":
                self._take_padding(node)
        for output in node.output:
            self._made_by[output] = node
        return True

    def _stands_for(self, before: str, node: onnx.NodeProto) -> bool:
        """Have `before` in the place of what the node gives; whether it stays, to give it out under its name."""
        self._same_as[node.output[0]] = before
        if node.output[0] not in self._outputs:
            return False
        node.CopyFrom(helper.make_node("Identity", [before], [node.output[0]]))
        return True

    def _undone(self, node: onnx.NodeProto) -> str | None:
        """What stood before the Transpose that this one undoes."""
        before = self._made_by.get(node.input[0])
        if before is None or before.op_type != "Transpose":
            return None
        first, second = _attribute(before, "perm"), _attribute(node, "perm")
        return before.input[0] if [first[axis] for axis in second] == sorted(first) else None

    def _becomes_bias(self, node: onnx.NodeProto) -> bool:
        turned = self._made_by.get(node.input[0])
        bias = self._values.get(node.input[1])
        if turned is None or bias is None or bias.ndim != 1 or turned.op_type != "Transpose":
            return False
        if _attribute(turned, "perm") != CHANNELS_LAST or self._takers[turned.output[0]] > 1:
            return False
        made_by = self._made_by.get(turned.input[0])
        if made_by is None or made_by.op_type != "Conv" or len(made_by.input) > 2:
            return False
        if self._takers[made_by.output[0]] > 1:
            return False
        made_by.input.append(node.input[1])
        return True

    def _take_padding(self, node: onnx.NodeProto) -> None:
        padding = self._made_by.get(node.input[0])
        if padding is None or padding.op_type != "Pad" or any(_attribute(node, "pads") or []):
            return
        pads = self._values[padding.input[1]].tolist()
        half = len(pads) // 2
        if pads[:2] != [0, 0] or pads[half : half + 2] != [0, 0]:
            return
        given = len(padding.input) > 2 and padding.input[2]
        value = float(self._values[padding.input[2]].reshape(-1)[0]) if given else 0.0
        if (value < LEAST) if node.op_type == "MaxPool" else (value == 0.0):
            node.input[0] = padding.input[0]
            kept = [attribute for attribute in node.attribute if attribute.name not in ("pads", "auto_pad")]
            del node.attribute[:]
            node.attribute.extend([*kept, helper.make_attribute("pads", [*pads[2:half], *pads[half + 2 :]])])


def _attribute(node: onnx.NodeProto, name: str) -> Any:
    return next((helper.get_attribute_value(given) for given in node.attribute if given.name == name), None)
