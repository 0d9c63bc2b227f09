"""The shelf network that ships, on real pictures that it was not trained on."""

import json
from pathlib import Path

import numpy as np
import pytest

from edge.perception.needs import SHELF
from edge.perception.shelf_network import ShelfNetwork
from models.cache import onnx_path
from models.shelf.training.real import SPLIT, part_of
from tillfree.evaluate.hands import evaluate_hands

DATA = Path("../shared/data/mini_amazon_go_v2")


def test_parts_to_check_with_are_not_trained_on() -> None:
    numbers = [set(range(first, last + 1)) for first, last in SPLIT.values()]
    assert sum(len(each) for each in numbers) == len(set.union(*numbers))
    assert SPLIT["train"][1] < SPLIT["validation"][0] < SPLIT["validation"][1] < SPLIT["held_back"][0] - 1


@pytest.mark.data("mini_amazon_go_v2")
def test_hands_and_products_of_a_session_held_back_are_found(tmp_path: Path) -> None:
    labels = tmp_path / "held_back.json"
    labels.write_text(json.dumps(part_of(DATA, "held_back")), encoding="utf-8")
    hands, products = (evaluate_hands(labels, lambda _done, _of: None, kind) for kind in ("hand", "product"))
    assert hands["images"] == products["images"] == 25
    assert hands["ap50"] > 0.7
    assert products["ap50"] > 0.7


def test_a_picture_of_nothing_shows_nothing() -> None:
    network = ShelfNetwork(onnx_path(SHELF))
    for level in (0, 114, 255):
        assert network.look(np.full((480, 640, 3), level, np.uint8)) == ()
