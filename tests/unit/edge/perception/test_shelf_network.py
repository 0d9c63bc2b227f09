"""Hands and products: from the network's maps to boxes in the camera's pixels.

The network here is a tiny one that takes bright squares for hands and dark ones for products.
"""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge.errors import PerceptionError
from edge.perception.shelf_network import REACH_PX, THINGS_MAX, ShelfNetwork
from hardware.ports import Image

GREY = 114


@pytest.fixture
def network(tmp_path: Path) -> ShelfNetwork:
    """Heat of a hand where a cell is brighter than 200, of a product where it is darker than 50; boxes of 32 pixels."""
    mean = numpy_helper.from_array(np.full((1, 3, 8, 8), 1 / 192, np.float32), "mean")
    way = numpy_helper.from_array(np.array([0.2, -0.2], np.float32).reshape(2, 1, 1, 1), "way")
    level = numpy_helper.from_array(np.array([-40.0, 10.0], np.float32), "level")
    none = numpy_helper.from_array(np.zeros((8, 2, 1, 1), np.float32), "none")
    far = numpy_helper.from_array(np.full(8, np.log(16 / REACH_PX), np.float32), "far")
    nodes = [
        helper.make_node("Conv", ["image", "mean"], ["light"], strides=[8, 8], kernel_shape=[8, 8]),
        helper.make_node("Conv", ["light", "way", "level"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["heat"]),
        helper.make_node("Conv", ["logits", "none", "far"], ["reach"]),
    ]
    graph = helper.make_graph(
        nodes,
        "bright",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "H", "W"])],
        [
            helper.make_tensor_value_info("heat", TensorProto.FLOAT, [1, 2, "h", "w"]),
            helper.make_tensor_value_info("reach", TensorProto.FLOAT, [1, 8, "h", "w"]),
        ],
        [mean, way, level, none, far],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, tmp_path / "bright.onnx")
    return ShelfNetwork(tmp_path / "bright.onnx")


def picture(width: int, height: int) -> Image:
    return np.full((height, width, 3), GREY, np.uint8)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (640, 360), (480, 640), (320, 192), (160, 120)])
def test_a_thing_is_where_it_is_in_the_camera_s_pixels(network: ShelfNetwork, width: int, height: int) -> None:
    image = picture(width, height)
    pixels = max(width, height) / 320  # of the camera, for one of the network's
    top, left = round(40 * pixels), round(64 * pixels)
    side = round(8 * pixels)
    image[top : top + side, left : left + side] = 255
    (hand,) = network.look(image)
    middle = np.array([64 + 4, 40 + 4]) * pixels
    assert hand.kind == "hand"
    assert hand.score > 0.9
    assert np.abs(np.array(hand.box) - [*(middle - 16 * pixels), *(middle + 16 * pixels)]).max() < pixels


def test_hands_come_before_products_and_the_surest_first(network: ShelfNetwork) -> None:
    image = picture(320, 240)
    image[40:48, 40:48] = 0
    image[40:48, 120:128] = 255
    image[120:128, 120:128] = 210
    image[120:128, 40:48] = 40
    seen = network.look(image)
    assert [each.kind for each in seen] == ["hand", "hand", "product", "product"]
    assert seen[0].score > seen[1].score
    assert seen[2].score > seen[3].score


def test_a_thing_seen_twice_is_told_of_once(network: ShelfNetwork) -> None:
    image = picture(320, 240)
    # Two peaks with a dimmer cell between: the boxes of 32 pixels, 16 apart, share a third; 8 apart would be one peak.
    image[40:48, 40:48] = 255
    image[40:48, 56:64] = 255
    assert len(network.look(image)) == 2
    image[40:48, 48:56] = 254
    assert len(network.look(image)) <= 2


def test_boxes_end_at_the_picture_s_edge(network: ShelfNetwork) -> None:
    image = picture(320, 240)
    image[:8, :8] = 255
    (hand,) = network.look(image)
    assert hand.box[:2] == (0.0, 0.0)
    assert 0 < hand.box[2] < 32


def test_nothing_in_a_grey_picture_and_no_end_of_things_in_a_white_one(network: ShelfNetwork) -> None:
    assert network.look(picture(320, 240)) == ()
    assert len(network.look(np.full((240, 320, 3), 255, np.uint8))) <= THINGS_MAX


def test_a_picture_of_one_pixel_is_looked_at(network: ShelfNetwork) -> None:
    assert len(network.look(np.full((1, 1, 3), GREY, np.uint8))) == 0


def test_a_file_that_is_no_network_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no network")
    with pytest.raises(PerceptionError, match=r"'shelf'.*cannot be loaded"):
        ShelfNetwork(tmp_path / "broken.onnx")
