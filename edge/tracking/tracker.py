"""Following persons through one still camera's pictures.

Theory of operation. Each person is a belief about a box and its velocity (motion.py). A picture is taken in six steps:

1. detections that make no sense (sound.py) and second boxes of one person (doubles.py) are left out, and every belief
   is carried on to the picture's time;
2. sure detections go to confirmed tracks, what is left of them to tentative ones, then unsure detections to whoever is
   still without (in rounds: Zhang et al., "ByteTrack", ECCV 2022), each time as the pairing of the greatest joint odds
   (association.py), to which looks add where they are given (appearance.py);
3. what was paired corrects its belief;
4. the support of each track moves on: the mean score that it got in the last `SUPPORT_S` seconds, 0 where it got none.
   Time in which somebody nearer covered the person (occlusion.py) counts for nothing either way;
5. a tentative track that has gathered enough is confirmed. If a hidden person fits it in place, size, time and look, or
   one who is absent in look alone, it is that person come back, under the number of old;
6. sure detections that nobody took, and that lie apart from those that were taken, begin tentative tracks.

    state      on                                                   to
    (none)     a sure detection that nobody took                    tentative
    tentative  CONFIRM_HITS detections, scores adding to EVIDENCE   confirmed, as somebody new or come back
    tentative  not seen for TENTATIVE_S                             gone
    confirmed  not seen                                             hidden: carried on by its velocity
    hidden     paired with a detection                              confirmed
    confirmed  support below SUPPORT_MIN                            gone: what is seen there is hardly ever sure
    hidden     support below SUPPORT_MIN, or HIDDEN_S over          absent where its look is known, else gone
    absent     somebody confirmed is taken for it                   confirmed
    absent     its time or room is over (returning.py)              gone

From a tentative track nothing should be concluded but that something may be there: many are nobody. Same detections,
same tracks: nothing is random, and the order of a picture's detections says nothing. Numbers count from 1 and never
mean another person; a tentative track that turns out to be somebody come back gives up its own.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.perception.detections import Detections, Floats
from edge.tracking.appearance import Appearance, look_odds
from edge.tracking.association import OTHERS, OTHERS_UNSURE, paired
from edge.tracking.doubles import singles
from edge.tracking.motion import Beliefs, Doubles, born, corrected, measured, nobody, predicted
from edge.tracking.occlusion import covered, inside
from edge.tracking.returning import Absent, come_back
from edge.tracking.sound import sound

SURE = 0.5
UNSURE = 0.1
"""Detections below are not looked at."""
CONFIRM_HITS = 3
EVIDENCE = 2.0
TENTATIVE_S = 0.35
HIDDEN_S = 2.5
SUPPORT_S = 1.0
SUPPORT_MIN = 0.07
APART = 0.4
"""A newcomer's box lies by no larger share inside a box that was taken: more is the same person seen twice."""
UNCOVERED = 0.3
"""Looks are taken of people of whose box nobody nearer covers more."""
TRACKS_MAX = 200
"""More people than one camera shows; detections beyond begin no tracks."""


TICK_S = 1e-9
"""Times of pictures are sums of fractions: two that are equal may differ by less."""

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One person in one picture: `box` is float32 (4,): left, top, right, bottom in the camera's pixels."""

    number: int
    box: Floats
    confirmed: bool
    seen: bool
    """False where the box is carried on because the person is hidden."""
    support: float
    """How sure it is that somebody is there, 0–1: mean score of the last second."""
    sigma_px: float
    """Standard deviation of the box's centre, each way."""
    look: Floats | None = None
    """What the person looks like, float32 (k,), where looks were given and the person was seen without cover."""
    look_sigma: float = 0.0
    """Standard deviation of each number of `look`."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """All that is known after one picture, for whoever looks at it again later (refining.py). Rows are tracks.

    `births` int64 (n,) are each track's own first numbers, rising, and `numbers` those it goes by now; `scores`
    float32 (n,) of the detections taken, 0 where none was; `supports` float64 (n,); `confirmed` bool (n,). `spare` are
    detections that nobody took: measurements float64 (m, 4) and scores float32 (m,).
    """

    t_s: float
    beliefs: Beliefs
    births: Integers
    numbers: Integers
    scores: Floats
    supports: Doubles
    confirmed: Bools
    spare: tuple[Doubles, Floats]


@dataclass(slots=True, eq=False)
class _Life:
    """What is kept of a track beside its belief."""

    birth: int
    number: int
    born_s: float
    seen_s: float
    score: float
    support: float
    hits: int = 1
    evidence: float = 0.0
    confirmed: bool = False
    appearance: Appearance | None = None

    def is_over(self, t_s: float) -> bool:
        if self.confirmed and self.support < SUPPORT_MIN:
            return True
        return t_s - self.seen_s > (HIDDEN_S if self.confirmed else TENTATIVE_S) + TICK_S


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A picture's sound detections, the surest first; see `Tracker.update`."""

    boxes: Floats
    scores: Floats
    looks: Floats | None
    measurements: Doubles


