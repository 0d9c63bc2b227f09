"""Hands and heads: from the network's maps to pixels of the camera.

The network here is a tiny one that takes bright squares for hands and dark ones for heads; everybody's head is 32
pixels up from there, and they stand 64 down and 16 to the right, in its own picture.
"""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge.errors import PerceptionError
from edge.perception.arms_network import HANDS_MAX, SIDE, WAY_PX, ArmsNetwork
from hardware.ports import Image

GREY = 114


@pytest.fixture
def network(tmp_path: Path) -> ArmsNetwork:
    mean = numpy_helper.from_array(np.full((1, 3, 8, 8), 1 / 192, np.float32), "mean")
    light = numpy_helper.from_array(np.array([0.2, -0.2, 0.0], np.float32).reshape(3, 1, 1, 1), "light_of")
    level = numpy_helper.from_array(np.array([-40.0, 10.0, 0.0], np.float32), "level")
    none = numpy_helper.from_array(np.zeros((4, 3, 1, 1), np.float32), "none")
    ways = numpy_helper.from_array(np.array([0.0, -32.0, 16.0, 64.0], np.float32) / np.float32(WAY_PX), "ways")
    nodes = [
        helper.make_node("Conv", ["image", "mean"], ["light"], strides=[8, 8], kernel_shape=[8, 8]),
        helper.make_node("Conv", ["light", "light_of", "level"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["heat"]),
        helper.make_node("Conv", ["logits", "none", "ways"], ["way"]),
    ]
    outputs = [
        helper.make_tensor_value_info("heat", TensorProto.FLOAT, [1, 3, "h", "w"]),
        helper.make_tensor_value_info("way", TensorProto.FLOAT, [1, 4, "h", "w"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "H", "W"])
    graph = helper.make_graph(nodes, "bright", [image], outputs, [mean, light, level, none, ways])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, tmp_path / "bright.onnx")
    return ArmsNetwork(tmp_path / "bright.onnx")


def picture(width: int, height: int, *squares: tuple[float, float, int]) -> Image:
    """Squares of a cell each, by column, row and brightness."""
    image = np.full((height, width, 3), GREY, np.uint8)
    cell = 8.0 * max(width, height) / SIDE
    for column, row, brightness in squares:
        left, top = round(column * cell), round(row * cell)
        image[top : top + round(cell), left : left + round(cell)] = brightness
    return image


@pytest.mark.parametrize(("width", "height"), [(640, 480), (640, 360), (480, 640), (416, 312), (208, 156)])
def test_a_hand_is_where_it_is_in_the_cameras_pixels_and_so_is_its_owner(
    network: ArmsNetwork, width: int, height: int
) -> None:
    pixels = max(width, height) / SIDE
    (hand,) = network.look(picture(width, height, (10, 8, 255))).hands
    middle = (84.0 * pixels, 68.0 * pixels)
    assert hand.at == pytest.approx(middle, abs=2.0 * pixels)
    assert hand.head == pytest.approx((middle[0], middle[1] - 32.0 * pixels), abs=2.0 * pixels)
    assert hand.stands == pytest.approx((middle[0] + 16.0 * pixels, middle[1] + 64.0 * pixels), abs=2.0 * pixels)
    assert hand.score > 0.9


def test_heads_are_no_hands(network: ArmsNetwork) -> None:
    arms = network.look(picture(416, 312, (10, 8, 0)))
    assert arms.hands == ()
    assert len(arms.heads) == 1


def test_between_two_cells_it_is_between_them(network: ArmsNetwork) -> None:
    on_left, between = (network.look(picture(416, 312, (at, 8, 255))).hands[0].at[0] for at in (10.0, 10.3))
    assert on_left < between < on_left + 8.0


def test_the_surest_come_first_and_no_more_than_some(network: ArmsNetwork) -> None:
    squares = [(1 + 3 * (n % 16), 2 + 3 * (n // 16), 255 - n) for n in range(HANDS_MAX + 8)]
    hands = network.look(picture(416, 312, *squares)).hands
    assert len(hands) == HANDS_MAX
    assert [hand.score for hand in hands] == sorted((hand.score for hand in hands), reverse=True)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    with pytest.raises(PerceptionError):
        ArmsNetwork(tmp_path / "bad.onnx")
