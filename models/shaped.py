"""NanoDet for pictures of another shape: the same weights with another input size.

A convolution does not care how large its picture is; only the sizes to which the graph enlarges its maps are written
in it, and they grow in proportion. A picture of 16:9 fills 56 % of a square: the rest is padding that costs as much.
"""

from pathlib import Path

SIDE = 416
"""Of the published network's square input."""
STEP = 32
"""Input sides are multiples of this, the coarsest stride: else maps would not lie on each other."""


def shaped(path: Path, height: int, width: int) -> bytes:
    """The network at `path` with an input of `height` × `width` pixels, multiples of `STEP`, as ONNX.

    Outputs keep names and meaning; their cells are counted row by row of the input's grids.
    """
    assert height % STEP == 0, f"{height} is no multiple of {STEP}"
    assert width % STEP == 0, f"{width} is no multiple of {STEP}"
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    sizes = {entry.name: entry for entry in model.graph.initializer}
    grown: set[str] = set()
    for node in model.graph.node:
        # What a Resize is told to grow to: batch and channels from the map itself, and here its two sides.
        for name in node.input if node.op_type == "Concat" else ():
            if name in sizes and name not in grown:
                old = numpy_helper.to_array(sizes[name])
                new = (old * [height, width] // SIDE).astype(old.dtype)
                sizes[name].CopyFrom(numpy_helper.from_array(new, name))
                grown.add(name)
    dims = model.graph.input[0].type.tensor_type.shape.dim
    dims[2].dim_value, dims[3].dim_value = height, width
    for output in model.graph.output:
        cells = output.type.tensor_type.shape.dim[1]
        cells.dim_value = cells.dim_value * height * width // SIDE**2
    del model.graph.value_info[:]
    content: bytes = model.SerializeToString()
    return content
