"""Persons in a picture, by NanoDet (RangiLyu, "NanoDet-Plus", 2021; Generalized Focal Loss, Li et al., NeurIPS 2020).

The picture is set on a canvas (canvas.py). At each point of grids of stride 8, 16 and 32 the network gives the score of
a person and, for the four sides, a distribution over eleven distances, whose mean times the stride is how far the side
lies from the point. For each shape of canvas the network is opened once, made to its measure (models/shaped.py).
"""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from edge.perception.canvas import Canvas, Size, sides
from edge.perception.detections import Detections, Floats
from edge.perception.network import Network, Shape
from edge.perception.running import Running
from hardware.ports import Image
from models.shaped import SIDE, shaped

BINS = 11
SIDES = 4 * BINS
PERSON = 0
SCORE_MIN = 0.3
"""Unsure boxes keep a half-hidden person's track alive; only sure ones begin one (tracker.py)."""
OVERLAP_MAX = 0.6
"""Of two boxes that overlap more than this the less sure one is taken for the same person again."""
BOXES_MAX = 200
"""More candidates than any shop camera shows people; bounds the work of telling doubles apart."""
CANVASES_MAX = 8
"""Shapes of canvas that are kept: cameras upright and lying, wide and narrow."""


class PersonDetector:
    """Finds persons. `network` is NanoDet as models/ converts it: two outputs a stride, scores and (1, n, 44).

    It is opened and warmed up for pictures of `sizes`; others may come. Timings and errors call it by `name`.
    """

    def __init__(
        self,
        path: Path,
        score_min: float = SCORE_MIN,
        running: Running | None = None,
        sizes: Iterable[Size] = ((SIDE, SIDE),),
        *,
        name: str = "nanodet",
    ) -> None:
        shapes = tuple(dict.fromkeys((1, 3, *sides(*size)) for size in sizes))
        self.network = Network(name, path, running, fit=_made_to_measure, shapes=shapes)
        self._score_min = score_min
        self._canvases: dict[tuple[int, int], Canvas] = {}

    def detect(self, image: Image) -> Detections:
        """The persons in `image`, boxes in its pixels, cut at its edges."""
        height, width = image.shape[:2]
        scale = SIDE / max(height, width)
        canvas = self._canvas(sides(width, height))
        outputs = self.network.run(canvas.filled(image, scale))
        by_cells = {(out.shape[1], out.shape[2] == SIDES): out[0] for out in outputs}
        scores = np.concatenate([by_cells[count, False][:, PERSON] for count in canvas.counts])
        sure = np.flatnonzero(scores >= self._score_min)
        if not len(sure):
            return Detections.none()
        # Cells go on from one grid to the next: which grid a sure one is of, says where its distances are.
        ends = np.searchsorted(sure, np.cumsum((0, *canvas.counts)))
        distances = [
            by_cells[count, True][sure[ends[grid] : ends[grid + 1]] - begin]
            for grid, (count, begin) in enumerate(zip(canvas.counts, canvas.begins, strict=True))
        ]
        boxes = _boxes(canvas.points[sure], np.concatenate(distances), canvas.strides[sure]) / np.float32(scale)
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, width)
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, height)
        return _without_doubles(boxes, scores[sure])

    def _canvas(self, shape: tuple[int, int]) -> Canvas:
        if shape not in self._canvases:
            if len(self._canvases) == CANVASES_MAX:
                self._canvases.clear()
            self._canvases[shape] = Canvas(*shape)
        return self._canvases[shape]


def _made_to_measure(path: Path, shape: Shape) -> bytes:
    return shaped(path, shape[2], shape[3], only=PERSON)


def _boxes(points: Floats, bins: Floats, strides: Floats) -> Floats:
    """Boxes (n, 4) from cell centres (n, 2), bins (n, SIDES) and strides (n, 1), in the network's pixels."""
    logits = bins.reshape(-1, 4, BINS)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    distances = weights @ np.arange(BINS, dtype=np.float32) / weights.sum(axis=-1) * strides
    return np.concatenate([points - distances[:, :2], points + distances[:, 2:]], axis=1)


def _without_doubles(boxes: Floats, scores: Floats) -> Detections:
    order = np.argsort(-scores, kind="stable")[:BOXES_MAX]
    xywh = np.column_stack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])[order]
    kept = cv2.dnn.NMSBoxes(xywh.tolist(), scores[order].tolist(), 0.0, OVERLAP_MAX) if len(order) else []
    chosen = order[np.asarray(kept, np.intp)]
    return Detections(boxes[chosen].astype(np.float32), scores[chosen].astype(np.float32))
