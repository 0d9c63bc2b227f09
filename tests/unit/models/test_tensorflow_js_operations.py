"""Each operation of a TensorFlow.js graph computes in ONNX what TensorFlow says it computes."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.models.tiny_graph import Array, TinyGraph, compute, f32, i32


def numbers(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def convolved(x: Array, kernel: Array, stride: int, dilation: int, pads: tuple[int, int, int, int]) -> Array:
    """Convolution by its definition. x: (1, h, w, c); kernel: (kh, kw, c, out); pads: top, bottom, left, right."""
    padded = np.pad(x[0], (pads[:2], pads[2:], (0, 0)))
    reach = [(size - 1) * dilation + 1 for size in kernel.shape[:2]]
    height, width = ((padded.shape[i] - reach[i]) // stride + 1 for i in (0, 1))
    y = np.zeros((1, height, width, kernel.shape[3]))
    for row, column in itertools.product(range(height), range(width)):
        top, left = row * stride, column * stride
        window = padded[top : top + reach[0] : dilation, left : left + reach[1] : dilation]
        y[0, row, column] = np.einsum("hwc,hwco->o", window, kernel)
    return y


def same_pads(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """TensorFlow's SAME: the output has ceil(size / stride) places, the odd pixel goes to the end."""
    total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.parametrize(
    ("size", "kernel", "stride", "dilation", "padding"),
    [
        (6, 3, 1, 1, "SAME"),
        (6, 3, 2, 1, "SAME"),  # an odd pixel, at the end
        (7, 3, 2, 1, "SAME"),
        (8, 5, 2, 1, "SAME"),
        (7, 3, 1, 2, "SAME"),
        (6, 3, 1, 1, "VALID"),
        (7, 3, 2, 1, "VALID"),
        (6, 3, 1, 1, "EXPLICIT"),
        (6, 1, 1, 1, "SAME"),
    ],
)
def test_convolution(
    tmp_path: Path, layout: Any, size: Any, kernel: Any, stride: Any, dilation: Any, padding: Any
) -> None:
    graph = TinyGraph()
    x, weights = numbers(1, size, size + 1, 2), numbers(kernel, kernel, 2, 3, seed=1)
    pads = {"VALID": (0, 0, 0, 0), "EXPLICIT": (2, 1, 0, 3)}.get(
        padding, same_pads(size, kernel, stride, dilation) + same_pads(size + 1, kernel, stride, dilation)
    )

    def per_axis(n: int) -> list[int]:
        return [1, n, n, 1] if layout == "NHWC" else [1, 1, n, n]

    explicit = {"NHWC": [0, 0, *pads, 0, 0], "NCHW": [0, 0, 0, 0, *pads]}[layout]
    fed = x if layout == "NHWC" else x.transpose(0, 3, 1, 2)
    attributes = {"strides": per_axis(stride), "dilations": per_axis(dilation), "padding": padding}
    if padding == "EXPLICIT":
        attributes["explicit_paddings"] = explicit
    inputs = [graph.input("x", fed.shape), graph.const("w", weights)]
    graph.node("y", "Conv2D", inputs, data_format=layout, **attributes)

    y = compute(graph, tmp_path, x=fed)

    expected = convolved(x, weights, stride, dilation, pads)
    np.testing.assert_allclose(y if layout == "NHWC" else y.transpose(0, 2, 3, 1), expected, atol=1e-5)


def test_depthwise_convolution_with_two_kernels_a_channel(tmp_path: Path) -> None:
    graph = TinyGraph()
    x, weights = numbers(1, 6, 5, 3), numbers(3, 3, 3, 2, seed=1)
    inputs = [graph.input("x", x.shape), graph.const("w", weights)]
    graph.node("y", "DepthwiseConv2dNative", inputs, strides=[1, 2, 2, 1], padding="SAME")
    channels = [
        convolved(x[..., c : c + 1], weights[:, :, c : c + 1], 2, 1, same_pads(6, 3, 2) + same_pads(5, 3, 2))
        for c in range(3)
    ]
    np.testing.assert_allclose(compute(graph, tmp_path, x=x), np.concatenate(channels, axis=-1), atol=1e-5)


Formula = Callable[..., Array]

