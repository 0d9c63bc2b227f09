"""A lens straightens what it bends, as OpenCV does, for pictures of any size of the same shape."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.calibration.errors import CalibrationError
from edge.calibration.optics import Optics
from protocol.store import Lens

SIZE = (1280, 720)
PIXELS = np.array([[x, y] for x in (5.0, 320.0, 640.0, 1275.0) for y in (5.0, 200.0, 360.0, 715.0)])


@given(st.floats(-0.25, 0.25), st.floats(600, 680), st.floats(330, 390))
def test_a_division_lens_goes_both_ways(bend: float, x: float, y: float) -> None:
    optics = Optics(SIZE, (x, y), None, "division", (bend,))
    assert optics.bend(optics.straighten(PIXELS)) == pytest.approx(PIXELS, abs=1e-6)


@given(st.floats(-0.15, 0.15), st.floats(-0.03, 0.03), st.floats(-0.003, 0.003), st.floats(-0.003, 0.003))
def test_a_brown_lens_is_opencv_s(k1: float, k2: float, p1: float, p2: float) -> None:
    optics = Optics(SIZE, (652.0, 349.0), 900.0, "brown", (k1, k2, p1, p2))
    matrix = np.array([[900.0, 0.0, 652.0], [0.0, 900.0, 349.0], [0.0, 0.0, 1.0]])
    flat = (optics.straighten(PIXELS) - (652.0, 349.0)) / 900.0
    again, _ = cv2.projectPoints(
        np.column_stack([flat, np.ones(len(flat))]), np.zeros(3), np.zeros(3), matrix, np.array([k1, k2, p1, p2])
    )
    assert again.reshape(-1, 2) == pytest.approx(PIXELS, abs=1e-3)
    assert optics.bend(optics.straighten(PIXELS)) == pytest.approx(PIXELS, abs=1e-3)


def test_a_lens_holds_for_smaller_pictures_of_the_same_shape() -> None:
    lens = Lens(model="division", size=SIZE, centre=(650.0, 350.0), focal=900.0, coefficients=(-0.1,))
    large, small = Optics.of(lens, SIZE, "aisle"), Optics.of(lens, (640, 360), "aisle")
    assert small.focal_px == 450.0
    assert small.straighten(PIXELS / 2.0) == pytest.approx(large.straighten(PIXELS) / 2.0)


def test_a_lens_is_refused_for_pictures_of_another_shape() -> None:
    lens = Lens(model="division", size=SIZE, centre=(640.0, 360.0), coefficients=(-0.1,))
    with pytest.raises(CalibrationError, match=r"camera 'aisle': its lens .* 1280×720 .* 640×480 now.*anew") as caught:
        Optics.of(lens, (640, 480), "aisle")
    assert "cut off" in str(caught.value)
