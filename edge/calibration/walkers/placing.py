"""Where people stand, by what cameras of known place saw of each: feet, heads and middles together."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edge.calibration.view import View
from edge.calibration.walkers.body import away, shown
from edge.calibration.walkers.seen import Measured

Doubles = npt.NDArray[np.float64]

STEPS = 8
CAUCHY = 2.0
"""Standard deviations at which an edge counts half: where a shelf hides the feet the head still holds."""
FAR_M = 30.0
STEP_M = 1e-4
BEHIND_PX = 1e4


def by_feet(view: View, measured: Measured, tall_m: Doubles) -> Doubles:
    """Where people of `tall_m` (n,) stand, by middles and lower edges alone; metres (n, 2)."""
    middle, lower, _ = measured.pixels.T
    shoes = _floor(view, middle, lower, 0.0)
    for _ in range(2):
        # Feet are beside the middle where people lean outwards in the picture.
        stood = away(shoes, view.eye[:2], measured.shoe_m)
        shoes = _floor(view, middle + _leaning(view, stood, tall_m), lower, 0.0)
    return away(shoes, view.eye[:2], measured.shoe_m)


def by_heads(view: View, measured: Measured, tall_m: Doubles) -> Doubles:
    """The same by middles and upper edges alone."""
    middle, _, upper = measured.pixels.T
    stood = _floor(view, middle, upper, tall_m)
    for _ in range(2):
        stood = _floor(view, middle - _leaning(view, stood, tall_m), upper, tall_m)
    return stood


def placed(
    views: Sequence[View], measured: Sequence[Measured], tall_m: Doubles, start: Doubles
) -> tuple[Doubles, Doubles]:
    """Places (n, 2) of people of `tall_m` (n,) as all the cameras saw them, and what each camera's edges are missed by.

    The second is (n, cameras × 3), in standard deviations. Each place is found by itself (Gauss and Newton, damped
    place by place, each edge with Cauchy's weight) from `start`.
    """
    here = np.array(start, np.float64)
    missed = missed_by(views, measured, here, tall_m)
    cost, damping = cost_of(missed), np.full(len(here), 1e-3)
    for _ in range(STEPS):
        slopes = slopes_of(views, measured, here, tall_m, missed)
        heavy = slopes / (1.0 + np.minimum(missed**2, 1e12) / CAUCHY**2)[:, :, None]
        own = np.einsum("nra,nrb->nab", slopes, heavy)
        lift = damping[:, None] * np.einsum("naa->na", own) + 1e-6
        moves = -np.linalg.solve(own + lift[:, :, None] * np.eye(2), np.einsum("nra,nr->na", heavy, missed)[..., None])
        there = here + np.clip(moves[..., 0], -2.0, 2.0)
        missed_there = missed_by(views, measured, there, tall_m)
        cost_there = cost_of(missed_there)
        better = cost_there < cost
        here = np.where(better[:, None], there, here)
        missed = np.where(better[:, None], missed_there, missed)
        cost = np.where(better, cost_there, cost)
        damping = np.where(better, damping / 8.0, damping * 6.0)
    return here, missed


def placed_alone(view: View, measured: Measured, tall_m: Doubles) -> tuple[Doubles, Doubles]:
    """The same by one camera, from the better of what its feet and its heads tell."""
    feet, heads = by_feet(view, measured, tall_m), by_heads(view, measured, tall_m)
    costs = [cost_of(missed_by((view,), (measured,), each, tall_m)) for each in (feet, heads)]
    start = np.where((costs[0] <= costs[1])[:, None], feet, heads)
    return placed((view,), (measured,), tall_m, start)


def placed_together(
    views: tuple[View, View], measured: tuple[Measured, Measured], tall_m: Doubles
) -> tuple[Doubles, Doubles]:
    """The same by two cameras, from the best of what the feet and heads of each tell.

    Of feet that a shelf hides from the one camera the other says that they are elsewhere, if it is asked: from the
    hidden ones' place no small step leads to the right one.
    """
    tries = [by_feet(views[0], measured[0], tall_m), by_heads(views[0], measured[0], tall_m)]
    tries.append(by_heads(views[1], measured[1], tall_m))
    costs = np.stack([cost_of(missed_by(views, measured, each, tall_m)) for each in tries])
    best = np.argmin(costs, axis=0)
    return placed(views, measured, tall_m, np.stack(tries)[best, np.arange(len(best))])


def missed_by(views: Sequence[View], measured: Sequence[Measured], stood: Doubles, tall_m: Doubles) -> Doubles:
    """By how much the edges of people who stand there are missed, standard deviations (n, cameras × 3)."""
    parts = []
    for view, each in zip(views, measured, strict=True):
        seen, depth = shown(view, stood, tall_m, each.shoe_m)
        # What lies behind the camera is as wrong as it can be, and the more so the farther behind it lies.
        behind = BEHIND_PX * np.maximum(0.1 - depth, 0.0)[:, None]
        parts.append((seen - each.pixels + behind) / each.sigma_px)
    return np.concatenate(parts, axis=1)


def slopes_of(
    views: Sequence[View], measured: Sequence[Measured], stood: Doubles, tall_m: Doubles, missed: Doubles
) -> Doubles:
    """How `missed` changes as people step along x and y, (n, cameras × 3, 2)."""
    moved = [(missed_by(views, measured, stood + STEP_M * way, tall_m) - missed) / STEP_M for way in np.eye(2)]
    return np.stack(moved, axis=2)


def cost_of(missed: Doubles) -> Doubles:
    """What is missed, summed up for each sighting with Cauchy's weights; (n,)."""
    return np.asarray(CAUCHY**2 * np.log1p(np.minimum(missed**2, 1e12) / CAUCHY**2).sum(axis=1))


def _leaning(view: View, stood: Doubles, tall_m: Doubles) -> Doubles:
    """How far to the right of a person's middle their feet are in the picture, pixels (n,)."""
    zero = np.zeros(len(stood))
    ends = np.concatenate([np.column_stack([stood, zero]), np.column_stack([stood, zero + tall_m])])
    foot, head = np.split(view.pixels(ends)[0][:, 0], 2)
    return np.asarray(np.clip((foot - head) / 2.0, -0.2 * view.size[0], 0.2 * view.size[0]))


def _floor(view: View, u: Doubles, v: Doubles, up_m: Doubles | float) -> Doubles:
    """Where pixels look at the level `up_m`; far ahead where they look above it."""
    straight = view.optics.straighten(np.column_stack([u, v]))
    x, y = view.optics.centre
    ways = np.column_stack([(straight - (x, y)) / view.focal_px, np.ones(len(straight))]) @ view.axes
    drop = np.asarray(up_m) - view.eye[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.where(ways[:, 2] * drop > 0.0, drop / ways[:, 2], np.inf)
    level = np.maximum(np.hypot(ways[:, 0], ways[:, 1]), 1e-9)
    return np.asarray(view.eye[:2] + ways[:, :2] * np.minimum(length, FAR_M / level)[:, None])
