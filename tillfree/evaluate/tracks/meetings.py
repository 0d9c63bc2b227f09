"""Truth and tracks, frame by frame, with how alike each pair of them is: all that any score needs to know."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from tillfree.evaluate.tracks.mot import Boxes, Role

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ON_IT = 0.5
"""A track this like a row that excuses is on it."""

EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One frame: `true` (t,) and `said` (s,) ids, counted from 0, and `likeness` (t, s) of each pair, 0 to 1."""

    true: Ints
    said: Ints
    likeness: Floats


@dataclass(frozen=True, slots=True)
class Meetings:
    """One sequence, frames in order; those in which nobody is and nothing is said are left out."""

    frames: tuple[Meeting, ...]
    true_ids: int
    said_ids: int

    @property
    def true_boxes(self) -> int:
        """How many there are to find."""
        return sum(len(frame.true) for frame in self.frames)

    @property
    def said_boxes(self) -> int:
        """How many are said to be."""
        return sum(len(frame.said) for frame in self.frames)


def overlap(true: Floats, said: Floats) -> Floats:
    """Intersection over union of boxes (t, 4) and (s, 4), each left, top, width, height: (t, s), 0 to 1."""
    low = np.maximum(true[:, None, :2], said[None, :, :2])
    high = np.minimum(true[:, None, :2] + true[:, None, 2:], said[None, :, :2] + said[None, :, 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=2)
    together: Floats = true[:, 2:].prod(axis=1)[:, None] + said[:, 2:].prod(axis=1)[None, :] - shared
    return np.where(together > EPSILON, shared / np.maximum(together, EPSILON), 0.0)


def meetings(true: Boxes, said: Boxes, likeness: Callable[[Floats, Floats], Floats] = overlap) -> Meetings:
    """Everything that meets. What is said of somebody who excuses it is left out; what is not scored is, too."""
    found = list(_met(true, said, likeness))
    true_ids = {number: place for place, number in enumerate(sorted({n for frame in found for n in frame.true}))}
    said_ids = {number: place for place, number in enumerate(sorted({n for frame in found for n in frame.said}))}
    frames = tuple(
        Meeting(
            np.array([true_ids[number] for number in frame.true], np.int64),
            np.array([said_ids[number] for number in frame.said], np.int64),
            frame.likeness,
        )
        for frame in found
    )
    return Meetings(frames, len(true_ids), len(said_ids))


def best_pairs(worth: Floats) -> tuple[Ints, Ints]:
    """The pairs (rows, columns), each row and column at most once, whose `worth` (t, s) together is the greatest."""
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return np.asarray(rows, np.int64), np.asarray(columns, np.int64)


def _met(true: Boxes, said: Boxes, likeness: Callable[[Floats, Floats], Floats]) -> Iterator[Meeting]:
    true_at, said_at = _by_frame(true), _by_frame(said)
    nothing = np.zeros(0, np.int64)
    for frame in sorted(true_at.keys() | said_at.keys()):
        t, s = true_at.get(frame, nothing), said_at.get(frame, nothing)
        alike = likeness(true.boxes[t], said.boxes[s])
        roles = true.roles[t]
        keep = np.ones(len(s), bool)
        if (roles == Role.EXCUSED).any() and len(s):
            near = np.where(alike >= ON_IT - EPSILON, alike, 0.0)
            rows, columns = best_pairs(near)
            keep[columns[(near[rows, columns] > EPSILON) & (roles[rows] == Role.EXCUSED)]] = False
        scored = roles == Role.SCORED
        if scored.any() or keep.any():
            yield Meeting(true.ids[t[scored]], said.ids[s[keep]], alike[scored][:, keep])


def _by_frame(boxes: Boxes) -> dict[int, Ints]:
    """The rows of each frame, in the file's order."""
    order = np.argsort(boxes.frames, kind="stable")
    frames, starts = np.unique(boxes.frames[order], return_index=True)
    return {int(frame): rows for frame, rows in zip(frames, np.split(order, starts[1:]), strict=False)}
