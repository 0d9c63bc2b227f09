"""Operations on each element by itself, and the activations that TensorFlow fuses into its neighbours."""

from collections.abc import Mapping

import numpy as np

from models.convert.onnx_graph import OnnxGraph
from models.convert.tensorflow_js.scope import Scope, Translation
from models.convert.tensorflow_js.topology import Node

LEAKY_RELU_ALPHA = 0.2
"""TensorFlow's slope where a node gives none."""


def _as(operator: str) -> Translation:
    """The ONNX operator that takes the same inputs and means the same."""
    return lambda node, scope: scope.graph.add(operator, scope.tensors(node))


def _floor_div(node: Node, scope: Scope) -> str:
    """Rounds down, where ONNX's integer Div rounds towards zero; ONNX's integer Mod has the divisor's sign."""
    a, b = scope.tensors(node)
    if np.issubdtype(node.dtype("T"), np.integer):
        return scope.graph.add("Div", [scope.graph.add("Sub", [a, scope.graph.add("Mod", [a, b])]), b])
    return scope.graph.add("Floor", [scope.graph.add("Div", [a, b])])


def _squared_difference(node: Node, scope: Scope) -> str:
    difference = scope.graph.add("Sub", scope.tensors(node))
    return scope.graph.add("Mul", [difference, difference])


def _bias_add(node: Node, scope: Scope) -> str:
    if node.text("data_format", "NHWC") != "NHWC":
        raise node.unsupported("a bias along another axis than the last one")
    return scope.graph.add("Add", scope.tensors(node))


def _cast(node: Node, scope: Scope) -> str:
    return scope.graph.cast(scope.tensor(node.inputs[0]), node.dtype("DstT"))


def activation(graph: OnnxGraph, name: str, tensor: str, leaky_alpha: float) -> str | None:
    """`tensor` after the activation `name`, or None where there is no such activation."""
    match name:
        case "Relu6":
            return graph.add("Clip", [tensor, graph.constant(np.float32(0)), graph.constant(np.float32(6))])
        case "LeakyRelu":
            return graph.add("LeakyRelu", [tensor], alpha=leaky_alpha)
        case "Relu" | "Elu" | "Sigmoid":
            return graph.add(name, [tensor])
        case _:
            return None


def _activation(node: Node, scope: Scope) -> str:
    alpha = node.number("alpha", LEAKY_RELU_ALPHA)
    result = activation(scope.graph, node.operation, scope.tensor(node.inputs[0]), alpha)
    assert result is not None, node.operation
    return result


POINTWISE: Mapping[str, Translation] = {
    "Add": _as("Add"),
    "AddV2": _as("Add"),
    "AddN": _as("Sum"),
    "BiasAdd": _bias_add,
    "Cast": _cast,
    "Elu": _activation,
    "Exp": _as("Exp"),
    "Floor": _as("Floor"),
    "FloorDiv": _floor_div,
    "LeakyRelu": _activation,
    "Maximum": _as("Max"),
    "Minimum": _as("Min"),
    "Mul": _as("Mul"),
    "Neg": _as("Neg"),
    "Pow": _as("Pow"),
    "Prelu": _as("PRelu"),
    "RealDiv": _as("Div"),
    "Relu": _activation,
    "Relu6": _activation,
    "Sigmoid": _activation,
    "Sqrt": _as("Sqrt"),
    "SquaredDifference": _squared_difference,
    "Sub": _as("Sub"),
    "Tanh": _as("Tanh"),
}
