"""What is typed for a calibration, read: points, lines, places of a board."""

import csv
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.calibration.board import Board, Place
from edge.calibration.errors import CalibrationError
from protocol.store import MarkedPoint

Doubles = npt.NDArray[np.float64]


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
