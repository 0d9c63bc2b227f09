"""A calibration goes into the store file, and nothing else in it changes."""

import difflib

import numpy as np
import pytest

from edge.calibration.errors import CalibrationError
from edge.calibration.walkers.body import SHOE_M
from edge.calibration.written import lens_of, marked_left_out, matrix_of, pose_of, with_calibration
from edge.tracking.floor import Floor
from protocol.document import FileError
from protocol.store import FloorView, Lens, MarkedPoint, Pose
from protocol.store_file import parse_store
from tests.unit.edge.calibration.hung import floor_seen, hung

STORE = """\
# The corner shop, measured by Ida on a Sunday
format: 1
store: corner
name:   "The corner shop"   # as the sign has it
currency: EUR
cameras:
    -   id: room      # over the door
        role: area
        size: [1280, 720]

        # marks with chalk
        floor_points:
        - {pixel: [212, 655], floor: [0.0, 0.0]}
        - {pixel: [1103, 671], floor: [3.0, 0.0]} # at the pillar
        - {pixel: [861, 318], floor: [3.0, 4.0]}
        - {pixel: [402, 312], floor: [0.0, 4.0]}
        - {pixel: [600, 400], floor: [1.0, 3.0]}

    # the other one
    -   id: back
        role: area
        size: [1280, 720]
policies: {hold_minor: 2000}
"""
VIEW = hung()


