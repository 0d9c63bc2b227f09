"""Operations on pictures: convolution, pooling, resizing, padding; and the matrix product.

TensorFlow keeps the channels last (NHWC), ONNX has them second (NCHW): what comes in NHWC is transposed around the
operation. onnxruntime moves and removes nearly all of these Transposes when it loads the network.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from models.convert.onnx_graph import Array
from models.convert.tensorflow_js.pointwise import LEAKY_RELU_ALPHA, activation
from models.convert.tensorflow_js.scope import Scope, Translation
from models.convert.tensorflow_js.topology import Node

_TO_CHANNELS_SECOND = (0, 3, 1, 2)
_TO_CHANNELS_LAST = (0, 2, 3, 1)


def _channels_last(node: Node) -> bool:
    layout = node.text("data_format", "NHWC")
    if layout not in {"NHWC", "NCHW"}:
        raise node.unsupported(f"data_format {layout}")
    return layout == "NHWC"


def _channels_second(node: Node, scope: Scope) -> str:
    tensor = scope.tensor(node.inputs[0])
    return scope.graph.transpose(tensor, _TO_CHANNELS_SECOND) if _channels_last(node) else tensor


def _as_it_came(node: Node, scope: Scope, tensor: str) -> str:
    return scope.graph.transpose(tensor, _TO_CHANNELS_LAST) if _channels_last(node) else tensor


def _of_height_and_width(node: Node, key: str) -> list[int]:
    """The attribute `key`, one number an axis in the node's own layout, for height and width alone; 1 by default."""
    per_axis = node.integers(key) or [1, 1, 1, 1]
    return per_axis[1:3] if _channels_last(node) else per_axis[2:4]


