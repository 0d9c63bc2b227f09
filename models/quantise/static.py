"""Static quantisation of chosen convolutions, written as quantise and dequantise nodes around them (QDQ)."""

import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def named(model: bytes) -> bytes:
    """The model with a name for each node, `conv-3` for its fourth: nodes are chosen for quantising by name."""
    import onnx

    graph_of = onnx.load_from_string(model)
    counts: dict[str, int] = {}
    for node in graph_of.graph.node:
        number = counts.setdefault(node.op_type, 0)
        node.name = f"{node.op_type.lower()}-{number}"
        counts[node.op_type] += 1
    content: bytes = graph_of.SerializeToString()
    return content


def convolutions(model: bytes) -> tuple[str, ...]:
    """The names of the convolutions of a `named` model, in the order of the graph."""
    import onnx

    graph = onnx.load_from_string(model).graph
    return tuple(node.name for node in graph.node if node.op_type == "Conv")


def quantised(model: bytes, pictures: Iterable[Floats], chosen: Collection[str]) -> bytes:
    """A `named` model whose `chosen` convolutions compute in eight bits.

    `pictures` are inputs as the network takes them: what values its maps take there decides the steps. Weights get a
    step a channel, maps one each.
    """
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType, quantize_static

    unknown = set(chosen) - set(convolutions(model))
    if unknown:
        raise ValueError(f"the network has no convolution called {', '.join(sorted(unknown))}")
    import onnx

    entry = onnx.load_from_string(model).graph.input[0].name

    class Shown(CalibrationDataReader):  # type: ignore[misc] # onnxruntime has no types
        def __init__(self) -> None:
            self._pictures: Iterator[Floats] = iter(pictures)

        def get_next(self) -> dict[str, Any] | None:
            picture = next(self._pictures, None)
            return None if picture is None else {entry: picture.copy()}

    with tempfile.TemporaryDirectory(prefix="tillfree-quantise-") as scratch:
        before, after = Path(scratch) / "float.onnx", Path(scratch) / "int8.onnx"
        before.write_bytes(model)
        quantize_static(
            str(before),
            str(after),
            Shown(),
            op_types_to_quantize=["Conv"],
            nodes_to_quantize=list(chosen),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
        return after.read_bytes()
