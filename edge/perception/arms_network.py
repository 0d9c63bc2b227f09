"""Hands and heads in a shelf camera's view, and whose each hand is, by the network of our own (models/arms/).

The picture is scaled and letterboxed as for the shelf network, to 416 pixels on its longer side. For each cell of 8
pixels the network says how probably a hand, and a head, has its middle there, and in which direction and how far away
lie the head of whomever the cell shows and the point of the floor where they stand, in the picture or beyond it.

A look costs what docs/models.md says, some 5 ms on one thread for a picture of 640 × 480, whatever is in it.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.perception.detections import Floats
from edge.perception.network import Network
from edge.perception.running import Running
from edge.perception.shelf_network import filled
from hardware.ports import Image

SIDE, CELL = 416, 8
WAY_PX = 64.0
"""What a way of 1 is."""
HAND_MIN, HEAD_MIN = 0.25, 0.35
HANDS_MAX, HEADS_MAX = 24, 24
"""The surest: more than any shelf camera shows; bounds the work of telling whose they are."""
Pixel = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """A hand or a head, as pixels of the picture: its middle, where its owner's head is and where they stand.

    The owner's head and the place may lie outside of the picture. `score` (0 to 1) orders parts; it is no probability.
    """

    at: Pixel
    head: Pixel
    stands: Pixel
    score: float


@dataclass(frozen=True, slots=True)
class Arms:
    """What one picture shows, the surest first."""

    hands: tuple[Part, ...]
    heads: tuple[Part, ...]


class ArmsNetwork:
    """Finds hands and heads. `path` is the network of models/arms; PerceptionError where it cannot be opened."""

    def __init__(
        self, path: Path, running: Running | None = None, *, hand_min: float = HAND_MIN, head_min: float = HEAD_MIN
    ) -> None:
        self.network = Network("arms", path, running)
        self._hand_min, self._head_min = hand_min, head_min

    def look(self, picture: Image) -> Arms:
        """Who is in `picture` (height, width, 3; blue-green-red)."""
        scale = SIDE / max(picture.shape[:2])
        heat, way = self.network.run(filled(picture, scale), ["heat", "way"])
        hands = _parts(heat[0, 0], way[0], self._hand_min, HANDS_MAX, scale)
        return Arms(hands, _parts(heat[0, 1], way[0], self._head_min, HEADS_MAX, scale))


def _parts(heat: Floats, way: Floats, least: float, most: int, scale: float) -> tuple[Part, ...]:
    """The peaks of `heat` (h, w) with the ways (4, h, w) that they show, in pixels of the picture."""
    peaks = (heat >= least) & (heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8)))
    rows, columns = np.nonzero(peaks)
    order = np.argsort(-heat[rows, columns], kind="stable")[:most]
    found = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        u, v = _middle(heat, row, column)
        ways = (way[:, row, column] * WAY_PX).tolist()
        # A way begins in the middle of its cell.
        x, y = (column + 0.5) * CELL, (row + 0.5) * CELL
        head, stands = (x + ways[0], y + ways[1]), (x + ways[2], y + ways[3])
        found.append(
            Part(
                (u / scale, v / scale),
                (head[0] / scale, head[1] / scale),
                (stands[0] / scale, stands[1] / scale),
                float(heat[row, column]),
            )
        )
    return tuple(found)


def _middle(heat: Floats, row: int, column: int) -> Pixel:
    """The warm cells' centre of gravity around a peak, in pixels: finer than a cell."""
    top, left = max(row - 1, 0), max(column - 1, 0)
    warm = heat[top : row + 2, left : column + 2]
    rows, columns = np.mgrid[top : top + warm.shape[0], left : left + warm.shape[1]]
    total = float(warm.sum())
    u, v = float((warm * (columns + 0.5)).sum()), float((warm * (rows + 0.5)).sum())
    return CELL * u / total, CELL * v / total
