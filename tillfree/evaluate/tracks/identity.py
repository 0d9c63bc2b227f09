"""Identity scores (Ristani et al., ECCVW 2016): how long each person is followed under the one best fitting number.

True and said identities are paired one to one so that together they share the most frames, a frame counting where
their likeness is at least one half. IDF1 = 2 IDTP / (2 IDTP + IDFP + IDFN).
"""

from dataclasses import dataclass

import numpy as np

from tillfree.evaluate.tracks.meetings import Meetings, best_pairs

ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Identity:
    """Boxes under the right number (`found`), true ones that are not (`missed`), said ones that are not (`false`)."""

    found: int
    missed: int
    false: int

    def __add__(self, other: "Identity") -> "Identity":
        return Identity(self.found + other.found, self.missed + other.missed, self.false + other.false)

    @property
    def idf1(self) -> float:
        """0 to 1."""
        return 2 * self.found / max(1, 2 * self.found + self.missed + self.false)


def identity_of(sequence: Meetings) -> Identity:
    """The sums of one sequence."""
    together = np.zeros((sequence.true_ids, sequence.said_ids))
    for frame in sequence.frames:
        together[np.ix_(frame.true, frame.said)] += frame.likeness >= ALIKE
    rows, columns = best_pairs(together)
    found = int(together[rows, columns].sum())
    return Identity(found, sequence.true_boxes - found, sequence.said_boxes - found)
