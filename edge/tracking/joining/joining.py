"""Tracks of several cameras become people of the store.

Theory of operation. A `Walker` is a person with a place, a velocity and their uncertainty. What one camera sees in one
picture is given to walkers by the assignment that is likeliest as a whole (at most one each). The likelihood of a pair
weighs where the walker should be by now against where the camera sees somebody, and the camera's own tracking: it has
called this walker by this number before (in favour), or somebody else (against). So numbers that a camera exchanges
between two people are put right as soon as the places contradict them, and where people stand close and places cannot
tell, the camera's tracking decides, and how they look, where cameras say it. Against all walkers stands that it is
somebody new (or nobody): likely at the entry, hardly elsewhere (doors.py). Two people are not in one place: a walker
whom nobody has seen for a while is not brought to where another was a moment ago, unless that other is seen beside
them.

    state        on                                             to           and
    (none)       seen, and no walker explains it                tentative
    tentative    seen for SURE_S, at the door or in open floor  confirmed    it has a number that is never used again
    tentative    seen for LATE_S anywhere                       confirmed    missed at the door
    tentative    not seen for TENTATIVE_S                       (none)
    confirmed    not seen for as long as doors.py says          (none)       it has left: soon at an exit
    tentative    to be confirmed, and likelier to be one who     (none)       it is that other (succession.py)
                 vanished than to have come in
    confirmed    beside another for TWIN_S, never both in one     (none)       it was the other all the time
                 camera's picture; or for EXTRA_TWIN_S, not so
                 of late, where the gate did not let in both

A confirmed walker whom nobody sees stays: in a closed world they are still inside, and whoever is seen next within
reach is more likely they than somebody new. Deterministic: ties are broken by number.
"""

import itertools
import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from edge.tracking.appearance import look_odds
from edge.tracking.floor import PersonOnFloor
from edge.tracking.joining.doors import GONE_S, Doors
from edge.tracking.joining.motion import measured_variance
from edge.tracking.joining.pairs import best_pairs
from edge.tracking.joining.succession import predecessor
from edge.tracking.joining.walker import Walker

