"""Following persons through one camera's pictures.

Theory of operation. Each track predicts its box with a constant velocity, smoothed by fixed gains (an alpha-beta
filter, the steady state of a Kalman filter whose noises do not change). Detections are given to tracks in two rounds,
the sure ones first, then the unsure ones, which may keep a half-hidden person alive but never begin a track (Zhang et
al., "ByteTrack", ECCV 2022). Within a round the pair with the highest overlap goes first. Same detections, same
tracks: nothing is random.

    state       on                                  to
    (none)      a sure detection that no track took tentative
    tentative   taken CONFIRM_HITS times            confirmed
    tentative   not seen in one picture             gone
    confirmed   not seen                            confirmed, its box carried on by its velocity
    confirmed   not seen for LOST_S                 gone

Track numbers count from 1 and are never used again.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.perception.detections import Detections, Floats, overlaps

SURE = 0.5
OVERLAP_MIN = 0.25
CONFIRM_HITS = 3
LOST_S = 1.0
TRACKS_MAX = 200
"""More people than one camera shows; detections beyond begin no tracks."""
ALPHA, BETA = 0.6, 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One person in one picture: `box` is float32 (4,): left, top, right, bottom in the camera's pixels."""

    number: int
    box: Floats
    confirmed: bool
    seen: bool
    """False where the box is carried on because the person is hidden."""


@dataclass(slots=True, eq=False)
class _Followed:
    number: int
    box: Floats
    velocity: Floats
    hits: int
    seen_s: float


class Tracker:
    """Follows the persons of one camera. Call `update` once for each picture, in the order of time."""

    def __init__(self) -> None:
        self._followed: list[_Followed] = []
        self._next = 1
        self._t_s: float | None = None

    def update(self, detections: Detections, t_s: float) -> tuple[Track, ...]:
        """The tracks after the picture at `t_s`, by number; tentative ones too."""
        step_s = 0.0 if self._t_s is None else t_s - self._t_s
        assert step_s >= 0.0, f"pictures go back in time from {self._t_s} to {t_s}"
        self._t_s = t_s
        for followed in self._followed:
            followed.box = followed.box + followed.velocity * np.float32(step_s)
        free = list(range(len(self._followed)))
        sure = np.flatnonzero(detections.scores >= SURE)
        free, left = self._give(free, sure, detections.boxes, t_s, step_s)
        free, _ = self._give(free, np.flatnonzero(detections.scores < SURE), detections.boxes, t_s, step_s)
        unseen = {id(self._followed[index]) for index in free}
        self._followed = [f for f in self._followed if id(f) not in unseen or self._may_stay(f, t_s)]
        for index in left[: max(0, TRACKS_MAX - len(self._followed))]:
            self._followed.append(_Followed(self._next, detections.boxes[index], np.zeros(4, np.float32), 1, t_s))
            self._next += 1
        return tuple(Track(f.number, f.box, f.hits >= CONFIRM_HITS, f.seen_s == t_s) for f in self._followed)

    def _may_stay(self, followed: _Followed, t_s: float) -> bool:
        return followed.hits >= CONFIRM_HITS and t_s - followed.seen_s <= LOST_S

    def _give(
        self, free: list[int], candidates: npt.NDArray[np.intp], boxes: Floats, t_s: float, step_s: float
    ) -> tuple[list[int], list[int]]:
        """Give `candidates` (indices of boxes) to the `free` tracks; what of both is left over."""
        if not free or not len(candidates):
            return free, candidates.tolist()
        overlap = overlaps(np.stack([self._followed[index].box for index in free]), boxes[candidates])
        taken_tracks: set[int] = set()
        taken_boxes: set[int] = set()
        for flat in np.argsort(-overlap, axis=None, kind="stable"):
            row, column = divmod(int(flat), overlap.shape[1])
            if overlap[row, column] < OVERLAP_MIN:
                break
            if row in taken_tracks or column in taken_boxes:
                continue
            taken_tracks.add(row)
            taken_boxes.add(column)
            self._take(self._followed[free[row]], boxes[candidates[column]], t_s, step_s)
        return (
            [index for row, index in enumerate(free) if row not in taken_tracks],
            [int(index) for column, index in enumerate(candidates) if column not in taken_boxes],
        )

    def _take(self, followed: _Followed, box: Floats, t_s: float, step_s: float) -> None:
        error = box - followed.box
        followed.box = followed.box + np.float32(ALPHA) * error
        if step_s > 0.0:
            followed.velocity = followed.velocity + np.float32(BETA / step_s) * error
        followed.hits += 1
        followed.seen_s = t_s
