"""The arms network that ships, on simulated people of a store that it was not trained on."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from edge.perception.arms_network import Arms, ArmsNetwork
from edge.perception.needs import ARMS
from models.arms.training.check import count
from models.arms.training.draw import draw
from models.arms.training.pictures import read
from models.cache import onnx_path

STORE, PICTURES = 320, 15


@pytest.fixture(scope="module")
def network() -> ArmsNetwork:
    return ArmsNetwork(onnx_path(ARMS))


def test_a_picture_of_nothing_shows_nobody(network: ArmsNetwork) -> None:
    for level in (0, 114, 255):
        assert network.look(np.full((480, 640, 3), level, np.uint8)) == Arms((), ())


def test_heads_and_hands_of_a_store_not_trained_on_are_found_with_their_owners(
    network: ArmsNetwork, tmp_path: Path
) -> None:
    draw(STORE, PICTURES, tmp_path)
    counts, off = Counter[str](), dict[str, list[float]](head=[], stands=[])
    for picture in read(tmp_path):
        count(picture, network.look(picture.image), counts, off)
    assert counts["head asked"] > 10
    assert counts["head found"] >= 0.6 * counts["head asked"]
    assert counts["head found"] >= 0.7 * counts["head said"]
    assert counts["hand found"] >= 0.5 * counts["hand asked"]
    assert counts["owner"] >= 0.75 * counts["owned"]
    assert np.median(off["head"]) < 0.6
