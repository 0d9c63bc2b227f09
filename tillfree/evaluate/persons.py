"""How well persons are found: average precision as COCO counts it (pycocotools)."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.perception.persons import PersonDetector
from edge.perception.precision import person_network
from edge.perception.running import running_here
from tillfree.errors import EvaluationError
from tillfree.evaluate.coco import pictures, read_labels

SCORE_MIN = 0.02
"""Average precision sums over all thresholds, so even unsure boxes are scored."""


def evaluate_persons(path: Path, progress: Callable[[int, int], None]) -> dict[str, float | int]:
    """The AP of the person detector, as it runs here, on the COCO labels at `path`: {"ap50", "ap", "images"}.

    `progress` is told how many of how many pictures are done.
    """
    labels = read_labels(path)
    person = labels.category("person")
    detector = PersonDetector(person_network(running_here()), SCORE_MIN)
    found: list[dict[str, Any]] = []
    for done, (image, picture) in enumerate(pictures(labels.images), start=1):
        detections = detector.detect(picture)
        for box, score in zip(detections.boxes.tolist(), detections.scores.tolist(), strict=True):
            left, top, right, bottom = box
            xywh = [left, top, right - left, bottom - top]
            found.append({"image_id": image.number, "category_id": person, "bbox": xywh, "score": score})
        progress(done, len(labels.images))
    ap, ap50 = average_precision(labels.coco, found, person)
    return {"ap50": round(ap50, 4), "ap": round(ap, 4), "images": len(labels.images)}


def average_precision(coco: dict[str, Any], found: list[dict[str, Any]], category: int) -> tuple[float, float]:
    """AP at IoU .50:.95 and at .50 of the boxes `found` for one category. (0, 0) where nothing was found."""
    try:
        from pycocotools.coco import COCO  # an extra: only who measures needs it
        from pycocotools.cocoeval import COCOeval
    except ImportError:
        raise EvaluationError("scoring boxes needs pycocotools: pip install 'tillfree[evaluate]'") from None
    if not any(entry["category_id"] == category and not entry["iscrowd"] for entry in coco["annotations"]):
        raise EvaluationError("the labels hold no box of the category, so there is nothing to score")
    if not found:
        return 0.0, 0.0
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = coco
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(found), "bbox")
        evaluation.params.catIds = [category]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return float(evaluation.stats[0]), float(evaluation.stats[1])
