"""EfficientNet-lite0 from a PyTorch checkpoint to ONNX.

Architecture: EfficientNet-B0 without squeeze-and-excitation and with ReLU6 (Tan and Le, "EfficientNet", 2019; the lite
variants' README in tensorflow/tpu). The checkpoint's weights were trained in TensorFlow, so the convolutions pad as its
SAME does. Batch normalisation is folded into the convolutions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.convert.onnx_graph import Array, OnnxGraph
from models.convert.torch_checkpoint import read_checkpoint
from models.errors import ConversionFailed

FEATURES = 1280
CLASSES = 1000
_STEM_CHANNELS = 32
_BATCH_NORM_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class _Stage:
    """Inverted residual blocks in a row; the first one has the stride and changes the number of channels."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


_STAGES = (
    _Stage(blocks=1, kernel=3, stride=1, expansion=1, channels=16),
    _Stage(blocks=2, kernel=3, stride=2, expansion=6, channels=24),
    _Stage(blocks=2, kernel=5, stride=2, expansion=6, channels=40),
    _Stage(blocks=3, kernel=3, stride=2, expansion=6, channels=80),
    _Stage(blocks=3, kernel=5, stride=1, expansion=6, channels=112),
    _Stage(blocks=4, kernel=5, stride=2, expansion=6, channels=192),
    _Stage(blocks=1, kernel=3, stride=1, expansion=6, channels=320),
)


def convert(checkpoint: Path, names: Mapping[str, str]) -> bytes:
    """The checkpoint as the bytes of an ONNX model: f32 image (N, 3, H, W) to features (N, 1280) and logits (N, 1000).

    `names` gives `image`, `features` and `logits` their names in ONNX; outputs come in its order. ConversionFailed
    where the checkpoint lacks a tensor or one has another shape.
    """
    network = _Network(OnnxGraph("efficientnet_lite0"), read_checkpoint(checkpoint), checkpoint)
    graph = network.graph
    image = graph.input(names.get("image", "image"), np.float32, ["N", 3, "H", "W"])
    x = network.convolution(image, "_conv_stem", "_bn0", (_STEM_CHANNELS, 3, 3, 3), stride=2)
    channels, index = _STEM_CHANNELS, 0
    for stage in _STAGES:
        for number in range(stage.blocks):
            x = network.block(x, f"_blocks.{index}", stage, channels, stage.stride if number == 0 else 1)
            channels, index = stage.channels, index + 1
    x = network.convolution(x, "_conv_head", "_bn1", (FEATURES, channels, 1, 1))
    features = graph.add("Flatten", [graph.add("GlobalAveragePool", [x])])
    logits = graph.add("Gemm", [features, *network.classifier()], transB=1)
    outputs = {"features": (features, FEATURES), "logits": (logits, CLASSES)}
    for name in sorted(outputs, key=lambda name: list(names).index(name) if name in names else len(names)):
        tensor, size = outputs[name]
        graph.output(tensor, names.get(name, name), np.float32, ["N", size])
    return graph.serialize()


@dataclass(frozen=True, slots=True)
class _Network:
    graph: OnnxGraph
    weights: Mapping[str, Array]
    source: Path

    def block(self, x: str, name: str, stage: _Stage, channels: int, stride: int) -> str:
        """Inverted residual: expand to more channels, filter each by itself, project to fewer."""
        wide = channels * stage.expansion
        y = x
        if stage.expansion > 1:
            y = self.convolution(y, f"{name}._expand_conv", f"{name}._bn0", (wide, channels, 1, 1))
        depthwise = (wide, 1, stage.kernel, stage.kernel)
        y = self.convolution(y, f"{name}._depthwise_conv", f"{name}._bn1", depthwise, stride=stride, groups=wide)
        projection = (stage.channels, wide, 1, 1)
        y = self.convolution(y, f"{name}._project_conv", f"{name}._bn2", projection, activated=False)
        return self.graph.add("Add", [x, y]) if stride == 1 and channels == stage.channels else y

    def convolution(
        self,
        x: str,
        name: str,
        norm: str,
        shape: tuple[int, int, int, int],
        *,
        stride: int = 1,
        groups: int = 1,
        activated: bool = True,
    ) -> str:
        """Convolution, batch normalisation and, where `activated`, ReLU6.

        `shape` is the kernel's: out, in of a group, height, width.
        """
        gamma, beta, mean, variance = (
            self._weight(f"{norm}.{part}", shape[:1]) for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + _BATCH_NORM_EPSILON)
        kernel = self._weight(f"{name}.weight", shape) * scale[:, np.newaxis, np.newaxis, np.newaxis]
        bias = beta - mean * scale
        constants = [self.graph.constant(array.astype(np.float32)) for array in (kernel, bias)]
        result = self.graph.add(
            "Conv",
            [x, *constants],
            kernel_shape=list(shape[2:]),
            strides=[stride, stride],
            group=groups,
            auto_pad="SAME_UPPER",
        )
        if not activated:
            return result
        limits = [self.graph.constant(np.float32(limit)) for limit in (0, 6)]
        return self.graph.add("Clip", [result, *limits])

    def classifier(self) -> list[str]:
        """Weights (1000, 1280) and biases (1000,) of the ImageNet classes."""
        weight, bias = self._weight("_fc.weight", (CLASSES, FEATURES)), self._weight("_fc.bias", (CLASSES,))
        return [self.graph.constant(array.astype(np.float32)) for array in (weight, bias)]

    def _weight(self, name: str, shape: tuple[int, ...]) -> Array:
        """In 64 bits, so that folding rounds once."""
        found = self.weights.get(name)
        if found is None or found.shape != shape:
            what = "is missing" if found is None else f"has shape {found.shape}"
            raise ConversionFailed(f"{self.source}: tensor '{name}' {what}; EfficientNet-lite0 has it as {shape}")
        return found.astype(np.float64)
