"""A camera from marked points: where the installer sees them in the picture, and where they lie on the floor.

Theory of operation. Among small samples of the points the homography that most others agree with is taken, so that a
wrong point does not spoil the beginning; from it cameras are made, and each is improved by least squares on what is
missed in the picture, with robust weights. Points that are then still missed by far are left out, one after the other,
and named. Each remaining point is left out once more and foretold by the others: that is the error in centimetres,
since what a fit misses of the points it was made from says little.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.least_squares import Rows, fit
from edge.calibration.optics import Optics, Size
from edge.calibration.plane import homography, mapped
from edge.calibration.view import BEND_SIGMA, FoundView, Unknown, View, first_views, leftover_of

Doubles = npt.NDArray[np.float64]

POINTS_MIN = 4
CLICK_PX = 1.5
"""How far a mark is from where it was clicked and measured, standard deviation, in a picture `CLICK_OF` wide."""
CLICK_OF = 1280.0
TAPE_M = 0.01
"""How far a mark is from where the plan has it, standard deviation each way."""
TAPE_PX_MAX = 15.0
FAR_SIGMAS = 5.0
"""A point that is missed by more is left out."""
ALL_SIGMAS = 4.0
"""Points that are missed by more all together belong to no camera."""
OUT_MAX = 0.34
"""Share of the points that may be left out before they contradict each other altogether."""
SAMPLES_MAX = 300
AGREE_SHARE = 0.03
"""Of the picture's longer side: how near a homography comes to a point it agrees with; a bent lens is not one."""
FOLDS_MAX = 40
UP_MIN_M, UP_MAX_M = 0.2, 30.0
"""Cameras in buildings hang within; beyond, the marks are in other units."""
FLAT_MAX = 0.01
"""Of points nearly on a line: their spread across it, as a share of that along it."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """A camera from marked points.

    `errors_cm` (n,) is by how much each point's place is missed when the others foretell it, NaN for one without which
    nothing could be foretold; `left_out` are indices of points that the others contradict.
    """

    view: View
    errors_px: Doubles
    errors_cm: Doubles
    left_out: tuple[int, ...]
    found: FoundView


def calibrate(
    pixels: Doubles,
    metres: Doubles,
    size: Size,
    camera: str,
    *,
    known: Optics | None = None,
    bend: float | None = None,
) -> Calibrated:
    """The camera that sees floor points `metres` (n, 2) at `pixels` (n, 2) of its pictures of `size`.

    `known` is its lens where that was calibrated before (with a focal length); `bend` its λ where only that is known.
    Raises CalibrationError for points outside the picture, on a line, exchanged or in contradiction.
    """
    whose = f"camera {camera!r}: its floor points"
    _check(pixels, metres, size, camera)
    expected = (0.0, BEND_SIGMA) if bend is None else (bend, 0.01)
    search = partial(found_view, size=size, known=known, whose=whose, bend=expected)
    kept = np.arange(len(pixels))
    try:
        begun = _agreed(pixels, metres, known or Optics.straight(size))
        found = search(pixels, metres, begun=begun)
        kept, found = _without_wrong(pixels, metres, found, search)
    except CalibrationError:
        _complain_of_exchanged(pixels, metres, search, camera)
        raise
    left_out = tuple(sorted(set(range(len(pixels))) - set(kept.tolist())))
    contradicted = _contradicted(found)
    if len(left_out) > 1 or contradicted:
        _complain_of_exchanged(pixels, metres, search, camera)
    if len(left_out) > OUT_MAX * len(pixels) or contradicted:
        worst = left_out[0] if left_out else int(kept[_missed(found).argmax()])
        raise CalibrationError(
            f"{whose} contradict each other; by the others, point {worst + 1} of {len(pixels)} is off the most. "
            "Measure it again"
        )
    _refuse_height(found.view, whose)
    all_px = np.hypot(*(found.view.pixels(_standing(metres))[0] - pixels).T)
    return Calibrated(found.view, all_px, _foretold_cm(pixels, metres, found, kept, expected), left_out, found)


def fitted(pixels: Doubles, metres: Doubles, size: Size, camera: str) -> View:
    """The camera that `calibrate` finds, without asking how exact it is; every point counts, wrong ones little."""
    _check(pixels, metres, size, camera)
    begun = _agreed(pixels, metres, Optics.straight(size))
    found = found_view(pixels, metres, size=size, known=None, whose=f"camera {camera!r}: its floor points", begun=begun)
    if _contradicted(found):
        raise CalibrationError(f"camera {camera!r}: its floor points contradict each other")
    return found.view


def found_view(
    pixels: Doubles,
    metres: Doubles,
    *,
    size: Size,
    known: Optics | None,
    whose: str,
    bend: tuple[float, float] = (0.0, BEND_SIGMA),
    begun: npt.NDArray[np.intp] | None = None,
    robust: bool = True,
) -> FoundView:
    """The camera that misses the points least; `begun` are those that the search begins with."""
    first = np.arange(len(pixels)) if begun is None else begun
    tries = []
    for view in first_views(pixels[first], metres[first], size, known, whose):
        unknown = Unknown(view, known)
        tries.append((unknown, improved(unknown, pixels, metres, bend, robust=robust)))
    above = [(unknown, found) for unknown, found in tries if found.view.eye[2] > 0.0]
    if not above:
        raise CalibrationError(f"{whose} contradict each other: no camera above the floor sees them so")
    return min(above, key=lambda each: each[1].fit.cost)[1]


def improved(
    unknown: Unknown, pixels: Doubles, metres: Doubles, bend: tuple[float, float], *, robust: bool = True
) -> FoundView:
    """Least squares on what is missed in the picture, from the unknown's base."""
    points = _standing(metres)
    sigma_px = sigmas_px(unknown.base, metres)

    def leftover(numbers: Doubles) -> Rows:
        return Rows(leftover_of(unknown, numbers, pixels, points, sigma_px), unknown.expected(numbers, bend))

    found = fit(leftover, unknown.start, robust=robust)
    view = unknown.view(found.unknowns)
    return FoundView(view, found, unknown, np.hypot(*(view.pixels(points)[0] - pixels).T))