def _found(boxes: Floats, scores: Floats, looks: Floats | None) -> _Found:
    kept = singles(boxes)
    boxes, scores, looks = boxes[kept], scores[kept], None if looks is None else looks[kept]
    return _Found(boxes, scores, looks, measured(boxes))


class Tracker:
    """Follows the persons of one camera. Call `update` once for each picture, in the order of time."""

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()
        """How many detections made no sense and were left out, by reason (sound.py)."""
        self._beliefs = nobody()
        self._lives: list[_Life] = []
        self._absent = Absent()
        self._next = 1
        self._t_s: float | None = None
        self._spare: tuple[Doubles, Floats] = (np.zeros((0, 4)), np.zeros(0, np.float32))

    @property
    def known(self) -> int:
        """How many people are kept in mind: at most `TRACKS_MAX` and those absent."""
        return len(self._lives) + len(self._absent)

    def update(self, detections: Detections, t_s: float, looks: Floats | None = None) -> tuple[Track, ...]:
        """The tracks after the picture at `t_s`, by number; tentative ones too.

        `looks`, float32 (n, k), say what each detection looks like (perception/clothing.py), if anybody asked.
        """
        step_s = 0.0 if self._t_s is None else t_s - self._t_s
        assert step_s >= 0.0, f"pictures go back in time from {self._t_s} to {t_s}"
        self._t_s = t_s
        found = _found(*sound(detections, looks, UNSURE, self.refused))
        self._beliefs = predicted(self._beliefs, step_s)
        taken = self._pair(found)
        self._take(taken, found, t_s, step_s)
        self._look(taken, found)
        self._confirm()
        self._end(t_s)
        begun = self._begin(sorted(taken.values()), found, t_s)
        free = sorted(set(range(len(found.scores))) - set(taken.values()) - set(begun))
        self._spare = (found.measurements[free], found.scores[free])
        return self._tracks(t_s)

    def moment(self) -> Moment:
        """All that is known after the last picture."""
        assert self._t_s is not None, "no picture was given yet"
        lives = self._lives
        return Moment(
            self._t_s,
            self._beliefs,
            np.array([life.birth for life in lives], np.int64),
            np.array([life.number for life in lives], np.int64),
            np.array([life.score for life in lives], np.float32),
            np.array([life.support for life in lives], np.float64),
            np.array([life.confirmed for life in lives], np.bool_),
            self._spare,
        )

    def _pair(self, found: _Found) -> dict[int, int]:
        """Which track (row) takes which detection."""
        taken: dict[int, int] = {}
        given: set[int] = set()
        confirmed = [row for row, life in enumerate(self._lives) if life.confirmed]
        tentative = [row for row, life in enumerate(self._lives) if not life.confirmed]
        sure = np.flatnonzero(found.scores >= SURE).tolist()
        unsure = range(len(sure), len(found.scores))
        for group, offered, others in (
            (confirmed, sure, OTHERS),
            (tentative, sure, OTHERS),
            (confirmed + tentative, unsure, OTHERS_UNSURE),
        ):
            rows = [row for row in group if row not in taken]
            columns = [column for column in offered if column not in given]
            if not rows or not columns:
                continue
            odds: Doubles | float = 0.0
            if found.looks is not None:
                odds = look_odds([self._lives[row].appearance for row in rows], found.looks[columns])
            for row, column in paired(self._beliefs.of(rows), found.measurements[columns], others, odds):
                taken[rows[row]] = columns[column]
                given.add(columns[column])
        return taken

    def _take(self, taken: dict[int, int], found: _Found, t_s: float, step_s: float) -> None:
        rows, columns = list(taken), list(taken.values())
        if rows:
            better = corrected(self._beliefs.of(rows), found.measurements[columns])
            self._beliefs = self._beliefs.with_(rows, better)
        hidden = [row for row in range(len(self._lives)) if row not in taken]
        in_sight = 1.0 - covered(self._beliefs.of(hidden).boxes, found.boxes[columns])
        sight = dict(zip(hidden, in_sight.tolist(), strict=True))
        for row, life in enumerate(self._lives):
            column = taken.get(row)
            life.score = 0.0 if column is None else float(found.scores[column])
            moves = 1.0 - math.exp(-step_s / SUPPORT_S * sight.get(row, 1.0))
            life.support += moves * (life.score - life.support)
            if column is not None:
                life.hits += 1
                life.evidence += life.score
                life.seen_s = t_s

    def _look(self, taken: dict[int, int], found: _Found) -> None:
        """Take in what people look like who stand before all others."""
        if found.looks is None:
            return
        for row, column in taken.items():
            others = found.boxes[[other for other in taken.values() if other != column]]
            if covered(found.boxes[column : column + 1], others)[0] > UNCOVERED:
                continue
            life, look = self._lives[row], found.looks[column]
            life.appearance = Appearance(look) if life.appearance is None else life.appearance.with_(look)

    def _confirm(self) -> None:
        """Confirm who has gathered enough, and see whether they are somebody known."""
        replaced: set[int] = set()
        for row, life in enumerate(self._lives):
            if life.confirmed or life.hits < CONFIRM_HITS or life.evidence < EVIDENCE:
                continue
            life.confirmed = True
            hidden = [
                other
                for other, old in enumerate(self._lives)
                if old.confirmed and old.seen_s < life.born_s and other not in replaced
            ]
            looks = [self._lives[other].appearance for other in hidden]
            chosen = come_back(self._beliefs.of(hidden), looks, self._beliefs.of([row]), life.appearance)
            if chosen is not None:
                replaced.add(hidden[chosen])
                life.number, life.appearance = self._lives[hidden[chosen]].number, looks[chosen] or life.appearance
            elif (known := self._absent.come_back(life.appearance, life.born_s)) is not None:
                life.number, life.appearance = known
        self._keep([row for row in range(len(self._lives)) if row not in replaced])

    def _end(self, t_s: float) -> None:
        """Let go whose time or support is over."""
        over = {row for row, life in enumerate(self._lives) if life.is_over(t_s)}
        for row in sorted(over):
            life = self._lives[row]
            if life.confirmed:
                self._absent.remember(life.number, life.appearance, life.seen_s)
        self._absent.forget(t_s)
        self._keep([row for row in range(len(self._lives)) if row not in over])

    def _keep(self, rows: list[int]) -> None:
        if len(rows) < len(self._lives):
            self._beliefs = self._beliefs.of(rows)
            self._lives = [self._lives[row] for row in rows]

    def _begin(self, columns: list[int], found: _Found, t_s: float) -> list[int]:
        """Begin tentative tracks with sure detections that lie apart from those in `columns`; which these are."""
        begun: list[int] = []
        for column in np.flatnonzero(found.scores >= SURE).tolist():
            if column in columns or inside(found.boxes[column], found.boxes[columns + begun]) > APART:
                continue
            if len(self._lives) == TRACKS_MAX:
                break
            score = float(found.scores[column])
            self._lives.append(_Life(self._next, self._next, t_s, t_s, score, score, evidence=score))
            self._next += 1
            begun.append(column)
        if begun:
            self._beliefs = self._beliefs.and_(born(found.measurements[begun]))
        return begun

    def _tracks(self, t_s: float) -> tuple[Track, ...]:
        boxes, sigmas = self._beliefs.boxes, np.sqrt(self._beliefs.spread[0, :, :2].mean(axis=1)).tolist()
        tracks = []
        for life, box, sigma_px in zip(self._lives, boxes, sigmas, strict=True):
            known = life.appearance
            look, look_sigma = (None, 0.0) if known is None else (known.mean, known.sigma)
            seen = life.seen_s == t_s
            tracks.append(Track(life.number, box, life.confirmed, seen, life.support, sigma_px, look, look_sigma))
        return tuple(sorted(tracks, key=lambda track: track.number))
