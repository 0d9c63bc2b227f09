"""The floor as a camera sees it: every metre, half metres thin, drawn into its picture, with marks and their errors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from edge.calibration.optics import Optics
from edge.calibration.plane import mapped
from edge.calibration.view import floor_of
from hardware.ports import Image

Doubles = npt.NDArray[np.float64]
Colour = tuple[int, int, int]
"""Blue, green, red."""

WHOLE: Colour = (80, 220, 80)
HALF: Colour = (110, 150, 110)
AXIS_X: Colour = (60, 60, 255)
AXIS_Y: Colour = (255, 140, 40)
MARK: Colour = (0, 215, 255)
WRONG: Colour = (40, 40, 255)
REACH_M = 10.0
"""How far from the nearest seen place the grid is drawn: farther out its lines are one."""
STEP_M = 0.1
LINES_MAX = 80
DRAWN_WIDE = 1280
ERROR_SCALE = 10.0
"""Errors are drawn ten times as long as they are: a centimetre is hardly a pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Something measured: where it was in the picture and on the floor (metres), and whether it was left out."""

    pixel: tuple[float, float]
    floor: tuple[float, float]
    left_out: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """From the floor to the picture: a lens, and the matrix to its straight picture."""

    optics: Optics
    to_picture: Doubles
    zoom: int
    """How many pixels are drawn for each of the camera's, either way: a small picture has no room for words."""

    def seen(self, floor: Doubles) -> tuple[Doubles, npt.NDArray[np.bool_]]:
        """Pixels of floor places, and which of them lie before the camera and about the picture."""
        ahead = np.column_stack([floor, np.ones(len(floor))]) @ self.to_picture[2] > 1e-9
        with np.errstate(divide="ignore", invalid="ignore"):
            straight = mapped(self.to_picture, floor)
        size = np.array(self.optics.size, np.float64)
        # Far outside the picture a lens is not known, and its lines come back in.
        about = ahead & (np.abs(straight - size / 2.0) < 0.9 * size).all(axis=1)
        pixels = self.optics.bend(np.where(about[:, None], straight, size / 2.0))
        return self.zoom * pixels, np.asarray(about, np.bool_)


def with_grid(image: Image, optics: Optics, matrix: Doubles, marks: Sequence[Mark] = ()) -> Image:
    """A copy of `image`, enlarged where it is small, with the floor's grid drawn into it as the lens bends it.

    `matrix` is as in a floor view. Marks are circles, with ten times the way from there to where the view puts their
    floor place.
    """
    zoom = max(1, round(DRAWN_WIDE / image.shape[1]))
    drawn = np.ascontiguousarray(cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC), np.uint8)
    low, high = _reach(optics, matrix)
    place = _Place(optics, np.asarray(np.linalg.inv(matrix), np.float64), zoom)
    thick = max(1, round(drawn.shape[1] / 1300))
    for halves in (True, False):
        for axis in (0, 1):
            for step in _steps(low[axis], high[axis], halves=halves):
                _line(drawn, _run(axis, step, low, high), place, HALF if halves else WHOLE, thick)
    _line(drawn, _axis(0, high), place, AXIS_X, 2 * thick)
    _line(drawn, _axis(1, high), place, AXIS_Y, 2 * thick)
    _numbers(drawn, low, high, place)
    for number, mark in enumerate(marks, start=1):
        _mark(drawn, number, mark, place)
    scale = drawn.shape[1] / 1280.0
    words = f"floor grid: 1 m (half metres thin), x red, y blue; marks with their errors x {ERROR_SCALE:.0f}"
    _text(drawn, words, (8.0, drawn.shape[0] - 10.0), max(0.4, 0.55 * scale), (255, 255, 255))
    return drawn


def _reach(optics: Optics, matrix: Doubles) -> tuple[Doubles, Doubles]:
    """The lowest and highest x and y on the floor that the picture shows, no farther than `REACH_M` from its foot."""
    width, height = optics.size
    x, y = np.meshgrid(np.linspace(0, width, 40), np.linspace(0, height, 40))
    places = floor_of(matrix, optics.straighten(np.column_stack([x.ravel(), y.ravel()])))
    places = places[np.isfinite(places).all(axis=1)]
    if not len(places):
        return np.zeros(2), np.zeros(2)
    foot = floor_of(matrix, optics.straighten(np.array([[width / 2.0, float(height)]])))[0]
    foot = foot if np.isfinite(foot).all() else places[0]
    near = places[np.hypot(*(places - foot).T) < REACH_M]
    near = near if len(near) else places[:1]
    return np.asarray(np.floor(near.min(axis=0))), np.asarray(np.ceil(near.max(axis=0)))


