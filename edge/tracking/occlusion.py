"""Who stands before whom.

On a floor, of two people the one whose feet are lower in the picture is nearer to the camera. The share of a person's
box that one nearer person covers is the chance that a detector misses them for that reason, and a miss then says
nothing against their being there.
"""

import numpy as np

from edge.perception.detections import Floats
from edge.tracking.motion import Doubles

NEARER = 0.05
"""Feet may seem higher by as much of the height and yet be nearer: boxes are not exact."""


def covered(boxes: Floats, hiding: Floats) -> Doubles:
    """The greatest share, 0–1, of each of `boxes` (n, 4) that one of `hiding` (m, 4) before it covers, (n,)."""
    if not len(boxes) or not len(hiding):
        return np.zeros(len(boxes))
    left_top = np.maximum(boxes[:, None, :2], hiding[None, :, :2])
    right_bottom = np.minimum(boxes[:, None, 2:], hiding[None, :, 2:])
    shared = np.clip(right_bottom - left_top, 0.0, None).prod(axis=2)
    sides = boxes[:, 2:] - boxes[:, :2]
    before = hiding[None, :, 3] >= (boxes[:, 3] - NEARER * sides[:, 1])[:, None]
    return np.asarray((shared * before / sides.prod(axis=1)[:, None]).max(axis=1), np.float64)


def inside(box: Floats, others: Floats) -> float:
    """The greatest share of `box` (4,) that lies inside one of `others` (n, 4), 0–1."""
    if not len(others):
        return 0.0
    sides = np.minimum(others[:, 2:], box[2:]) - np.maximum(others[:, :2], box[:2])
    return float(np.clip(sides, 0.0, None).prod(axis=1).max() / (box[2:] - box[:2]).prod())
