"""Finding the printed board in a picture: corners to a fraction of a pixel, or what is wrong with the picture."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from edge.calibration.board import CORNERS_MIN, Board, Seen
from edge.calibration.errors import CalibrationError
from hardware.ports import Image

Doubles = npt.NDArray[np.float64]

MARKER_SHARE = 0.75
"""Of a square's side: the marker in it. What is left is the white rim that a marker is found by."""
DICTIONARY = cv2.aruco.DICT_4X4_50
"""Few cells a marker: it is read from the farthest."""
CORNER_PX, MARKER_PX = 0.25, 0.8
"""How exact corners of squares and of markers are, standard deviation."""
SQUARE_MIN_PX = 8.0
"""Squares that are seen lower than this hold markers whose cells are hardly a pixel."""
BLUR_MAX = 0.35
"""Width of the blur of the board's edges, as a share of a square's side: beyond it corners are a guess."""
SCALES = (1.0, 2.0, 0.5)
"""Magnifications that are looked at: small boards are read when enlarged, very large ones when reduced."""
STILL_PX = 0.5
"""A board that lies moves by no more from picture to picture."""


@lru_cache(maxsize=8)
def charuco(board: Board) -> cv2.aruco.CharucoBoard:
    """OpenCV's idea of the board, in metres."""
    square_m = board.square_mm / 1000.0
    return cv2.aruco.CharucoBoard(
        (board.columns, board.rows), square_m, square_m * MARKER_SHARE, cv2.aruco.getPredefinedDictionary(DICTIONARY)
    )


