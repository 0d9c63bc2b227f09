"""What the network is asked to say of a picture, and how wrong it is.

Hands and heads are middles with a Gaussian around them, learnt with the focal loss of Objects as Points (Zhou et al.,
2019), as in models/shelf/training/targets.py; what cannot be asked for is neither. Bodies are learnt cell by cell. The
ways are learnt by every cell that shows somebody, the farther the person's head is away in heads' sizes the coarser.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from models.arms.training.network import WAY_PX
from models.arms.training.pictures import HEAD_SHARE, HEATS, Picture
from models.shelf.training.network import CELL_PX

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
SPREAD = 0.22
"""Deviation of the Gaussian, of a hand's side or a head's diameter."""
HAND, HEAD, BODY = range(len(HEATS))
UNIT_RADII = 3.0
"""A way that is wrong by as many radii of the head is wrong by 1."""
RADIUS_MIN_PX = 4.0
HAND_WEIGHT = 3.0
"""Cells of hands count so much more for the ways: those are asked whose they are."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one picture of h × w cells.

    `heat` (3, h, w) in 0–1, `blamed` (3, h, w) 0 or 1; `way` (4, h, w) in `WAY_PX`, `unit` (h, w) what counts as an
    error of 1, in `WAY_PX`, and `weight` (2, h, w) of each cell's way to the head and to where they stand.
    """

    heat: Floats
    blamed: Floats
    way: Floats
    unit: Floats
    weight: Floats


def truth_of(picture: Picture) -> Truth:
    """The truth about a picture."""
    height, width = (side // CELL_PX for side in picture.image.shape[:2])
    down, across = (np.arange(height) + 0.5) * CELL_PX, (np.arange(width) + 0.5) * CELL_PX
    heat = np.zeros((len(HEATS), height, width), np.float32)
    blamed = np.ones_like(heat)
    blamed[~np.array(picture.knows)] = 0.0
    number = picture.bodies[CELL_PX // 2 :: CELL_PX, CELL_PX // 2 :: CELL_PX][:height, :width].astype(np.int64) - 1
    heat[BODY] = number >= 0
    weight = np.zeros((height, width), np.float32)
    for person in np.unique(number[number >= 0]).tolist():
        mine = number == person
        # A large person is more cells, and not so much more worth.
        weight[mine] = 1.0 / np.sqrt(mine.sum())
    for box, owner, scored in zip(picture.hands, picture.owners, picture.scored, strict=True):
        left, top, right, bottom = box.tolist()
        inside = ((down > top) & (down < bottom))[:, None] & ((across > left) & (across < right))[None, :]
        if not scored:
            blamed[HAND][inside] = 0.0
            continue
        row, column = _cell((top + bottom) / 2.0, height), _cell((left + right) / 2.0, width)
        spread = SPREAD * (right - left), SPREAD * (bottom - top)
        bell = _bell(down, across, row, column, spread)
        heat[HAND] = np.maximum(heat[HAND], bell)
        if owner >= 0:
            near = bell > 0.3
            number[near] = owner
            weight[near] = np.maximum(weight[near], 0.1) * HAND_WEIGHT
    for (u, v, radius), share in zip(picture.heads.tolist(), picture.shares.tolist(), strict=True):
        if radius <= 0.0:
            continue
        if share < HEAD_SHARE:
            inside = (np.abs(down - v) < radius)[:, None] & (np.abs(across - u) < radius)[None, :]
            blamed[HEAD][inside] = 0.0
            continue
        bell = _bell(down, across, _cell(v, height), _cell(u, width), (2 * SPREAD * radius, 2 * SPREAD * radius))
        heat[HEAD] = np.maximum(heat[HEAD], bell)
    blamed[:BODY][heat[:BODY] > 0.3] = 1.0
    way, unit = np.zeros((4, height, width), np.float32), np.ones((height, width), np.float32)
    weights = np.zeros((2, height, width), np.float32)
    if len(picture.heads):
        of = np.maximum(number, 0)
        known = (number >= 0) & (picture.heads[of, 2] > 0)
        here = np.stack(np.broadcast_arrays(across[None, :], down[:, None]), axis=-1)
        way[:2] = ((picture.heads[of, :2] - here) / WAY_PX).transpose(2, 0, 1)
        way[2:] = ((picture.stands[of] - here) / WAY_PX).transpose(2, 0, 1)
        unit = (UNIT_RADII * np.maximum(picture.heads[of, 2], RADIUS_MIN_PX) / WAY_PX).astype(np.float32)
        weights[:] = np.where(known, weight, 0.0)
        weights[1] *= ~np.isnan(picture.stands[of]).any(axis=-1)
        way = np.nan_to_num(way)
    return Truth(heat, blamed, way.astype(np.float32), unit, weights)


def _cell(at_px: float, cells: int) -> int:
    return min(max(int(at_px / CELL_PX), 0), cells - 1)


def _bell(down: Doubles, across: Doubles, row: int, column: int, spread: tuple[float, float]) -> Floats:
    wide, high = (max(each, CELL_PX * 0.4) for each in spread)
    upright = np.exp(-0.5 * ((down - down[row]) / high) ** 2)
    along = np.exp(-0.5 * ((across - across[column]) / wide) ** 2)
    return np.asarray(upright[:, None] * along[None, :], np.float32)


def loss_of(heat: Tensor, way: Tensor, truth: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Of a batch: how wrong hands and heads are, how wrong bodies, how wrong ways."""
    wanted, blamed, true_way, unit, weight = truth
    logits = heat.float()
    log_p, log_not = functional.logsigmoid(logits[:, :BODY]), functional.logsigmoid(-logits[:, :BODY])
    p, bells = logits[:, :BODY].sigmoid(), wanted[:, :BODY]
    peaks = bells == 1.0
    hit = torch.where(peaks, (1 - p) ** 2 * log_p, torch.zeros_like(p))
    # False warmth costs the more the farther it is from any thing.
    miss = torch.where(peaks, torch.zeros_like(p), (1 - bells) ** 4 * p**2 * log_not) * blamed[:, :BODY]
    points = (-(hit + miss).sum(dim=(0, 2, 3)) / peaks.sum(dim=(0, 2, 3)).clamp(min=2)).mean()
    each = functional.binary_cross_entropy_with_logits(logits[:, BODY], wanted[:, BODY], reduction="none")
    bodies = (each * blamed[:, BODY]).sum() / blamed[:, BODY].sum().clamp(min=1.0)
    n, _, height, width = way.shape
    off = (way.float() - true_way).reshape(n, 2, 2, height, width) / unit[:, None, None]
    wrong = functional.smooth_l1_loss(off, torch.zeros_like(off), beta=0.3, reduction="none").sum(dim=2)
    return points, bodies, (wrong * weight).sum() / weight.sum().clamp(min=1.0)