def click_px(size: Size) -> float:
    """How far marks are from where they were clicked in pictures of `size`, standard deviation."""
    return CLICK_PX * max(max(size) / CLICK_OF, 0.5)


def sigmas_px(view: View, metres: Doubles) -> Doubles:
    """How exact marks (n, 2) are in the picture, standard deviations (n,): the click, and the tape as seen there."""
    points = _standing(metres)
    here, _ = view.pixels(points)
    steps = [view.pixels(points + TAPE_M * way)[0] - here for way in np.eye(3)[:2]]
    tape = np.hypot(*(np.hypot(*step.T) for step in steps)) / 2.0**0.5
    # Where the first view is wrong a centimetre can seem as long as the picture; no mark is told that badly.
    return np.asarray(np.hypot(click_px(view.size), np.minimum(tape, TAPE_PX_MAX)))


def _refuse_height(view: View, whose: str) -> None:
    up_m = float(view.eye[2])
    if not UP_MIN_M < up_m < UP_MAX_M:
        raise CalibrationError(
            f"{whose} would have it hang {up_m:.3g} m over the floor: the plan is in metres; are they in centimetres, "
            "feet or pixels?"
        )


def _standing(metres: Doubles) -> Doubles:
    return np.column_stack([metres, np.zeros(len(metres))])


def _check(pixels: Doubles, metres: Doubles, size: Size, camera: str) -> None:
    whose = f"camera {camera!r}: its floor points"
    if len(pixels) < POINTS_MIN:
        raise CalibrationError(f"{whose} are {len(pixels)}: mark {POINTS_MIN} or more, better 8, all over the picture")
    if not (np.isfinite(pixels).all() and np.isfinite(metres).all()):
        raise CalibrationError(f"{whose} hold a number that is none; write each as pixel: [x, y], floor: [x, y]")
    outside = np.flatnonzero(((pixels < 0.0) | (pixels > np.array(size))).any(axis=1))
    if len(outside):
        at = pixels[outside[0]]
        raise CalibrationError(
            f"camera {camera!r}: point {outside[0] + 1} at pixel [{at[0]:.0f}, {at[1]:.0f}] lies outside the picture "
            f"of {size[0]}×{size[1]}; is it of another camera, or of a picture of another size?"
        )
    for what, points in (("in the picture", pixels), ("on the floor", metres)):
        spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
        if spread[0] < 1e-9:
            raise CalibrationError(f"{whose} are all the same point {what}")
        if spread[1] < FLAT_MAX * spread[0]:
            raise CalibrationError(f"{whose} lie on a line {what}; mark four corners of an area")


