"""Persons in a picture, by NanoDet (RangiLyu, "NanoDet-Plus", 2021; Generalized Focal Loss, Li et al., NeurIPS 2020).

The picture is scaled to fit 416×416, set into the top left corner, and normalised. At each point of grids of stride 8,
16 and 32 the network gives a score for each of 80 classes and, for the four sides, a distribution over eleven
distances, whose mean times the stride is how far the side lies from the point.
"""

from pathlib import Path

import cv2
import numpy as np

from edge.perception.detections import Detections, Floats
from edge.perception.network import Network
from hardware.ports import Image

SIDE = 416
STRIDES = (8, 16, 32)
BINS = 11
PERSON = 0
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)
SCORE_MIN = 0.3
"""Unsure boxes keep a half-hidden person's track alive; only sure ones begin one (tracker.py)."""
OVERLAP_MAX = 0.6
"""Of two boxes that overlap more than this the less sure one is taken for the same person again."""
BOXES_MAX = 200
"""More candidates than any shop camera shows people; bounds the work of telling doubles apart."""


class PersonDetector:
    """Finds persons. `network` is NanoDet as models/ converts it: two outputs a stride, (1, n, 80) and (1, n, 44)."""

    def __init__(self, path: Path, score_min: float = SCORE_MIN) -> None:
        self.network = Network("nanodet", path)
        self._score_min = score_min
        self._points = {(SIDE // stride) ** 2: (_grid(stride), stride) for stride in STRIDES}
        self._canvas = np.zeros((SIDE, SIDE, 3), np.uint8)

    def detect(self, image: Image) -> Detections:
        """The persons in `image`, boxes in its pixels, cut at its edges."""
        height, width = image.shape[:2]
        scale = min(SIDE / height, SIDE / width)
        outputs = self.network.run(self._prepared(image, scale))
        scores = {out.shape[1]: out[0, :, PERSON] for out in outputs if out.shape[2] != 4 * BINS}
        sides = {out.shape[1]: out[0] for out in outputs if out.shape[2] == 4 * BINS}
        boxes_found: list[Floats] = []
        scores_found: list[Floats] = []
        for count, (points, stride) in self._points.items():
            sure = np.flatnonzero(scores[count] >= self._score_min)
            boxes_found.append(_boxes(points[sure], sides[count][sure], stride))
            scores_found.append(scores[count][sure])
        boxes = np.concatenate(boxes_found) / np.float32(scale)
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, width)
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, height)
        return _without_doubles(boxes, np.concatenate(scores_found))

    def _prepared(self, image: Image, scale: float) -> Floats:
        height, width = max(round(image.shape[0] * scale), 1), max(round(image.shape[1] * scale), 1)
        self._canvas[:] = 0
        self._canvas[:height, :width] = cv2.resize(image, (width, height))
        normal = (self._canvas.astype(np.float32) - MEAN) / DEVIATION
        return np.ascontiguousarray(normal.transpose(2, 0, 1)[None])


def _grid(stride: int) -> Floats:
    """The centres of a grid's cells, (n, 2), in pixels of the network's picture."""
    side = SIDE // stride
    y, x = np.mgrid[0:side, 0:side]
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