SAME_NUMBER = 4.0
"""Log odds that a camera which calls a walker by the same number as before means the same person."""
OTHER_NUMBER = -4.0
NEW_NUMBER = -1.0
"""It followed the walker a moment ago under a number that it still uses elsewhere, or has dropped."""
MISSED = 1.5
"""Log odds that a camera which should see a walker does see them: it is against somebody new right beside them."""
UNLIKE = -1.0
"""Log odds that looks take at most: from another side, in another light, one person looks like two."""
TENTATIVE = -2.0
RECENT_S = 1.0
FRESH_S, BODY_M = 0.3, 0.35
CROWDED = -4.0
"""Log odds that somebody has come to within `BODY_M` of where another was `FRESH_S` ago, and hides them altogether."""
SURE_S = 0.4
LATE_S = 3.0
SEEN_MIN = 3
TENTATIVE_S = 1.0
TWIN_S, TWIN_M = 1.5, 0.6
EXTRA_TWIN_S, EXTRA_TWIN_M, EXTRA_APART_S = 1.0, 0.5, 2.0
"""The same of two of whom the gate let in one at most; and how long ago one picture showed both of them at least, for
cameras take one person for two."""
LOG_UNEXPECTED = math.log(0.3)
"""Where a gate tells who comes in, hardly anybody is new of whom it has not told."""
EXPECTED_S = 6.0
"""Who passed the gate is seen for the first time within as long of it, before or after."""
PEOPLE_MAX = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Where a person of the store is: metres on the plan, with the standard deviation of the place each way."""

    t_s: float
    person: int
    x_m: float
    y_m: float
    sigma_m: float
    camera: str
    wrists: tuple[tuple[float, float, float, float], ...]
    """Those that `camera` sees now: x, y, z in metres, and how sure that is (0–1)."""
    look: tuple[float, ...] | None = None
    """What they look like to `camera` (edge/perception/clothing.py), where it tells."""


class Joining:
    """The people in the store between `doors`."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._walkers: list[Walker] = []
        self._next = 1
        self._beside_since_s: dict[tuple[int, int], float] = {}
        self._told_apart_s: dict[tuple[int, int], float] = {}
        """When one picture showed two people last."""
        self._expected_s: list[float] = []
        self._gate_tells = False
        self._renamed: list[tuple[int, int]] = []

    @property
    def inside(self) -> tuple[int, ...]:
        """Everybody who is in the store, seen just now or not."""
        return tuple(walker.person for walker in self._walkers if walker.confirmed)

    def saw(self, seen: Sequence[PersonOnFloor]) -> tuple[Person, ...]:
        """Take in what one camera sees in one picture; call in the order of time. Where those people are."""
        if not seen:
            return ()
        t_s = seen[0].t_s
        for walker in self._walkers:
            walker.motion = walker.motion.later(t_s)
        self._forget(t_s)
        ordered = sorted(seen, key=lambda one: one.track)
        pairs = self._assign(ordered)
        people = []
        for number, one in enumerate(ordered):
            if number in pairs:
                walker = pairs[number]
                walker.update(one)
            elif len(self._walkers) < PEOPLE_MAX:
                walker = self._begin(one)
            else:
                continue
            if not walker.confirmed and self._is_sure(walker):
                walker = self._succeeded(walker)
                walker.confirmed = True
            if walker.confirmed:
                place = (walker.motion.x_m, walker.motion.y_m, walker.sigma_m)
                people.append(Person(t_s, walker.person, *place, one.camera, one.wrists, one.look))
        self._merge_twins({person.person for person in people}, t_s)
        return tuple(people)

    def numbers(self, camera: str, t_s: float) -> dict[int, int]:
        """By its own number, the number here of each confirmed person whom `camera` saw at `t_s`."""
        seen = [(walker.seen_by.get(camera), walker) for walker in self._walkers if walker.confirmed]
        return {known[0]: walker.person for known, walker in seen if known is not None and known[1] == t_s}

    def nobody_seen(self, t_s: float) -> None:
        """A camera's picture shows nobody: whoever was last seen at a door may have left by it."""
        self._forget(t_s)

    def cameras_begin_anew(self) -> None:
        """What cameras call people from now on has nothing to do with what they called them before."""
        for walker in self._walkers:
            walker.seen_by.clear()

    def expect(self, t_s: float, people: int) -> None:
        """So many people passed the gate on the way in."""
        self._gate_tells = True
        for walker in self._walkers:
            early_s = t_s - walker.born.t_s
            if people and walker.confirmed and not walker.expected and early_s <= EXPECTED_S:
                walker.expected = True
                people -= 1
        self._expected_s += [t_s] * people

    def left(self, person: int) -> None:
        """That person has passed the gate on the way out: not seen any more, they are gone."""
        for walker in self._walkers:
            walker.leaving |= walker.person == person

    def _assign(self, seen: Sequence[PersonOnFloor]) -> dict[int, Walker]:
        """By index into `seen`: the walker that it shows."""
        if not self._walkers:
            return {}
        gains = [[self._gain(walker, one) for walker in self._walkers] for one in seen]
        self._add_looks(gains, seen)
        pairs, known = best_pairs(gains), set[tuple[int, int]]()
        while crowded := [pair for pair in pairs if pair not in known and self._is_crowded(pair, pairs, seen)]:
            for row, column in crowded:
                gains[row][column] += CROWDED
            known.update(crowded)
            pairs = best_pairs(gains)
        return {row: self._walkers[column] for row, column in pairs}

    def _add_looks(self, gains: list[list[float]], seen: Sequence[PersonOnFloor]) -> None:
        """Add to `gains` what cameras that tell looks say of who is like whom."""
        looked = [(row, one.look) for row, one in enumerate(seen) if one.look is not None]
        if not looked:
            return
        known = [walker.appearance for walker in self._walkers]
        odds = np.maximum(look_odds(known, np.array([look for _, look in looked], np.float32)), UNLIKE)
        for column, (row, _) in enumerate(looked):
            gains[row] = [gain + more for gain, more in zip(gains[row], odds[:, column].tolist(), strict=True)]

    def _is_crowded(
        self, pair: tuple[int, int], pairs: Sequence[tuple[int, int]], seen: Sequence[PersonOnFloor]
    ) -> bool:
        """Whether `pair` brings a walker from elsewhere to where another must be, whom nobody would see then."""
        walker, one = self._walkers[pair[1]], seen[pair[0]]
        if walker.motion.away_m(one.x_m, one.y_m) <= BODY_M:
            return False
        taken = {column for _, column in pairs}
        return any(
            column not in taken
            and one.t_s - other.seen.t_s <= FRESH_S
            and other.motion.away_m(one.x_m, one.y_m) <= BODY_M
            for column, other in enumerate(self._walkers)
        )

    def _gain(self, walker: Walker, one: PersonOnFloor) -> float:
        """How much likelier it is that `one` is `walker` than that it is somebody new, as a log ratio."""
        log_p = walker.motion.log_density(one.x_m, one.y_m, measured_variance(one.sigma_m))
        known = walker.seen_by.get(one.camera)
        if known is not None:
            recent = one.t_s - known[1] <= RECENT_S
            log_p += SAME_NUMBER if known[0] == one.track else (OTHER_NUMBER if recent else NEW_NUMBER)
            log_p += MISSED if recent else 0.0
        return log_p + (0.0 if walker.confirmed else TENTATIVE) - self._doors.log_birth(one.x_m, one.y_m)

    def _begin(self, one: PersonOnFloor) -> Walker:
        walker = Walker.of(self._next, one)
        self._next += 1
        self._walkers.append(walker)
        return walker

    def _is_sure(self, walker: Walker) -> bool:
        needs_s = SURE_S if self._doors.is_entry(walker.motion.x_m, walker.motion.y_m) else LATE_S
        return walker.seen.t_s - walker.born.t_s >= needs_s and walker.seen_times >= SEEN_MIN

    def _succeeded(self, new: Walker) -> Walker:
        """Whom a walker turns out to be: somebody who vanished as it appeared, or somebody new."""
        born, now_s = new.born, new.seen.t_s
        self._expected_s = [at_s for at_s in self._expected_s if now_s - at_s <= EXPECTED_S]
        if self._expected_s and self._doors.closed and self._doors.is_door(born.x_m, born.y_m):
            self._expected_s.pop(0)
            new.expected = True
            return new
        others = [walker for walker in self._walkers if walker.confirmed]
        log_birth = self._doors.log_birth(born.x_m, born.y_m) + (LOG_UNEXPECTED if self._gate_tells else 0.0)
        other = predecessor(new, others, log_birth)
        if other is None:
            return new
        other.take_over(new)
        self._walkers.remove(new)
        return other

    def renamed(self) -> list[tuple[int, int]]:
        """People who turned out to be others, since this was asked last: the number given up, and whose it is."""
        renamed, self._renamed = self._renamed, []
        return renamed

    def _merge_twins(self, together: AbstractSet[int], t_s: float) -> None:
        """Cameras that disagree make two of one; `together` are the people whom one picture shows."""
        self._told_apart_s.update(dict.fromkeys(itertools.combinations(sorted(together), 2), t_s))
        fresh = [walker for walker in self._walkers if walker.confirmed and t_s - walker.seen.t_s <= RECENT_S]
        beside = {
            (one.person, other.person): (one, other)
            for one, other in itertools.combinations(fresh, 2)
            if self._may_be_twins(one, other, t_s)
        }
        self._beside_since_s = {pair: self._beside_since_s.get(pair, t_s) for pair in beside}
        for pair, (one, other) in beside.items():
            long_s = TWIN_S if self._are_two(one, other) else EXTRA_TWIN_S
            if t_s - self._beside_since_s[pair] >= long_s and {one, other} <= set(self._walkers):
                one.is_also(other)
                self._walkers.remove(other)
                self._renamed.append((other.person, one.person))

    def _may_be_twins(self, one: Walker, other: Walker, t_s: float) -> bool:
        """Whether two are in one place, and no picture showed both: ever, or of late where one of them is too many."""
        two = self._are_two(one, other)
        apart_s = self._told_apart_s.get((one.person, other.person))
        if apart_s is not None and (two or t_s - apart_s <= EXTRA_APART_S):
            return False
        return one.motion.away_m(other.motion.x_m, other.motion.y_m) <= (TWIN_M if two else EXTRA_TWIN_M)

    def _are_two(self, one: Walker, other: Walker) -> bool:
        """Whether nothing says beforehand that one of two is too many: the gate let both in, or no gate tells."""
        return not self._gate_tells or (one.expected and other.expected)

    def _forget(self, t_s: float) -> None:
        kept = [walker for walker in self._walkers if not self._is_gone(walker, t_s)]
        if len(kept) < len(self._walkers):
            here = {walker.person for walker in kept}
            self._told_apart_s = {pair: at_s for pair, at_s in self._told_apart_s.items() if here.issuperset(pair)}
            self._walkers = kept

    def _is_gone(self, walker: Walker, t_s: float) -> bool:
        unseen_s = t_s - walker.seen.t_s
        if not walker.confirmed:
            return unseen_s > TENTATIVE_S
        return unseen_s > (GONE_S if walker.leaving else self._doors.gone_after_s(walker.seen.x_m, walker.seen.y_m))
