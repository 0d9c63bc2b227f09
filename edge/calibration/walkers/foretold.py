"""What one camera foretells of the boxes that another sees: for the fit of cameras to people.

Theory of operation. Each sighting's place is taken from the other camera's feet and head, weighed by what each is worth
there; this camera's three edges are then foretold, and what they are off by is measured in what both cameras' edges may
be off by. Weights and standard deviations are those of the cameras as they were before the fit and stay during it: a
camera that made everything vague would otherwise explain everything. Edges that a look at both cameras together finds
wrong (feet behind a shelf) are given so much less to say.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edge.calibration.view import View
from edge.calibration.walkers.body import shown
from edge.calibration.walkers.placing import (
    BEHIND_PX,
    by_feet,
    by_heads,
    missed_by,
    placed_together,
    slopes_of,
)
from edge.calibration.walkers.seen import Measured

Doubles = npt.NDArray[np.float64]

WRONG_SIGMAS, WRONG = 2.5, 20.0
"""An edge that both cameras together miss by more is no edge of that person, and has so much less to say."""
WIDE_M = 5.0
"""How far people may be from where they are thought to be, before anything is measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Foretelling:
    """n sightings by the other camera (`theirs`) and by this one (`mine`).

    `rates` (n, 3) is how fast the other's edges move, pixels a second; `heads` (n,) is how much of each place is taken
    from the head, and `whiten` (n, 3, 3) makes one standard deviation of what this camera's edges may be off by.
    """

    theirs: Measured
    rates: Doubles
    mine: Measured
    tall_m: Doubles
    heads: Doubles
    whiten: Doubles

    def off(self, their_view: View, my_view: View, later_s: float) -> Doubles:
        """What this camera's edges are off by, standard deviations (n, 3)."""
        theirs = replace(self.theirs, pixels=self.theirs.pixels + later_s * self.rates)
        feet, heads = by_feet(their_view, theirs, self.tall_m), by_heads(their_view, theirs, self.tall_m)
        seen, depth = shown(my_view, feet + self.heads[:, None] * (heads - feet), self.tall_m, self.mine.shoe_m)
        behind = BEHIND_PX * np.maximum(0.1 - depth, 0.0)[:, None]
        return np.asarray(np.einsum("nab,nb->na", self.whiten, seen - self.mine.pixels + behind))


def foretelling(
    views: tuple[View, View], theirs: Measured, rates: Doubles, mine: Measured, tall_m: Doubles
) -> Foretelling:
    """The same, weighed by cameras (the other, this one) as they are thought to be."""
    stood, missed = placed_together(views, (theirs, mine), tall_m)
    doubt = np.where(np.abs(missed) < WRONG_SIGMAS, 1.0, WRONG)
    theirs = replace(theirs, sigma_px=theirs.sigma_px * doubt[:, :3])
    mine = replace(mine, sigma_px=mine.sigma_px * doubt[:, 3:])
    heads, covariance = _worth(views[0], theirs, stood, tall_m)
    seen = missed_by((views[1],), (mine,), stood, tall_m)
    slopes = slopes_of((views[1],), (mine,), stood, tall_m, seen) * mine.sigma_px[:, :, None]
    spread = np.einsum("nai,nij,nbj->nab", slopes, covariance, slopes)
    spread += mine.sigma_px[:, :, None] ** 2 * np.eye(3)
    whiten = np.linalg.inv(np.linalg.cholesky(spread))
    return Foretelling(theirs, rates, mine, tall_m, heads, np.asarray(whiten))


def _worth(view: View, seen: Measured, stood: Doubles, tall_m: Doubles) -> tuple[Doubles, Doubles]:
    """How much of each place is to be taken from the head (n,), and how exact it is then, covariance (n, 2, 2)."""
    missed = missed_by((view,), (seen,), stood, tall_m)
    slopes = slopes_of((view,), (seen,), stood, tall_m, missed)
    way = stood - view.eye[:2]
    way = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    along = np.einsum("nra,na->nr", slopes, way) ** 2
    heads = along[:, 2] / np.maximum(along[:, 1] + along[:, 2], 1e-12)
    told = np.einsum("nra,nrb->nab", slopes, slopes) + np.eye(2) / WIDE_M**2
    return np.asarray(heads), np.asarray(np.linalg.inv(told))
