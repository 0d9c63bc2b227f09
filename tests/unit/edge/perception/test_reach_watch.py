"""Whose hands a shelf camera sees."""

from dataclasses import replace

import numpy as np
import pytest

from edge.errors import PerceptionError
from edge.perception.arms_network import Arms, Part
from edge.perception.head_place import HEAD_M, SIGMA_M
from edge.perception.needs import ARMS, needed
from edge.perception.reach_watch import Reaching, ReachWatch, nearest
from edge.perception.wrist_place import Rays
from edge.tracking.joining.joining import Person
from hardware.ports import Frame, Image
from protocol.store import Camera, Lens, Pose, SlotView, Store

LENS = Lens(model="division", size=(640, 480), centre=(320.0, 240.0), focal=300.0, coefficients=(0.0,))
DOWN = float(np.sqrt(0.5))
CAMERA = Camera(
    id="over",
    role="shelf",
    size=(640, 480),
    lens=LENS,
    pose=Pose(eye=(1.0, -1.4, 2.4), forward=(0.0, DOWN, -DOWN), right=(1.0, 0.0, 0.0)),
)
"""Looks at a shelf whose front is the plane y = 1.6; people stand before it at smaller y."""
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


def head_of(person: Person, score: float = 0.9) -> Part:
    """Their head, and where the network says that they stand."""
    at = pixel(person.x_m, person.y_m, HEAD_M)
    return Part(at, at, pixel(person.x_m, person.y_m, 0.0), score)


def hand_of(person: Person, x_m: float) -> Part:
    """Their hand, at something on the board."""
    head = head_of(person)
    return Part(pixel(x_m, 1.65, 1.1), head.head, head.stands, 0.8)


class Told:
    def __init__(self, *pictures: Arms) -> None:
        self.pictures = list(pictures)

    def look(self, picture: Image) -> Arms:
        return self.pictures.pop(0)


class Failing:
    def look(self, picture: Image) -> Arms:
        raise PerceptionError("out of memory")


def seen_at(watch: ReachWatch, t_s: float) -> Reaching:
    return watch.of(replace(FRAME, t_s=t_s))


def with_slots() -> Camera:
    """The camera, with two slots around where hands are that are half a metre and one and a half along."""
    views = []
    for slot, x_m in (("g.s.1", 0.5), ("g.s.2", 1.5)):
        u, v = pixel(x_m, 1.65, 1.1)
        views.append(SlotView(slot=slot, box=(u - 20.0, v - 40.0, 40.0, 80.0)))
    return CAMERA.model_copy(update={"views": tuple(views)})


def test_heads_tell_where_people_stand_and_hands_whose_they_are() -> None:
    arms = Arms((hand_of(ANN, 0.5), hand_of(BOB, 1.5)), (head_of(BOB), head_of(ANN)))
    seen = ReachWatch(with_slots(), Told(arms)).of(FRAME)
    bob, ann = seen.people
    assert (ann.x_m, ann.y_m) == pytest.approx((ANN.x_m, ANN.y_m), abs=1e-6)
    assert (bob.x_m, bob.y_m) == pytest.approx((BOB.x_m, BOB.y_m), abs=1e-6)
    assert [ann.sigma_m, bob.sigma_m] == pytest.approx([SIGMA_M, SIGMA_M])
    assert [number for number, _ in seen.hands] == [ann.track, bob.track]
    near = [near for _, near in seen.hands]
    assert [near[0]["g.s.1"], near[1]["g.s.2"]] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert min(near[0]["g.s.2"], near[1]["g.s.1"]) > 1.0


def test_how_far_a_hand_is_from_a_slot_is_told_in_what_its_product_fills() -> None:
    camera = with_slots()
    (u, v), ann = pixel(0.5, 1.65, 1.1), head_of(ANN)
    hands = tuple(Part(at, ann.head, ann.stands, 0.8) for at in ((u + 20.0, v), (u, v - 40.0), (u - 30.0, v + 80.0)))
    seen = ReachWatch(camera, Told(Arms(hands, (ann,)))).of(FRAME)
    assert [near["g.s.1"] for _, near in seen.hands] == pytest.approx([0.5, 0.5, 1.25])


