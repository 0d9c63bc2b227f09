"""A still camera is hardly looked at, and nobody is lost or overlooked by it."""

from collections.abc import Callable

import numpy as np
import pytest

from edge.perception.certainty import certain
from edge.perception.detections import Detections
from edge.perception.glances import AGAIN_EMPTY_S, AGAIN_S, SETTLING
from edge.perception.person_watch import PersonWatch
from edge.tracking.tracker import Tracker
from hardware.ports import Frame, Image

FPS = 10
SHOP = np.random.default_rng(1).integers(60, 180, (18, 32, 3), np.uint8).repeat(20, 0).repeat(20, 1)
DARK = (40, 35, 30)


class Eyes:
    """Finds the dark rectangle that stands for a person, wherever it is."""

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, image: Image) -> Detections:
        self.looks += 1
        rows, columns = np.nonzero((np.abs(image.astype(np.int16) - DARK) < 16).all(axis=2))
        if len(rows) < 50:
            return Detections.none()
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Detections(np.array([box], np.float32), np.array([0.9], np.float32))


def pictures(
    count: int, left_of: Callable[[int], int | None] = lambda _: None, *, noise: float = 2.0, light: float = 1.0
) -> list[Frame]:
    """A camera's pictures: a person whose left side is at `left_of` the picture's number, noise, a flickering lamp."""
    generator, frames = np.random.default_rng(7), []
    for index in range(count):
        image = SHOP.astype(np.float64)
        left = left_of(index)
        if left is not None:
            image[100:260, max(left, 0) : max(left + 60, 0)] = DARK
        image *= light if index % 2 else 1.0
        image += generator.normal(0.0, noise, image.shape)
        frames.append(Frame(index / FPS, "area", index, image.clip(0, 255).astype(np.uint8)))
    return frames


@pytest.mark.parametrize(("noise", "light"), [(0.0, 1.0), (2.0, 1.0), (6.0, 1.0), (2.0, 1.01)])
def test_an_empty_shop_is_looked_at_once_in_a_while_only(noise: float, light: float) -> None:
    watch = PersonWatch(Eyes())
    for frame in pictures(10 * FPS, noise=noise, light=light):
        assert len(watch.detect(frame)) == 0
    assert watch.pictures == 10 * FPS
    assert watch.looks <= 1 + SETTLING + 10 / AGAIN_EMPTY_S


def test_who_comes_in_at_the_edge_is_seen_in_the_first_picture_that_shows_them() -> None:
    watch = PersonWatch(Eyes())
    enters = 31
    frames = pictures(40, lambda index: None if index < enters else -52 + 6 * (index - enters))
    seen = [frame.index for frame in frames if len(watch.detect(frame))]
    assert seen[0] - enters <= 0.3 * FPS
    assert seen == list(range(seen[0], 40)), "and is not lost again"


def test_who_stands_still_stays_followed_and_costs_little() -> None:
    watch, tracker = PersonWatch(Eyes()), Tracker()
    stands = 20 * FPS
    numbers = []
    for frame in pictures(stands, lambda index: min(100 + 8 * index, 260)):
        tracks = tracker.update(certain(watch.detect(frame)), frame.t_s)
        numbers.append([track.number for track in tracks if track.confirmed and track.seen])
    assert numbers[5:] == [[1]] * (stands - 5)
    assert watch.looks <= 25 + SETTLING + 20 / AGAIN_S


def test_who_creeps_is_followed_too() -> None:
    watch = PersonWatch(Eyes())
    frames = pictures(60, lambda index: 100 + index // 2)
    for frame in frames:
        (box,) = watch.detect(frame).boxes.tolist()
        assert abs(box[0] - (100 + frame.index // 2)) <= 4


def test_who_goes_is_gone_at_once() -> None:
    watch = PersonWatch(Eyes())
    found = [len(watch.detect(frame)) for frame in pictures(20, lambda index: 200 if index < 10 else None)]
    assert found == [1] * 10 + [0] * 10


def test_a_camera_whose_size_changes_is_looked_at() -> None:
    watch = PersonWatch(Eyes())
    for index, size in enumerate([(90, 160), (180, 320), (16, 16), (2160, 3840), (16, 4000)]):
        watch.detect(Frame(index / FPS, "area", index, np.zeros((*size, 3), np.uint8)))
    assert watch.looks == 5


def test_without_gating_every_picture_is_looked_at() -> None:
    watch = PersonWatch(Eyes(), gated=False)
    for frame in pictures(10):
        watch.detect(frame)
    assert watch.looks == 10