ACTIVATIONS: dict[str, Formula] = {
    "Relu": lambda y: np.maximum(y, 0),
    "Relu6": lambda y: np.clip(y, 0, 6),
    "Elu": lambda y: np.maximum(y, 0) + np.expm1(np.minimum(y, 0)),
    "LeakyRelu": lambda y: np.where(y > 0, y, 0.3 * y),
    "Prelu": lambda y: np.where(y > 0, y, f32([0.1, 0.5]) * y),
    "Sigmoid": lambda y: 1 / (1 + np.exp(-y)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("op", ["_FusedConv2D", "_FusedMatMul"])
def test_bias_and_activation_fused_into(tmp_path: Path, op: Any, name: Any) -> None:
    graph = TinyGraph()
    shape, kernel = ((1, 4, 4, 3), (1, 1, 3, 2)) if op == "_FusedConv2D" else ((4, 3), (3, 2))
    x, weights, bias = 4 * numbers(*shape), numbers(*kernel, seed=1), f32([0.5, -1])
    inputs = [graph.input("x", shape), graph.const("w", weights), graph.const("b", bias)]
    if name == "Prelu":
        inputs.append(graph.const("slope", f32([0.1, 0.5])))
    attributes = {"strides": [1, 1, 1, 1], "padding": "SAME"} if op == "_FusedConv2D" else {}
    graph.node("y", op, inputs, fused_ops=["BiasAdd", name], leakyrelu_alpha=0.3, **attributes)
    y = compute(graph, tmp_path, rank=len(shape), x=x)
    np.testing.assert_allclose(y, ACTIVATIONS[name](x @ weights.reshape(3, 2) + bias), atol=1e-5)


@pytest.mark.parametrize(("transpose_a", "transpose_b"), list(itertools.product([False, True], repeat=2)))
def test_matrix_product(tmp_path: Path, transpose_a: Any, transpose_b: Any) -> None:
    graph = TinyGraph()
    a, b = numbers(2, 3), numbers(3, 4, seed=1)
    inputs = [graph.input("x", a.T.shape if transpose_a else a.shape), graph.const("b", b.T if transpose_b else b)]
    graph.node("y", "MatMul", inputs, transpose_a=transpose_a, transpose_b=transpose_b)
    np.testing.assert_allclose(compute(graph, tmp_path, rank=2, x=a.T if transpose_a else a), a @ b, atol=1e-5)


@pytest.mark.parametrize(("padding", "expected"), [("VALID", [[6, 8]]), ("SAME", [[6, 8, 9], [11, 13, 14]])])
def test_max_pool(tmp_path: Path, padding: Any, expected: Any) -> None:
    graph = TinyGraph()
    x = np.arange(15, dtype=np.float32).reshape(1, 3, 5, 1)
    graph.node("y", "MaxPool", [graph.input("x", x.shape)], ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding=padding)
    np.testing.assert_array_equal(compute(graph, tmp_path, x=x)[0, :, :, 0], expected)


def bilinear(row: Array, size: int, centre: str) -> Array:
    """A row resized by linear interpolation, its ends repeated."""
    i = np.arange(size)
    scale = (len(row) - 1) / (size - 1) if centre == "align" else len(row) / size
    at = np.clip((i + 0.5) * scale - 0.5 if centre == "half" else i * scale, 0, len(row) - 1)
    result: Array = np.interp(at, np.arange(len(row)), row)
    return result


@pytest.mark.parametrize(
    ("flags", "centre"), [({"half_pixel_centers": True}, "half"), ({"align_corners": True}, "align"), ({}, "corner")]
)
def test_resize_bilinear(tmp_path: Path, flags: Any, centre: Any) -> None:
    graph = TinyGraph()
    x = numbers(1, 3, 4, 2)
    inputs = [graph.input("x", x.shape), graph.const("size", i32([6, 8]))]
    graph.node("y", "ResizeBilinear", inputs, **flags)
    rows = np.apply_along_axis(bilinear, 1, x[0].astype(np.float64), 6 + 2, centre)
    np.testing.assert_allclose(
        compute(graph, tmp_path, x=x)[0], np.apply_along_axis(bilinear, 0, rows, 6, centre), atol=1e-5
    )


@pytest.mark.parametrize("half", [False, True])
def test_resize_nearest(tmp_path: Path, half: Any) -> None:
    graph = TinyGraph()
    x = np.arange(3, dtype=np.float32).reshape(1, 1, 3, 1)
    inputs = [graph.input("x", x.shape), graph.const("size", i32([1, 5]))]
    graph.node("y", "ResizeNearestNeighbor", inputs, half_pixel_centers=half)
    expected = np.floor((np.arange(5) + 0.5 * half) * 3 / 5)
    np.testing.assert_array_equal(compute(graph, tmp_path, x=x)[0, 0, :, 0], expected)


@pytest.mark.parametrize(("op", "value"), [("Pad", 0.0), ("PadV2", -7.0)])
def test_pad(tmp_path: Path, op: Any, value: Any) -> None:
    graph = TinyGraph()
    x, pads = numbers(1, 2, 3, 2), [[0, 0], [1, 2], [0, 3], [0, 0]]
    inputs = [graph.input("x", x.shape), graph.const("pads", i32(pads))]
    if op == "PadV2":
        inputs.append(graph.const("value", f32(value)))
    graph.node("y", op, inputs)
    np.testing.assert_array_equal(compute(graph, tmp_path, x=x), np.pad(x, pads, constant_values=value))


UNARY: dict[str, Formula] = {
    "Exp": np.exp,
    "Floor": np.floor,
    "Neg": np.negative,
    "Relu": ACTIVATIONS["Relu"],
    "Relu6": ACTIVATIONS["Relu6"],
    "Sigmoid": ACTIVATIONS["Sigmoid"],
    "Tanh": np.tanh,
    "LeakyRelu": lambda y: np.where(y > 0, y, 0.2 * y),
    "Softmax": lambda y: np.exp(y) / np.exp(y).sum(-1, keepdims=True),
}


@pytest.mark.parametrize("op", UNARY)
def test_of_one_tensor(tmp_path: Path, op: Any) -> None:
    graph = TinyGraph()
    x = 3 * numbers(2, 5)
    graph.node("y", op, [graph.input("x", x.shape)])
    np.testing.assert_allclose(compute(graph, tmp_path, rank=2, x=x), UNARY[op](x), atol=1e-5)


BINARY: dict[str, Formula] = {
    "Add": np.add,
    "AddV2": np.add,
    "AddN": np.add,
    "BiasAdd": np.add,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "Mul": np.multiply,
    "RealDiv": np.divide,
    "SquaredDifference": lambda a, b: (a - b) ** 2,
    "Sub": np.subtract,
    "FloorDiv": np.floor_divide,
    "Prelu": lambda a, b: np.where(a > 0, a, a * b),
}


@pytest.mark.parametrize("op", BINARY)
def test_of_two_tensors(tmp_path: Path, op: Any) -> None:
    graph = TinyGraph()
    x, b = numbers(2, 3), f32([0.5, -2, 3])
    graph.node("y", op, [graph.input("x", x.shape), graph.const("b", b)], T="DT_FLOAT")
    np.testing.assert_allclose(compute(graph, tmp_path, rank=2, x=x), BINARY[op](x, b), atol=1e-5)


def test_whole_numbers_are_divided_towards_minus_infinity(tmp_path: Path) -> None:
    graph = TinyGraph()
    x, divisor = i32([-7, -6, -1, 0, 1, 6, 7]), 3
    graph.output_dtype = "int32"
    graph.node("y", "FloorDiv", [graph.input("x", [7], "int32"), graph.const("b", i32(divisor))], T="DT_INT32")
    np.testing.assert_array_equal(compute(graph, tmp_path, rank=1, x=x), x // divisor)


SHAPING: dict[str, tuple[Callable[[TinyGraph, str], str], Formula]] = {
    "Transpose": (
        lambda g, x: g.node("y", "Transpose", [x, g.const("c", i32([2, 0, 1]))]),
        lambda x: x.transpose(2, 0, 1),
    ),
    "Reshape": (lambda g, x: g.node("y", "Reshape", [x, g.const("c", i32([4, -1]))]), lambda x: x.reshape(4, -1)),
    "ExpandDims": (lambda g, x: g.node("y", "ExpandDims", [x, g.const("c", i32(1))]), lambda x: x[:, None]),
    "ConcatV2": (
        lambda g, x: g.node("y", "ConcatV2", [x, x, g.const("c", i32(-1))]),
        lambda x: np.concatenate([x, x], -1),
    ),
    "Pack": (lambda g, x: g.node("y", "Pack", [x, x], axis=1), lambda x: np.stack([x, x], 1)),
    "Mean": (lambda g, x: g.node("y", "Mean", [x, g.const("c", i32([0, 1]))]), lambda x: x.mean((0, 1))),
    "Mean kept": (
        lambda g, x: g.node("y", "Mean", [x, g.const("c", i32(2))], keep_dims=True),
        lambda x: x.mean(2, keepdims=True),
    ),
    "GatherNd": (
        lambda g, x: g.node("y", "GatherNd", [x, g.const("c", i32([[1, 2], [0, 0]]))]),
        lambda x: x[[1, 0], [2, 0]],
    ),
}


@pytest.mark.parametrize("name", SHAPING)
def test_rearranging(tmp_path: Path, name: Any) -> None:
    graph = TinyGraph()
    x = numbers(2, 3, 4)
    build, expected = SHAPING[name]
    build(graph, graph.input("x", x.shape))
    result = expected(x)
    np.testing.assert_allclose(compute(graph, tmp_path, rank=result.ndim, x=x), result, atol=1e-6)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda g, x: g.node("s", "SplitV", [x, g.const("n", i32([1, 3])), g.const("a", i32(1))]), (1, 4)),
        (lambda g, x: g.node("s", "Split", [g.const("a", i32(1)), x], num_split=2), (2, 4)),
    ],
)
def test_second_part_of_a_split(tmp_path: Path, build: Any, expected: Any) -> None:
    graph = TinyGraph()
    x = numbers(2, 4)
    build(graph, graph.input("x", x.shape))
    graph.node("y", "Neg", ["s:1"])
    np.testing.assert_array_equal(compute(graph, tmp_path, rank=2, x=x), -x[:, slice(*expected)])


