"""How exact a camera that was found is, on the floor that it shows: drawn from what the fit leaves open.

The fit says how far each of its unknowns may be off, and together with which others. Cameras are drawn from that, and
for each it is asked by how much it has the floor's places elsewhere: on all the floor that the camera shows, where
nobody walked too. That is an honest error as far as boxes err as they are thought to; what the fit misses more than it
should widens it.
"""

import numpy as np
import numpy.typing as npt

from edge.calibration.least_squares import Fit
from edge.calibration.view import View
from edge.calibration.walkers.body import TALL_M, TALL_SIGMA_M
from edge.calibration.walkers.unknowns import Unknowns

Doubles = npt.NDArray[np.float64]

DRAWS = 60
FAR_M = 8.0
RASTER = 14
"""Places a side of the picture that are asked about."""
WORSE = 2.5
"""Errors are drawn so much wider: boxes of one person err alike in ways that no model of ours has. Set on five layouts;
on others the half that the command tells was right on average (docs/calibrating.md)."""


def doubted_cm(unknowns: Unknowns, found: Fit, *, camera: int = 1) -> Doubles:
    """By how much the floor may be off that this camera (0: the other) shows, (draws × places,), cm."""
    view = unknowns.views(found.unknowns)[camera]
    pixels = floor_shown(view)
    if not len(pixels):
        return np.zeros(0)
    places = view.floor(pixels)
    rng = np.random.Generator(np.random.PCG64(len(pixels)))
    spread = np.sqrt(max(1.0, _too_much(found))) * WORSE
    values, ways = np.linalg.eigh(found.covariance)
    root = ways * np.sqrt(np.maximum(values, 0.0))
    off: list[Doubles] = []
    for _ in range(DRAWS):
        numbers = found.unknowns + spread * (root @ rng.standard_normal(len(values)))
        there = unknowns.views(numbers)[camera].floor(pixels)
        if not isinstance(unknowns.theirs, View):
            # A metre is as long as people are tall, and who walked may be taller.
            there = there * (1.0 + TALL_SIGMA_M / TALL_M / 2.0 * rng.standard_normal())
        off.append(np.where(np.isfinite(there).all(axis=1), np.hypot(*(there - places).T), 10.0 * FAR_M))
    return np.asarray(100.0 * np.concatenate(off))


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
