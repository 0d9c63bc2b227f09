"""How well the shelf network finds hands, or products: average precision as COCO counts it (pycocotools)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.perception.needs import SHELF
from edge.perception.shelf_network import Kind, ShelfNetwork
from models.cache import onnx_path
from tillfree.errors import EvaluationError
from tillfree.evaluate.coco import Labels, pictures, read_labels
from tillfree.evaluate.persons import average_precision

SCORE_MIN = 0.01
"""Average precision sums over all thresholds, so even unsure boxes are scored."""
HANDS = ("hand", "hands")


def evaluate_hands(path: Path, progress: Callable[[int, int], None], kind: Kind = "hand") -> dict[str, float | int]:
    """The AP of the shelf network on the COCO labels at `path`: {"ap50", "ap", "images"}.

    Hands are the categories called hand or hands; every other category is a product. `progress` is told how many of how
    many pictures are done. EvaluationError where the labels have no category of the kind, or no box of it.
    """
    labels = read_labels(path)
    coco, category = _of_kind(labels, kind)
    network = ShelfNetwork(onnx_path(SHELF), hand_min=SCORE_MIN, product_min=SCORE_MIN)
    found: list[dict[str, Any]] = []
    for done, (image, picture) in enumerate(pictures(labels.images), start=1):
        for seen in network.look(picture):
            if seen.kind == kind:
                left, top, right, bottom = seen.box
                xywh = [left, top, right - left, bottom - top]
                found.append({"image_id": image.number, "category_id": category, "bbox": xywh, "score": seen.score})
        progress(done, len(labels.images))
    ap, ap50 = average_precision(coco, found, category)
    return {"ap50": round(ap50, 4), "ap": round(ap, 4), "images": len(labels.images)}


def _of_kind(labels: Labels, kind: Kind) -> tuple[dict[str, Any], int]:
    """The labels with the categories of `kind` made one, and that one's number."""
    categories = labels.coco["categories"]
    hands = {int(each["id"]) for each in categories if str(each.get("name")).strip().lower() in HANDS}
    chosen = hands if kind == "hand" else {int(each["id"]) for each in categories} - hands
    if not chosen:
        known = ", ".join(str(each.get("name")) for each in categories)
        wanted = "called hand or hands" if kind == "hand" else "beside hands"
        raise EvaluationError(f"the labels have no category {wanted}; they have: {known}")
    one = min(chosen)
    annotations = [
        {**entry, "category_id": one} for entry in labels.coco["annotations"] if entry["category_id"] in chosen
    ]
    return {**labels.coco, "annotations": annotations, "categories": [{"id": one, "name": kind}]}, one
