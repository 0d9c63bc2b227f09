"""The printed board: true to the millimetre, read in a picture, and a camera from it; bad pictures say why."""

import math
import re
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from edge.calibration.board import Board, Place, Seen, calibrate_by_board
from edge.calibration.errors import CalibrationError
from edge.calibration.pictures.board_seen import CORNER_PX, MARKER_PX, find_board, join_still
from edge.calibration.pictures.lens_seen import lens_from_pictures
from edge.calibration.pictures.sheet import PAPERS_MM, board_for, pdf, picture, png
from edge.calibration.view import View
from hardware.ports import Image
from tests.unit.edge.calibration.hung import hung, off_cm

Doubles = npt.NDArray[np.float64]
BOARD = Board(3, 4, 200.0)
TRUE = hung(bend=-0.05)
PLACES = [Place(1.0, 1.5, 10.0), Place(2.6, 1.4, 80.0), Place(1.2, 4.0, -30.0), Place(3.5, 3.6, 200.0)]


def lying(view: View, place: Place, board: Board = BOARD) -> Image:
    """What the camera sees of the board on a grey floor."""
    width, height = view.size
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    floor = view.floor(np.column_stack([x.ravel(), y.ravel()])) - (place.x_m, place.y_m)
    turn = math.radians(place.yaw_deg)
    along = floor @ (math.cos(turn), math.sin(turn))
    up = floor @ (-math.sin(turn), math.cos(turn))
    square_m, px = board.square_mm / 1000.0, 48
    sheet = cv2.copyMakeBorder(picture(board, px), 24, 24, 24, 24, cv2.BORDER_CONSTANT, value=(255.0,))
    across = (along / square_m * px + 23.5).reshape(height, width)
    down = ((board.rows * square_m - up) / square_m * px + 23.5).reshape(height, width)
    maps = np.nan_to_num(across, nan=-1e4).astype(np.float32), np.nan_to_num(down, nan=-1e4).astype(np.float32)
    grey = cv2.remap(sheet, *maps, cv2.INTER_LINEAR, borderValue=(120.0,))
    return np.ascontiguousarray(np.repeat(cv2.GaussianBlur(grey, (0, 0), 0.7)[..., None], 3, axis=2), np.uint8)


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    return [find_board(lying(TRUE, place), BOARD, f"board{n}.jpg", "aisle") for n, place in enumerate(PLACES)]


def test_corners_are_read_to_a_fraction_of_a_pixel(seen: list[Seen]) -> None:
    for one, place in zip(seen, PLACES, strict=True):
        turn = math.radians(place.yaw_deg)
        x = place.x_m + one.on_board @ (math.cos(turn), -math.sin(turn))
        y = place.y_m + one.on_board @ (math.sin(turn), math.cos(turn))
        pixels, _ = TRUE.pixels(np.column_stack([x, y, np.zeros(len(x))]))
        off_px = np.hypot(*(one.pixels - pixels).T)
        assert np.median(off_px[one.sigma_px == CORNER_PX]) < 0.3
        assert np.median(off_px[one.sigma_px == MARKER_PX]) < 1.0


def test_several_places_give_the_camera(seen: list[Seen]) -> None:
    rng = np.random.default_rng(2)
    told = [Place(p.x_m + rng.normal(0, 0.005), p.y_m + rng.normal(0, 0.005), p.yaw_deg + 0.5) for p in PLACES]
    found = calibrate_by_board(seen, told, TRUE.size, "aisle")
    assert np.percentile(off_cm(found.view, TRUE), 90) < 8.0
    assert np.isfinite(found.errors_cm).all()
    assert found.errors_cm.max() < 20.0


def test_one_place_gives_a_camera_whose_error_nobody_knows(seen: list[Seen]) -> None:
    found = calibrate_by_board(seen[:1], PLACES[:1], TRUE.size, "aisle", TRUE.optics)
    assert np.isnan(found.errors_cm).all()
    assert np.median(off_cm(found.view, TRUE)) < 15.0


def test_a_place_that_was_measured_wrongly_is_named(seen: list[Seen]) -> None:
    told = [*PLACES[:2], Place(PLACES[2].x_m + 0.5, PLACES[2].y_m, PLACES[2].yaw_deg), PLACES[3]]
    with pytest.raises(CalibrationError, match=r"camera 'aisle': board2\.jpg: by the other pictures the board lay"):
        calibrate_by_board(seen, told, TRUE.size, "aisle")


def _too_small(_: Image) -> Image:
    return lying(hung(eye=(0.2, -0.5, 2.8), bend=0.0), Place(5.0, 6.0, 0.0), Board(3, 4, 60.0))


def _in_part(image: Image) -> Image:
    _, columns = np.nonzero(image[..., 0] > 200)
    image[:, columns.min() : columns.min() + 7 * (columns.max() - columns.min()) // 10] = 120
    return image


def _blurred(image: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 3.2), np.uint8)


def _not_there(image: Image) -> Image:
    return np.full_like(image, 120)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_not_there, "no board is seen"),
        (_too_small, "seen too small|no board is seen"),
        (_in_part, "only a part of the board is seen|no board"),
        (_blurred, "is blurred|no board is seen"),
    ],
)
def test_a_bad_picture_says_what_is_wrong(spoil: Callable[[Image], Image], says: str) -> None:
    image = spoil(lying(TRUE, PLACES[0]))
    with pytest.raises(CalibrationError, match=says) as caught:
        find_board(image, BOARD, "board.jpg", "aisle")
    assert "camera 'aisle': board.jpg" in str(caught.value)


