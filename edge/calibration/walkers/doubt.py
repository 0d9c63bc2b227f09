"""How exact a camera that was found is, on the floor that it shows: drawn from what the fit leaves open.

The fit says how far each of its unknowns may be off, and together with which others. Cameras are drawn from that, and
for each it is asked by how much it has the floor's places elsewhere: on all the floor that the camera shows, where
nobody walked too. That is an honest error as far as boxes err as they are thought to; what the fit misses more than it
should widens it.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.least_squares import Fit
from edge.calibration.view import View
from edge.calibration.walkers.body import TALL_M, TALL_SIGMA_M
from edge.calibration.walkers.unknowns import Unknowns

Doubles = npt.NDArray[np.float64]

DRAWS = 60
LAID_MIN = 0.2
"""Share of the drawn cameras that must fit what is known of the plan."""
FAR_M = 8.0
RASTER = 14
"""Places a side of the picture that are asked about."""
WORSE = 2.5
"""Errors are drawn so much wider: boxes of one person err alike in ways that no model of ours has. Set on five layouts;
on others the half that the command tells was right on average (docs/calibrating.md)."""


Lay = Callable[[tuple[View, View]], tuple[View, View]]
"""How two cameras that were found are laid on the plan. CalibrationError where they cannot be."""


def as_found(views: tuple[View, View]) -> tuple[View, View]:
    """The floor that the cameras were found on is the plan."""
    return views


def doubted_cm(unknowns: Unknowns, found: Fit, lay: Lay = as_found) -> tuple[Doubles, Doubles]:
    """By how much the floor may be off that the other camera shows, and this one; each (draws × places,), cm.

    Of a camera that was given nothing is open, and nothing is told. Raises CalibrationError where `lay` refuses nearly
    all that people leave open.
    """
    views = lay(unknowns.views(found.unknowns))
    shown = [floor_shown(view) for view in views]
    places = [view.floor(pixels) for view, pixels in zip(views, shown, strict=True)]
    rng = np.random.Generator(np.random.PCG64(DRAWS))
    spread = np.sqrt(max(1.0, _too_much(found))) * WORSE
    values, ways = np.linalg.eigh(found.covariance)
    root = ways * np.sqrt(np.maximum(values, 0.0))
    off: tuple[list[Doubles], list[Doubles]] = ([], [])
    for _ in range(DRAWS):
        drawn = unknowns.views(found.unknowns + spread * (root @ rng.standard_normal(len(values))))
        if not isinstance(unknowns.theirs, View):
            # A metre is as long as people are tall, and who walked may be taller.
            drawn = _stretched(drawn, 1.0 + TALL_SIGMA_M / TALL_M * rng.standard_normal())
        try:
            drawn = lay(drawn)
        except CalibrationError:
            # Cameras that what is known of the plan contradicts are not these: what is known counts.
            continue
        there = [view.floor(pixels) for view, pixels in zip(drawn, shown, strict=True)]
        for each, was, now in zip(off, places, there, strict=True):
            each.append(np.where(np.isfinite(now).all(axis=1), np.hypot(*(now - was).T), 10.0 * FAR_M))
    if len(off[1]) < DRAWS * LAID_MIN:
        raise CalibrationError(
            "the people tell so little that hardly any camera they allow fits the marks: walk longer, all over the "
            "floor that both cameras see, and measure the marks again"
        )
    other, mine = (np.asarray(100.0 * np.concatenate(each)) for each in off)
    return (np.zeros(0) if isinstance(unknowns.theirs, View) else other), mine


def _stretched(views: tuple[View, View], by: float) -> tuple[View, View]:
    one, other = (replace(view, eye=view.eye * by) for view in views)
    return one, other


def floor_shown(view: View) -> Doubles:
    """Pixels (n, 2) of a raster at which the camera shows floor within `FAR_M`."""
    width, height = view.size
    u, v = np.meshgrid(
        (np.arange(RASTER) + 0.5) / RASTER * width, (np.arange(3 * RASTER) + 0.5) / (3 * RASTER) * height
    )
    pixels = np.column_stack([u.ravel(), v.ravel()])
    places = view.floor(pixels)
    with np.errstate(invalid="ignore"):
        away = np.sqrt(((places - view.eye[:2]) ** 2).sum(axis=1) + view.eye[2] ** 2)
        return np.asarray(pixels[away < FAR_M])


def _too_much(found: Fit) -> float:
    """How many times as much as it should the fit misses (a variance), by the middle of what is missed."""
    missed = np.abs(found.rows.measured[:, 0])
    # Half of a normal distribution lies within 0.674 of its standard deviation.
    return float((np.median(missed) / 0.674) ** 2) if len(missed) else 1.0
