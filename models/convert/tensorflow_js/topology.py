"""The nodes of a TensorFlow.js graph model, typed, in the order of their computation."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.errors import ConversionFailed

_DTYPES: Mapping[str, type[np.generic]] = {
    "DT_FLOAT": np.float32,
    "DT_INT32": np.int32,
    "DT_INT64": np.int64,
    "DT_BOOL": np.bool_,
    "DT_UINT8": np.uint8,
}


@dataclass(frozen=True, slots=True)
class Node:
    """One operation: its TensorFlow name, the tensors it reads (`node` or `node:index`) and its attributes."""

    name: str
    operation: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def integer(self, key: str, default: int) -> int:
        """The attribute `key` as a whole number."""
        return int(self.attributes.get(key, {}).get("i", default))

    def number(self, key: str, default: float) -> float:
        """The attribute `key` as a number."""
        return float(self.attributes.get(key, {}).get("f", default))

    def flag(self, key: str) -> bool:
        """The attribute `key`, false where it is not given."""
        return bool(self.attributes.get(key, {}).get("b", False))

    def text(self, key: str, default: str) -> str:
        """The attribute `key` as text."""
        stored = self.attributes.get(key, {}).get("s")
        return default if stored is None else _decoded(stored)

    def integers(self, key: str) -> list[int]:
        """The attribute `key` as a list of whole numbers, empty where it is not given."""
        return [int(value) for value in self.attributes.get(key, {}).get("list", {}).get("i", [])]

    def texts(self, key: str) -> list[str]:
        """The attribute `key` as a list of texts, empty where it is not given."""
        return [_decoded(value) for value in self.attributes.get(key, {}).get("list", {}).get("s", [])]

    def dtype(self, key: str, default: str = "DT_FLOAT") -> type[np.generic]:
        """The attribute `key` as a numpy type. ConversionFailed for a type that has no place here."""
        return numpy_type(self.attributes.get(key, {}).get("type", default), self.name)

    def unsupported(self, what: str) -> ConversionFailed:
        """The error that names this node and says what of it cannot be said in ONNX yet."""
        return ConversionFailed(f"operation {self.operation} at '{self.name}': {what} is not supported")


def numpy_type(name: str, where: str) -> type[np.generic]:
    """TensorFlow's element type `name` in numpy. ConversionFailed for one that has no place here."""
    if name not in _DTYPES:
        raise ConversionFailed(f"'{where}': element type {name} is not supported")
    return _DTYPES[name]


def read_nodes(topology: Mapping[str, Any]) -> dict[str, Node]:
    """The nodes of `modelTopology` by name; control inputs (`^node`) order side effects, and there are none here."""
    return {
        entry["name"]: Node(
            entry["name"],
            entry["op"],
            tuple(tensor_name(i) for i in entry.get("input", []) if not i.startswith("^")),
            entry.get("attr", {}),
        )
        for entry in topology["node"]
    }


def in_order(nodes: Mapping[str, Node], outputs: Sequence[str]) -> list[Node]:
    """The nodes that `outputs` need, each after those that it reads.

    ConversionFailed for a node that is not there or depends on itself.
    """
    ordered: list[Node] = []
    finished: set[str] = set()
    on_the_way: set[str] = set()
    stack = [(node_name(output), False) for output in reversed(outputs)]
    while stack:
        name, inputs_done = stack.pop()
        if inputs_done:
            on_the_way.discard(name)
            finished.add(name)
            ordered.append(nodes[name])
        elif name in on_the_way:
            raise ConversionFailed(f"node '{name}' depends on itself: loops are not supported")
        elif name not in finished:
            if name not in nodes:
                raise ConversionFailed(f"node '{name}' is read and is not in the graph")
            on_the_way.add(name)
            stack.append((name, True))
            stack.extend((node_name(i), False) for i in reversed(nodes[name].inputs) if node_name(i) not in finished)
    return ordered


def tensor_name(reference: str) -> str:
    """`node` for a node's first output, `node:index` for the others."""
    return reference.removesuffix(":0")


def node_name(reference: str) -> str:
    """The node whose output `reference` is."""
    return reference.partition(":")[0]


def _decoded(stored: str | Sequence[int]) -> str:
    return (base64.b64decode(stored) if isinstance(stored, str) else bytes(stored)).decode("utf-8")
