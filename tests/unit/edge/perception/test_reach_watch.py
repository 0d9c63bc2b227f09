"""Whose wrists a shelf camera sees."""

from dataclasses import replace

import numpy as np
import pytest

from edge.errors import PerceptionError
from edge.perception.detections import Detections, Floats
from edge.perception.needs import POSE, needed
from edge.perception.reach_watch import PEOPLE_MAX, ReachWatch
from edge.perception.wrist_place import Rays
from edge.shelves.place import Ray, Spot
from edge.tracking.joining.joining import Person
from hardware.ports import Frame, Image
from protocol.store import Camera, Gondola, Lens, Pose, Shelf, Slot, Store

GONDOLA = Gondola(
    id="g",
    origin=(0.0, 2.0),
    width=2.0,
    depth=0.4,
    shelves=(Shelf(id="s", height=1.0, slots=(Slot(id="1", span=(0.0, 1.0)), Slot(id="2", span=(1.0, 2.0)))),),
)
"""Its front is the plane y = 1.6; people stand before it at smaller y."""
LENS = Lens(model="division", size=(640, 480), centre=(320.0, 240.0), focal=300.0, coefficients=(0.0,))
DOWN = float(np.sqrt(0.5))
CAMERA = Camera(
    id="over",
    role="shelf",
    size=(640, 480),
    lens=LENS,
    pose=Pose(eye=(1.0, -1.4, 2.4), forward=(0.0, DOWN, -DOWN), right=(1.0, 0.0, 0.0)),
)
ANN, BOB = Person(0.0, 1, 0.4, 1.1, 0.1, "area", ()), Person(0.0, 2, 1.6, 1.1, 0.1, "area", ())
FRAME = Frame(0.0, "over", 0, np.zeros((480, 640, 3), np.uint8))


def rays() -> Rays:
    found = Rays.of(CAMERA)
    assert found is not None
    return found


def pixel(x_m: float, y_m: float, z_m: float) -> tuple[float, float]:
    (at,), depth = rays().pixels(np.array([[x_m, y_m, z_m]]))
    assert depth[0] > 0.0
    return float(at[0]), float(at[1])


def box_of(person: Person, wide_m: float = 0.5, high_m: float = 1.7) -> list[float]:
    corners = [
        pixel(person.x_m + across, person.y_m, up) for across in (-wide_m / 2, wide_m / 2) for up in (0.0, high_m)
    ]
    us, vs = zip(*corners, strict=True)
    return [max(min(us), 0.0), max(min(vs), 0.0), min(max(us), 640.0), min(max(vs), 480.0)]


class Boxes:
    def __init__(self, *boxes: list[float], score: float = 0.8) -> None:
        self.found = Detections(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), score, np.float32))

    def detect(self, image: Image) -> Detections:
        return self.found


class Failing:
    def detect(self, image: Image) -> Detections:
        raise PerceptionError("out of memory")


class Wrists:
    """Whoever's box lies left reaches into the left slot, and so on; the other wrist hangs, and is not seen."""

    def __init__(self) -> None:
        self.runs = 0

    def wrists(self, image: Image, box: Floats) -> Floats:
        self.runs += 1
        x_m = 0.4 if float(box[0] + box[2]) / 2.0 < 320.0 else 1.6
        return np.array([[*pixel(x_m, 1.5, 1.1), 0.6], [0.0, 0.0, 0.05]], np.float32)


def spot(left_m: float) -> Spot:
    return Spot(GONDOLA, (1.0, 1.0), (left_m, left_m + 1.0))


def away_m(wrists: tuple[Ray, ...], left_m: float) -> float:
    return min(spot(left_m).rays_away_m(wrists))


def test_each_box_is_the_persons_who_stands_where_it_is_and_wrists_go_with_it() -> None:
    watch = ReachWatch(CAMERA, Boxes(box_of(BOB), box_of(ANN)), Wrists())
    seen = dict(watch.of(FRAME, (ANN, BOB)))
    assert set(seen) == {1, 2}
    assert away_m(seen[1], 0.0) == 0.0
    assert away_m(seen[1], 1.0) > 0.4
    assert away_m(seen[2], 1.0) == 0.0


def test_a_box_where_nobody_stands_is_nobodys() -> None:
    stranger = replace(ANN, x_m=1.9, y_m=-0.6)
    assert ReachWatch(CAMERA, Boxes(box_of(stranger)), Wrists()).of(FRAME, (ANN,)) == []
    assert ReachWatch(CAMERA, Boxes(box_of(ANN), score=0.1), Wrists()).of(FRAME, (ANN,)) == []
    behind = replace(ANN, y_m=-3.0)
    assert ReachWatch(CAMERA, Boxes(box_of(ANN)), Wrists()).of(FRAME, (behind,)) == []


def test_a_crowd_costs_no_more_than_a_few_runs() -> None:
    people = [replace(ANN, person=n, x_m=0.1 + 0.45 * n) for n in range(PEOPLE_MAX + 2)]
    finder = Wrists()
    seen = ReachWatch(CAMERA, Boxes(*[box_of(person, 0.3) for person in people]), finder).of(FRAME, people)
    assert len(seen) == finder.runs == PEOPLE_MAX


def test_where_nobody_said_where_the_camera_hangs_it_tells_nothing() -> None:
    unplaced = CAMERA.model_copy(update={"pose": None, "lens": None})
    finder = Wrists()
    assert ReachWatch(unplaced, Boxes(box_of(ANN)), finder).of(FRAME, (ANN,)) == []
    assert ReachWatch(CAMERA, None, finder).of(FRAME, (ANN,)) == []
    assert ReachWatch(CAMERA, Boxes(box_of(ANN)), None).of(FRAME, (ANN,)) == []
    assert finder.runs == 0


def test_a_network_that_fails_is_told_of_once_and_the_shelf_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    watch = ReachWatch(CAMERA, Failing(), Wrists())
    assert watch.of(FRAME, (ANN,)) == watch.of(FRAME, (ANN,)) == []
    assert [record.message for record in caplog.records] == [
        "camera over does not tell whose hands it sees any more: out of memory"
    ]


def test_who_is_followed_and_has_placed_shelf_cameras_needs_the_network_for_wrists() -> None:
    area = Camera(id="area", role="area", size=(640, 480))
    assert POSE in needed(Store(format=1, store="corner", name="Corner", currency="EUR", cameras=(area, CAMERA)))
    assert POSE not in needed(Store(format=1, store="corner", name="Corner", currency="EUR", cameras=(CAMERA,)))
    unplaced = CAMERA.model_copy(update={"pose": None, "lens": None})
    assert POSE not in needed(Store(format=1, store="corner", name="Corner", currency="EUR", cameras=(area, unplaced)))


def test_a_ray_away_from_the_shelf_is_as_far_as_it_passes() -> None:
    over = Ray((0.5, 1.8, 3.0), (0.0, 0.0, -1.0))
    beside = Ray((2.5, 1.8, 3.0), (0.0, 0.0, -1.0))
    assert spot(0.0).rays_away_m((over, beside)) == pytest.approx([0.0, 1.5], abs=0.02)
    assert spot(0.0).rays_away_m(()) == []
