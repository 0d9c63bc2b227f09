"""What is typed for a calibration, read: points, lines, places of a board."""

import csv
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.calibration.board import Board, Place
from edge.calibration.errors import CalibrationError
from edge.calibration.walkers.anchor import Mark
from edge.calibration.walkers.body import TALL_M
from protocol.store import MarkedPoint

Doubles = npt.NDArray[np.float64]

UP_MIN_M, UP_MAX_M = 0.5, 20.0
SHORTEST_M, TALLEST_M = 1.0, 2.3


def point_of(text: str) -> MarkedPoint:
    """`u,v=x,y`: a pixel and where on the floor it is, metres."""
    pixel, equals, floor = text.partition("=")
    u, v = _numbers(pixel, 2, text, "--point u,v=x,y")
    x, y = _numbers(floor, 2, text, "--point u,v=x,y") if equals else _numbers("", 2, text, "--point u,v=x,y")
    return MarkedPoint(pixel=(u, v), floor=(x, y))


def points_in(path: Path) -> tuple[MarkedPoint, ...]:
    """The points of a CSV file with the columns u, v (pixels) and x, y (metres)."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CalibrationError(f"{path}: {error}") from None
    found = []
    for line, row in enumerate(rows, start=2):
        try:
            u, v, x, y = (float(row[key]) for key in ("u", "v", "x", "y"))
        except (KeyError, TypeError, ValueError):
            raise CalibrationError(f"{path}:{line}: a point needs u, v (pixels) and x, y (metres)") from None
        if not all(math.isfinite(value) for value in (u, v, x, y)):
            raise CalibrationError(f"{path}:{line}: a point is made of numbers, and this one is not")
        found.append(MarkedPoint(pixel=(u, v), floor=(x, y)))
    return tuple(found)


def line_of(text: str) -> Doubles:
    """`u,v u,v u,v …`: pixels along an edge that is straight in the shop, (n, 2)."""
    return np.array([_numbers(part, 2, text, '--line "u,v u,v u,v"') for part in text.split()], np.float64)


def place_of(text: str) -> Place:
    """`x,y,yaw`: where the board's printed cross lies, metres, and how its lower edge is turned, degrees."""
    x, y, yaw = _numbers(text, 3, text, "--at x,y,yaw")
    return Place(x, y, yaw)


def mark_of(text: str, cameras: tuple[str, str], sizes: dict[str, tuple[int, int]]) -> Mark:
    """`ID:u,v=x,y`: a marked point in the picture of one of the two `cameras`."""
    name, colon, point = text.partition(":")
    if not colon or name not in cameras:
        raise CalibrationError(f"{text!r} is not of the form --mark ID:u,v=x,y, with ID {' or '.join(cameras)}")
    told = point_of(point)
    width, height = sizes[name]
    if not (0.0 <= told.pixel[0] <= width and 0.0 <= told.pixel[1] <= height):
        raise CalibrationError(
            f"camera {name!r}: the mark {text!r} lies outside the picture of {width}×{height}; is it of the "
            "other camera?"
        )
    return Mark(cameras.index(name), told.pixel, told.floor)


def height_of(text: str, cameras: tuple[str, str]) -> tuple[int, float]:
    """`ID=M`: which of two `cameras` hangs how many metres over the floor."""
    name, _, metres = text.partition("=")
    if name not in cameras:
        raise CalibrationError(f"{text!r} is not of the form --hangs ID=M, with ID {' or '.join(cameras)}")
    (up_m,) = _numbers(metres, 1, text, "--hangs ID=M")
    if not UP_MIN_M <= up_m <= UP_MAX_M:
        raise CalibrationError(f"--hangs {text}: a camera hangs {UP_MIN_M:g} to {UP_MAX_M:g} m over the floor")
    return cameras.index(name), up_m


def tall_of(tall_m: float | None) -> float:
    """How tall people are, as it was said, or as they usually are."""
    if tall_m is None:
        return TALL_M
    if not SHORTEST_M <= tall_m <= TALLEST_M:
        raise CalibrationError(
            f"--tall {tall_m:g}: people are {SHORTEST_M:g} to {TALLEST_M:g} m tall; say it in metres"
        )
    return tall_m


def board_of(squares: str, square_mm: float) -> Board:
    """`3x4` squares of that side."""
    columns, _, rows = squares.lower().replace("×", "x").partition("x")
    if not (columns.isdigit() and rows.isdigit()):
        raise CalibrationError(f"--squares {squares}: write columns and rows as the board's foot does, such as 3x4")
    if not 1.0 <= square_mm <= 1000.0:
        raise CalibrationError(f"--square-mm {square_mm:g}: measure a square's side in millimetres; 1 to 1000")
    return Board(int(columns), int(rows), square_mm)


def _numbers(text: str, count: int, whole: str, form: str) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count or not all(math.isfinite(value) for value in values):
        raise CalibrationError(f"{whole!r} is not of the form {form}")
    return values
