"""Reading NanoDet's outputs, made by hand."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from edge.perception.canvas import STRIDES
from edge.perception.persons import BINS, BOXES_MAX, PersonDetector
from models.shaped import SIDE

CLASSES = 80
SURE = 0.9


class HandMade:
    """A network that says what it is told: scores and distances at grid points."""

    def __init__(self) -> None:
        self.seen: npt.NDArray[Any] | None = None
        cells = [(SIDE // stride) ** 2 for stride in STRIDES]
        self.scores = [np.zeros((1, n, CLASSES), np.float32) for n in cells]
        self.bins = [np.zeros((1, n, 4 * BINS), np.float32) for n in cells]

    def run(self, tensor: npt.NDArray[Any], outputs: list[str] | None = None) -> list[npt.NDArray[Any]]:
        self.seen = tensor
        height, width = tensor.shape[2:]
        return [
            self._cut(out, stride, height // stride, width // stride)
            for outs in (self.scores, self.bins)
            for out, stride in zip(outs, STRIDES, strict=True)
        ]

    @staticmethod
    def _cut(out: npt.NDArray[Any], stride: int, rows: int, columns: int) -> npt.NDArray[Any]:
        """The cells that lie in a canvas smaller than the square."""
        side = SIDE // stride
        return out.reshape(side, side, -1)[:rows, :columns].reshape(1, rows * columns, -1)

    def put(self, level: int, column: int, row: int, sides: tuple[int, int, int, int], *, score: float = SURE, kind: int = 0) -> None:  # fmt: skip  # noqa: E501
        """A thing whose sides lie so many cells from the centre of a cell."""
        cell = row * (SIDE // STRIDES[level]) + column
        self.scores[level][0, cell, kind] = score
        for side, distance in enumerate(sides):
            self.bins[level][0, cell, side * BINS + distance] = 50.0


@pytest.fixture
def network() -> HandMade:
    return HandMade()


@pytest.fixture
def detector(network: HandMade, monkeypatch: pytest.MonkeyPatch) -> PersonDetector:
    monkeypatch.setattr("edge.perception.persons.Network", lambda *_, **__: network)
    return PersonDetector(None)  # type: ignore[arg-type] # nothing is opened


def picture(width: int, height: int) -> npt.NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("level", "column", "row", "sides", "box"),
    [
        (0, 10, 5, (2, 3, 4, 5), (68, 20, 116, 84)),
        (1, 3, 2, (1, 1, 1, 1), (40, 24, 72, 56)),
        (2, 5, 6, (2, 4, 2, 4), (112, 80, 240, 336)),
    ],
)
def test_distances_from_a_cell_make_a_box(
    network: HandMade, detector: PersonDetector, level: int, column: int, row: int, sides: Any, box: Any
) -> None:
    network.put(level, column, row, sides)
    found = detector.detect(picture(SIDE, SIDE))
    assert found.boxes.tolist() == [pytest.approx(box, abs=0.01)]
    assert found.scores.tolist() == [pytest.approx(SURE)]


@pytest.mark.parametrize(("width", "height", "scale"), [(832, 832, 2), (832, 416, 2), (208, 416, 1)])
def test_boxes_are_in_the_cameras_own_pixels(
    network: HandMade, detector: PersonDetector, width: int, height: int, scale: float
) -> None:
    network.put(0, 10, 5, (2, 3, 4, 5))
    (box,) = detector.detect(picture(width, height)).boxes.tolist()
    assert box == pytest.approx([68 * scale, 20 * scale, 116 * scale, 84 * scale], abs=0.01)


def test_a_box_is_cut_at_the_pictures_edge(network: HandMade, detector: PersonDetector) -> None:
    network.put(2, 0, 0, (10, 10, 10, 10))
    (box,) = detector.detect(picture(200, 100)).boxes.tolist()
    assert box == pytest.approx([0, 0, 336 * 200 / SIDE, 100], abs=0.6)


def test_only_sure_persons_count(network: HandMade, detector: PersonDetector) -> None:
    network.put(0, 5, 5, (2, 2, 2, 2), score=0.2)
    network.put(0, 30, 30, (2, 2, 2, 2), kind=39)
    assert len(detector.detect(picture(SIDE, SIDE))) == 0


def test_one_person_found_twice_is_one(network: HandMade, detector: PersonDetector) -> None:
    network.put(0, 20, 20, (5, 5, 5, 5), score=0.7)
    network.put(0, 21, 20, (6, 5, 4, 5), score=0.8)
    network.put(0, 40, 20, (5, 5, 5, 5), score=0.6)
    assert detector.detect(picture(SIDE, SIDE)).scores.tolist() == [pytest.approx(0.8), pytest.approx(0.6)]


def test_a_thousand_candidates_are_bounded(network: HandMade, detector: PersonDetector) -> None:
    network.scores[0][:, :, 0] = np.linspace(0.6, 0.9, network.scores[0].shape[1])
    network.bins[0][:, :, ::BINS] = 50.0
    found = detector.detect(picture(SIDE, SIDE))
    assert len(found) <= BOXES_MAX
    assert np.all(np.diff(found.scores) <= 0)


def test_the_network_is_shown_the_picture_in_the_upper_left_corner(network: HandMade, detector: PersonDetector) -> None:
    blue, black = [(255 - 103.53) / 57.375, -116.28 / 57.12, -123.675 / 58.395], [-103.53, -116.28, -123.675]
    detector.detect(np.full((200, 416, 3), (255, 0, 0), np.uint8))
    assert network.seen is not None
    assert network.seen.shape == (1, 3, 256, SIDE)
    assert network.seen[0, :, 100, 100] == pytest.approx(blue)
    assert network.seen[0, :, 210, 100] == pytest.approx(np.array(black) / [57.375, 57.12, 58.395])


def test_what_a_higher_picture_showed_does_not_stay_in_a_lower_ones_padding(
    network: HandMade, detector: PersonDetector
) -> None:
    detector.detect(np.full((223, 416, 3), 255, np.uint8))
    detector.detect(np.full((200, 416, 3), 255, np.uint8))
    assert network.seen is not None
    assert (network.seen[0, :, 200:] < 0).all()


@pytest.mark.parametrize("size", [(16, 16384), (16384, 16), (1, 1)])
def test_pictures_of_any_shape(detector: PersonDetector, size: tuple[int, int]) -> None:
    assert len(detector.detect(picture(*size))) == 0
