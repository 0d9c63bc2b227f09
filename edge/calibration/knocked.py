"""Whether a camera still looks where it looked when it was calibrated.

Theory of operation. Of the scene as it was, places with a pattern of their own are remembered: where, and 256
comparisons of brightness about each (ORB: Rublee et al., ICCV 2011). That is no picture, and of people, who move,
nothing remains when several pictures are given. Later each finds places that look alike in the picture of now. Every
pair would be explained by some turn of the camera; the turn that most pairs agree on is looked up in a histogram of
turns, and improved by least squares. People, other goods and other light make pairs of chance, and chance does not
agree.

    agreed pairs        turn                    answer
    too few             –                       cannot tell: dark, covered, or not this scene
    enough              below TURN_MIN_DEG      where it was
    enough              beyond                  knocked: by how many degrees, pixels, and cm on the floor
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.least_squares import Rows, fit
from edge.calibration.optics import Optics, same_shape
from edge.calibration.view import floor_of, turned

Doubles = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint8]

TURN_MAX_DEG = 12.0
"""How far a turn is looked for: beyond, little of what was seen is still in the picture."""
TURN_MIN_DEG = 0.35
"""Less is no knock: a lens that warms up, a ceiling that shakes, corners found a pixel beside."""
BIN_DEG = 0.5
BITS_MAX = 60
"""Of 256 that may differ between two looks at one place."""
AGREED_MIN, AGREED_SHARE = 10, 0.03
NEAR_PX = 2.5
"""How near an agreed pair comes, in pictures of `NEAR_OF` width."""
NEAR_OF = 640.0
PAIRS_EACH = 3
"""Alike places that a remembered one may stand for: shelves repeat."""
FOCAL_USUAL = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Places of a picture of `size` with a pattern of their own: pixels (n, 2) and 256 bits each, (n, 32)."""

    size: tuple[int, int]
    pixels: Doubles
    bits: Bits


@dataclass(frozen=True, slots=True)
class Askew:
    """How a camera looks now beside how it looked. `turned_deg` is None where that cannot be told.

    `right_deg` and `down_deg` are how it was turned, `rolled_deg` clockwise about its look; `moved_px` is by how much
    the picture's middle moved, and `floor_cm` by how much floor places within 8 m would be misplaced (median).
    """

    turned_deg: float | None
    right_deg: float = 0.0
    down_deg: float = 0.0
    rolled_deg: float = 0.0
    moved_px: float = 0.0
    floor_cm: float | None = None
    agreed: int = 0
    remembered: int = 0

    @property
    def knocked(self) -> bool:
        """Whether it looks elsewhere."""
        return self.turned_deg is not None and self.turned_deg > TURN_MIN_DEG


def compare(was: Features, now: Features, optics: Optics, matrix: Doubles | None, camera: str) -> Askew:
    """Whether the camera was turned between the two looks; `matrix` is its view of the floor, where it has one.

    Raises CalibrationError for pictures of another shape.
    """
    scale = same_shape(was.size, now.size, camera, "reference")
    focal_px = optics.focal_px or FOCAL_USUAL * max(optics.size)
    old, new = (
        _rays(features.pixels * (optics.size[0] / features.size[0]), optics, focal_px) for features in (was, now)
    )
    assert scale > 0.0
    one, other = _pairs(was.bits, now.bits, old, new)
    agreed_min = max(AGREED_MIN, round(AGREED_SHARE * len(was.pixels)))
    if len(one) < agreed_min:
        return Askew(None, agreed=len(one), remembered=len(was.pixels))
    near = NEAR_PX * optics.size[0] / NEAR_OF / focal_px
    begin = _most_common(old[one], new[other])
    turn, agreed = _improved(begin, old[one], new[other], near)
    count = len(np.unique(one[agreed]))
    if count < agreed_min:
        return Askew(None, agreed=count, remembered=len(was.pixels))
    return _told(turn, optics, focal_px, matrix, (count, len(was.pixels)))


def _rays(pixels: Doubles, optics: Optics, focal_px: float) -> Doubles:
    """Unit rays (n, 3) in the camera's frame: right, down, forward."""
    flat = (optics.straighten(pixels) - np.array(optics.centre)) / focal_px
    rays = np.column_stack([flat, np.ones(len(flat))])
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))


