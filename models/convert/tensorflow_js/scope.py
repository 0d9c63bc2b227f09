"""What an operation's translation sees: the ONNX graph being built and what the nodes before it became."""

from collections.abc import Callable

import numpy as np

from models.convert.onnx_graph import Array, OnnxGraph
from models.convert.tensorflow_js.topology import Node

Translation = Callable[[Node, "Scope"], str | list[str]]
"""Adds a node's operation to the scope's graph; returns the ONNX tensors of its outputs, in their order."""


class Scope:
    """Every tensor that is known so far: a constant, whose value is at hand, or a tensor of the ONNX graph."""

    def __init__(self, graph: OnnxGraph, constants: dict[str, Array]) -> None:
        self.graph = graph
        self._constants = dict(constants)
        self._tensors: dict[str, str] = {}

    def define(self, name: str, tensor: str) -> None:
        """TensorFlow's tensor `name` is `tensor` in the ONNX graph."""
        self._tensors[name] = tensor

    def define_constant(self, name: str, value: Array) -> None:
        """TensorFlow's tensor `name` always has this value."""
        self._constants[name] = value

    def alias(self, name: str, existing: str) -> None:
        """TensorFlow's tensor `name` is the same as `existing`."""
        if existing in self._constants:
            self._constants[name] = self._constants[existing]
        else:
            self._tensors[name] = self._tensors[existing]

    def is_constant(self, name: str) -> bool:
        """Whether the value of TensorFlow's tensor `name` is known already."""
        return name in self._constants

    def value(self, name: str) -> Array:
        """The value of a constant."""
        return self._constants[name]

    def tensor(self, name: str) -> str:
        """The ONNX tensor of TensorFlow's tensor `name`; a constant becomes one on its first use."""
        return self.graph.constant(self._constants[name]) if name in self._constants else self._tensors[name]

    def tensors(self, node: Node) -> list[str]:
        """The ONNX tensors that `node` reads."""
        return [self.tensor(name) for name in node.inputs]

    def constant_input(self, node: Node, index: int) -> Array:
        """The value of input `index` of `node`, which ONNX wants to know in advance.

        ConversionFailed where it is not constant.
        """
        name = node.inputs[index]
        if name not in self._constants:
            raise node.unsupported(f"input {index} ('{name}') that is only known when the network runs")
        return self._constants[name]

    def int64s(self, node: Node, index: int) -> str:
        """Input `index` of `node` as an ONNX tensor of int64, as ONNX wants shapes, axes and sizes."""
        name = node.inputs[index]
        if name in self._constants:
            return self.graph.constant(np.atleast_1d(self._constants[name]).astype(np.int64))
        return self.graph.cast(self._tensors[name], np.int64)