def _padding(node: Node, kernel: Sequence[int], dilations: Sequence[int]) -> dict[str, str | list[int]]:
    """ONNX's padding attributes: TensorFlow's SAME puts the odd pixel at the end, as SAME_UPPER does."""
    match node.text("padding", "VALID"):
        case "VALID":
            return {}  # not auto_pad VALID, with which onnxruntime does not fuse a Pad into the Conv behind it
        case "SAME" if max(dilations) == 1:
            return {"auto_pad": "SAME_UPPER"}
        case "SAME" if _of_height_and_width(node, "strides") == [1, 1]:
            # onnxruntime takes no auto_pad with dilation; without a stride the padding does not depend on the size.
            total = [(size - 1) * dilation for size, dilation in zip(kernel, dilations, strict=True)]
            return {"pads": [*(size // 2 for size in total), *(size - size // 2 for size in total)]}
        case "SAME":
            raise node.unsupported("padding SAME with both a stride and dilation")
        case "EXPLICIT":
            pads = node.integers("explicit_paddings")
            (top, bottom, left, right) = pads[2:6] if _channels_last(node) else pads[4:8]
            return {"pads": [top, left, bottom, right]}
        case other:
            raise node.unsupported(f"padding {other}")


def _fused(node: Node, scope: Scope, tensor: str, slope_shape: tuple[int, ...]) -> str:
    """`tensor` after the activations that are fused into `node`; its bias has been added already."""
    for name in node.texts("fused_ops"):
        if name == "BiasAdd":
            continue
        if name == "Prelu":
            slope = scope.graph.constant(scope.constant_input(node, 3).reshape(slope_shape))
            tensor = scope.graph.add("PRelu", [tensor, slope])
            continue
        activated = activation(scope.graph, name, tensor, node.number("leakyrelu_alpha", LEAKY_RELU_ALPHA))
        if activated is None:
            raise node.unsupported(f"fused operation {name}")
        tensor = activated
    return tensor


def _convolve(node: Node, scope: Scope, kernel: Array, groups: int) -> str:
    """`kernel` is in ONNX's order: (out, in of a group, height, width)."""
    dilations = _of_height_and_width(node, "dilations")
    inputs = [_channels_second(node, scope), scope.graph.constant(kernel)]
    if "BiasAdd" in node.texts("fused_ops"):
        inputs.append(scope.tensor(node.inputs[2]))
    result = scope.graph.add(
        "Conv",
        inputs,
        strides=_of_height_and_width(node, "strides"),
        dilations=dilations,
        kernel_shape=list(kernel.shape[2:]),
        group=groups,
        **_padding(node, kernel.shape[2:], dilations),
    )
    return _as_it_came(node, scope, _fused(node, scope, result, (-1, 1, 1)))


def _convolution(node: Node, scope: Scope) -> str:
    kernel = scope.constant_input(node, 1)  # height, width, in, out
    return _convolve(node, scope, kernel.transpose(3, 2, 0, 1), groups=1)


def _depthwise_convolution(node: Node, scope: Scope) -> str:
    kernel = scope.constant_input(node, 1)  # height, width, in, kernels for each of them
    height, width, channels, multiplier = kernel.shape
    per_channel = kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)
    return _convolve(node, scope, per_channel, groups=channels)


def _max_pool(node: Node, scope: Scope) -> str:
    window = _of_height_and_width(node, "ksize")
    result = scope.graph.add(
        "MaxPool",
        [_channels_second(node, scope)],
        kernel_shape=window,
        strides=_of_height_and_width(node, "strides"),
        **_padding(node, window, (1, 1)),
    )
    return _as_it_came(node, scope, result)


def _resize(node: Node, scope: Scope, halves: str, **how: str) -> str:
    """`halves`: ONNX's name for TensorFlow's half_pixel_centers with this kind of interpolation."""
    if node.flag("align_corners"):
        coordinates = "align_corners"
    else:
        coordinates = halves if node.flag("half_pixel_centers") else "asymmetric"
    tensor = _channels_second(node, scope)
    # The sizes of all four axes, not those of two (opset 18's `axes`): onnxruntime then keeps its blocked layout.
    batch_and_channels = scope.graph.add("Shape", [tensor], end=2)
    size = scope.graph.constant(scope.constant_input(node, 1).astype(np.int64))
    sizes = scope.graph.add("Concat", [batch_and_channels, size], axis=0)
    resized = scope.graph.add("Resize", [tensor, "", "", sizes], coordinate_transformation_mode=coordinates, **how)
    return _as_it_came(node, scope, resized)


def _resize_bilinear(node: Node, scope: Scope) -> str:
    return _resize(node, scope, "half_pixel", mode="linear")


def _resize_nearest(node: Node, scope: Scope) -> str:
    """TensorFlow takes floor((i + 0.5) * scale) or floor(i * scale): the former is ONNX's half pixel, halves up."""
    if node.flag("align_corners"):
        raise node.unsupported("align_corners")
    rounding = "round_prefer_ceil" if node.flag("half_pixel_centers") else "floor"
    return _resize(node, scope, "half_pixel", mode="nearest", nearest_mode=rounding)


def _pad(node: Node, scope: Scope) -> str:
    before_after = scope.constant_input(node, 1).astype(np.int64)  # (rank, 2)
    inputs = [scope.tensor(node.inputs[0]), scope.graph.constant(before_after.T.reshape(-1))]
    return scope.graph.add("Pad", inputs + [scope.tensor(value) for value in node.inputs[2:]])


def _matrix_product(node: Node, scope: Scope) -> str:
    a, b = (scope.tensor(name) for name in node.inputs[:2])
    if node.flag("transpose_a"):
        a = scope.graph.transpose(a, (1, 0))
    if node.flag("transpose_b"):
        b = scope.graph.transpose(b, (1, 0))
    result = scope.graph.add("MatMul", [a, b])
    if "BiasAdd" in node.texts("fused_ops"):
        result = scope.graph.add("Add", [result, scope.tensor(node.inputs[2])])
    return _fused(node, scope, result, (-1,))


SPATIAL: Mapping[str, Translation] = {
    "Conv2D": _convolution,
    "_FusedConv2D": _convolution,
    "DepthwiseConv2dNative": _depthwise_convolution,
    "FusedDepthwiseConv2dNative": _depthwise_convolution,
    "MatMul": _matrix_product,
    "_FusedMatMul": _matrix_product,
    "MaxPool": _max_pool,
    "Pad": _pad,
    "PadV2": _pad,
    "ResizeBilinear": _resize_bilinear,
    "ResizeNearestNeighbor": _resize_nearest,
}