def _pairs(was: Bits, now: Bits, old: Doubles, new: Doubles) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Indices of remembered and present places that look alike and lie within `TURN_MAX_DEG` of each other."""
    if not len(was) or not len(now):
        none = np.zeros(0, np.intp)
        return none, none
    differ = np.bitwise_count(was[:, None, :] ^ now[None, :, :]).sum(axis=2, dtype=np.int32)
    differ = np.where(old @ new.T > math.cos(math.radians(TURN_MAX_DEG)), differ, 257)
    best = np.argsort(differ, axis=1, kind="stable")[:, :PAIRS_EACH]
    rows = np.repeat(np.arange(len(was)), best.shape[1])
    columns = best.ravel()
    alike = differ[rows, columns] <= BITS_MAX
    return rows[alike], columns[alike]


def _most_common(old: Doubles, new: Doubles) -> Doubles:
    """The turn (rotation vector, without roll) that most pairs agree on, to about a bin."""
    # The shortest turn that brings one ray to the other; about the look's own axis it is not told.
    turns = np.degrees(np.cross(old, new))[:, :2]
    bins = round(2.0 * TURN_MAX_DEG / BIN_DEG)
    edges = np.linspace(-TURN_MAX_DEG, TURN_MAX_DEG, bins + 1)
    counts, _, _ = np.histogram2d(turns[:, 0], turns[:, 1], bins=(edges, edges))
    padded = np.pad(counts, 1)
    smooth = sum(padded[i : i + bins, j : j + bins] for i in range(3) for j in range(3)) + counts
    row, column = np.unravel_index(int(np.argmax(smooth)), smooth.shape)
    middle = [(edges[index] + edges[index + 1]) / 2.0 for index in (row, column)]
    close = np.hypot(*(turns - middle).T) < 1.5 * BIN_DEG
    return np.radians(np.array([*turns[close].mean(axis=0), 0.0])) if close.any() else np.zeros(3)


def _improved(begin: Doubles, old: Doubles, new: Doubles, near: float) -> tuple[Doubles, npt.NDArray[np.intp]]:
    """The turn that pairs near to it agree on best, and those pairs."""
    turn = begin
    agreed = np.zeros(0, np.intp)
    for reach in (4.0, 2.0, 1.0, 1.0):
        missed = np.linalg.norm(old @ turned(turn).T - new, axis=1)
        agreed = np.flatnonzero(missed < reach * near)
        if len(agreed) < AGREED_MIN:
            break

        def leftover(vector: Doubles, chosen: npt.NDArray[np.intp] = agreed) -> Rows:
            off = (old[chosen] @ turned(vector).T - new[chosen]) / (near / 2.0)
            # Rays are unit vectors: what they miss has two coordinates but for the third's square.
            return Rows(off[:, :2], off[:, 2])

        turn = fit(leftover, turn).unknowns
    return turn, agreed


def _told(turn: Doubles, optics: Optics, focal_px: float, matrix: Doubles | None, counted: tuple[int, int]) -> Askew:
    """The turn of what is seen as the turn of the camera, which is the other way round."""
    down, right, roll = math.degrees(turn[0]), -math.degrees(turn[1]), -math.degrees(turn[2])
    ahead = turned(turn) @ np.array([0.0, 0.0, 1.0])
    moved_px = focal_px * float(np.hypot(*ahead[:2])) / max(float(ahead[2]), 0.1)
    return Askew(
        turned_deg=math.degrees(float(np.linalg.norm(turn))),
        right_deg=right,
        down_deg=down,
        rolled_deg=roll,
        moved_px=moved_px,
        floor_cm=None if matrix is None else misplaced_cm(turn, optics, focal_px, matrix),
        agreed=counted[0],
        remembered=counted[1],
    )


def misplaced_cm(turn: Doubles, optics: Optics, focal_px: float, matrix: Doubles) -> float | None:
    """By how much the floor places of a picture, within 8 m, are misplaced after that turn; median, cm."""
    width, height = optics.size
    x, y = np.meshgrid(np.linspace(0.02, 0.98, 24) * width, np.linspace(0.02, 0.98, 24) * height)
    pixels = np.column_stack([x.ravel(), y.ravel()])
    straight = optics.straighten(pixels)
    before = floor_of(matrix, straight)
    seen = _rays(pixels, optics, focal_px) @ turned(turn).T
    after = floor_of(matrix, np.array(optics.centre) + focal_px * seen[:, :2] / np.maximum(seen[:, 2:], 0.05))
    foot = floor_of(matrix, straight[-12:-11])[0]
    near = np.hypot(*(before - foot).T) < 8.0 if np.isfinite(foot).all() else np.isfinite(before).all(axis=1)
    off = np.hypot(*(after - before).T)[near]
    off = off[np.isfinite(off)]
    return float(100.0 * np.median(off)) if len(off) else None


def refuse_empty(features: Features, camera: str) -> None:
    """Raise CalibrationError where a picture has too little to know it by."""
    if len(features.pixels) < 4 * AGREED_MIN:
        raise CalibrationError(
            f"camera {camera!r}: its picture has {len(features.pixels)} places with a pattern of their own, "
            f"{4 * AGREED_MIN} are needed to see later whether it was knocked. Is it dark, blurred or covered?"
        )
