"""Hands and products in a shelf camera's view, by the network of our own (models/shelf/).

The picture is scaled so that its longer side has 320 pixels and set into the top left corner of a grey canvas whose
sides are multiples of 32. For each cell of 8 pixels and each kind the network says how probably a thing has its middle
there, and how far, as logarithms, its sides lie from the cell's middle. A cell that is warmer than its neighbours is a
thing; of two boxes of a kind that mostly overlap the surer one stays.

A look costs what docs/models.md says, some 4 ms on one thread for a picture of 640 × 480, whatever is in it.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from edge.perception.detections import Floats, overlaps
from edge.perception.network import Network
from edge.perception.running import Running
from hardware.ports import Image

Kind = Literal["hand", "product"]
KINDS: tuple[Kind, ...] = ("hand", "product")
SIDE, STEP, CELL = 320, 32, 8
GREY = 114
REACH_PX = 32.0
"""What a distance of e⁰ is."""
HAND_MIN, PRODUCT_MIN = 0.35, 0.3
"""Less sure things are not told of: a false hand makes an interaction of nothing, which costs more than a late one."""
OVERLAP_MAX = 0.6
THINGS_MAX = 200
"""Of each kind, the surest: more than any shelf camera shows; bounds the work of telling doubles apart."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A thing in a picture: `box` is left, top, right, bottom in pixels of that picture, `score` 0 to 1.

    A hand's box reaches from its fingertips to about its wrist and is of the whole hand, also where it holds something;
    a product's is of the whole piece as far as that can be guessed behind what stands before it. Scores order things;
    they are no calibrated probabilities.
    """

    kind: Kind
    box: tuple[float, float, float, float]
    score: float


class ShelfNetwork:
    """Finds hands and products. `path` is the network of models/shelf; PerceptionError where it cannot be opened."""

    def __init__(
        self,
        path: Path,
        running: Running | None = None,
        *,
        hand_min: float = HAND_MIN,
        product_min: float = PRODUCT_MIN,
    ) -> None:
        self.network = Network("shelf", path, running)
        self._least = {"hand": hand_min, "product": product_min}

    def look(self, picture: Image) -> tuple[Seen, ...]:
        """What is in `picture` (height, width, 3; blue-green-red): hands, then products, each the surest first."""
        height, width = picture.shape[:2]
        scale = SIDE / max(height, width)
        heat, reach = self.network.run(filled(picture, scale), ["heat", "reach"])
        found: list[Seen] = []
        for number, kind in enumerate(KINDS):
            boxes, scores = _things(heat[0, number], reach[0, 4 * number : 4 * number + 4], self._least[kind])
            boxes = (boxes / np.float32(scale)).clip(0, np.array([width, height, width, height], np.float32))
            for (left, top, right, bottom), score in zip(boxes.tolist(), scores.tolist(), strict=True):
                if right > left and bottom > top:
                    found.append(Seen(kind, (left, top, right, bottom), score))
        return tuple(found)


def filled(picture: Image, scale: float) -> Floats:
    """The network's input: (1, 3, h, w), 0 to 255."""
    height, width = max(round(picture.shape[0] * scale), 1), max(round(picture.shape[1] * scale), 1)
    method = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    small = cv2.resize(picture, (width, height), interpolation=method)
    sides = (3, math.ceil(height / STEP) * STEP, math.ceil(width / STEP) * STEP)
    tensor = np.full((1, *sides), GREY, np.float32)
    tensor[0, :, :height, :width] = small.transpose(2, 0, 1)
    return tensor


def _things(heat: Floats, reach: Floats, least: float) -> tuple[Floats, Floats]:
    """Boxes (n, 4) in pixels of the network's picture and scores (n,), of heat (h, w) and reach (4, h, w)."""
    peaks = (heat >= least) & (heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8)))
    rows, columns = np.nonzero(peaks)
    scores = heat[rows, columns]
    order = np.argsort(-scores, kind="stable")[:THINGS_MAX]
    rows, columns, scores = rows[order], columns[order], scores[order]
    middles = (np.stack([columns, rows], axis=1) + 0.5).astype(np.float32) * CELL
    far = REACH_PX * np.exp(reach[:, rows, columns].T.clip(-5.0, 4.0))
    boxes = np.concatenate([middles - far[:, :2], middles + far[:, 2:]], axis=1).astype(np.float32)
    kept = _without_doubles(boxes)
    return boxes[kept], scores[kept]


def _without_doubles(boxes: Floats) -> list[int]:
    """The places of those `boxes`, the surest first, that no surer one mostly covers."""
    shared = overlaps(boxes, boxes)
    kept: list[int] = []
    for place in range(len(boxes)):
        if not kept or float(shared[place, kept].max()) <= OVERLAP_MAX:
            kept.append(place)
    return kept
