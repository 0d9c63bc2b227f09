"""What the network is asked to say of a picture, and how wrong it is.

Around the middle of each thing lies a Gaussian, as wide and high as the thing. Where it is 1 the heat should be 1; the
nearer a cell lies to it, the less it is blamed for being warm (the focal loss of Objects as Points). Boxes are learnt
by all cells well inside the Gaussian, weighed by it, with the generalised IoU (TTFNet). Things that cannot be asked for
are neither: cells inside them are blamed for nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.shelf.training.network import CELL_PX, KINDS, REACH_PX

Floats = npt.NDArray[np.float32]
SPREAD = 0.54 / 6.0 * 2.0
"""Deviation of the Gaussian as a share of the thing's side: TTFNet's α."""
INSIDE = 0.1
"""A cell with at least this much of the Gaussian learns the box."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one picture of h × w cells.

    `heat` (2, h, w) in 0–1, `blamed` (2, h, w) 0 or 1; `box` (2, 4, h, w), left, top, right, bottom in pixels, and
    `weight` (2, h, w) of each cell's box.
    """

    heat: Floats
    blamed: Floats
    box: Floats
    weight: Floats


def truth_of(
    boxes: Floats,
    kinds: npt.NDArray[np.int64],
    scored: npt.NDArray[np.bool_],
    known: tuple[bool, bool],
    size: tuple[int, int],
) -> Truth:
    """The truth about a picture of `size` (height, width); `known`: whether hands, and products, are labelled in it."""
    height, width = size[0] // CELL_PX, size[1] // CELL_PX
    heat, weight = np.zeros((KINDS, height, width), np.float32), np.zeros((KINDS, height, width), np.float32)
    blamed = np.ones((KINDS, height, width), np.float32)
    box = np.zeros((KINDS, 4, height, width), np.float32)
    blamed[~np.array(known)] = 0.0
    down, across = (np.arange(height) + 0.5) * CELL_PX, (np.arange(width) + 0.5) * CELL_PX
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    # The largest first: where things share a cell, the smaller one has it.
    for index in np.argsort(-areas, kind="stable"):
        left, top, right, bottom = boxes[index]
        kind = kinds[index]
        if not scored[index]:
            blamed[kind][np.ix_((down > top) & (down < bottom), (across > left) & (across < right))] = 0.0
            continue
        spread_x, spread_y = max(SPREAD * (right - left), CELL_PX * 0.4), max(SPREAD * (bottom - top), CELL_PX * 0.4)
        # The cell nearest to the middle is wholly 1, wherever in it the middle lies.
        row = min(int((top + bottom) / 2.0 / CELL_PX), height - 1)
        column = min(int((left + right) / 2.0 / CELL_PX), width - 1)
        along = np.exp(-0.5 * ((across - across[column]) / spread_x) ** 2)
        upright = np.exp(-0.5 * ((down - down[row]) / spread_y) ** 2)
        bell = (upright[:, None] * along[None, :]).astype(np.float32)
        heat[kind] = np.maximum(heat[kind], bell)
        inside = (bell >= INSIDE) & ((down > top) & (down < bottom))[:, None] & ((across > left) & (across < right))
        inside[row, column] = True
        box[kind][:, inside] = boxes[index][:, None]
        # All cells of a thing together weigh as much as the logarithm of its area: else large things drown small ones.
        share = bell[inside]
        weight[kind][inside] = share / share.sum() * np.log(max(areas[index], 2.0)) / np.log(1000.0)
    blamed[heat > 0.3] = 1.0
    return Truth(heat, blamed, box, weight)


def loss_of(heat: Tensor, reach: Tensor, truth: tuple[Tensor, Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Of a batch: how wrong the heat is and how wrong the boxes are.

    Both kinds count alike, each a thing: else the one hand would drown among the many products of a shelf.
    """
    wanted, blamed, box, weight = truth
    count = (wanted == 1.0).sum(dim=(0, 2, 3)).clamp(min=2)
    logits = heat.float()
    log_p, log_not = torch.nn.functional.logsigmoid(logits), torch.nn.functional.logsigmoid(-logits)
    p = logits.sigmoid()
    hit = torch.where(wanted == 1.0, (1 - p) ** 2 * log_p, torch.zeros_like(p))
    # False warmth costs the more the farther it is from any thing.
    miss = torch.where(wanted == 1.0, torch.zeros_like(p), (1 - wanted) ** 4 * p**2 * log_not) * blamed
    boxes = sum(_box_loss(reach.float(), box, weight, kind) for kind in range(KINDS)) / KINDS
    return (-(hit + miss).sum(dim=(0, 2, 3)) / count).mean(), boxes


def boxes_of(reach: Tensor) -> Tensor:
    """The boxes (n, 2, 4, h, w) in pixels that the network's reach (n, 8, h, w) means."""
    n, _, height, width = reach.shape
    far = REACH_PX * torch.exp(reach.reshape(n, KINDS, 4, height, width).clamp(-5.0, 4.0))
    across = ((torch.arange(width) + 0.5) * CELL_PX).to(far)[None, None, None, :]
    down = ((torch.arange(height) + 0.5) * CELL_PX).to(far)[None, None, :, None]
    return torch.stack([across - far[:, :, 0], down - far[:, :, 1], across + far[:, :, 2], down + far[:, :, 3]], dim=2)


def _box_loss(reach: Tensor, box: Tensor, weights: Tensor, kind: int) -> Tensor:
    """1 − generalised IoU (Rezatofighi et al., CVPR 2019) of one kind, weighed."""
    weight = weights[:, kind]
    chosen = weight > 0
    if not chosen.any():
        return reach.sum() * 0.0
    said = boxes_of(reach)[:, kind].permute(0, 2, 3, 1)[chosen]
    true = box[:, kind].permute(0, 2, 3, 1)[chosen]
    shared = (torch.minimum(said[:, 2:], true[:, 2:]) - torch.maximum(said[:, :2], true[:, :2])).clamp(min=0).prod(1)
    area_said, area_true = (said[:, 2:] - said[:, :2]).prod(1), (true[:, 2:] - true[:, :2]).prod(1)
    hull = (torch.maximum(said[:, 2:], true[:, 2:]) - torch.minimum(said[:, :2], true[:, :2])).prod(1)
    union = area_said + area_true - shared
    giou = shared / union - (hull - union) / hull
    return ((1.0 - giou) * weight[chosen]).sum() / weight.sum()
