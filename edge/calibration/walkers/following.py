"""From a beginning to the two cameras that it leads to: who is whom and where the cameras hang, told by each other.

Theory of operation. With cameras as they are thought to be, a box of the one camera and a box of the other are one
person where middles and heads of both agree on one place; feet may be hidden. From those pairs the cameras are improved
(foretold.py), and pairs are drawn anew: more strictly each round, as the cameras become better. People whom only one of
the two saw say how it is tilted, too: their heads are where their feet foretell them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.least_squares import Fit, Rows, fit
from edge.calibration.optics import Optics
from edge.calibration.view import View
from edge.calibration.walkers.alone import heads_off, heads_sigma
from edge.calibration.walkers.at_once import Pairs, at_once
from edge.calibration.walkers.body import TALL_SIGMA_M
from edge.calibration.walkers.foretold import foretelling
from edge.calibration.walkers.heights import STEP_M, heights
from edge.calibration.walkers.placing import placed_together
from edge.calibration.walkers.seen import Boxes, Measured
from edge.calibration.walkers.unknowns import Unknowns

Doubles = npt.NDArray[np.float64]

FAR_SIGMAS = 3.5
"""Middles and heads that are missed by more are of two people."""
FEET_SAY = 0.1
"""How much feet say of who is whom, beside middles and heads."""
PAIRS_MIN = 12
EASE = (2.0, 1.4)
"""By how much farther pairs may be off in the first rounds."""
HONEST_SIGMAS = 2.5
"""A head that is missed by more says that the feet are hidden, and nothing of the camera."""
KNEES_M = 0.06
"""Standard deviation of one person's height over a walk, if all tracks are one person's."""


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A camera's people and what is known of its lens."""

    boxes: Boxes
    seen: Measured
    lens: Optics | None

    @property
    def alike(self) -> float:
        """How many of its boxes in a row count as one."""
        return self.boxes.alike

    def thinned(self, most: int) -> "Camera":
        """With no more boxes than that, evenly over time."""
        if len(self.boxes) <= most:
            return self
        rows = np.linspace(0, len(self.boxes) - 1, most).astype(np.intp)
        return Camera(self.boxes.only(rows), self.seen.only(rows), self.lens)


