"""Wide views in tiles: nobody is lost at a seam, nobody is there twice."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.perception.detections import Detections
from edge.perception.tiles import OVERLAP, Tiled, tile_size, tiles_of
from hardware.ports import Image

WIDE = (1920, 1080)


class Eyes:
    """Sees each person of the scene as far as the picture shows them, if enough of them is in it and not too small.

    A picture carries where in the scene it lies, in its first pixels; people smaller than a thirtieth of it are missed.
    """

    def __init__(self, *people: tuple[float, float, float, float]) -> None:
        self.people = people
        self.looks: list[tuple[int, int]] = []

    def detect(self, image: Image) -> Detections:
        height, width = image.shape[:2]
        self.looks.append((width, height))
        # The scene says of each pixel where it is: 120 columns and rows of 16.
        left, top = int(image[0, 0, 0]) * 16, int(image[0, 0, 1]) * 16
        found = []
        for person in self.people:
            shown = np.clip(np.array(person) - [left, top, left, top], 0, [width, height, width, height])
            wide, high = shown[2:] - shown[:2]
            whole = (person[2] - person[0]) * (person[3] - person[1])
            if wide * high > 0.2 * whole and person[3] - person[1] > max(width, height) / 30.0:
                found.append((*shown, 0.5 + 0.4 * wide * high / whole))
        rows = np.array(found, np.float32).reshape(-1, 5)
        return Detections(rows[:, :4], rows[:, 4])


def scene(size: tuple[int, int] = WIDE) -> Image:
    """A picture each of whose pixels says in which cell of 16 it lies."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    picture[:, :, 0] = np.arange(size[0])[None, :] // 16
    picture[:, :, 1] = np.arange(size[1])[:, None] // 16
    return picture


@given(st.tuples(st.integers(16, 4000), st.integers(16, 4000)), st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_tiles_cover_the_picture_and_overlap(size: tuple[int, int], tiles: tuple[int, int]) -> None:
    places = tiles_of(size, tiles)
    width, height = tile_size(size, tiles)
    assert len(places) == tiles[0] * tiles[1]
    lefts, tops = sorted({place[0] for place in places}), sorted({place[1] for place in places})
    for begins, side, part in ((lefts, size[0], width), (tops, size[1], height)):
        assert begins[0] == 0
        assert begins[-1] + part == side
        for one, other in itertools.pairwise(begins):
            assert one + part - other >= OVERLAP * part - 2


@pytest.mark.parametrize(
    "person",
    [
        (100.0, 200.0, 130.0, 290.0),
        (630.0, 300.0, 670.0, 400.0),
        (750.0, 300.0, 790.0, 400.0),
        (900.0, 560.0, 940.0, 640.0),
        (1880.0, 900.0, 1920.0, 1000.0),
    ],
)
def test_who_stands_anywhere_is_found_once_and_whole(person: tuple[float, float, float, float]) -> None:
    found = Tiled(Eyes(person), (3, 2)).detect(scene())
    assert found.boxes.tolist() == [pytest.approx(person, abs=16.0)]


def test_small_people_are_found_by_tiles_only() -> None:
    person = (700.0, 300.0, 720.0, 350.0)
    assert len(Eyes(person).detect(scene())) == 0
    assert len(Tiled(Eyes(person), (3, 2)).detect(scene())) == 1


def test_who_is_larger_than_any_overlap_is_one_by_the_look_at_the_whole() -> None:
    person = (500.0, 100.0, 1100.0, 1000.0)
    (box,) = Tiled(Eyes(person), (3, 2)).detect(scene()).boxes.tolist()
    assert box == pytest.approx(person, abs=16.0)


def test_two_who_stand_beside_each_other_at_a_seam_stay_two() -> None:
    seam = tiles_of(WIDE, (2, 1))[1][0]
    people = ((seam - 60.0, 300.0, seam - 20.0, 420.0), (seam - 10.0, 300.0, seam + 30.0, 420.0))
    found = Tiled(Eyes(*people), (2, 1)).detect(scene())
    assert sorted(round(float(box[0])) // 30 for box in found.boxes) == sorted(round(p[0]) // 30 for p in people)


def test_a_look_costs_a_run_a_tile_and_one_and_only_two_shapes() -> None:
    eyes = Eyes()
    assert len(Tiled(eyes, (3, 2)).detect(scene())) == 0
    assert len(eyes.looks) == 7
    assert set(eyes.looks) == {WIDE, tile_size(WIDE, (3, 2))}


@given(st.lists(st.tuples(st.integers(0, 1800), st.integers(0, 900), st.integers(20, 120), st.integers(60, 180))))
def test_there_are_never_more_boxes_than_looks_saw_and_the_surest_come_first(
    people: list[tuple[int, int, int, int]],
) -> None:
    eyes = Eyes(*((float(x), float(y), float(x + w), float(y + h)) for x, y, w, h in people))
    found = Tiled(eyes, (3, 2)).detect(scene())
    assert len(found) <= 7 * len(people)
    assert np.all(np.diff(found.scores) <= 0)
