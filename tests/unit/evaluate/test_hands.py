"""Which categories of a label file are hands, and which are products."""

from pathlib import Path

import pytest

from tests.unit.evaluate.test_coco import box, labels
from tillfree.errors import EvaluationError
from tillfree.evaluate.coco import read_labels
from tillfree.evaluate.hands import _of_kind

CAN, HAND, HANDS = {"id": 1, "name": "can"}, {"id": 4, "name": "Hand"}, {"id": 7, "name": "hands "}


@pytest.mark.parametrize(
    ("kind", "categories", "wanted"),
    [
        ("hand", (CAN, HAND), [4]),
        ("hand", (CAN, HAND, HANDS), [4, 4]),
        ("product", (CAN, HAND, HANDS), [1]),
        ("product", (CAN, {"id": 4, "name": "bottle"}, {"id": 7, "name": "left hand"}), [1, 1, 1]),
    ],
)
def test_categories_of_a_kind_become_one(
    tmp_path: Path, kind: str, categories: tuple[dict[str, object], ...], wanted: list[int]
) -> None:
    annotations = [box(0, 0, 0, 5, 5, category_id=category["id"]) for category in categories]
    read = read_labels(labels(tmp_path, {"file_name": "a.png"}, annotations=annotations, categories=categories))
    coco, number = _of_kind(read, "hand" if kind == "hand" else "product")
    assert [each["category_id"] for each in coco["annotations"]] == wanted
    assert [each["id"] for each in coco["categories"]] == [number] == wanted[:1]


@pytest.mark.parametrize(
    ("kind", "categories", "complaint"),
    [("hand", (CAN,), "called hand or hands; they have: can"), ("product", (HAND,), "beside hands; they have: Hand")],
)
def test_labels_without_the_kind_are_refused(
    tmp_path: Path, kind: str, categories: tuple[dict[str, object], ...], complaint: str
) -> None:
    read = read_labels(labels(tmp_path, {"file_name": "a.png"}, categories=categories))
    with pytest.raises(EvaluationError, match=complaint):
        _of_kind(read, "hand" if kind == "hand" else "product")
