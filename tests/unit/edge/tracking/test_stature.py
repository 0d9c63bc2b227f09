"""Whoever's feet are hidden stands where their head says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.calibration.optics import Optics
from edge.calibration.view import View
from edge.tracking.floor import Floor
from edge.tracking.stature import TALL_M, Eye, stands

EYE = Eye(0.0, 0.0, 2.8)
SIZE = (640, 360)


def ground_behind(height_m: float, away_m: float) -> tuple[float, float]:
    """What the head at `height_m` of somebody `away_m` from the camera hides of the floor."""
    return away_m / (1.0 - height_m / EYE.z_m), 0.0


def view() -> tuple[View, Floor]:
    """A camera 2.8 m up that looks 25 degrees down along x."""
    down = math.radians(25.0)
    forward = np.array([math.cos(down), 0.0, -math.sin(down)])
    right = np.array([0.0, -1.0, 0.0])
    axes = np.stack([right, np.cross(forward, right), forward])
    found = View(Optics.straight(SIZE, 450.0), 450.0, axes, np.array([0.0, 0.0, 2.8]))
    return found, Floor("c", matrix=found.matrix(), eye=EYE, size=SIZE)


def box(
    found: View, away_m: float, height_m: float, *, from_m: float = 0.0
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """The box of somebody `away_m` ahead, as far as they are seen above `from_m`."""
    pixels, _ = found.pixels(np.array([[away_m, -0.2, from_m], [away_m, 0.2, height_m]]))
    (left, bottom), (right, top) = np.minimum(pixels, np.array(SIZE)).tolist()
    return np.array([min(left, right), top, max(left, right), bottom], np.float32)


@pytest.mark.parametrize("height_m", [1.6, 1.7, 1.85])
def test_who_is_seen_whole_stands_on_their_feet(height_m: float) -> None:
    place = stands(EYE, (4.0, 0.0, 0.05), ground_behind(height_m, 4.0))
    assert place is not None
    assert place[0] == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize("seen_m", [0.3, 0.5, 0.8])
def test_who_is_seen_to_the_waist_behind_a_shelf_stands_where_their_head_says(seen_m: float) -> None:
    # What hides the feet ends so high that the box seems to be of somebody as short, farther away.
    away_m = EYE.away_m(ground_behind(TALL_M, 3.0)) * (1.0 - seen_m / EYE.z_m)
    place = stands(EYE, (away_m, 0.0, 0.05), ground_behind(TALL_M, 3.0))
    assert away_m > 5.0
    assert place is not None
    assert place[0] == pytest.approx(3.0, abs=0.5)
    assert abs(place[0] - 3.0) < 2.0 * place[2]


def test_a_child_or_half_of_somebody_is_uncertain() -> None:
    sure, unsure = (stands(EYE, (4.0, 0.0, 0.05), ground_behind(height_m, 4.0)) for height_m in (1.7, 1.2))
    assert sure is not None
    assert unsure is not None
    assert unsure[2] > 2.0 * sure[2]
    # The error lies along the ray, and the deviation is that of both ways.
    assert abs(unsure[0] - 4.0) < 2.0 * math.sqrt(2.0) * unsure[2]


def test_under_a_camera_that_hangs_as_low_as_heads_feet_are_all_there_is() -> None:
    low = Eye(0.0, 0.0, 1.6)
    assert stands(low, (4.0, 0.0, 0.05), (9.0, 0.0)) == (4.0, 0.0, 0.05)
    assert stands(low, None, (9.0, 0.0)) is None


def test_in_a_picture_whole_and_half_hidden_people_are_in_one_place() -> None:
    found, floor = view()
    for seen_from_m in (0.0, 1.2):
        place = floor.under(box(found, 4.0, 1.7, from_m=seen_from_m))
        assert place is not None
        assert place[0] == pytest.approx(4.0, abs=0.3)


def test_feet_that_the_picture_cuts_off_say_nothing() -> None:
    found, floor = view()
    near = box(found, 1.6, 1.7)
    assert near[3] == SIZE[1]
    place = floor.under(near)
    assert place is not None
    assert place[0] == pytest.approx(1.6, abs=0.2)


def test_a_head_that_the_picture_cuts_off_says_nothing() -> None:
    found, floor = view()
    whole = box(found, 4.0, 1.7)
    cut = whole.copy()
    cut[1] = 0.0
    feet = floor.under(cut)
    assert feet is not None
    assert feet[0] == pytest.approx(4.0, abs=0.2)


@given(
    st.tuples(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.001, 20)),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    st.floats(0.1, 12.0),
)
def test_places_are_finite_and_uncertain(
    feet: tuple[float, float, float], head: tuple[float, float], up_m: float
) -> None:
    place = stands(Eye(1.0, 2.0, up_m), feet, head)
    assert place is not None
    assert all(math.isfinite(value) for value in place)
    assert place[2] > 0.0
