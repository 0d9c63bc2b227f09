"""Robust least squares for a handful of unknowns: Levenberg and Marquardt, with Cauchy's weights.

Rows of `Rows.measured` are measurements of two coordinates each, in standard deviations; far ones count little (weight
1 / (1 + (r / c)²), Cauchy), so that a wrong one does not bend the answer. `Rows.expected` are what is known beforehand,
in standard deviations too, and always count. So every unknown has an answer, and what the measurements do not tell
stays where it was expected.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

STEPS_MAX = 80
CAUCHY = 3.0
"""Standard deviations at which a measurement counts half."""
GAIN_MIN = 1e-7
FAR = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What is left over: `measured` (n, 2) and `expected` (k,), both in standard deviations."""

    measured: Doubles
    expected: Doubles


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The unknowns (m,), their covariance (m, m), what is left over, and the cost."""

    unknowns: Doubles
    covariance: Doubles
    rows: Rows
    cost: float


def fit(leftover: Callable[[Doubles], Rows], start: Doubles, *, robust: bool = True) -> Fit:
    """The unknowns that leave the least over, from `start`."""
    here = np.asarray(start, np.float64)
    rows = leftover(here)
    cost, damping = _cost(rows, robust), 1e-3
    for _ in range(STEPS_MAX):
        slopes, values = _weighted(leftover, here, rows, robust)
        normal, pull = slopes.T @ slopes, slopes.T @ values
        stepped = False
        for _ in range(8):
            step = np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-12), -pull)
            there = here + step
            rows_there = leftover(there)
            cost_there = _cost(rows_there, robust)
            if cost_there < cost:
                stepped = True
                break
            damping *= 6.0
        if not stepped:
            break
        gain, here, rows, cost = cost - cost_there, there, rows_there, cost_there
        damping = max(damping / 8.0, 1e-9)
        if gain < GAIN_MIN * (1.0 + cost):
            break
    slopes, _ = _weighted(leftover, here, rows, robust)
    covariance = np.linalg.pinv(slopes.T @ slopes, hermitian=True)
    return Fit(here, np.asarray(covariance, np.float64), rows, cost)


def _cost(rows: Rows, robust: bool) -> float:
    squares = (np.clip(rows.measured, -FAR, FAR) ** 2).sum(axis=1)
    told = (CAUCHY**2 * np.log1p(squares / CAUCHY**2)).sum() if robust else squares.sum()
    return float(told + (rows.expected**2).sum())


def _weighted(leftover: Callable[[Doubles], Rows], here: Doubles, rows: Rows, robust: bool) -> tuple[Doubles, Doubles]:
    """Slopes (rows, m) and values (rows,) with each measurement's weight in them."""
    squares = (rows.measured**2).sum(axis=1)
    weight = np.sqrt(1.0 / (1.0 + squares / CAUCHY**2)) if robust else np.ones(len(squares))
    values = np.concatenate([(rows.measured * weight[:, None]).ravel(), rows.expected])
    slopes = np.empty((len(values), len(here)))
    for index in range(len(here)):
        width = 1e-6 * max(abs(float(here[index])), 1.0)
        beside = here.copy()
        beside[index] += width
        moved = leftover(beside)
        slopes[:, index] = (
            np.concatenate(
                [((moved.measured - rows.measured) * weight[:, None]).ravel(), moved.expected - rows.expected]
            )
            / width
        )
    return slopes, values
