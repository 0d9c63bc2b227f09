"""Whom two cameras saw at one moment: every box of the one with everybody whom the other followed then."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.walkers.seen import GAP_MAX_S, Boxes, Measured

Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Boxes of two cameras at one moment: `mine` (n,) are rows of this camera's.

    Of the other's, `before` (n,) and `after` are the rows between which the moment lies, and `share` (n,) is how far it
    is from the one to the other.
    """

    mine: Indices
    before: Indices
    after: Indices
    share: Doubles

    def __len__(self) -> int:
        return len(self.mine)

    def only(self, chosen: npt.NDArray[np.bool_] | Indices) -> "Pairs":
        """Some of them."""
        return Pairs(self.mine[chosen], self.before[chosen], self.after[chosen], self.share[chosen])

    def between(self, values: Doubles) -> Doubles:
        """What the other camera's `values` (rows, k) are at the moments, (n, k)."""
        share = self.share[:, None]
        return np.asarray(values[self.before] * (1.0 - share) + values[self.after] * share)

    def theirs(self, measured: Measured) -> Measured:
        """What the other camera measured at the moments."""
        # Where one of the two is cut off by the picture's edge, so is what lies between them.
        sigma = np.maximum(measured.sigma_px[self.before], measured.sigma_px[self.after])
        return Measured(self.between(measured.pixels), sigma, self.between(measured.shoe_m[:, None])[:, 0])

    def rates(self, measured: Measured, t_s: Doubles) -> Doubles:
        """How fast the other camera's edges move, pixels a second (n, 3)."""
        step = measured.pixels[self.after] - measured.pixels[self.before]
        return np.asarray(step / (t_s[self.after] - t_s[self.before])[:, None])


def at_once(mine: Boxes, theirs: Boxes, offset_s: float) -> Pairs:
    """All pairs of one moment; `offset_s` is added to this camera's times to have the other's."""
    t_s = mine.t_s + offset_s
    parts = []
    for number in np.unique(theirs.tracks):
        rows = np.flatnonzero(theirs.tracks == number)
        if len(rows) < 2:
            continue
        times = theirs.t_s[rows]
        after = np.searchsorted(times, t_s).clip(1, len(times) - 1)
        gap = times[after] - times[after - 1]
        inside = np.flatnonzero((t_s >= times[0]) & (t_s <= times[-1]) & (gap <= GAP_MAX_S) & (gap > 0.0))
        later = after[inside]
        parts.append((inside, rows[later - 1], rows[later], (t_s[inside] - times[later - 1]) / gap[inside]))
    if not parts:
        none = np.zeros(0, np.intp)
        return Pairs(none, none, none, np.zeros(0))
    return Pairs(*(np.concatenate([part[index] for part in parts]) for index in range(4)))
