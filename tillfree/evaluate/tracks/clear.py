"""CLEAR MOT (Bernardin and Stiefelhagen, 2008): MOTA = 1 − (missed + false + switches) / true boxes.

In each frame, pairs of likeness one half or more may match; a pair that matched in the frame before is kept before all
else, then the likeness together decides. A switch is a person matched by another number than when last matched, however
long ago that was.
"""

from dataclasses import dataclass

import numpy as np

from tillfree.evaluate.tracks.meetings import EPSILON, Floats, Meetings, best_pairs

ALIKE = 0.5
KEPT = 1000.0
"""Worth more than any likeness that one frame can hold: keeping a pair goes before fitting better."""

MOSTLY, HARDLY = 0.8, 0.2
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Clear:
    """Sums over frames, and over persons: `mostly` tracked, in over 80 % of their frames, `hardly`, in under 20 %."""

    found: int
    missed: int
    false: int
    switches: int
    breaks: int
    likeness: float
    mostly: int
    hardly: int
    persons: int

    def __add__(self, other: "Clear") -> "Clear":
        return Clear(
            self.found + other.found,
            self.missed + other.missed,
            self.false + other.false,
            self.switches + other.switches,
            self.breaks + other.breaks,
            self.likeness + other.likeness,
            self.mostly + other.mostly,
            self.hardly + other.hardly,
            self.persons + other.persons,
        )

    @property
    def mota(self) -> float:
        """1 at best; below 0 where more is wrong than there is."""
        return (self.found - self.false - self.switches) / max(1, self.found + self.missed)

    @property
    def motp(self) -> float:
        """How well found boxes fit, 0 to 1."""
        return self.likeness / max(1, self.found)


def clear_of(sequence: Meetings) -> Clear:
    """The sums of one sequence."""
    last = np.full(sequence.true_ids, NOBODY, np.int64)
    before = last.copy()
    present, tracked, runs = (np.zeros(sequence.true_ids, np.int64) for _ in range(3))
    found = switches = 0
    likeness = 0.0
    for frame in sequence.frames:
        present[frame.true] += 1
        if not (len(frame.true) and len(frame.said)):
            continue
        worth = _worth(frame.likeness, frame.said[None, :] == before[frame.true][:, None])
        rows, columns = best_pairs(worth)
        matched = worth[rows, columns] > EPSILON
        true, said = frame.true[rows[matched]], frame.said[columns[matched]]
        switches += int(((last[true] != NOBODY) & (last[true] != said)).sum())
        runs[true] += before[true] == NOBODY
        before[:] = NOBODY
        last[true] = before[true] = said
        tracked[true] += 1
        found += len(true)
        likeness += float(frame.likeness[rows[matched], columns[matched]].sum())
    share = tracked / np.maximum(1, present)
    return Clear(
        found=found,
        missed=sequence.true_boxes - found,
        false=sequence.said_boxes - found,
        switches=switches,
        breaks=int((runs[runs > 0] - 1).sum()),
        likeness=likeness,
        mostly=int((share > MOSTLY).sum()),
        hardly=int((share < HARDLY).sum()),
        persons=sequence.true_ids,
    )


def _worth(likeness: Floats, kept: Floats) -> Floats:
    return np.where(likeness >= ALIKE - EPSILON, KEPT * kept + likeness, 0.0)
