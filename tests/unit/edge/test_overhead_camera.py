"""Whom an area camera follows that looks steeply down."""

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from edge.area_camera import AreaCamera
from edge.area_cameras import following
from edge.errors import PerceptionError
from edge.overhead_camera import OverheadCamera
from edge.perception.arms_network import Arms, ArmsNetwork, Part
from edge.perception.glances import AGAIN_EMPTY_S, SETTLING
from edge.perception.head_place import HEAD_M, SIGMA_M
from edge.perception.needs import ARMS, needed
from edge.perception.networks import Networks
from edge.perception.overhead import STEEP_DEG, overhead_rays
from edge.tracking.floor import PersonOnFloor
from edge.tracking.tracker import Track
from hardware.ports import Frame, Image
from protocol.store import Camera, Lens, Pose, Store

LENS = Lens(model="division", size=(640, 480), centre=(320.0, 240.0), focal=300.0, coefficients=(0.0,))
ANN, BOB = (0.6, 1.0), (1.8, 1.4)
FRAME = Frame(0.0, "over", 0, np.zeros((480, 640, 3), np.uint8))


def camera(down_deg: float) -> Camera:
    """Hangs 2.6 m up at (1, -1) and looks along y, so far down."""
    down = np.radians(down_deg)
    forward = (0.0, float(np.cos(down)), float(-np.sin(down)))
    pose = Pose(eye=(1.0, -1.0, 2.6), forward=forward, right=(1.0, 0.0, 0.0))
    return Camera(id="over", role="area", size=(640, 480), lens=LENS, pose=pose)


OVER = camera(50.0)


def pixel(x_m: float, y_m: float, z_m: float) -> tuple[float, float]:
    rays = overhead_rays(OVER)
    assert rays is not None
    (at,), depth = rays.pixels(np.array([[x_m, y_m, z_m]]))
    assert depth[0] > 0.0
    return float(at[0]), float(at[1])


def head_of(place: tuple[float, float]) -> Part:
    at = pixel(*place, HEAD_M)
    return Part(at, at, pixel(*place, 0.0), 0.9)


class Told:
    """Says one picture's heads after the other, and the last one's for ever."""

    def __init__(self, *pictures: tuple[Part, ...]) -> None:
        self.pictures = list(pictures)
        self.looks = 0

    def look(self, picture: Image) -> Arms:
        self.looks += 1
        return Arms((), self.pictures.pop(0) if len(self.pictures) > 1 else self.pictures[0])


class Boxes:
    """An area camera that says one and the same in every picture."""

    def __init__(self, *places: tuple[float, float]) -> None:
        self.places = places

        box = np.array([10.0, 20.0, 30.0, 60.0], np.float32)
        numbers = range(1, len(places) + 1)
        hidden = Track(9, box, True, False, 0.5, 9.0)
        self.followed = (*(Track(number, box + number, True, True, 0.9, 2.0) for number in numbers), hidden)

    def people(self, frame: Frame) -> list[PersonOnFloor]:
        return [PersonOnFloor(frame.t_s, "over", n, *place, 0.3) for n, place in enumerate(self.places, start=1)]


def follower(told: Told, *boxes: tuple[float, float], gated: bool = False) -> OverheadCamera:
    rays = overhead_rays(OVER)
    assert rays is not None
    return OverheadCamera(OVER, rays, cast(ArmsNetwork, told), cast(AreaCamera, Boxes(*boxes)), gated=gated)


def frame(t_s: float, shade: int = 0) -> Frame:
    return replace(FRAME, t_s=t_s, image=np.full((480, 640, 3), shade, np.uint8))


def test_heads_tell_where_people_stand_and_they_keep_their_numbers() -> None:
    over = follower(Told((head_of(ANN), head_of(BOB)), (head_of(BOB), head_of(ANN)), (head_of(BOB),)))
    first, second, third = (over.people(frame(t_s)) for t_s in (0.0, 0.2, 0.4))
    ann, bob = first
    assert (ann.x_m, ann.y_m, ann.sigma_m) == pytest.approx((*ANN, SIGMA_M), abs=1e-6)
    assert (bob.x_m, bob.y_m) == pytest.approx(BOB, abs=1e-6)
    assert [one.track for one in second] == [bob.track, ann.track]
    assert [one.track for one in third] == [bob.track]
    assert ann.track != bob.track


def test_whom_a_box_shows_and_no_head_is_there_all_the_same() -> None:
    over = follower(Told((head_of(ANN),)), (ANN[0] + 0.3, ANN[1]), BOB)
    ann, bob = over.people(FRAME)
    assert (ann.x_m, ann.y_m) == pytest.approx(ANN, abs=1e-6)
    assert (bob.x_m, bob.y_m, bob.sigma_m) == (*BOB, 0.3)
    assert ann.track != bob.track
    assert [seen.number for seen in over.followed] == [ann.track, bob.track]
    assert over.followed[1].box.tolist() == [12.0, 22.0, 32.0, 62.0], "the box that shows him, to be hidden in a clip"


