"""The walk over a TensorFlow.js graph model that turns it into an ONNX model."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.convert.onnx_graph import OnnxGraph
from models.convert.tensorflow_js.fold import FOLDINGS
from models.convert.tensorflow_js.pointwise import POINTWISE
from models.convert.tensorflow_js.scope import Scope, Translation
from models.convert.tensorflow_js.shaping import SHAPING
from models.convert.tensorflow_js.spatial import SPATIAL
from models.convert.tensorflow_js.topology import Node, in_order, node_name, numpy_type, read_nodes, tensor_name
from models.convert.tensorflow_js.weights import read_weights
from models.errors import ConversionFailed

_TRANSLATIONS: Mapping[str, Translation] = {**POINTWISE, **SPATIAL, **SHAPING}


def convert(model_json: Path, names: Mapping[str, str]) -> bytes:
    """The graph model at `model_json` (its weight files beside it) as the bytes of an ONNX model.

    `names` gives inputs and outputs their names in ONNX, by the name of their node in the graph; outputs come in its
    order. ConversionFailed where the file is no graph model, or names an operation that has no translation.
    """
    document = _read(model_json)
    nodes = read_nodes(document["modelTopology"])
    signature = document.get("signature") or document.get("userDefinedMetadata", {}).get("signature") or {}
    outputs = {tensor_name(entry.get("name", key)): entry for key, entry in signature.get("outputs", {}).items()}
    if not outputs:
        raise ConversionFailed(f"{model_json}: the graph's signature names no output")
    graph = OnnxGraph(model_json.stem)
    scope = Scope(graph, read_weights(document["weightsManifest"], model_json.parent))
    for node in in_order(nodes, list(outputs)):
        try:
            _translate(node, scope, names)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise node.unsupported(f"what it says of itself ({error!r})") from error
    _check_names(model_json, names, nodes, outputs)
    for name in sorted(outputs, key=lambda name: list(names).index(name) if name in names else len(names)):
        entry = outputs[name]
        dtype = numpy_type(entry["dtype"], name)
        graph.output(scope.tensor(name), names.get(name, name), dtype, _shape(entry, name))
    return graph.serialize()


def _read(model_json: Path) -> dict[str, Any]:
    try:
        document = json.loads(model_json.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConversionFailed(f"{model_json}: not a readable JSON file: {error}") from error
    if not isinstance(document, dict) or not {"modelTopology", "weightsManifest"} <= document.keys():
        raise ConversionFailed(f"{model_json}: not a TensorFlow.js graph model (no modelTopology or weightsManifest)")
    return document


def _translate(node: Node, scope: Scope, names: Mapping[str, str]) -> None:
    """Let `scope` know the outputs of `node`."""
    match node.operation:
        case "Const":
            if not scope.is_constant(node.name):
                raise ConversionFailed(f"constant '{node.name}': the weights manifest does not hold it")
        case "Placeholder":
            shape = _shape(node.attributes.get("shape", {}).get("shape", {}), node.name)
            scope.define(node.name, scope.graph.input(names.get(node.name, node.name), node.dtype("dtype"), shape))
        case "Identity":
            scope.alias(node.name, node.inputs[0])
        case operation if operation in FOLDINGS and all(scope.is_constant(name) for name in node.inputs):
            values = [scope.value(name) for name in node.inputs]
            scope.define_constant(node.name, FOLDINGS[operation](node, *values))
        case operation if operation in _TRANSLATIONS:
            results = _TRANSLATIONS[operation](node, scope)
            for index, tensor in enumerate([results] if isinstance(results, str) else results):
                scope.define(f"{node.name}:{index}" if index else node.name, tensor)
        case operation:
            raise ConversionFailed(f"operation {operation} at '{node.name}': there is no translation to ONNX for it")


def _shape(described: Mapping[str, Any], name: str) -> list[int | str]:
    """The sizes in a TensorShape, or in an entry's `tensorShape`; an unstated one becomes a word."""
    sizes = [int(size["size"]) for size in described.get("tensorShape", described).get("dim", [])]
    return [size if size > 0 else f"{name}_{axis}" for axis, size in enumerate(sizes)]


def _check_names(
    model_json: Path, names: Mapping[str, str], nodes: Mapping[str, Node], outputs: Mapping[str, object]
) -> None:
    inputs = {name for name, node in nodes.items() if node.operation == "Placeholder"}
    strangers = [name for name in names if name not in inputs and name not in outputs]
    if strangers:
        known = ", ".join(sorted({*inputs, *(node_name(output) for output in outputs)}))
        raise ConversionFailed(f"{model_json}: no input or output is called {', '.join(strangers)}; there are: {known}")