def test_a_board_that_moves_is_told_from_one_that_lies(seen: list[Seen]) -> None:
    first = seen[0]
    shaken = [Seen("v.mp4", first.pixels + n * 0.2, first.on_board, first.sigma_px) for n in (-1, 0, 1)]
    assert join_still(shaken, "aisle").pixels == pytest.approx(
        first.pixels[np.lexsort(first.on_board.T[::-1])], abs=1.0
    )
    moved = [Seen("v.mp4", first.pixels + n * 30.0, first.on_board, first.sigma_px) for n in (-1, 0, 1)]
    with pytest.raises(CalibrationError, match=r"v\.mp4: the board moves in it"):
        join_still(moved, "aisle")


@pytest.mark.parametrize("paper", ["a4", "a3", "a0"])
def test_the_page_is_the_board_in_true_millimetres(paper: str) -> None:
    """The PDF's rectangles, painted on 800 pixels, are the board that OpenCV finds."""
    board = board_for(paper, 3, 4, None)
    text = pdf(board, paper)
    found = [tuple(map(float, row)) for row in re.findall(rb"^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re f$", text, re.M)]
    width, height = PAPERS_MM[paper]
    dots = 800.0 / width
    scale = dots * 25.4 / 72.0
    page = np.full((round(dots * height), round(dots * width)), 255, np.uint8)
    for x, y, w, h in found:
        top, bottom = round(dots * height - (y + h) * scale), round(dots * height - y * scale)
        page[top:bottom, round(x * scale) : round((x + w) * scale)] = 0
    seen = find_board(np.repeat(page[..., None], 3, axis=2), board, "page", "printer")
    left, low = (width - board.size_mm[0]) / 2.0, 34.0
    on_page = np.column_stack([left + 1000.0 * seen.on_board[:, 0], height - low - 1000.0 * seen.on_board[:, 1]])
    assert len(seen.pixels) == 30
    assert seen.pixels == pytest.approx(dots * on_page, abs=1.2)


def test_the_picture_of_the_page_knows_its_dots() -> None:
    encoded = png(board_for("a4", 3, 4, None), "a4")
    page = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert page is not None
    assert page.shape == (round(297 * 300 / 25.4), round(210 * 300 / 25.4))
    assert b"pHYs" + (11811).to_bytes(4) * 2 + b"\x01" in encoded


@pytest.mark.parametrize(
    ("paper", "columns", "square_mm", "says"),
    [
        ("a9", 3, None, "no paper is called 'a9'; there are: a4"),
        ("a4", 3, 90.0, "do not fit a4: 60 mm is the largest"),
        ("a4", 1, None, "2 to 12 squares"),
    ],
)
def test_a_board_that_cannot_be_printed_is_refused(
    paper: str, columns: int, square_mm: float | None, says: str
) -> None:
    with pytest.raises(CalibrationError, match=says):
        board_for(paper, columns, 4, square_mm)


def test_a_lens_is_found_from_a_chessboard_held_up() -> None:
    """A chessboard of 9×6 inner corners, drawn through a lens that is known."""
    matrix = np.array([[900.0, 0.0, 650.0], [0.0, 900.0, 350.0], [0.0, 0.0, 1.0]])
    bend = np.array([-0.25, 0.06, 0.0, 0.0])
    rng = np.random.default_rng(5)
    images = []
    for n in range(9):
        turn = rng.uniform(-0.45, 0.45, 3) * (1.0, 1.0, 0.3)
        shift = np.array([(n % 3 - 1) * 0.16 - 0.12, (n // 3 - 1) * 0.09 - 0.08, 0.48])
        images.append((f"{n}.png", _chessboard(matrix, bend, turn, shift)))
    found = lens_from_pictures(images, (9, 6), "aisle")
    assert found.optics.focal_px == pytest.approx(900.0, rel=0.01)
    assert found.optics.centre == pytest.approx((650.5, 350.5), abs=6.0)
    assert found.optics.coefficients[0] == pytest.approx(-0.25, abs=0.03)
    assert found.error_px < 0.5
    with pytest.raises(CalibrationError, match="1 of 4 pictures show the whole pattern, 5 are needed"):
        lens_from_pictures([images[4], *((f"{n}", np.full_like(images[0][1], 90)) for n in range(3))], (9, 6), "aisle")


def _chessboard(matrix: Doubles, bend: Doubles, turn: Doubles, shift: Doubles) -> Image:
    image = np.full((720, 1280), 230, np.uint8)
    side = 0.026
    for row in range(7):
        for column in range(10):
            if (row + column) % 2 == 0:
                rim = np.linspace(0.0, 1.0, 9)
                edge = [*((s, 0) for s in rim), *((1, s) for s in rim), *((s, 1) for s in rim[::-1]), *((0, s) for s in rim[::-1])]  # noqa: E501  # fmt: skip
                points = np.array([[(column + a) * side, (row + b) * side, 0.0] for a, b in edge])
                pixels, _ = cv2.projectPoints(points, turn, shift, matrix, bend)
                cv2.fillPoly(image, [np.round(pixels * 16.0).astype(np.int32)], (20,), cv2.LINE_AA, 4)
    return np.ascontiguousarray(np.repeat(cv2.GaussianBlur(image, (0, 0), 0.7)[..., None], 3, axis=2), np.uint8)