def find_board(image: Image, board: Board, name: str, camera: str) -> Seen:
    """The board in `image`. CalibrationError says why it cannot be used: not there, too small, in part, blurred."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    found = max((_corners(grey, board, scale) for scale in SCALES), key=lambda each: len(each[0]))
    pixels, on_board, sigmas = found
    where = f"camera {camera!r}: {name}"
    if not len(pixels):
        raise CalibrationError(
            f"{where}: no board is seen. Is it the one that `tillfree calibrate board` printed, with {board.columns}×"
            f"{board.rows} squares, flat on the floor, whole and without glare?"
        )
    low_px = _square_px(pixels, on_board, board)
    if low_px < SQUARE_MIN_PX:
        raise CalibrationError(
            f"{where}: the board is seen too small: its squares are {low_px:.0f} px high, {SQUARE_MIN_PX:.0f} are "
            "needed. Lay it nearer to the camera, or print it larger (--paper a1)"
        )
    if len(pixels) < CORNERS_MIN or _spread(on_board, board) < 0.3:
        raise CalibrationError(
            f"{where}: only a part of the board is seen ({len(pixels)} corners, all in one part of it). Is something "
            "on it, does it reach out of the picture, or does a lamp mirror in it?"
        )
    blur = _blur_px(grey, pixels, low_px) / low_px
    if blur > BLUR_MAX:
        raise CalibrationError(
            f"{where}: the board is blurred: its edges are {blur:.0%} of a square wide. Focus the camera, hold it "
            "still, or give it more light"
        )
    return Seen(name, pixels, on_board, sigmas)


def join_still(several: Sequence[Seen], camera: str) -> Seen:
    """One sighting of many of a board that lies still: the median of each corner. CalibrationError where it moved."""
    first = several[0]
    if len(several) == 1:
        return first
    by_corner: dict[tuple[float, float], list[Doubles]] = {}
    exact: dict[tuple[float, float], float] = {}
    for one in several:
        for pixel, corner, sigma in zip(one.pixels, one.on_board, one.sigma_px, strict=True):
            key = (round(float(corner[0]), 5), round(float(corner[1]), 5))
            by_corner.setdefault(key, []).append(pixel)
            exact[key] = float(sigma)
    often = {key: np.array(pixels) for key, pixels in by_corner.items() if 2 * len(pixels) >= len(several)}
    if not often:
        often = {key: np.array(pixels) for key, pixels in by_corner.items()}
    middles = {key: np.median(pixels, axis=0) for key, pixels in often.items()}
    shake = np.median([np.hypot(*(pixels - middles[key]).T).mean() for key, pixels in often.items()])
    if shake > 4.0 * STILL_PX:
        raise CalibrationError(
            f"camera {camera!r}: {first.name}: the board moves in it (by {shake:.0f} px). Give one picture or one "
            "video for each place where it lies still"
        )
    keys = sorted(often)
    return Seen(
        first.name,
        np.array([middles[key] for key in keys]),
        np.array(keys, np.float64),
        np.array([exact[key] for key in keys]),
    )


def _corners(grey: npt.NDArray[np.uint8], board: Board, scale: float) -> tuple[Doubles, Doubles, Doubles]:
    """Pixels (n, 2), places on the board (n, 2; metres) and exactness (n,) of what is found at that magnification."""
    way = cv2.INTER_CUBIC if scale > 1.0 else cv2.INTER_AREA
    picture = grey if scale == 1.0 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way)
    detector = cv2.aruco.CharucoDetector(charuco(board))
    looked = detector.getDetectorParameters()
    looked.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    looked.adaptiveThreshWinSizeMax = 43
    looked.minMarkerPerimeterRate = 0.01
    detector.setDetectorParameters(looked)
    corners, ids, marker_corners, marker_ids = detector.detectBoard(picture)
    shape = charuco(board)
    pixels: list[Doubles] = []
    places: list[Doubles] = []
    sigmas: list[float] = []
    if ids is not None:
        for corner, index in zip(corners.reshape(-1, 2), ids.ravel(), strict=True):
            pixels.append(np.asarray(corner, np.float64))
            places.append(np.asarray(shape.getChessboardCorners()[int(index)][:2]))
            sigmas.append(CORNER_PX)
    if marker_ids is not None:
        known = {int(name): points for name, points in zip(np.ravel(shape.getIds()), shape.getObjPoints(), strict=True)}
        for four, index in zip(marker_corners, marker_ids.ravel(), strict=True):
            if int(index) in known:
                pixels += list(four.reshape(-1, 2))
                places += [np.asarray(point[:2]) for point in known[int(index)]]
                sigmas += [MARKER_PX] * 4
    if not pixels:
        return np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0)
    on_board = np.array(places, np.float64)
    # OpenCV measures down from the upper edge, and pixels from the middle of the first one.
    on_board[:, 1] = board.size_mm[1] / 1000.0 - on_board[:, 1]
    return (np.array(pixels, np.float64) + 0.5) / scale, on_board, np.array(sigmas)


def _square_px(pixels: Doubles, on_board: Doubles, board: Board) -> float:
    """How many pixels a square measures across the way in which it is seen smallest."""
    if len(pixels) < 3:
        return 0.0
    slope, *_ = np.linalg.lstsq(np.column_stack([on_board, np.ones(len(on_board))]), pixels, rcond=None)
    return float(np.linalg.svd(slope[:2], compute_uv=False)[1] * board.square_mm / 1000.0)


def _spread(on_board: Doubles, board: Board) -> float:
    """Over which share of the board, the way that is covered less, corners are seen."""
    reach = on_board.max(axis=0) - on_board.min(axis=0)
    return float((reach / (np.array(board.size_mm) / 1000.0)).min())


def _blur_px(grey: npt.NDArray[np.uint8], pixels: Doubles, square_px: float) -> float:
    """How wide the edges at the board's corners are: contrast over steepness, in pixels; the median of the corners."""
    reach = int(np.clip(0.3 * square_px, 2, 12))
    widths = []
    for x, y in np.floor(pixels).astype(int).tolist():
        part = grey[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1].astype(np.float32)
        # Sobel's kernel of size 3 weighs by 8.
        steep = np.hypot(cv2.Sobel(part, cv2.CV_32F, 1, 0), cv2.Sobel(part, cv2.CV_32F, 0, 1)) / 8.0
        widths.append(float(part.max() - part.min()) / max(float(steep.max()), 1e-3))
    return float(np.median(widths))
