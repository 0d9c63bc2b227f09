"""Where on the plan two cameras hang that were found by nothing but people: by marks, or by how high the one hangs.

Two cameras and the people whom both saw tell a floor of their own: it begins beneath the other camera, y runs along its
look, and its metre is as long as people are tall. Two marks or more, in either picture, lay it on the plan, and say how
long a metre is; so does a height that somebody measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.view import View

Doubles = npt.NDArray[np.float64]

MARKS_MIN = 2
APART_MIN_M = 0.5
OFF_MAX_M = 0.5
"""A mark that is farther from where the others and the people put it was measured wrongly."""
STRETCH_MAX = 1.4
"""People are not so tall or small that a metre could be so much longer or shorter."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked point of the floor: seen by `camera` (0: the other one, 1: this one) at `pixel`, metres on the plan."""

    camera: int
    pixel: tuple[float, float]
    floor: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Anchored:
    """The cameras over the plan; `stretch` is how many metres the people's metre is, `off_m` (n,) what marks miss."""

    views: tuple[View, View]
    stretch: float
    off_m: Doubles


def anchored(views: tuple[View, View], marks: Sequence[Mark], up_m: float | None = None) -> Anchored:
    """The two cameras laid on the plan by `marks`, or at least with the other one `up_m` above the floor.

    Raises CalibrationError for a single mark, marks at one place, and ones that contradict each other or the people.
    """
    if not marks:
        return _laid(views, complex(1.0 if up_m is None else _sound(up_m / float(views[0].eye[2]), "height")), 0j, ())
    if len(marks) < MARKS_MIN:
        raise CalibrationError(f"one mark does not tell how the floor is turned: give {MARKS_MIN}, far apart")
    here = np.array([complex(*views[mark.camera].floor(np.array([mark.pixel]))[0]) for mark in marks])
    there = np.array([complex(*mark.floor) for mark in marks])
    if not np.isfinite(here).all():
        wrong = int(np.flatnonzero(~np.isfinite(here))[0])
        raise CalibrationError(f"mark {wrong + 1} lies above the horizon of its camera: is it on the floor?")
    from_here, from_there = here - here.mean(), there - there.mean()
    if np.abs(from_there).max() < APART_MIN_M / 2.0 or np.abs(from_here).max() < 1e-3:
        raise CalibrationError("the marks lie at one place: give two that are far apart")
    turn = complex((from_here.conj() * from_there).sum() / (np.abs(from_here) ** 2).sum())
    _sound(abs(turn), "marks")
    if up_m is not None:
        turn *= _sound(up_m / float(views[0].eye[2]), "height") / abs(turn)
    return _laid(views, turn, complex(there.mean() - turn * here.mean()), tuple(turn * from_here - from_there))


def _laid(views: tuple[View, View], turn: complex, shift: complex, off: Sequence[complex]) -> Anchored:
    off_m = np.abs(np.array(off, np.complex128))
    if len(off_m) and off_m.max() > OFF_MAX_M:
        worst = int(off_m.argmax())
        raise CalibrationError(
            f"mark {worst + 1} of {len(off_m)} is {off_m[worst]:.1f} m from where the others and the people put it: "
            "measure it again, and look whether it is in the picture of the camera that it is said of"
        )
    stretch, angle = abs(turn), math.atan2(turn.imag, turn.real)
    about = np.array(
        [[math.cos(angle), -math.sin(angle), 0.0], [math.sin(angle), math.cos(angle), 0.0], [0.0, 0.0, 1.0]]
    )
    moved = [
        View(
            view.optics,
            view.focal_px,
            view.axes @ about.T,
            about @ (view.eye * stretch) + np.array([shift.real, shift.imag, 0.0]),
        )
        for view in views
    ]
    return Anchored((moved[0], moved[1]), stretch, off_m)


def _sound(stretch: float, what: str) -> float:
    if not 1.0 / STRETCH_MAX < stretch < STRETCH_MAX:
        raise CalibrationError(
            f"by the {what} people would be {100.0 * stretch:.0f} % as tall as people are: measure again, and look "
            "which camera each is said of"
        )
    return stretch
