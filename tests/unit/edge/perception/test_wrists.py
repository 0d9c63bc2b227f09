"""Wrists in a picture, and where in the store they are."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from edge.errors import PerceptionError
from edge.perception.pose import SIDE, PoseFinder
from edge.perception.wrist_certainty import MOST, wrist_certainty
from edge.perception.wrist_place import Rays, away_m, wrist_place
from edge.perception.wrist_watch import PEOPLE_MAX, WristWatch
from hardware.ports import Image
from models.cache import onnx_path
from protocol.store import Camera, Gondola, Lens, MarkedPoint, Pose, Shelf
from tests.unit.edge.calibration.hung import floor_seen, hung

VIEW = hung()
RAYS = Rays(VIEW.optics, VIEW.focal_px, VIEW.eye, VIEW.axes)
WALL = Gondola(id="wall", origin=(1.5, 3.5), width=2.0, depth=0.4, shelves=(Shelf(id="top", height=1.0),))
"""Its front is the plane y = 3.1, and people stand before it at smaller y."""


def pixel_of(x_m: float, y_m: float, z_m: float) -> tuple[float, float]:
    (pixel,), _ = VIEW.pixels(np.array([[x_m, y_m, z_m]]))
    return float(pixel[0]), float(pixel[1])


@pytest.mark.parametrize("hand", [(2.0, 3.1, 1.2), (2.6, 3.1, 0.4), (3.4, 3.1, 1.6)])
def test_a_hand_in_a_shelf_is_in_the_plane_of_its_front(hand: tuple[float, float, float]) -> None:
    place = wrist_place(RAYS, *pixel_of(*hand), (hand[0], 2.7), (WALL,))
    assert place == pytest.approx(hand, abs=1e-3)


def test_away_from_every_shelf_a_wrist_is_in_the_plane_in_which_its_owner_stands() -> None:
    feet = (1.0, 1.5)
    place = wrist_place(RAYS, *pixel_of(*feet, 1.1), feet, (WALL,))
    assert place == pytest.approx((*feet, 1.1), abs=1e-3)


def test_a_ray_that_passes_beside_the_shelf_is_no_hand_in_it() -> None:
    feet = (1.3, 2.6)
    place = wrist_place(RAYS, *pixel_of(1.2, 2.6, 1.0), feet, (WALL,))
    assert place is not None
    assert place[1] < 3.0


@pytest.mark.parametrize("pixel", [(640.0, -4000.0), (-9000.0, 300.0)])
def test_what_makes_no_sense_has_no_place(pixel: tuple[float, float]) -> None:
    assert wrist_place(RAYS, *pixel, (2.0, 2.7), (WALL,)) is None


def test_straight_beneath_the_camera_no_plane_faces_it() -> None:
    below = (float(VIEW.eye[0]), float(VIEW.eye[1]))
    assert wrist_place(RAYS, 640.0, 700.0, below, ()) is None


@pytest.mark.parametrize(("feet", "metres"), [((2.0, 2.6), 0.5), ((4.0, 3.1), 0.5), ((2.0, 3.3), 0.0)])
def test_how_far_somebody_stands_from_a_gondola(feet: tuple[float, float], metres: float) -> None:
    assert away_m(WALL, feet) == pytest.approx(metres)


def test_a_camera_tells_its_rays_where_the_store_file_says_pose_and_focal_length() -> None:
    pose = Pose(eye=(0.0, 0.0, 2.0), forward=(0.0, 1.0, 0.0), right=(1.0, 0.0, 0.0))
    lens = Lens(model="division", size=(640, 360), centre=(320.0, 180.0), focal=400.0, coefficients=(0.0,))
    camera = Camera(id="aisle", role="area", size=(640, 360), lens=lens, pose=pose)
    rays = Rays.of(camera)
    assert rays is not None
    assert rays.towards(320.0, 180.0) == pytest.approx([0.0, 1.0, 0.0])
    assert rays.towards(720.0, 180.0)[0] > 0.5, "right in the picture is right of the camera"
    assert rays.towards(320.0, 300.0)[2] < 0.0, "down in the picture is down"
    for lacking in ({"pose": None}, {"lens": None}, {"lens": lens.model_copy(update={"focal": None})}):
        assert Rays.of(camera.model_copy(update=lacking)) is None


class Seeing:
    """Sees both wrists at pixels that are told, one surely and one hardly; or fails."""

    def __init__(self, pixel: tuple[float, float] | None) -> None:
        self.pixel, self.asked = pixel, 0

    def wrists(self, image: Image, box: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self.asked += 1
        if self.pixel is None:
            raise PerceptionError("no execution provider works")
        return np.array([[*self.pixel, 0.8], [*self.pixel, 0.1]], np.float32)


LENS = Lens(model="division", size=VIEW.size, centre=VIEW.optics.centre, focal=VIEW.focal_px, coefficients=(-0.08,))
EYE = Pose(
    eye=(0.2, -0.5, 2.8),
    forward=(float(VIEW.axes[2, 0]), float(VIEW.axes[2, 1]), float(VIEW.axes[2, 2])),
    right=(float(VIEW.axes[0, 0]), float(VIEW.axes[0, 1]), float(VIEW.axes[0, 2])),
)
POSED = Camera(id="aisle", role="area", size=VIEW.size, lens=LENS, pose=EYE)
PICTURE: Image = np.zeros((720, 1280, 3), np.uint8)
BOX = np.array([0, 0, 10, 10], np.float32)


def test_of_many_people_only_those_nearest_to_shelves_are_asked_about() -> None:
    seeing = Seeing(pixel_of(2.0, 3.1, 1.2))
    watch = WristWatch(seeing, POSED, (WALL,))
    people = [(BOX, (2.0, y_m)) for y_m in (0.0, 2.2, 2.8, 2.5, 2.7)]
    found = watch.of(PICTURE, people)
    assert [bool(wrists) for wrists in found] == [False, False, True, False, True]
    assert seeing.asked == PEOPLE_MAX
    (wrist,) = found[2]
    assert wrist == pytest.approx((2.0, 3.1, 1.2, wrist_certainty(0.8)), abs=0.01)


def test_without_a_pose_or_a_finder_nobody_has_wrists() -> None:
    seeing = Seeing((1.0, 1.0))
    for watch in (
        WristWatch(None, POSED, (WALL,)),
        WristWatch(seeing, POSED.model_copy(update={"pose": None}), (WALL,)),
    ):
        assert watch.of(PICTURE, [(BOX, (2.0, 2.8))]) == [()]
    assert seeing.asked == 0


def test_a_pose_network_that_fails_is_said_once_and_people_are_followed_without(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seeing = Seeing(None)
    watch = WristWatch(seeing, POSED, (WALL,))
    assert [watch.of(PICTURE, [(BOX, (2.0, 2.8))]) for _ in range(3)] == [[()]] * 3
    assert seeing.asked == len(caplog.records) == 1


class Pointing:
    """A network that finds the brightest pixel and says that both wrists are there."""

    def run(self, tensor: npt.NDArray[Any], outputs: list[str] | None = None) -> list[npt.NDArray[Any]]:
        assert tensor.shape == (1, SIDE, SIDE, 3)
        assert tensor.dtype == np.int32
        row, column = np.unravel_index(int(tensor[0].sum(axis=2).argmax()), (SIDE, SIDE))
        joints = np.zeros((1, 1, 17, 3), np.float32)
        joints[0, 0, 9:11] = ((row + 0.5) / SIDE, (column + 0.5) / SIDE, 0.8)
        return [joints]


@pytest.mark.parametrize("box", [(100, 50, 180, 290), (-40, -10, 60, 200), (500, 300, 700, 400)])
def test_wrists_come_back_in_the_pictures_own_pixels(box: tuple[int, int, int, int], monkeypatch: Any) -> None:
    monkeypatch.setattr("edge.perception.pose.Network", lambda *_: Pointing())
    image: Image = np.zeros((360, 640, 3), np.uint8)
    x, y = min(max((box[0] + box[2]) // 2 + 20, 8), 620), min(max(box[1] + 40, 8), 340)
    image[y - 3 : y + 4, x - 3 : x + 4] = 255
    finder = PoseFinder(None)  # type: ignore[arg-type] # nothing is opened
    left, right = finder.wrists(image, np.array(box, np.float32)).tolist()
    assert left == right == pytest.approx([x + 0.5, y + 0.5, 0.8], abs=4.5)


@pytest.mark.networks("movenet-lightning")
def test_the_real_network_takes_any_box() -> None:
    finder = PoseFinder(onnx_path("movenet-lightning"))
    for box in ((0, 0, 0, 0), (-500, -500, -400, -300), (10, 10, 300, 300)):
        wrists = finder.wrists(np.full((360, 640, 3), 90, np.uint8), np.array(box, np.float32))
        assert wrists.shape == (2, 3)
        assert np.isfinite(wrists).all()


def test_marked_points_of_the_floor_tell_a_cameras_rays_too() -> None:
    places, pixels = floor_seen(VIEW, step_m=1.0, far_m=6.0)
    points = tuple(
        MarkedPoint(pixel=(float(u), float(v)), floor=(float(x), float(y)))
        for (x, y), (u, v) in zip(places.tolist(), pixels.tolist(), strict=True)
    )
    camera = Camera(id="corner", role="area", size=VIEW.size, floor_points=points)
    rays = Rays.of(camera)
    assert rays is not None
    hand = (2.0, 3.1, 1.2)
    assert wrist_place(rays, *pixel_of(*hand), (2.0, 2.7), (WALL,)) == pytest.approx(hand, abs=0.05)
    assert Rays.of(camera.model_copy(update={"floor_points": points[:5]})) is None
    on_a_line = tuple(point for point in points if point.floor[1] == points[0].floor[1]) * 3
    assert Rays.of(camera.model_copy(update={"floor_points": on_a_line})) is None


def test_a_wrist_is_the_surer_the_higher_its_score_and_never_surer_than_any_was() -> None:
    said = [wrist_certainty(score / 20.0) for score in range(21)]
    assert said == sorted(said)
    assert 0.0 < said[0] < 0.1
    assert said[-1] == MOST < 0.5
