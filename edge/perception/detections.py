"""What a detector says of one picture: the one type that detectors and trackers share."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes of one picture, the surest first.

    `boxes` is float32 of shape (n, 4): left, top, right, bottom in pixels of that camera's picture. `scores` is float32
    of shape (n,), in 0–1.
    """

    boxes: Floats
    scores: Floats

    def __post_init__(self) -> None:
        assert self.boxes.shape == (len(self.scores), 4), f"{self.boxes.shape} boxes, {self.scores.shape} scores"

    def __len__(self) -> int:
        return len(self.scores)

    @staticmethod
    def none() -> "Detections":
        """No box at all."""
        return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


def overlaps(a: Floats, b: Floats) -> Floats:
    """Intersection over union of every box of `a` (n, 4) with every box of `b` (m, 4), as (n, m)."""
    left_top = np.maximum(a[:, None, :2], b[None, :, :2])
    right_bottom = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.clip(right_bottom - left_top, 0, None)
    shared = sides[..., 0] * sides[..., 1]
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    union = area_a[:, None] + area_b[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)
