"""Persons in a picture, by NanoDet (RangiLyu, "NanoDet-Plus", 2021; Generalized Focal Loss, Li et al., NeurIPS 2020).

The picture is scaled so that its longer side has 416 pixels, set into the top left corner of a canvas whose sides are
multiples of 32, and normalised. At each point of grids of stride 8, 16 and 32 the network gives a score for each of 80
classes and, for the four sides, a distribution over eleven distances, whose mean times the stride is how far the side
lies from the point. For each shape of canvas the network is opened once, made to its measure (models/shaped.py).
"""

import math
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from edge.perception.detections import Detections, Floats
from edge.perception.network import Network, Shape
from edge.perception.running import Running
from hardware.ports import Image
from models.shaped import SIDE, STEP, shaped

STRIDES = (8, 16, 32)
BINS = 11
PERSON = 0
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)
NORMAL = ((np.arange(256, dtype=np.float32) - MEAN[:, None]) / DEVIATION[:, None]).astype(np.float32)
"""What a channel's 256 values become, (3, 256): looking up is quicker than computing."""
SCORE_MIN = 0.3
"""Unsure boxes keep a half-hidden person's track alive; only sure ones begin one (tracker.py)."""
OVERLAP_MAX = 0.6
"""Of two boxes that overlap more than this the less sure one is taken for the same person again."""
BOXES_MAX = 200
"""More candidates than any shop camera shows people; bounds the work of telling doubles apart."""
CANVASES_MAX = 8
"""Shapes of canvas that are kept: cameras upright and lying, wide and narrow."""
Size = tuple[int, int]
"""Width and height of a picture in pixels."""


class PersonDetector:
    """Finds persons. `network` is NanoDet as models/ converts it: two outputs a stride, (1, n, 80) and (1, n, 44).

    It is opened and warmed up for pictures of `sizes`; others may come.
    """

    def __init__(
        self,
        path: Path,
        score_min: float = SCORE_MIN,
        running: Running | None = None,
        sizes: Iterable[Size] = ((SIDE, SIDE),),
    ) -> None:
        shapes = tuple(dict.fromkeys((1, 3, *_sides(*size)) for size in sizes))
        self.network = Network("nanodet", path, running, fit=_made_to_measure, shapes=shapes)
        self._score_min = score_min
        self._canvases: dict[tuple[int, int], _Canvas] = {}

    def detect(self, image: Image) -> Detections:
        """The persons in `image`, boxes in its pixels, cut at its edges."""
        height, width = image.shape[:2]
        scale = SIDE / max(height, width)
        canvas = self._canvas(_sides(width, height))
        outputs = self.network.run(canvas.filled(image, scale))
        scores = {out.shape[1]: out[0, :, PERSON] for out in outputs if out.shape[2] != 4 * BINS}
        sides = {out.shape[1]: out[0] for out in outputs if out.shape[2] == 4 * BINS}
        boxes_found: list[Floats] = []
        scores_found: list[Floats] = []
        for count, (points, stride) in canvas.points.items():
            sure = np.flatnonzero(scores[count] >= self._score_min)
            boxes_found.append(_boxes(points[sure], sides[count][sure], stride))
            scores_found.append(scores[count][sure])
        boxes = np.concatenate(boxes_found) / np.float32(scale)
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, width)
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, height)
        return _without_doubles(boxes, np.concatenate(scores_found))

    def _canvas(self, sides: tuple[int, int]) -> "_Canvas":
        if sides not in self._canvases:
            if len(self._canvases) == CANVASES_MAX:
                self._canvases.clear()
            self._canvases[sides] = _Canvas(*sides)
        return self._canvases[sides]


class _Canvas:
    """The network's picture of one shape, its padding written once. `points`: its grids, by number of cells."""

    def __init__(self, height: int, width: int) -> None:
        self.points = {height * width // stride**2: (_grid(height, width, stride), stride) for stride in STRIDES}
        self._tensor = np.empty((1, 3, height, width), np.float32)
        self._within = (0, 0)

    def filled(self, image: Image, scale: float) -> Floats:
        """The network's input for `image`; it holds until the next call."""
        height, width = max(round(image.shape[0] * scale), 1), max(round(image.shape[1] * scale), 1)
        if (height, width) != self._within:
            self._tensor[:] = NORMAL[:, 0].reshape(1, 3, 1, 1)
            self._within = (height, width)
        small = cv2.resize(image, (width, height))
        for channel in range(3):
            cv2.LUT(small[:, :, channel], NORMAL[channel], dst=self._tensor[0, channel, :height, :width])
        return self._tensor


def _sides(width: int, height: int) -> tuple[int, int]:
    """Height and width of the canvas for a picture: the picture scaled, and filled up to whole cells."""
    scale = SIDE / max(height, width)
    across, down = (max(math.ceil(round(side * scale) / STEP), 1) * STEP for side in (width, height))
    # What touches the canvas's edge is found less well: a row of cells more where the picture leaves room to gain.
    return min(down + STEP, SIDE), min(across + STEP, SIDE)


def _made_to_measure(path: Path, shape: Shape) -> bytes:
    return shaped(path, shape[2], shape[3])


def _grid(height: int, width: int, stride: int) -> Floats:
    """The centres of a grid's cells, (n, 2), in pixels of the network's picture."""
    y, x = np.mgrid[0 : height // stride, 0 : width // stride]
    return np.stack([x.ravel() + 0.5, y.ravel() + 0.5], axis=1).astype(np.float32) * stride


def _boxes(points: Floats, sides: Floats, stride: int) -> Floats:
    """Boxes (n, 4) from cell centres (n, 2) and side distributions (n, 4·BINS), in pixels of the network's picture."""
    logits = sides.reshape(-1, 4, BINS)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    distances = weights @ np.arange(BINS, dtype=np.float32) / weights.sum(axis=-1) * stride
    return np.concatenate([points - distances[:, :2], points + distances[:, 2:]], axis=1)


def _without_doubles(boxes: Floats, scores: Floats) -> Detections:
    order = np.argsort(-scores, kind="stable")[:BOXES_MAX]
    xywh = np.column_stack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])[order]
    kept = cv2.dnn.NMSBoxes(xywh.tolist(), scores[order].tolist(), 0.0, OVERLAP_MAX) if len(order) else []
    chosen = order[np.asarray(kept, np.intp)]
    return Detections(boxes[chosen].astype(np.float32), scores[chosen].astype(np.float32))
