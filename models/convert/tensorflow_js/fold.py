"""Operations on constants alone, computed while converting: shapes and axes have to be known in advance."""

from collections.abc import Callable, Mapping

import numpy as np

from models.convert.onnx_graph import Array
from models.convert.tensorflow_js.topology import Node

Folding = Callable[..., Array]


def _sparse_to_dense(_: Node, indices: Array, shape: Array, values: Array, default: Array) -> Array:
    """tf.raw_ops.SparseToDense: `indices` are n positions (n,) or (n, rank), or a single one."""
    dense = np.full(shape.tolist(), default, dtype=values.dtype)
    positions = np.atleast_1d(indices)
    if positions.ndim == 1:
        positions = positions[:, np.newaxis]
    dense[tuple(positions.T)] = values
    return dense


FOLDINGS: Mapping[str, Folding] = {
    "SparseToDense": _sparse_to_dense,
    "Reshape": lambda _, x, shape: x.reshape(shape),
    "Transpose": lambda _, x, order: x.transpose(order),
    "ConcatV2": lambda _, *xs: np.concatenate(xs[:-1], int(xs[-1])),
    "Pack": lambda node, *xs: np.stack(xs, node.integer("axis", 0)),
    "ExpandDims": lambda _, x, axis: np.expand_dims(x, int(axis)),
    "Cast": lambda node, x: x.astype(node.dtype("DstT")),
    "Add": lambda _, a, b: a + b,
    "AddV2": lambda _, a, b: a + b,
    "Sub": lambda _, a, b: a - b,
    "Mul": lambda _, a, b: a * b,
}
"""The value of a node from its attributes and the values of its inputs."""
