"""A camera from a printed board that lies on the floor, at one place or at several.

Theory of operation. The board's corners are known to a tenth of a millimetre among themselves, and its place on the
plan only to what a tape and an eye can do. So each placement has three unknowns of its own, expected where the
installer measured it, give or take a centimetre and a degree and a half, and all placements and the camera are found
together. One small board says little about what lies far behind it; several, far apart, say how the plan lies.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.least_squares import Fit, Rows, fit
from edge.calibration.optics import Optics, Size
from edge.calibration.points import found_view
from edge.calibration.view import BEND_SIGMA, Unknown, View, leftover_of

Doubles = npt.NDArray[np.float64]

PLACE_SIGMA_M = 0.01
TURN_SIGMA_DEG = 1.5
MOVED_SIGMAS = 5.0
"""A placement that the others put farther from where it was measured was measured wrongly."""
CORNERS_MIN = 6


@dataclass(frozen=True, slots=True)
class Board:
    """A chessboard with a marker in each white square: columns × rows of squares of `square_mm`, as printed."""

    columns: int = 3
    rows: int = 4
    square_mm: float = 90.0

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the chessboard itself."""
        return self.columns * self.square_mm, self.rows * self.square_mm


@dataclass(frozen=True, slots=True)
class Place:
    """Where a board's origin (its lower left corner as printed) lies on the plan, and where its lower edge runs."""

    x_m: float
    y_m: float
    yaw_deg: float
    """Of the lower edge, left to right, counter-clockwise from the plan's x axis."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A board in a picture: its corners at `pixels` (n, 2), on the board at `on_board` (n, 2) in metres.

    On the board x runs right along the lower edge and y up, from the origin. `sigma_px` (n,) is how exact each is.
    """

    name: str
    pixels: Doubles
    on_board: Doubles
    sigma_px: Doubles


@dataclass(frozen=True, slots=True, eq=False)
class BoardView:
    """A camera from boards, and where the boards lie as they were found.

    `errors_cm` is by how much the other boards foretell the middle of each one wrong, NaN where there is no other.
    """

    view: View
    fit: Fit
    unknown: Unknown
    places: tuple[Place, ...]
    errors_cm: Doubles
    errors_px: Doubles


def calibrate_by_board(
    seen: Sequence[Seen], places: Sequence[Place], size: Size, camera: str, known: Optics | None = None
) -> BoardView:
    """The camera of pictures of `size` that sees the boards, which lie about at `places`.

    Raises CalibrationError where a board shows too few corners or lies where the others say it does not.
    """
    for one in seen:
        if len(one.pixels) < CORNERS_MIN:
            raise CalibrationError(
                f"camera {camera!r}: {one.name}: {len(one.pixels)} corners of the board show, {CORNERS_MIN} are "
                "needed; put the whole board into the picture, nearer, in even light"
            )
    found, unknown, moved = _together(seen, places, size, camera, known=known)
    _refuse_moved(seen, moved, camera)
    view = unknown.view(_camera_of(found.unknowns, len(seen)))
    errors = np.full(len(seen), np.nan)
    if len(seen) > 1:
        for index, one in enumerate(seen):
            others = [n for n in range(len(seen)) if n != index]
            without, other_unknown, _ = _together(
                [seen[n] for n in others], [places[n] for n in others], size, camera, known=known, begin=unknown
            )
            other_view = other_unknown.view(_camera_of(without.unknowns, len(others)))
            middle = other_view.floor(one.pixels).mean(axis=0) - _on_floor(one.on_board, places[index]).mean(axis=0)
            errors[index] = 100.0 * math.hypot(*middle)
    final = tuple(_moved(place, by) for place, by in zip(places, moved, strict=True))
    pixel_errors = [
        np.hypot(*(view.pixels(_standing(_on_floor(one.on_board, place)))[0] - one.pixels).T)
        for one, place in zip(seen, final, strict=True)
    ]
    return BoardView(view, found, unknown, final, errors, np.concatenate(pixel_errors))


def _together(
    seen: Sequence[Seen],
    places: Sequence[Place],
    size: Size,
    camera: str,
    *,
    known: Optics | None,
    begin: Unknown | None = None,
) -> tuple[Fit, Unknown, Doubles]:
    """Camera and placements at once: the fit, its unknown, and by how much each place moved, (n, 3): m, m, radians."""
    pixels = np.concatenate([one.pixels for one in seen])
    sigmas = np.concatenate([one.sigma_px for one in seen])
    if begin is None:
        metres = np.concatenate([_on_floor(one.on_board, place) for one, place in zip(seen, places, strict=True)])
        whose = f"camera {camera!r}: the board's corners"
        first = found_view(pixels, metres, size=size, known=known, whose=whose)
        begin = Unknown(first.view, known)
    unknown = begin
    expected_off = np.array([PLACE_SIGMA_M, PLACE_SIGMA_M, math.radians(TURN_SIGMA_DEG)])

    def leftover(numbers: Doubles) -> Rows:
        moves, own = numbers[: 3 * len(seen)].reshape(-1, 3), _camera_of(numbers, len(seen))
        metres = np.concatenate(
            [_on_floor(one.on_board, _moved(place, by)) for one, place, by in zip(seen, places, moves, strict=True)]
        )
        missed = leftover_of(unknown, own, pixels, _standing(metres), sigmas)
        lens = unknown.expected(own, (0.0, BEND_SIGMA))
        return Rows(missed, np.concatenate([(moves / expected_off).ravel(), lens]))

    found = fit(leftover, np.concatenate([np.zeros(3 * len(seen)), unknown.start]))
    return found, unknown, found.unknowns[: 3 * len(seen)].reshape(-1, 3)


def _refuse_moved(seen: Sequence[Seen], moved: Doubles, camera: str) -> None:
    off_sigmas = np.hypot(moved[:, 0], moved[:, 1]) / PLACE_SIGMA_M
    turn_sigmas = np.abs(moved[:, 2]) / math.radians(TURN_SIGMA_DEG)
    worst = int(np.maximum(off_sigmas, turn_sigmas).argmax())
    if max(off_sigmas[worst], turn_sigmas[worst]) < MOVED_SIGMAS:
        return
    raise CalibrationError(
        f"camera {camera!r}: {seen[worst].name}: by the other pictures the board lay "
        f"{100.0 * off_sigmas[worst] * PLACE_SIGMA_M:.0f} cm and {math.degrees(abs(moved[worst, 2])):.0f}° from where "
        "--at has it. Measure again from the plan's origin to the board's origin (its printed cross), and the turn of "
        "its lower edge"
    )


def _camera_of(numbers: Doubles, boards: int) -> Doubles:
    return numbers[3 * boards :]


def _on_floor(on_board: Doubles, place: Place) -> Doubles:
    turn = math.radians(place.yaw_deg)
    along, up = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
    return np.asarray(np.array([place.x_m, place.y_m]) + on_board[:, :1] * along + on_board[:, 1:] * up)


def _moved(place: Place, by: Doubles) -> Place:
    return Place(place.x_m + float(by[0]), place.y_m + float(by[1]), place.yaw_deg + math.degrees(float(by[2])))


def _standing(metres: Doubles) -> Doubles:
    return np.column_stack([metres, np.zeros(len(metres))])
