"""Marked points give the camera, name the ones that are wrong, and are refused where they determine nothing."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from edge.calibration.errors import CalibrationError
from edge.calibration.lines import bend_from_lines
from edge.calibration.optics import Optics
from edge.calibration.points import calibrate
from edge.calibration.view import View
from tests.unit.edge.calibration.hung import floor_seen, hung, off_cm

Doubles = npt.NDArray[np.float64]
SIZE = (1280, 720)
TRUE = hung()


def marks(view: View, count: int, noise_px: float = 0.0, seed: int = 0) -> tuple[Doubles, Doubles]:
    """Pixels and metres of marks all over the floor, each far from the others in the picture."""
    rng = np.random.default_rng(seed)
    metres, pixels = floor_seen(view)
    chosen = [0]
    while len(chosen) < count:
        chosen.append(int(np.min([np.hypot(*(pixels - pixels[n]).T) for n in chosen], axis=0).argmax()))
    return pixels[chosen] + rng.normal(0.0, noise_px, (count, 2)), metres[chosen]


def test_exact_marks_give_the_camera_with_its_lens() -> None:
    found = calibrate(*marks(TRUE, 12), SIZE, "aisle")
    assert off_cm(found.view, TRUE).max() < 2.0
    assert found.view.eye == pytest.approx(TRUE.eye, abs=0.05)
    assert found.left_out == ()


def test_a_known_lens_leaves_only_where_the_camera_hangs() -> None:
    pixels, metres = marks(TRUE, 5)
    found = calibrate(pixels, metres, SIZE, "aisle", known=TRUE.optics)
    assert off_cm(found.view, TRUE).max() < 0.01
    assert found.view.optics is TRUE.optics


def test_straight_edges_tell_the_lens() -> None:
    edges = [
        np.column_stack([np.linspace(*x, 9), np.linspace(*y, 9), np.linspace(*z, 9)])
        for x, y, z in (
            ((0.0, 5.0), (4.0, 4.0), (0.0, 0.0)),
            ((-2.0, 4.0), (6.0, 6.0), (2.0, 2.0)),
            ((3.0, 3.0), (1.0, 6.0), (0.0, 0.0)),
        )
    ]
    lines = [TRUE.pixels(edge)[0] for edge in edges]
    bend, sigma = bend_from_lines(lines, SIZE, "aisle")
    assert bend == pytest.approx(-0.08, abs=0.005)
    assert sigma < 0.02
    with pytest.raises(CalibrationError, match="line 1 is short"):
        bend_from_lines([lines[0][:2].repeat(2, axis=0)], SIZE, "aisle")


def test_what_is_foretold_is_about_what_is_missed() -> None:
    """The error that is told must not be far better than the truth: that would be a promise."""
    told, missed = [], []
    for seed in range(4):
        found = calibrate(*marks(TRUE, 10, noise_px=1.5, seed=seed), SIZE, "aisle")
        told.append(np.nanmedian(found.errors_cm))
        missed.append(np.median(off_cm(found.view, TRUE)))
    assert 0.5 < np.mean(told) / np.mean(missed) < 6.0


def test_of_four_points_none_can_be_foretold() -> None:
    found = calibrate(*marks(TRUE, 4), SIZE, "aisle")
    assert np.isnan(found.errors_cm).all()


def test_a_wrong_point_is_named_and_left_out() -> None:
    pixels, metres = marks(TRUE, 10, noise_px=0.7)
    metres[6] += (0.6, -0.4)
    found = calibrate(pixels, metres, SIZE, "aisle")
    assert found.left_out == (6,)
    assert off_cm(found.view, TRUE).max() < 15.0


def test_pictures_that_look_straight_down_are_calibrated_too() -> None:
    above = hung(eye=(2.0, 2.0, 3.0), target=(2.0, 2.02, 0.0))
    found = calibrate(*marks(above, 10, noise_px=0.5), SIZE, "above")
    assert np.median(off_cm(found.view, above)) < 1.0


def _exchanged(pixels: Doubles, metres: Doubles) -> None:
    metres[[1, 4]] = metres[[4, 1]]


def _mirrored(pixels: Doubles, metres: Doubles) -> None:
    metres[:] = metres[:, ::-1]


def _outside(pixels: Doubles, metres: Doubles) -> None:
    pixels[3] = (1400.0, 300.0)


def _on_a_line(pixels: Doubles, metres: Doubles) -> None:
    metres[:, 1] = 2.0 * metres[:, 0] + 1.0


def _in_a_line(pixels: Doubles, metres: Doubles) -> None:
    pixels[:, 1] = 300.0


def _at_one_place(pixels: Doubles, metres: Doubles) -> None:
    metres[:] = (1.0, 2.0)


def _not_a_number(pixels: Doubles, metres: Doubles) -> None:
    pixels[0, 0] = np.nan


def _centimetres(pixels: Doubles, metres: Doubles) -> None:
    metres *= 100.0


def _anywhere(pixels: Doubles, metres: Doubles) -> None:
    metres[:] = np.random.default_rng(3).uniform(0.0, 6.0, metres.shape)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_exchanged, "floor points 2 and 5 are exchanged"),
        (_mirrored, "as in a mirror"),
        (_outside, r"point 4 at pixel \[1400, 300\] lies outside the picture of 1280×720"),
        (_on_a_line, "lie on a line on the floor"),
        (_in_a_line, "lie on a line in the picture"),
        (_at_one_place, "all the same point on the floor"),
        (_not_a_number, "a number that is none"),
        (_centimetres, r"would have it hang 280 m over the floor: the plan is in metres"),
        (_anywhere, "contradict each other|exchanged"),
    ],
)
def test_points_that_cannot_be_are_refused(spoil: Callable[[Doubles, Doubles], None], says: str) -> None:
    pixels, metres = marks(TRUE, 8)
    spoil(pixels, metres)
    with pytest.raises(CalibrationError, match=says) as caught:
        calibrate(pixels, metres, SIZE, "aisle")
    assert "camera 'aisle'" in str(caught.value)


def test_three_points_are_too_few() -> None:
    pixels, metres = marks(TRUE, 3)
    with pytest.raises(CalibrationError, match="are 3: mark 4 or more"):
        calibrate(pixels, metres, SIZE, "aisle")


def test_the_matrix_says_what_the_view_says() -> None:
    """The node uses the matrix and the lens alone."""
    places, pixels = floor_seen(TRUE)
    straight = TRUE.optics.straighten(pixels)
    seen = np.column_stack([straight, np.ones(len(straight))]) @ TRUE.matrix().T
    assert (seen[:, 2] > 0.0).all()
    assert seen[:, :2] / seen[:, 2:] == pytest.approx(places, abs=1e-6)
    sky = TRUE.matrix() @ (640.0, -4000.0, 1.0)
    assert sky[2] < 0.0
    assert np.isnan(TRUE.floor(np.array([[640.0, -4000.0]]))).all()


def test_a_straight_lens_is_no_lens() -> None:
    straight = Optics.straight(SIZE)
    assert not straight.bends
    assert straight.straighten(np.array([[3.0, 4.0]])).tolist() == [[3.0, 4.0]]
