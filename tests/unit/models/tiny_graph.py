"""TensorFlow.js graph models of a few nodes, made by hand."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models.convert.tensorflow_js import convert
from models.runtime import onnxruntime

Array = np.ndarray[Any, Any]

_DTYPES = {"float32": "DT_FLOAT", "int32": "DT_INT32", "int64": "DT_INT64"}


def f32(values: object) -> Array:
    return np.asarray(values, np.float32)


def i32(values: object) -> Array:
    return np.asarray(values, np.int32)


def _attribute(value: Any) -> dict[str, Any]:
    """A Python value as TensorFlow's AttrValue in JSON."""
    match value:
        case bool():
            return {"b": value}
        case int():
            return {"i": str(value)}
        case float():
            return {"f": value}
        case str() if value.startswith("DT_"):
            return {"type": value}
        case str():
            return {"s": base64.b64encode(value.encode()).decode()}
        case [str(), *_]:
            return {"list": {"s": [base64.b64encode(text.encode()).decode() for text in value]}}
        case _:
            return {"list": {"i": [str(number) for number in value]}}


@dataclass
class TinyGraph:
    """A TensorFlow.js graph model in the making."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    weights: dict[str, Array] = field(default_factory=dict)
    quantizations: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    output_dtype: str = "float32"

    def input(self, name: str, shape: Sequence[int], dtype: str = "float32") -> str:
        dims = [{"size": str(size)} for size in shape]
        attributes = {"dtype": {"type": _DTYPES[dtype]}, "shape": {"shape": {"dim": dims}}}
        self.nodes.append({"name": name, "op": "Placeholder", "attr": attributes})
        return name

    def const(self, name: str, value: Any) -> str:
        self.nodes.append({"name": name, "op": "Const"})
        self.weights[name] = np.asarray(value)
        return name

    def node(self, name: str, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        attr = {key: _attribute(value) for key, value in attributes.items()}
        self.nodes.append({"name": name, "op": op, "input": list(inputs), "attr": attr})
        return name

    def document(self, rank: int = 4) -> dict[str, Any]:
        entries = [
            {"name": name, "dtype": str(value.dtype), "shape": list(value.shape)}
            | ({"quantization": self.quantizations[name]} if name in self.quantizations else {})
            for name, value in self.weights.items()
        ]
        dims = {"dim": [{"size": "-1"}] * rank}
        described = {"dtype": _DTYPES[self.output_dtype], "tensorShape": dims}
        return {
            "format": "graph-model",
            "modelTopology": {"node": self.nodes},
            "weightsManifest": [{"paths": ["tiny.bin"], "weights": entries}],
            "signature": {"outputs": {name: {"name": name, **described} for name in self.outputs}},
        }

    def binary(self) -> bytes:
        stored = {name: self.quantizations.get(name, {}).get("dtype", v.dtype) for name, v in self.weights.items()}
        return b"".join(value.astype(stored[name]).tobytes() for name, value in self.weights.items())

    def write(self, folder: Path, rank: int = 4) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tiny.bin").write_bytes(self.binary())
        path = folder / "tiny.json"
        path.write_text(json.dumps(self.document(rank)))
        return path


def run_onnx(model: bytes, feed: Mapping[str, Array]) -> dict[str, Array]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(feed)), strict=True))


def compute(graph: TinyGraph, folder: Path, rank: int = 4, **inputs: Array) -> Array:
    """Convert a graph whose one output is `y` and run it."""
    graph.outputs = graph.outputs or ["y"]
    return run_onnx(convert(graph.write(folder, rank), {}), inputs)["y"]
