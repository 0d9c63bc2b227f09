"""A lens from pictures of a flat pattern held before the camera: an ordinary chessboard, or the printed board.

Zhang's method (A flexible new technique for camera calibration, 2000) as OpenCV has it: one focal length for both ways,
two radial and two tangential terms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from edge.calibration.board import Board
from edge.calibration.errors import CalibrationError
from edge.calibration.optics import Optics, Size
from edge.calibration.pictures.board_seen import find_board
from hardware.ports import Image

Doubles = npt.NDArray[np.float64]

VIEWS_MIN = 5
COVER_MIN = 0.35
"""Of the picture's width and height that the corners of all pictures must reach over, each way."""
RMS_MAX_PX = 1.5
FIXED = cv2.CALIB_FIX_ASPECT_RATIO | cv2.CALIB_FIX_K3
FEW_CORNERS = 8


@dataclass(frozen=True, slots=True)
class LensFound:
    """The lens, by how much corners are missed in pictures that it was not made from (px), and of how many pictures."""

    optics: Optics
    error_px: float
    pictures: int
    unused: tuple[str, ...]


def lens_from_pictures(images: Sequence[tuple[str, Image]], pattern: Board | tuple[int, int], camera: str) -> LensFound:
    """The lens of the camera that took `images` (name, picture) of the board, or of a chessboard (its inner corners).

    Raises CalibrationError where fewer than five show it, or they show it in one part of the picture only.
    """
    size = images[0][1].shape[1], images[0][1].shape[0]
    seen: list[tuple[Doubles, Doubles]] = []
    unused: list[str] = []
    for name, image in images:
        if (image.shape[1], image.shape[0]) != size:
            raise CalibrationError(
                f"camera {camera!r}: {name} is {image.shape[1]}×{image.shape[0]}, the first {size[0]}×{size[1]}: "
                "take all with the size that the store file says"
            )
        corners = _corners(image, pattern, name, camera)
        if corners is None:
            unused.append(name)
        else:
            seen.append(corners)
    if len(seen) < VIEWS_MIN:
        raise CalibrationError(
            f"camera {camera!r}: {len(seen)} of {len(images)} pictures show the whole pattern, {VIEWS_MIN} are needed, "
            "better 15: near and far, tilted, in every corner of the picture. Does --inner say its inner corners?"
        )
    every = np.concatenate([pixels for pixels, _ in seen])
    reach = (every.max(axis=0) - every.min(axis=0)) / np.array(size)
    if reach.min() < COVER_MIN:
        raise CalibrationError(
            f"camera {camera!r}: the pattern shows in {reach[0]:.0%} of the picture's width and {reach[1]:.0%} of its "
            "height: a lens bends most at the edges. Take pictures with the pattern in every corner"
        )
    optics, _ = _calibrated(seen, size)
    folds = np.array_split(np.arange(len(seen)), min(len(seen), 5))
    missed = [_missed_px(*_calibrated([seen[n] for n in range(len(seen)) if n not in fold], size), seen[n])
              for fold in folds for n in fold.tolist()]  # fmt: skip
    error_px = float(np.sqrt(np.mean(np.square(missed))))
    if error_px > RMS_MAX_PX * max(1.0, max(size) / 1280.0):
        raise CalibrationError(
            f"camera {camera!r}: corners are missed by {error_px:.1f} px: is the pattern flat, and were it and the "
            "camera still? Glue it to a board"
        )
    return LensFound(optics, error_px, len(seen), tuple(unused))


def _corners(image: Image, pattern: Board | tuple[int, int], name: str, camera: str) -> tuple[Doubles, Doubles] | None:
    """Pixels (n, 2) and places on the pattern (n, 2); None where it is not seen whole."""
    if isinstance(pattern, Board):
        try:
            found = find_board(image, pattern, name, camera)
        except CalibrationError:
            return None
        return (found.pixels, found.on_board) if len(found.pixels) >= FEW_CORNERS else None
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    whole, corners = cv2.findChessboardCornersSB(grey, pattern, flags=cv2.CALIB_CB_ACCURACY | cv2.CALIB_CB_EXHAUSTIVE)
    if not whole:
        return None
    columns, rows = pattern
    places = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    return np.asarray(corners, np.float64).reshape(-1, 2) + 0.5, places.astype(np.float64)


def _calibrated(seen: Sequence[tuple[Doubles, Doubles]], size: Size) -> tuple[Optics, Doubles]:
    """The lens, and OpenCV's own camera matrix of it."""
    flat = [np.column_stack([places, np.zeros(len(places))]).astype(np.float32) for _, places in seen]
    # OpenCV counts pixels from the middle of the first one.
    pixels = [(corners - 0.5).astype(np.float32).reshape(-1, 1, 2) for corners, _ in seen]
    begin = np.array([[max(size), 0.0, size[0] / 2.0], [0.0, max(size), size[1] / 2.0], [0.0, 0.0, 1.0]], np.float64)
    _, matrix, bend, _, _ = cv2.calibrateCamera(
        flat, pixels, size, begin, np.zeros(5), flags=FIXED | cv2.CALIB_USE_INTRINSIC_GUESS
    )
    k1, k2, p1, p2 = (float(value) for value in np.ravel(bend)[:4])
    centre = float(matrix[0, 2]) + 0.5, float(matrix[1, 2]) + 0.5
    return Optics(size, centre, float(matrix[0, 0]), "brown", (k1, k2, p1, p2)), np.asarray(matrix, np.float64)


def _missed_px(optics: Optics, matrix: Doubles, seen: tuple[Doubles, Doubles]) -> float:
    """By how much the corners of a picture are missed by a lens that was made without it; only its pose is new."""
    pixels, places = seen
    flat = np.column_stack([places, np.zeros(len(places))])
    bend = np.array([*optics.coefficients, 0.0])
    _, turn, shift = cv2.solvePnP(flat, pixels - 0.5, matrix, bend)
    again, _ = cv2.projectPoints(flat, turn, shift, matrix, bend)
    return float(np.sqrt((np.hypot(*(again.reshape(-1, 2) + 0.5 - pixels).T) ** 2).mean()))
