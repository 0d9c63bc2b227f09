"""A camera that was turned is told from one that looks at other people, other goods and other light."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.calibration.errors import CalibrationError
from edge.calibration.knocked import compare, refuse_empty
from edge.calibration.optics import Optics
from edge.calibration.pictures.reference import features_of, read_reference, reference_path, write_reference
from edge.calibration.view import turned
from hardware.ports import Image

SIZE = (640, 360)
FOCAL_PX = 420.0
OPTICS = Optics(SIZE, (320.0, 180.0), FOCAL_PX, "brown", ())
SEES = np.array([[FOCAL_PX, 0.0, 319.5], [0.0, FOCAL_PX, 179.5], [0.0, 0.0, 1.0]])
MATRIX = np.array([[0.005, 0.0, -1.6], [0.0, 0.0, 2.0], [0.0, 0.002, -0.3]])


def scene(seed: int = 0, right_deg: float = 0.0, down_deg: float = 0.0) -> Image:
    """A wall of posters and boxes, seen by a camera that is turned so."""
    rng = np.random.default_rng(seed)
    wall = np.full((720, 1280), 170, np.uint8)
    for _ in range(260):
        x, y = rng.integers(0, 1240), rng.integers(0, 690)
        w, h = rng.integers(8, 70, 2)
        cv2.rectangle(wall, (int(x), int(y)), (int(x + w), int(y + h)), (int(rng.integers(20, 250)),), -1)
    middle = np.array([[1.0, 0.0, -320.0], [0.0, 1.0, -180.0], [0.0, 0.0, 1.0]])
    turn = turned(np.radians([down_deg, -right_deg, 0.0]))
    seen = cv2.warpPerspective(wall, SEES @ turn @ np.linalg.inv(SEES) @ middle, SIZE)
    return np.ascontiguousarray(np.repeat(cv2.GaussianBlur(seen, (0, 0), 0.8)[..., None], 3, axis=2), np.uint8)


def with_people(image: Image, seed: int) -> Image:
    rng = np.random.default_rng(seed)
    image = image.copy()
    for _ in range(4):
        x, y = int(rng.integers(40, 600)), int(rng.integers(120, 200))
        cv2.ellipse(image, (x, y), (28, 110), 0, 0, 360, rng.integers(0, 255, 3).tolist(), -1)
    return image


def lit(image: Image, seed: int) -> Image:
    rng = np.random.default_rng(seed)
    return np.clip(image * 0.6 + 15.0 + rng.normal(0.0, 3.0, image.shape), 0, 255).astype(np.uint8)


def test_people_and_light_are_no_knock() -> None:
    was = features_of([with_people(scene(), seed) for seed in range(5)])
    askew = compare(was, features_of([lit(with_people(scene(), 9), 1)]), OPTICS, MATRIX, "aisle")
    assert askew.turned_deg == pytest.approx(0.0, abs=0.15)
    assert not askew.knocked


@pytest.mark.parametrize(("right_deg", "down_deg"), [(1.0, 0.0), (0.0, -1.0), (-2.0, 1.0), (5.0, 0.0), (3.0, 4.0)])
def test_a_knock_is_told_with_its_way_and_size(right_deg: float, down_deg: float) -> None:
    was = features_of([scene()])
    askew = compare(was, features_of([with_people(scene(0, right_deg, down_deg), 3)]), OPTICS, MATRIX, "aisle")
    assert askew.knocked
    assert askew.turned_deg == pytest.approx(math.hypot(right_deg, down_deg), abs=0.2)
    assert (askew.right_deg, askew.down_deg) == pytest.approx((right_deg, down_deg), abs=0.2)
    assert askew.moved_px == pytest.approx(FOCAL_PX * math.tan(math.radians(math.hypot(right_deg, down_deg))), rel=0.2)
    assert askew.floor_cm is not None
    assert askew.floor_cm > 1.0


@pytest.mark.parametrize("image", [np.zeros((360, 640, 3), np.uint8), scene(seed=77)], ids=["dark", "another scene"])
def test_what_cannot_be_told_is_not_told(image: Image) -> None:
    askew = compare(features_of([scene()]), features_of([image]), OPTICS, None, "aisle")
    assert askew.turned_deg is None
    assert not askew.knocked


def test_a_picture_without_anything_in_it_is_no_reference() -> None:
    with pytest.raises(CalibrationError, match="0 places with a pattern"):
        refuse_empty(features_of([np.full((360, 640, 3), 90, np.uint8)]), "aisle")


def test_a_picture_of_another_shape_is_refused() -> None:
    with pytest.raises(CalibrationError, match="its reference was calibrated with pictures of 640×360"):
        compare(features_of([scene()]), features_of([scene()[:, :480]]), OPTICS, None, "aisle")


def test_a_reference_is_kept_and_is_no_picture(tmp_path: Path) -> None:
    path = reference_path(tmp_path / "store.yaml", "aisle")
    assert path == tmp_path / "store.calibration" / "aisle.npz"
    features = features_of([scene()])
    write_reference(path, features)
    again = read_reference(path, "aisle")
    assert again.pixels == pytest.approx(features.pixels, abs=1e-3)
    assert (again.bits == features.bits).all()
    # Places and 32 bytes each: less than a fifteenth of the picture's bytes.
    assert path.stat().st_size < 640 * 360 * 3 / 15


@pytest.mark.parametrize("content", [None, b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_a_damaged_reference_says_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "aisle.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CalibrationError, match=r"aisle\.npz: (no such file|no reference of ours)"):
        read_reference(path, "aisle")
