"""Writes the trained shelf network as ONNX, its weights as float16.

    python -m models.shelf.training.export --from RUN/last.pt --out models/shelf/shelf.onnx

Batch norms are folded into their convolutions. Weights are kept in half their bytes and cast to float32 as the network
is loaded (onnxruntime does so once); it computes in float32. Then put the file's bytes and SHA-256 into
models/lock.yaml.
"""

import argparse
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from models.shelf.training.network import ShelfNet, Step, Trunk

OPSET = 17
HALF_MIN = 512
"""Smaller tensors, as biases, stay float32."""


def main() -> None:
    """Export as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="start", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    net = ShelfNet()
    net.load_state_dict(torch.load(asked.start))
    model = exported(net.eval())
    asked.out.write_bytes(model)
    print(f"{asked.out}: {len(model)} bytes, sha256 {hashlib.sha256(model).hexdigest()}")  # noqa: T201 - a script


def exported(net: ShelfNet) -> bytes:
    """The network as ONNX: `image` (1, 3, H, W) → `heat` (1, 2, h, w) in 0–1, `reach` (1, 8, h, w), logarithms."""
    graph = Graph()
    with torch.no_grad():
        fine = graph.trunk(net)
        logits = graph.convolve(net.heat[1], graph.step(net.heat[0], fine))
        graph.add("Sigmoid", [logits], "heat")
        graph.convolve(net.reach[1], graph.step(net.reach[0], fine), "reach")
    return graph.model("shelf", {"heat": 2, "reach": 8})


class Graph:
    """Nodes and tensors as they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], name: str | None = None, **attributes: Any) -> str:
        """Add a node; the name of its output."""
        name = name or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, value: np.ndarray | np.float32) -> str:
        """A tensor's name; large ones are stored as float16 and cast."""
        array = np.asarray(value, np.float32)
        name = f"tensor_{len(self.tensors)}"
        half = array.size >= HALF_MIN
        self.tensors.append(numpy_helper.from_array(array.astype(np.float16) if half else array, name))
        return self.add("Cast", [name], f"{name}_float", to=TensorProto.FLOAT) if half else name

    def convolve(self, layer: nn.Conv2d, maps: str, name: str | None = None) -> str:
        """Add a convolution without a batch norm."""
        assert layer.bias is not None, "layers without a batch norm have a bias"
        return self._conv(layer, layer.weight, layer.bias, maps, name)

    def step(self, step: Step, maps: str) -> str:
        """Add a step, its batch norm folded into its convolution."""
        convolution, norm = step[0], step[1]
        factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = convolution.weight * factor[:, None, None, None]
        return self.add("Relu", [self._conv(convolution, weight, norm.bias - norm.running_mean * factor, maps, None)])

    def trunk(self, net: Trunk) -> str:
        """The fine maps of `image`."""
        normal = self.add("Sub", ["image", self.constant(np.float32(114.0))])
        normal = self.add("Mul", [normal, self.constant(np.float32(1.0 / 64.0))])
        eighth = self.steps(net.at_8, self.steps(net.stem, normal))
        sixteenth = self.stage(net.at_16, eighth)
        top = self.convolve(net.from_32, self.stage(net.at_32, sixteenth))
        middle = self.add("Add", [self.convolve(net.from_16, sixteenth), self.twice(top)])
        middle = self.step(net.joined_16, middle)
        return self.step(net.joined_8, self.add("Add", [self.convolve(net.from_8, eighth), self.twice(middle)]))

    def steps(self, steps: nn.Sequential, maps: str) -> str:
        """Add several, one after the other."""
        for step in steps:
            maps = self.step(step, maps)
        return maps

    def stage(self, stage: nn.Sequential, maps: str) -> str:
        """A step, and a residual."""
        shortcut = self.step(stage[0], maps)
        residual = stage[1]
        return self.add("Add", [shortcut, self.step(residual.second, self.step(residual.first, shortcut))])

    def twice(self, maps: str) -> str:
        """Add an enlargement to twice the width and height."""
        scales = f"scales_{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), scales))
        return self.add(
            "Resize",
            [maps, "", scales],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def _conv(self, layer: nn.Conv2d, weight: Tensor, bias: Tensor, maps: str, name: str | None) -> str:
        inputs = [maps, self.constant(weight.numpy()), self.constant(bias.numpy())]
        pads = [*layer.padding, *layer.padding]
        return self.add("Conv", inputs, name, strides=list(layer.stride), pads=pads, kernel_shape=layer.kernel_size)

    def model(self, name: str, outputs: dict[str, int]) -> bytes:
        """The file's bytes; `outputs` are names and channels."""

        def value(name: str, shape: list[int | str]) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

        graph = helper.make_graph(
            self.nodes,
            name,
            [value("image", [1, 3, "H", "W"])],
            [value(output, [1, channels, "h", "w"]) for output, channels in outputs.items()],
            self.tensors,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="tillfree")
        model.ir_version = 8
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content


if __name__ == "__main__":
    main()
