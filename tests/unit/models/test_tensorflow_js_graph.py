"""A TensorFlow.js graph as a whole: its names, its order, and what is said where it cannot be converted."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from models.convert.tensorflow_js import convert
from models.errors import ConversionFailed
from tests.unit.models.tiny_graph import TinyGraph, f32, i32, run_onnx


def two_outputs() -> TinyGraph:
    graph = TinyGraph(outputs=["minus", "plus"])
    x = graph.input("x", [2])
    graph.node("minus", "Neg", [x])
    graph.node("unused", "Mystery", [x])
    graph.node("plus", "Identity", ["relu:0", "^minus"])
    graph.node("relu", "Relu", [x])
    return graph


def test_outputs_are_named_and_ordered_as_asked(tmp_path: Path) -> None:
    model = convert(two_outputs().write(tmp_path, rank=1), {"x": "number", "plus": "positive", "minus": "negated"})
    found = run_onnx(model, {"number": f32([-1, 2])})
    assert list(found) == ["positive", "negated"]
    assert found["positive"].tolist() == [0, 2]
    assert found["negated"].tolist() == [1, -2]


def test_the_same_graph_gives_the_same_bytes(tmp_path: Path) -> None:
    path = two_outputs().write(tmp_path, rank=1)
    assert convert(path, {}) == convert(path, {})


def test_a_constant_is_stored_once(tmp_path: Path) -> None:
    graph = TinyGraph(outputs=["y"])
    x = graph.input("x", [2])
    graph.node("a", "Mul", [x, graph.const("c", f32([3, 4]))])
    graph.node("y", "Add", ["a", graph.const("same", f32([3, 4]))])
    model = onnx.load_from_string(convert(graph.write(tmp_path, rank=1), {}))
    assert len(model.graph.initializer) == 1


def test_an_output_may_be_constant(tmp_path: Path) -> None:
    graph = TinyGraph(outputs=["y"])
    graph.node("y", "Mul", [graph.const("a", f32([3])), graph.const("b", f32([4]))])
    assert run_onnx(convert(graph.write(tmp_path, rank=1), {}), {})["y"].tolist() == [12]


def test_an_input_may_be_of_any_size(tmp_path: Path) -> None:
    graph = TinyGraph(outputs=["y"])
    graph.node("y", "Neg", [graph.input("x", [-1, 2])])
    model = convert(graph.write(tmp_path, rank=2), {})
    assert run_onnx(model, {"x": np.ones((5, 2), np.float32)})["y"].shape == (5, 2)


def broken(kind: str) -> TinyGraph:
    graph = TinyGraph(outputs=["y"])
    x = graph.input("x", [1, 4, 4, 1])
    match kind:
        case "unknown operation":
            graph.node("y", "NonMaxSuppressionV5", [x])
        case "circle":
            graph.node("y", "Neg", ["z"])
            graph.node("z", "Neg", ["y"])
        case "missing node":
            graph.node("y", "Neg", ["nowhere"])
        case "constant without weight":
            graph.nodes.append({"name": "c", "op": "Const"})
            graph.node("y", "Add", [x, "c"])
        case "kernel that is computed":
            graph.node("k", "Neg", [x])
            graph.node("y", "Conv2D", [x, "k"], strides=[1, 1, 1, 1], padding="SAME")
        case "strange padding":
            kernel = graph.const("k", np.ones((1, 1, 1, 1), np.float32))
            graph.node("y", "Conv2D", [x, kernel], strides=[1, 1, 1, 1], padding="REFLECT")
        case "stride and dilation":
            kernel = graph.const("k", np.ones((3, 3, 1, 1), np.float32))
            attributes = {"strides": [1, 2, 2, 1], "dilations": [1, 2, 2, 1], "padding": "SAME"}
            graph.node("y", "Conv2D", [x, kernel], **attributes)
        case "strange fused operation":
            inputs = [x, graph.const("k", np.ones((1, 1, 1, 1), np.float32))]
            graph.node("y", "_FusedConv2D", inputs, strides=[1, 1, 1, 1], padding="SAME", fused_ops=["Gelu"])
        case "strange type":
            graph.node("y", "Cast", [x], DstT="DT_COMPLEX64")
        case "too few inputs":
            graph.node("y", "Pad", [x])
        case "part of unstated size":
            sizes = [graph.const("n", i32([-1, 1])), graph.const("a", i32(1))]
            graph.node("y", "SplitV", [x, *sizes])
        case "invalid in ONNX":
            graph.node("y", "MatMul", [x, graph.const("m", np.ones((3, 3), np.float32))])
    return graph


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("unknown operation", "operation NonMaxSuppressionV5 at 'y': there is no translation"),
        ("circle", "node 'y' depends on itself"),
        ("missing node", "node 'nowhere' is read and is not in the graph"),
        ("constant without weight", "constant 'c': the weights manifest does not hold it"),
        ("kernel that is computed", "operation Conv2D at 'y': input 1 .'k'. that is only known when"),
        ("strange padding", "operation Conv2D at 'y': padding REFLECT"),
        ("stride and dilation", "operation Conv2D at 'y': padding SAME with both"),
        ("strange fused operation", "operation _FusedConv2D at 'y': fused operation Gelu"),
        ("strange type", "'y': element type DT_COMPLEX64"),
        ("too few inputs", "operation Pad at 'y': what it says of itself"),
        ("part of unstated size", "operation SplitV at 'y': a part of unstated size"),
        ("invalid in ONNX", "tiny: the converted network is not valid ONNX"),
    ],
)
def test_a_graph_that_cannot_be_converted(tmp_path: Path, kind: str, complaint: str) -> None:
    path = broken(kind).write(tmp_path)
    with pytest.raises(ConversionFailed, match=complaint):
        convert(path, {})


def test_a_name_that_the_graph_does_not_know(tmp_path: Path) -> None:
    path = two_outputs().write(tmp_path, rank=1)
    with pytest.raises(ConversionFailed, match="no input or output is called puls; there are: minus, plus, x"):
        convert(path, {"puls": "positive"})


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("{", "not a readable JSON file"), ("[]", "not a TensorFlow.js graph model"), ("{}", "not a TensorFlow.js graph")],
)
def test_a_file_that_is_no_graph(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(content)
    with pytest.raises(ConversionFailed, match=complaint):
        convert(path, {})


def test_a_graph_without_outputs(tmp_path: Path) -> None:
    path = two_outputs().write(tmp_path, rank=1)
    document = json.loads(path.read_text())
    del document["signature"]
    path.write_text(json.dumps(document))
    with pytest.raises(ConversionFailed, match="names no output"):
        convert(path, {})
