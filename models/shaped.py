"""NanoDet for pictures of another shape, and for one kind of thing: the same weights, cut to what is needed.

A convolution does not care how large its picture is; only the sizes to which the graph enlarges its maps are written
in it, and they grow in proportion. A picture of 16:9 fills 56 % of a square: the rest is padding that costs as much.

Each of the three heads ends in a convolution of 124 channels: scores of 80 classes, and 44 for the box. Who looks for
one class needs 45: the others are neither computed nor written to memory, where they would be read past.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SIDE = 416
"""Of the published network's square input."""
STEP = 32
"""Input sides are multiples of this, the coarsest stride: else maps would not lie on each other."""
CLASSES, BOX = 80, 44
"""Channels of a head: a score for each class, and the distances of a box's four sides."""


def shaped(path: Path, height: int, width: int, only: int | None = None) -> bytes:
    """The network at `path` with an input of `height` × `width` pixels, multiples of `STEP`, as ONNX.

    Outputs keep names and meaning; their cells are counted row by row of the input's grids. With `only` the scores are
    those of that class alone: (1, n, 1).
    """
    assert height % STEP == 0, f"{height} is no multiple of {STEP}"
    assert width % STEP == 0, f"{width} is no multiple of {STEP}"
    import onnx

    model = onnx.load(path)
    _grow(model.graph, height, width)
    if only is not None:
        _keep(model.graph, only)
    del model.graph.value_info[:]
    content: bytes = model.SerializeToString()
    return content


def _grow(graph: Any, height: int, width: int) -> None:
    from onnx import numpy_helper

    sizes = {entry.name: entry for entry in graph.initializer}
    grown: set[str] = set()
    for node in graph.node:
        # What a Resize is told to grow to: batch and channels from the map itself, and here its two sides.
        for name in node.input if node.op_type == "Concat" else ():
            if name in sizes and name not in grown:
                old = numpy_helper.to_array(sizes[name])
                new = (old * [height, width] // SIDE).astype(old.dtype)
                sizes[name].CopyFrom(numpy_helper.from_array(new, name))
                grown.add(name)
    dims = graph.input[0].type.tensor_type.shape.dim
    dims[2].dim_value, dims[3].dim_value = height, width
    for output in graph.output:
        cells = output.type.tensor_type.shape.dim[1]
        cells.dim_value = cells.dim_value * height * width // SIDE**2


def _keep(graph: Any, only: int) -> None:
    from onnx import numpy_helper

    for constant in graph.initializer:
        value = numpy_helper.to_array(constant)
        kept = _kept(value, only)
        if kept is not value:
            constant.CopyFrom(numpy_helper.from_array(kept, constant.name))
    for output in graph.output:
        channels = output.type.tensor_type.shape.dim[2]
        channels.dim_value = 1 if channels.dim_value == CLASSES else channels.dim_value


def _kept(value: npt.NDArray[Any], only: int) -> npt.NDArray[Any]:
    """What becomes of a constant that has a row a channel of the heads, or says how many there are."""
    if value.ndim > 0 and len(value) == CLASSES + BOX:
        return np.concatenate([value[only : only + 1], value[CLASSES:]])
    if value.dtype == np.int64 and value.tolist() in ([CLASSES, BOX], [1, CLASSES, -1]):
        return np.where(value == CLASSES, 1, value)
    return value