@dataclass(frozen=True, slots=True, eq=False)
class Believed:
    """The two cameras as they are thought to be; `offset_s` is added to this camera's times to have the other's."""

    theirs: View
    mine: View
    offset_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Where a beginning led: the cameras, the pairs that agree and how well (`score`), and the fit."""

    believed: Believed
    pairs: Pairs
    score: float
    fit: Fit
    unknowns: Unknowns


def followed(
    begun: Believed, mine: Camera, theirs: Camera, *, their_view_is_known: bool, usual_m: float, rounds: int
) -> Followed | None:
    """The cameras after so many rounds; None where too few agree."""
    believed, found, unknowns = begun, None, None
    for number in range(rounds):
        tall_m = heights(believed.theirs, theirs.boxes, theirs.seen, theirs.alike, usual_m)
        pairs, _ = agreeing(believed, mine, theirs, tall_m, FAR_SIGMAS * (EASE[number] if number < len(EASE) else 1.0))
        if len(pairs) < PAIRS_MIN:
            return None
        unknowns = Unknowns.about(
            believed.theirs,
            believed.mine,
            theirs_is_known=their_view_is_known,
            lenses=(theirs.lens, mine.lens),
        )
        found = _improved(unknowns, believed, pairs, mine=mine, theirs=theirs, tall_m=tall_m)
        their_view, my_view = unknowns.views(found.unknowns)
        if my_view.eye[2] < 0.5 or their_view.eye[2] < 0.5:
            return None
        believed = Believed(their_view, my_view, believed.offset_s + float(found.unknowns[-1]))
    assert found is not None
    assert unknowns is not None
    tall_m = heights(believed.theirs, theirs.boxes, theirs.seen, theirs.alike, usual_m)
    pairs, off = agreeing(believed, mine, theirs, tall_m, FAR_SIGMAS)
    if len(pairs) < PAIRS_MIN:
        return None
    return Followed(believed, pairs, float((1.0 - (off / FAR_SIGMAS) ** 2).sum()), found, unknowns)


def agreeing(
    believed: Believed, mine: Camera, theirs: Camera, tall_m: Doubles, far_sigmas: float
) -> tuple[Pairs, Doubles]:
    """Of all pairs of each moment those of one person, each box and each track once, and how far each is off."""
    pairs = at_once(mine.boxes, theirs.boxes, believed.offset_s)
    if not len(pairs):
        return pairs, np.zeros(0)
    there, here = pairs.theirs(theirs.seen), mine.seen.only(pairs.mine)
    tall = pairs.between(tall_m[:, None])[:, 0]
    _, missed = placed_together((believed.theirs, believed.mine), (there, here), tall)
    sizes = np.abs(missed)
    off = sizes[:, [0, 2, 3, 5]].max(axis=1) + FEET_SAY * np.minimum(sizes[:, [1, 4]], far_sigmas).sum(axis=1)
    kept: list[int] = []
    taken: set[tuple[int, int]] = set()
    for index in np.argsort(off, kind="stable").tolist():
        if off[index] > far_sigmas:
            break
        # A track cannot be two of the people whom this camera sees at one moment.
        moment = float(mine.boxes.t_s[pairs.mine[index]])
        own = (0, int(pairs.mine[index]))
        other = (int(theirs.boxes.tracks[pairs.before[index]]) + 1, round(1000.0 * moment))
        if own not in taken and other not in taken:
            taken |= {own, other}
            kept.append(index)
    rows = np.array(sorted(kept), np.intp)
    return pairs.only(rows), off[rows]


def _improved(
    unknowns: Unknowns, believed: Believed, pairs: Pairs, *, mine: Camera, theirs: Camera, tall_m: Doubles
) -> Fit:
    views = (believed.theirs, believed.mine)
    tall = pairs.between(tall_m[:, None])[:, 0]
    told = foretelling(
        views,
        pairs.theirs(theirs.seen),
        pairs.rates(theirs.seen, theirs.boxes.t_s),
        mine.seen.only(pairs.mine),
        tall,
    )
    # Boxes in a row err alike: as if there were fewer of them.
    alike = 1.0 / np.sqrt(mine.alike)
    others = np.setdiff1d(np.arange(len(mine.boxes)), pairs.mine)
    usual_m, spread_m = float(np.median(tall)), max(KNEES_M, min(float(np.std(tall)), TALL_SIGMA_M))
    apart = [_Heads.of(believed.mine, mine.seen.only(others), np.full(len(others), usual_m), spread_m, alike)]
    if not isinstance(unknowns.theirs, View):
        apart.append(_Heads.of(believed.theirs, theirs.seen, tall_m, KNEES_M, 1.0 / np.sqrt(theirs.alike)))

    def leftover(numbers: Doubles) -> Rows:
        their_view, my_view = unknowns.views(numbers)
        parts = [told.off(their_view, my_view, float(numbers[-1])).ravel() * alike]
        parts += [heads.off(view) for heads, view in zip(apart, (my_view, their_view), strict=False)]
        off = np.concatenate(parts)
        return Rows(np.column_stack([off, np.zeros(len(off))]), unknowns.expected(numbers))

    return fit(leftover, unknowns.start)


@dataclass(frozen=True, slots=True, eq=False)
class _Heads:
    """People whom one camera saw: what their heads are beside where their feet foretell them."""

    seen: Measured
    tall_m: Doubles
    weight: Doubles

    @staticmethod
    def of(view: View, seen: Measured, tall_m: Doubles, spread_m: float, alike: float) -> "_Heads":
        per_m = (heads_off(view, seen, tall_m + STEP_M) - heads_off(view, seen, tall_m)) / STEP_M
        sigma = np.hypot(heads_sigma(view, seen, tall_m), per_m * spread_m)
        # Feet behind a shelf foretell heads far too high, and they are many.
        honest = np.abs(heads_off(view, seen, tall_m)) < HONEST_SIGMAS * sigma
        return _Heads(seen, tall_m, np.where(honest, alike / sigma, 0.0))

    def off(self, view: View) -> Doubles:
        return np.asarray(heads_off(view, self.seen, self.tall_m) * self.weight)
