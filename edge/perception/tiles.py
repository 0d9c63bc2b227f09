"""Looking at a wide view in overlapping tiles, for people who would be too small in the network's picture.

The network sees 416 pixels: who is 60 pixels high in a picture of 1920 is 13 pixels there, and not found. Each tile is
looked at as if it were a picture, and so is the whole, for those who are larger than a tile's overlap. What comes out
is brought together:

    a box that ends where a tile ends (and the picture goes on)   is a part of somebody
    a part most of which lies in a whole box                      goes: that is the same person
    two parts that share a good share of the smaller              are one person, cut by the seam: their hull stays
    whole boxes that overlap as two looks at one person do        the surest stays

A look costs as many runs as there are tiles, and one more.
"""

import itertools
from typing import Protocol

import numpy as np
import numpy.typing as npt

from edge.perception.canvas import Size
from edge.perception.detections import Detections, Floats, overlaps
from hardware.ports import Image

OVERLAP = 0.25
"""Of a tile's side that it shares with the next one: whoever is as large is whole in one of them."""
EDGE_PX = 3.0
"""A box that ends so near to a tile's edge, or beyond a hundredth of its side, ends because the tile does."""
EDGE_SHARE = 0.01
WITHIN_MIN = 0.6
"""Share of a part that lies in a whole box of the same person."""
JOINED_MIN = 0.2
"""Share of the smaller of two parts that both tiles show."""
SAME_MIN = 0.5
"""Two tiles give one person boxes that differ by more than two cells of one look do."""

Bools = npt.NDArray[np.bool_]


class Detector(Protocol):
    """Finds persons in a picture."""

    def detect(self, image: Image) -> Detections:
        """The persons in `image`."""


class Tiled:
    """Looks with `detector` at a picture's tiles, so many (across, down), and at the whole of it."""

    def __init__(self, detector: Detector, tiles: tuple[int, int]) -> None:
        self._detector = detector
        self._tiles = tiles

    def detect(self, image: Image) -> Detections:
        """The persons in `image`, boxes in its pixels, the surest first."""
        height, width = image.shape[:2]
        whole = self._detector.detect(image)
        boxes, scores, parts = [whole.boxes], [whole.scores], [np.zeros(len(whole), bool)]
        for left, top, right, bottom in tiles_of((width, height), self._tiles):
            # The network's input is written from whatever rows it is shown: no copy of the tile is made.
            found = self._detector.detect(image[top:bottom, left:right])
            moved = found.boxes + np.array([left, top, left, top], np.float32)
            boxes.append(moved)
            scores.append(found.scores)
            parts.append(_cut(moved, (left, top, right, bottom), (width, height)))
        return together(np.concatenate(boxes), np.concatenate(scores), np.concatenate(parts))


def tiled(detector: Detector | None, tiles: tuple[int, int] | None) -> Detector | None:
    """The detector, looking in tiles where a camera has them."""
    return detector if detector is None or tiles is None or tiles == (1, 1) else Tiled(detector, tiles)


def tile_size(size: Size, tiles: tuple[int, int]) -> Size:
    """Width and height of each of so many tiles of a picture."""
    width, height = (
        min(round(side / (count - (count - 1) * OVERLAP)), side) for side, count in zip(size, tiles, strict=True)
    )
    return width, height


def tiles_of(size: Size, tiles: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of each tile, row by row; they cover the picture."""
    width, height = tile_size(size, tiles)
    lefts, tops = (
        [round(number * (side - part) / max(count - 1, 1)) for number in range(count)]
        for side, part, count in zip(size, (width, height), tiles, strict=True)
    )
    return [(left, top, left + width, top + height) for top, left in itertools.product(tops, lefts)]


def together(boxes: Floats, scores: Floats, parts: Bools) -> Detections:
    """One box a person, from looks at overlapping tiles; `parts` (n,) says which boxes were cut by a tile's edge."""
    within = _within(boxes)
    np.fill_diagonal(within, 0.0)
    dropped = parts & (np.where(parts[None, :], 0.0, within) >= WITHIN_MIN).any(axis=1)
    boxes, scores = _joined(boxes[~dropped], scores[~dropped], parts[~dropped])
    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order], scores[order]
    shared = overlaps(boxes, boxes)
    kept: list[int] = []
    for number in range(len(boxes)):
        if not kept or float(shared[number, kept].max()) < SAME_MIN:
            kept.append(number)
    return Detections(boxes[kept], scores[kept])


def _cut(boxes: Floats, tile: tuple[int, int, int, int], size: Size) -> Bools:
    """Which boxes (n, 4; pixels of the picture) end at an edge of `tile` beyond which the picture goes on."""
    left, top, right, bottom = tile
    near_x, near_y = (max(EDGE_PX, EDGE_SHARE * side) for side in (right - left, bottom - top))
    cut = np.zeros(len(boxes), bool)
    if left > 0:
        cut |= boxes[:, 0] <= left + near_x
    if top > 0:
        cut |= boxes[:, 1] <= top + near_y
    if right < size[0]:
        cut |= boxes[:, 2] >= right - near_x
    if bottom < size[1]:
        cut |= boxes[:, 3] >= bottom - near_y
    return cut


def _within(boxes: Floats) -> Floats:
    """The share of each box (rows) that lies in each box (columns), (n, n)."""
    left_top = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    right_bottom = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    sides = np.clip(right_bottom - left_top, 0.0, None)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return np.asarray(sides[..., 0] * sides[..., 1] / np.maximum(areas, 1e-6)[:, None], np.float32)


def _joined(boxes: Floats, scores: Floats, parts: Bools) -> tuple[Floats, Floats]:
    """The boxes with parts of one person made one: the hull of both, as sure as the surer. Each part is joined once."""
    waiting = np.flatnonzero(parts)[np.argsort(-scores[parts], kind="stable")].tolist()
    within = _within(boxes)
    gone: set[int] = set()
    boxes = boxes.copy()
    for place, number in enumerate(waiting):
        if number in gone:
            continue
        others = [other for other in waiting[place + 1 :] if other not in gone]
        shared = [max(float(within[number, other]), float(within[other, number])) for other in others]
        if shared and max(shared) >= JOINED_MIN:
            other = others[int(np.argmax(shared))]
            boxes[number, :2] = np.minimum(boxes[number, :2], boxes[other, :2])
            boxes[number, 2:] = np.maximum(boxes[number, 2:], boxes[other, 2:])
            gone.add(other)
    left = [number for number in range(len(boxes)) if number not in gone]
    return boxes[left], scores[left]
