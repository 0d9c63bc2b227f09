"""Begins a training with the weights that are shipped, whose batch norms are folded into their convolutions.

A folded step is its convolution and a bias. Unfolded, its batch norm has the mean and the deviation that the
convolution shows of a batch of pictures, and what it multiplies and adds undoes both: the step says what it said.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from models.shelf.training.network import Step


def begin(net: nn.Module, path: Path, pictures: Tensor) -> None:
    """Give `net` the weights of the ONNX file `path`, as export.py writes it; `pictures` (n, 3, h, w) are some."""
    weights = list(_weights(path))
    convolutions = _in_order(net)
    assert len(weights) == len(convolutions), f"{len(weights)} convolutions in the file, {len(convolutions)} here"
    biases: dict[nn.Module, Tensor] = {}
    for (step, convolution), (weight, bias) in zip(convolutions, weights, strict=True):
        assert convolution.weight.shape == weight.shape, f"{convolution.weight.shape} is no {weight.shape}"
        convolution.weight.data.copy_(weight)
        if step is None:
            convolution.bias.data.copy_(bias)
        else:
            biases[step[1]] = bias
    hooks = [norm.register_forward_pre_hook(_unfold(bias)) for norm, bias in biases.items()]
    net.eval()
    with torch.no_grad():
        net(pictures)
    for hook in hooks:
        hook.remove()


def _weights(path: Path) -> list[tuple[Tensor, Tensor]]:
    """Weight and bias of each convolution, in the order of the graph."""
    graph = onnx.load(path).graph
    tensors = {tensor.name: numpy_helper.to_array(tensor).astype(np.float32) for tensor in graph.initializer}
    tensors |= {node.output[0]: tensors[node.input[0]] for node in graph.node if node.op_type == "Cast"}
    return [
        (torch.from_numpy(tensors[node.input[1]].copy()), torch.from_numpy(tensors[node.input[2]].copy()))
        for node in graph.node
        if node.op_type == "Conv"
    ]


def _in_order(net: nn.Module) -> list[tuple[Step | None, nn.Conv2d]]:
    """The convolutions in the order in which export.py writes them, each with the step that it is of."""

    def steps(*parts: nn.Module) -> list[tuple[Step | None, nn.Conv2d]]:
        return [(step, step[0]) for part in parts for step in (part if not isinstance(part, Step) else [part])]

    def stage(part: nn.Sequential) -> list[tuple[Step | None, nn.Conv2d]]:
        return steps(part[0], part[1].first, part[1].second)

    alone: list[tuple[Step | None, nn.Conv2d]]
    alone = [(None, layer) for layer in (net.from_32, net.from_16, net.from_8, net.heat[1], net.way[1])]
    return [
        *steps(net.stem, net.at_8),
        *stage(net.at_16),
        *stage(net.at_32),
        alone[0],
        alone[1],
        *steps(net.joined_16),
        alone[2],
        *steps(net.joined_8),
        *steps(net.heat[0]),
        alone[3],
        *steps(net.way[0]),
        alone[4],
    ]


def _unfold(bias: Tensor):  # type: ignore[no-untyped-def]  # torch is not installed where types are checked
    def hook(norm: nn.BatchNorm2d, inputs: tuple[Tensor, ...]) -> None:
        maps = inputs[0]
        mean, variance = maps.mean(dim=(0, 2, 3)), maps.var(dim=(0, 2, 3), unbiased=False)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.data.copy_(torch.sqrt(variance + norm.eps))
        norm.bias.data.copy_(bias + mean)

    return hook