def test_unpacked_and_squeezed(tmp_path: Path) -> None:
    graph = TinyGraph()
    x = numbers(1, 3, 2)
    graph.node("u", "Unpack", [graph.input("x", x.shape)], axis=2, num=2)
    graph.node("y", "Squeeze", ["u:1"], squeeze_dims=[0])
    np.testing.assert_array_equal(compute(graph, tmp_path, rank=1, x=x), x[0, :, 1])


def test_place_of_the_largest(tmp_path: Path) -> None:
    graph = TinyGraph()
    x = numbers(3, 5)
    graph.output_dtype = "int32"
    graph.node("y", "ArgMax", [graph.input("x", x.shape), graph.const("a", i32(1))], output_type="DT_INT32")
    np.testing.assert_array_equal(compute(graph, tmp_path, rank=1, x=x), x.argmax(1))


def test_cast(tmp_path: Path) -> None:
    graph = TinyGraph()
    graph.node("y", "Cast", [graph.input("x", [3], "int32")], DstT="DT_FLOAT")
    np.testing.assert_array_equal(compute(graph, tmp_path, rank=1, x=i32([1, 2, 3])), f32([1, 2, 3]))


def test_a_shape_that_is_computed_from_constants(tmp_path: Path) -> None:
    """As NanoDet has them: a dense shape out of sparse values, in the graph's own arithmetic."""
    graph = TinyGraph()
    scalars = [graph.const(name, i32(value)) for name, value in (("at", 1), ("default", 2))]
    sizes = [graph.const("shape", i32([2])), graph.const("value", i32(3))]
    graph.node("dense", "SparseToDense", [scalars[0], sizes[0], sizes[1], scalars[1]])  # [2, 3]
    graph.node("sum", "AddV2", ["dense", graph.const("one", i32([1, -1]))])  # [3, 2]
    graph.node("y", "Reshape", [graph.input("x", [6]), "sum"])
    x = numbers(6)
    np.testing.assert_array_equal(compute(graph, tmp_path, rank=2, x=x), x.reshape(3, 2))


def test_a_shape_that_is_computed_while_running(tmp_path: Path) -> None:
    graph = TinyGraph()
    graph.node("y", "Reshape", [graph.input("x", [6]), graph.input("shape", [2], "int32")])
    x = numbers(6)
    np.testing.assert_array_equal(compute(graph, tmp_path, rank=2, x=x, shape=i32([3, 2])), x.reshape(3, 2))