def _agreed(pixels: Doubles, metres: Doubles, optics: Optics) -> npt.NDArray[np.intp]:
    """The points that the best of many homographies through four of them agrees with."""
    count = len(pixels)
    if count <= POINTS_MIN + 1:
        return np.arange(count)
    straight = optics.straighten(pixels)
    rng = np.random.Generator(np.random.PCG64(count))
    samples: Sequence[Sequence[int]] = list(itertools.combinations(range(count), POINTS_MIN)) if count <= 10 else []
    if not samples or len(samples) > SAMPLES_MAX:
        samples = [rng.choice(count, POINTS_MIN, replace=False).tolist() for _ in range(SAMPLES_MAX)]
    near = AGREE_SHARE * max(optics.size)
    best, best_score = np.arange(count), -1.0
    for sample in samples:
        chosen = list(sample)
        try:
            matrix = homography(metres[chosen], straight[chosen], "sample")
        except CalibrationError:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            missed = np.hypot(*(mapped(matrix, metres) - straight).T)
        missed = np.where(np.isfinite(missed), missed, np.inf)
        score = float(np.maximum(1.0 - (missed / near) ** 2, 0.0).sum())
        agreed = np.flatnonzero(missed < near)
        if score > best_score and len(agreed) >= POINTS_MIN:
            best, best_score = agreed, score
    return best


def _missed(found: FoundView) -> Doubles:
    """By how many standard deviations each point is missed, (n,)."""
    return np.asarray(np.hypot(*found.fit.rows.measured.T))


def _contradicted(found: FoundView) -> bool:
    # The mean square of a Rayleigh distribution is 2 σ².
    return float(np.sqrt((_missed(found) ** 2).mean() / 2.0)) > ALL_SIGMAS


def _without_wrong(
    pixels: Doubles, metres: Doubles, found: FoundView, search: "partial[FoundView]"
) -> tuple[npt.NDArray[np.intp], FoundView]:
    """Leave out the point that is missed the most, as long as it is missed by far and enough remain."""
    kept = np.arange(len(pixels))
    while len(kept) > POINTS_MIN + 1:
        missed = _missed(found)
        worst = int(missed.argmax())
        # The median of a Rayleigh distribution is 1.18 σ.
        if missed[worst] < FAR_SIGMAS * max(1.0, float(np.median(np.delete(missed, worst))) / 1.18):
            break
        kept = np.delete(kept, worst)
        found = search(pixels[kept], metres[kept])
    return kept, found


def _complain_of_exchanged(pixels: Doubles, metres: Doubles, search: "partial[FoundView]", camera: str) -> None:
    """Raise CalibrationError where exchanging two of the points makes everything fit."""
    if len(pixels) > 16:
        return
    for one, other in itertools.combinations(range(len(pixels)), 2):
        order = np.arange(len(pixels))
        order[[one, other]] = other, one
        try:
            found = search(pixels[order], metres)
        except CalibrationError:
            continue
        if _missed(found).max() < FAR_SIGMAS:
            raise CalibrationError(
                f"camera {camera!r}: floor points {one + 1} and {other + 1} are exchanged, it seems: the other way "
                f"round all {len(pixels)} fit. Look which pixel belongs to which mark"
            )


def _foretold_cm(
    pixels: Doubles, metres: Doubles, found: FoundView, kept: npt.NDArray[np.intp], bend: tuple[float, float]
) -> Doubles:
    """By how much each kept point's place is missed by a camera found without it; cm (n,). NaN where it cannot be."""
    errors = np.full(len(pixels), np.nan)
    if len(kept) <= POINTS_MIN:
        return errors
    folds = np.array_split(np.arange(len(kept)), min(len(kept), FOLDS_MAX))
    for fold in folds:
        others = np.delete(kept, fold)
        without = improved(Unknown(found.view, found.unknown.known), pixels[others], metres[others], bend, robust=False)
        off = without.view.floor(pixels[kept[fold]]) - metres[kept[fold]]
        errors[kept[fold]] = 100.0 * np.hypot(*off.T)
    return errors
