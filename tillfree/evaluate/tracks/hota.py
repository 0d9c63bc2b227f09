"""Higher order tracking accuracy (Luiten et al., IJCV 2021): finding people and keeping them apart, in one number.

At each threshold α of `ALPHAS`, a true box and a said one match when their likeness is at least α; of all matchings the
one is taken in which the identities agree best over the whole sequence. Then DetA = TP / (TP + FN + FP), AssA is the
mean over matches c of TPA(c) / (TPA(c) + FNA(c) + FPA(c)), HOTA(α) = √(DetA · AssA), and HOTA is the mean over α.
Over several sequences detections are summed and associations weighted by their matches, as the authors' TrackEval does.
"""

from dataclasses import dataclass

import numpy as np

from tillfree.evaluate.tracks.meetings import EPSILON, Floats, Ints, Meetings, best_pairs

ALPHAS = np.arange(1, 20) * 0.05


@dataclass(frozen=True, slots=True)
class Hota:
    """Sums at each of 19 thresholds: boxes `found`, `missed`, `false`; `association` and `likeness` of the found."""

    found: Floats
    missed: Floats
    false: Floats
    association: Floats
    likeness: Floats

    def __add__(self, other: "Hota") -> "Hota":
        return Hota(
            self.found + other.found,
            self.missed + other.missed,
            self.false + other.false,
            self.association + other.association,
            self.likeness + other.likeness,
        )

    @property
    def deta(self) -> float:
        """How well boxes are found, 0 to 1."""
        return float(self._detection().mean())

    @property
    def assa(self) -> float:
        """How well who is who is kept, 0 to 1."""
        return float(self._association().mean())

    @property
    def hota(self) -> float:
        """Both together, 0 to 1."""
        return float(np.sqrt(self._detection() * self._association()).mean())

    @property
    def loca(self) -> float:
        """How well found boxes fit, 0 to 1; 1 where none is found."""
        fits = np.where(self.found > 0, self.likeness / np.maximum(1.0, self.found), 1.0)
        return float(fits.mean())

    def _detection(self) -> Floats:
        return self.found / np.maximum(1.0, self.found + self.missed + self.false)

    def _association(self) -> Floats:
        return self.association / np.maximum(1.0, self.found)


def hota_of(sequence: Meetings) -> Hota:
    """The sums of one sequence."""
    true_boxes, said_boxes = sequence.true_boxes, sequence.said_boxes
    true_id, said_id, likeness = _matches(sequence)
    found, association, fits = (np.zeros(len(ALPHAS)) for _ in range(3))
    true_length, said_length = _lengths(sequence)
    for place, alpha in enumerate(ALPHAS):
        at = likeness >= alpha - EPSILON
        found[place], fits[place] = at.sum(), likeness[at].sum()
        pairs, together = np.unique(true_id[at] * max(sequence.said_ids, 1) + said_id[at], return_counts=True)
        t, s = np.divmod(pairs, max(sequence.said_ids, 1))
        either = true_length[t] + said_length[s] - together
        association[place] = (together * (together / np.maximum(1, either))).sum()
    return Hota(found, true_boxes - found, said_boxes - found, association, fits)


def _matches(sequence: Meetings) -> tuple[Ints, Ints, Floats]:
    """Every pair of the best matching of each frame: the true ids, the said ids, the likenesses."""
    alignment = _alignment(sequence)
    true_ids, said_ids, likenesses = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for frame in sequence.frames:
        rows, columns = best_pairs(alignment[np.ix_(frame.true, frame.said)] * frame.likeness)
        true_ids.append(frame.true[rows])
        said_ids.append(frame.said[columns])
        likenesses.append(frame.likeness[rows, columns])
    return np.concatenate(true_ids), np.concatenate(said_ids), np.concatenate(likenesses)


def _alignment(sequence: Meetings) -> Floats:
    """How well each pair of identities agrees over the whole sequence (true_ids, said_ids): a soft Jaccard index."""
    together = np.zeros((sequence.true_ids, sequence.said_ids))
    for frame in sequence.frames:
        either = frame.likeness.sum(axis=0)[None, :] + frame.likeness.sum(axis=1)[:, None] - frame.likeness
        share = np.divide(frame.likeness, either, out=np.zeros_like(frame.likeness), where=either > EPSILON)
        together[np.ix_(frame.true, frame.said)] += share
    true_length, said_length = _lengths(sequence)
    return together / np.maximum(EPSILON, true_length[:, None] + said_length[None, :] - together)


def _lengths(sequence: Meetings) -> tuple[Ints, Ints]:
    """In how many frames each identity is."""
    true = np.concatenate([np.zeros(0, np.int64), *(frame.true for frame in sequence.frames)])
    said = np.concatenate([np.zeros(0, np.int64), *(frame.said for frame in sequence.frames)])
    return np.bincount(true, minlength=sequence.true_ids), np.bincount(said, minlength=sequence.said_ids)