class Failing:
    def look(self, picture: Image) -> Arms:
        raise PerceptionError("out of memory")


def overhead(arms: object, boxes: Boxes | None) -> OverheadCamera:
    rays = overhead_rays(OVER)
    assert rays is not None
    return OverheadCamera(OVER, rays, cast(ArmsNetwork, arms), cast(AreaCamera | None, boxes), gated=False)


def test_where_one_network_fails_it_goes_on_by_the_other(caplog: pytest.LogCaptureFixture) -> None:
    by_boxes = overhead(Failing(), Boxes(BOB))
    assert [(one.x_m, one.y_m) for t_s in (0.0, 0.2) for one in by_boxes.people(frame(t_s))] == [BOB, BOB]
    assert [record.message for record in caplog.records] == [
        "camera over tells nobody by their heads any more: out of memory"
    ]
    by_heads = overhead(Told((head_of(ANN),)), None)
    assert [(one.x_m, one.y_m) for one in by_heads.people(FRAME)] == [pytest.approx(ANN, abs=1e-6)]
    with pytest.raises(PerceptionError, match="out of memory"):
        overhead(Failing(), None).people(FRAME)


def test_two_whose_ways_cross_behind_a_pillar_keep_their_numbers_by_what_they_wear() -> None:
    """Ann, in red, and Bob, in blue, are seen again each nearer to where the other was."""
    red, blue = (30, 30, 200), (200, 30, 30)
    left, right = (0.7, 1.2), (1.3, 1.2)
    told = Told(*[(head_of(left), head_of(right))] * 12, (), (head_of((0.85, 1.2)), head_of((1.15, 1.2))))
    over = follower(told)

    def picture(t_s: float, *dressed: tuple[tuple[float, float], tuple[int, int, int]]) -> Frame:
        image = np.full((480, 640, 3), 120, np.uint8)
        for place, colour in dressed:
            u, v = pixel(*place, 0.9)
            image[max(int(v) - 160, 0) : int(v) + 160, int(u) - 15 : int(u) + 15] = colour
        return replace(FRAME, t_s=t_s, image=image)

    for index in range(12):
        ann, bob = over.people(picture(index / 10.0, (left, red), (right, blue)))
    over.people(picture(1.2))
    first, second = over.people(picture(1.7, ((1.15, 1.2), red), ((0.85, 1.2), blue)))
    assert (first.track, second.track) == (bob.track, ann.track)
    assert ann.look is not None


def test_the_box_of_whoever_is_followed_holds_them_and_stays_in_the_picture() -> None:
    over = follower(Told((head_of(ANN),)))
    over.people(FRAME)
    (seen,) = over.followed
    left, top, right, bottom = seen.box.tolist()
    for height_m in (0.0, 0.9, HEAD_M):
        u, v = pixel(*ANN, height_m)
        assert left < u < right
        assert top < v < bottom
    assert min(left, top) >= 0.0
    assert max(right - 640.0, bottom - 480.0) <= 0.0
    assert right - left < 320.0


def test_an_empty_shop_is_hardly_looked_at_and_who_stands_still_stays() -> None:
    told = Told(())
    over = follower(told, gated=True)
    for index in range(100):
        assert over.people(frame(index / 10.0)) == []
    assert told.looks <= 1 + SETTLING + 10.0 / AGAIN_EMPTY_S
    told.pictures = [(head_of(ANN),)]
    came = frame(10.0)
    came.image[100:300, 200:300] = 200
    numbers = {one.track for index in range(30) for one in over.people(replace(came, t_s=10.0 + index / 10.0))}
    assert len(numbers) == 1


def test_only_an_area_camera_that_looks_steeply_down_is_from_above() -> None:
    assert overhead_rays(camera(STEEP_DEG + 1.0)) is not None
    assert overhead_rays(camera(90.0)) is not None
    assert overhead_rays(camera(STEEP_DEG - 1.0)) is None
    assert overhead_rays(OVER.model_copy(update={"role": "shelf"})) is None
    assert overhead_rays(OVER.model_copy(update={"pose": None, "lens": None})) is None


def test_a_store_with_a_camera_from_above_needs_the_arms_network_and_goes_on_without() -> None:
    flat = camera(20.0).model_copy(update={"id": "flat"})
    store = Store(format=1, store="corner", name="Corner", currency="EUR", cameras=(OVER, flat))
    assert ARMS in needed(store)
    assert ARMS not in needed(store.model_copy(update={"cameras": (flat,)}))
    by_heads = following(store, Networks(None, None, arms=cast(ArmsNetwork, Told(()))))
    assert [type(by_heads[name]) for name in ("over", "flat")] == [OverheadCamera, AreaCamera]
    assert isinstance(following(store, Networks(None, None))["over"], AreaCamera)
