"""Operations that rearrange, join, cut or reduce tensors."""

from collections.abc import Mapping

import numpy as np

from models.convert.tensorflow_js.scope import Scope, Translation
from models.convert.tensorflow_js.topology import Node


def _reshape(node: Node, scope: Scope) -> str:
    return scope.graph.add("Reshape", [scope.tensor(node.inputs[0]), scope.int64s(node, 1)])


def _transpose(node: Node, scope: Scope) -> str:
    order = [int(axis) for axis in scope.constant_input(node, 1)]
    return scope.graph.transpose(scope.tensor(node.inputs[0]), order)


def _expand_dims(node: Node, scope: Scope) -> str:
    return scope.graph.add("Unsqueeze", [scope.tensor(node.inputs[0]), scope.int64s(node, 1)])


def _squeeze(node: Node, scope: Scope) -> str:
    axes = node.integers("squeeze_dims")
    inputs = [scope.tensor(node.inputs[0])]
    return scope.graph.add("Squeeze", [*inputs, _axes(scope, *axes)] if axes else inputs)


def _concatenate(node: Node, scope: Scope) -> str:
    axis = int(scope.constant_input(node, len(node.inputs) - 1))
    return scope.graph.add("Concat", [scope.tensor(name) for name in node.inputs[:-1]], axis=axis)


def _pack(node: Node, scope: Scope) -> str:
    axis = node.integer("axis", 0)
    wider = [scope.graph.add("Unsqueeze", [tensor, _axes(scope, axis)]) for tensor in scope.tensors(node)]
    return scope.graph.add("Concat", wider, axis=axis)


def _unpack(node: Node, scope: Scope) -> list[str]:
    axis, count = node.integer("axis", 0), node.integer("num", 1)
    slices = _cut(scope, scope.tensor(node.inputs[0]), axis, count)
    return [scope.graph.add("Squeeze", [part, _axes(scope, axis)]) for part in slices]


def _split(node: Node, scope: Scope) -> list[str]:
    axis, count = int(scope.constant_input(node, 0)), node.integer("num_split", 1)
    return _cut(scope, scope.tensor(node.inputs[1]), axis, count)


def _split_by_sizes(node: Node, scope: Scope) -> list[str]:
    sizes, axis = scope.constant_input(node, 1), int(scope.constant_input(node, 2))
    if (sizes < 0).any():
        raise node.unsupported("a part of unstated size")
    return scope.graph.add_many("Split", [scope.tensor(node.inputs[0]), scope.int64s(node, 1)], len(sizes), axis=axis)


def _mean(node: Node, scope: Scope) -> str:
    axes = [int(axis) for axis in np.atleast_1d(scope.constant_input(node, 1))]
    return scope.graph.add(
        "ReduceMean", [scope.tensor(node.inputs[0])], axes=axes, keepdims=int(node.flag("keep_dims"))
    )


def _arg_max(node: Node, scope: Scope) -> str:
    axis = int(scope.constant_input(node, 1))
    found = scope.graph.add("ArgMax", [scope.tensor(node.inputs[0])], axis=axis, keepdims=0)
    wanted = node.dtype("output_type", "DT_INT64")
    return found if wanted is np.int64 else scope.graph.cast(found, wanted)


def _softmax(node: Node, scope: Scope) -> str:
    return scope.graph.add("Softmax", [scope.tensor(node.inputs[0])], axis=-1)


def _gather_nd(node: Node, scope: Scope) -> str:
    return scope.graph.add("GatherND", [scope.tensor(node.inputs[0]), scope.int64s(node, 1)])


def _cut(scope: Scope, tensor: str, axis: int, count: int) -> list[str]:
    return scope.graph.add_many("Split", [tensor], count, axis=axis)


def _axes(scope: Scope, *axes: int) -> str:
    return scope.graph.constant(np.array(axes, np.int64))


SHAPING: Mapping[str, Translation] = {
    "ArgMax": _arg_max,
    "ConcatV2": _concatenate,
    "ExpandDims": _expand_dims,
    "GatherNd": _gather_nd,
    "Mean": _mean,
    "Pack": _pack,
    "Reshape": _reshape,
    "Softmax": _softmax,
    "Split": _split,
    "SplitV": _split_by_sizes,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unpack": _unpack,
}