def test_who_stoops_is_placed_less_surely() -> None:
    upright = head_of(ANN)
    stooped = replace(upright, at=pixel(ANN.x_m, ANN.y_m, 1.0))
    one, other = (ReachWatch(CAMERA, Told(Arms((), (head,)))).of(FRAME).people[0] for head in (upright, stooped))
    assert other.sigma_m > 2.0 * one.sigma_m


def test_a_hand_whose_owners_head_does_not_show_says_where_they_stand() -> None:
    seen = ReachWatch(CAMERA, Told(Arms((hand_of(ANN, 0.5),), (head_of(BOB),)))).of(FRAME)
    assert seen.hands == ()
    ((_, place),) = seen.others
    assert nearest(place, (BOB, ANN)) == ANN
    assert nearest(place, (BOB,)) is None
    assert nearest(place, ()) is None


def test_one_head_seen_twice_is_one_person_and_an_unsure_one_is_none() -> None:
    double = head_of(replace(ANN, x_m=ANN.x_m + 0.1), 0.6)
    unsure = head_of(BOB, 0.3)
    seen = ReachWatch(CAMERA, Told(Arms((), (head_of(ANN), double, unsure)))).of(FRAME)
    assert [person.x_m for person in seen.people] == pytest.approx([ANN.x_m])


def test_people_keep_their_numbers_as_they_walk_and_others_get_new_ones() -> None:
    on = replace(ANN, x_m=ANN.x_m + 0.3)
    pictures = [Arms((), tuple(map(head_of, people))) for people in ((ANN, BOB), (BOB, on), (on,), (on, BOB))]
    watch = ReachWatch(CAMERA, Told(*pictures))
    (ann, bob) = (person.track for person in seen_at(watch, 0.0).people)
    assert [person.track for person in seen_at(watch, 0.2).people] == [bob, ann]
    assert [person.track for person in seen_at(watch, 1.0).people] == [ann]
    later = [person.track for person in seen_at(watch, 5.0).people]
    assert {ann, bob}.isdisjoint(later)


def test_where_nobody_said_where_the_camera_hangs_it_tells_nothing() -> None:
    unplaced = CAMERA.model_copy(update={"pose": None, "lens": None})
    arms = Told(Arms((), (head_of(ANN),)))
    assert ReachWatch(unplaced, arms).of(FRAME) == Reaching()
    assert ReachWatch(CAMERA, None).of(FRAME) == Reaching()
    assert len(arms.pictures) == 1


def test_what_looks_above_the_horizon_is_nobody() -> None:
    sky = Part((320.0, -2000.0), (320.0, -2000.0), (320.0, -1900.0), 0.9)
    seen = ReachWatch(CAMERA, Told(Arms((sky,), (sky,)))).of(FRAME)
    assert seen == Reaching()


def test_a_network_that_fails_is_told_of_once_and_the_shelf_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    watch = ReachWatch(CAMERA, Failing())
    assert watch.of(FRAME) == watch.of(FRAME) == Reaching()
    assert [record.message for record in caplog.records] == [
        "camera over does not tell whose hands it sees any more: out of memory"
    ]


def test_who_is_followed_and_has_placed_shelf_cameras_needs_the_network_for_hands() -> None:
    area = Camera(id="area", role="area", size=(640, 480))
    assert ARMS in needed(Store(format=1, store="corner", name="Corner", currency="EUR", cameras=(area, CAMERA)))
    assert ARMS not in needed(Store(format=1, store="corner", name="Corner", currency="EUR", cameras=(CAMERA,)))
    unplaced = CAMERA.model_copy(update={"pose": None, "lens": None})
    assert ARMS not in needed(Store(format=1, store="corner", name="Corner", currency="EUR", cameras=(area, unplaced)))