def _steps(low: float, high: float, *, halves: bool) -> list[float]:
    whole = [float(n) for n in range(math.floor(low), math.ceil(high) + 1)][:LINES_MAX]
    return [step + 0.5 for step in whole[:-1]] if halves else whole


def _run(axis: int, step: float, low: Doubles, high: Doubles) -> Doubles:
    """Points along the line where coordinate `axis` is `step`."""
    other = np.arange(low[1 - axis], high[1 - axis] + STEP_M / 2.0, STEP_M)
    columns = [np.full(len(other), step), other]
    return np.column_stack(columns if axis == 0 else columns[::-1])


def _axis(axis: int, high: Doubles) -> Doubles:
    along = np.arange(0.0, max(1.0, min(float(high[axis]), 3.0)), 0.05)
    columns = [along, np.zeros(len(along))]
    return np.column_stack(columns if axis == 0 else columns[::-1])


def _line(drawn: Image, floor: Doubles, place: _Place, colour: Colour, thick: int) -> None:
    pixels, seen = place.seen(floor)
    for start, end, both in zip(pixels[:-1], pixels[1:], seen[:-1] & seen[1:], strict=True):
        if both:
            cv2.line(drawn, _at(start), _at(end), colour, thick, cv2.LINE_AA, 4)


def _numbers(drawn: Image, low: Doubles, high: Doubles, place: _Place) -> None:
    """Coordinates at every second crossing, where there is room."""
    height, width = drawn.shape[:2]
    taken: list[Doubles] = []
    crossings = [(x, y) for x in _steps(low[0], high[0], halves=False) for y in _steps(low[1], high[1], halves=False)]
    floor = np.array(crossings, np.float64).reshape(-1, 2)
    pixels, seen = place.seen(floor)
    room = 60.0 * width / 1280.0
    order = np.argsort(-pixels[:, 1], kind="stable")
    for index in order.tolist():
        pixel = pixels[index]
        inside = 0.0 <= pixel[0] < width - room and 15.0 <= pixel[1] < height - 20.0
        if seen[index] and inside and all(np.hypot(*(pixel - other)) > 1.5 * room for other in taken):
            taken.append(pixel)
            x, y = floor[index]
            _text(drawn, f"{x:.0f}, {y:.0f} m", (pixel[0] + 4, pixel[1] - 4), max(0.35, 0.5 * width / 1280.0), WHOLE)


def _mark(drawn: Image, number: int, mark: Mark, place: _Place) -> None:
    pixels, seen = place.seen(np.array([mark.floor]))
    here = place.zoom * np.array(mark.pixel)
    colour = WRONG if mark.left_out else MARK
    radius = max(4, drawn.shape[1] // 180)
    cv2.circle(drawn, _at(here), 16 * radius, colour, 2, cv2.LINE_AA, 4)
    if seen[0] and not mark.left_out:
        cv2.line(drawn, _at(here), _at(here + ERROR_SCALE * (pixels[0] - here)), colour, 2, cv2.LINE_AA, 4)
    words = f"{number} left out" if mark.left_out else str(number)
    _text(drawn, words, (float(here[0]) + radius + 3, float(here[1]) + radius), max(0.4, drawn.shape[1] / 2200), colour)


def _at(pixel: Doubles) -> tuple[int, int]:
    """In sixteenths of a pixel, as OpenCV's `shift` of 4 takes it; pixels count from their corners here."""
    x, y = np.clip(np.round((pixel - 0.5) * 16.0), -(2**26), 2**26).astype(int).tolist()
    return x, y


def _text(drawn: Image, words: str, at: tuple[float, float], scale: float, colour: Colour) -> None:
    place = (round(at[0]), round(at[1]))
    # A rim of the same letters: thicker ones are wider, and would stand beside these.
    for x, y in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        beside = (place[0] + x, place[1] + y)
        cv2.putText(drawn, words, beside, cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), 1, cv2.LINE_AA)
    cv2.putText(drawn, words, place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 1, cv2.LINE_AA)