def parts(error_cm: float = 2.5) -> dict[str, Lens | Pose | FloorView | None]:
    first, second, third = matrix_of(VIEW)
    view = FloorView(method="board", size=VIEW.size, matrix=(first, second, third), error_cm=error_cm)
    return {"lens": lens_of(VIEW), "pose": pose_of(VIEW), "floor_view": view}


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came."""
    told = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in told if line[:2] == "- "], [line[2:] for line in told if line[:2] == "+ "]


@pytest.mark.parametrize("camera", ["room", "back"])
def test_only_the_camera_s_own_lines_come(camera: str) -> None:
    after = with_calibration(STORE, "store.yaml", camera, parts())
    gone, came = changed(STORE, after)
    assert gone == []
    assert [line for line in came if "matrix:" in line]
    store = parse_store(after, "store.yaml")
    calibrated = store.camera(camera)
    assert calibrated is not None
    assert calibrated.pose == pose_of(VIEW)
    assert calibrated.lens == lens_of(VIEW)
    assert after.index("# the other one") < after.index("id: back")
    others = [camera for camera in store.cameras if camera.id != calibrated.id]
    assert others == [each for each in parse_store(STORE, "s").cameras if each.id != camera]


def test_a_second_calibration_takes_the_place_of_the_first() -> None:
    first = with_calibration(STORE, "store.yaml", "room", parts())
    assert with_calibration(first, "store.yaml", "room", parts()) == first
    second = with_calibration(first, "store.yaml", "room", parts(error_cm=3.0))
    assert changed(first, second) == (["          error_cm: 2.5"], ["          error_cm: 3.0"])
    nothing: dict[str, Lens | Pose | FloorView | None] = {"lens": None, "pose": None, "floor_view": None}
    assert with_calibration(first, "store.yaml", "room", nothing) == STORE


def test_windows_line_ends_stay() -> None:
    after = with_calibration(STORE.replace("\n", "\r\n"), "store.yaml", "back", parts())
    assert after.replace("\r\n", "\n") == with_calibration(STORE, "store.yaml", "back", parts())
    assert "\n" not in after.replace("\r\n", "")


def test_wrong_points_are_marked_where_they_stand() -> None:
    after = marked_left_out(STORE, "store.yaml", "room", [1])
    gone, came = changed(STORE, after)
    assert len(gone) == 1
    assert came[0].strip() == "- {pixel: [1103, 671], floor: [3.0, 0.0], left_out: true} # at the pillar"
    assert marked_left_out(after, "store.yaml", "room", []) == STORE
    assert [p.left_out for p in parse_store(after, "s").cameras[0].floor_points] == [False, True, False, False, False]


def test_new_points_take_the_place_of_the_old() -> None:
    points = [MarkedPoint(pixel=(10.0 * n, 5.0 * n * n), floor=(float(n), 0.5 * n * n)) for n in range(4)]
    after = with_calibration(STORE, "store.yaml", "room", {"floor_points": points})
    assert parse_store(after, "s").cameras[0].floor_points == tuple(points)
    assert "# marks with chalk" in after
    assert "# the other one" in after


def test_a_camera_on_one_line_is_refused() -> None:
    text = STORE.replace("    -   id: back\n        role: area\n        size: [1280, 720]\n", "    -   {id: back, role: area, size: [1280, 720]}\n")  # fmt: skip  # noqa: E501
    with pytest.raises(CalibrationError, match=r"store\.yaml:\d+: camera 'back' is written on one line"):
        with_calibration(text, "store.yaml", "back", parts())


def test_a_view_of_another_shape_never_gets_into_a_file() -> None:
    with pytest.raises(FileError, match=r"cameras\[1\]\.lens: was calibrated with pictures of 1280×720"):
        with_calibration(STORE.replace("id: back\n        role: area\n        size: [1280, 720]", "id: back\n        role: area\n        size: [640, 480]"), "store.yaml", "back", parts())  # noqa: E501  # fmt: skip


def test_the_node_s_floor_is_the_one_that_was_found() -> None:
    camera = parse_store(with_calibration(STORE, "s", "back", parts()), "s").cameras[1]
    floor = Floor.of(camera)
    places, pixels = floor_seen(VIEW)
    for place, pixel in zip(places, pixels, strict=True):
        assert floor.at(*pixel.tolist()) == pytest.approx(tuple(place), abs=1e-3)
    half = camera.model_copy(update={"size": (640, 360)})
    assert Floor.of(half).at(*(pixels[5] / 2.0).tolist()) == pytest.approx(tuple(places[5]), abs=1e-3)


def test_who_stands_somewhere_stands_a_shoe_behind_where_the_box_ends() -> None:
    camera = parse_store(with_calibration(STORE, "s", "back", parts()), "s").cameras[1]
    places, pixels = floor_seen(VIEW)
    for place, (u, v) in list(zip(places, pixels.tolist(), strict=True))[::7]:
        # Nothing is known of the head, which the picture's upper edge cuts off.
        under = Floor.of(camera).under(np.array([u - 20.0, 0.0, u + 20.0, v], np.float32))
        assert under is not None
        way = np.array(under[:2]) - VIEW.eye[:2]
        assert np.hypot(*(np.array(under[:2]) - place)) == pytest.approx(SHOE_M, abs=0.005)
        assert way @ (np.array(under[:2]) - place) > 0.0


def test_points_that_were_changed_after_calibration_are_told() -> None:
    first, second, third = matrix_of(VIEW)
    view = FloorView(method="points", size=VIEW.size, matrix=(first, second, third), points_off_cm=1.0)
    places, pixels = floor_seen(VIEW)
    chosen = (0, 9, 30, -1)
    points = [MarkedPoint(pixel=tuple(pixels[n].tolist()), floor=tuple(places[n].tolist())) for n in chosen]
    camera = parse_store(STORE, "s").cameras[0].model_copy(
        update={"lens": lens_of(VIEW), "floor_view": view, "floor_points": tuple(points)}
    )  # fmt: skip
    assert Floor.of(camera) is not None
    points[2] = MarkedPoint(pixel=points[2].pixel, floor=(points[2].floor[0] + 0.2, points[2].floor[1]))
    with pytest.raises(CalibrationError, match=r"camera 'room': floor point 3 is 20 cm .*changed after"):
        Floor.of(camera.model_copy(update={"floor_points": tuple(points)}))
    points[2] = points[2].model_copy(update={"left_out": True})
    assert Floor.of(camera.model_copy(update={"floor_points": tuple(points)})) is not None
