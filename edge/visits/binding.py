"""Which person of the store belongs to which visit.

A visit that opens at the gate is bound to who was by the entry just then: all visits and people that wait are matched
together, `BIND_AFTER_S` later, because who comes in may be seen a moment after the scan. Cameras lose people, see one
as two, and find them again under another number:

    state      on                                                        to
    waits      somebody fits the scan well, by place, time and turn      bound
    waits      nobody who fits well until `BIND_WITHIN_S`                bound to who fits best, or waits on
    waits      somebody without a visit is found inside                  bound: cameras missed the door
    bound      their person was hardly ever seen and is gone             waits: it was another, seen double
    bound      none of its people is seen for `MISSING_S`                missing
    missing    somebody without a visit appeared where, and about when,  bound to them, too
               its person was lost
    missing    one of its people is seen again                           bound
"""

import math
from collections.abc import Mapping
from uuid import UUID

from edge.tracking.joining.joining import Person
from edge.tracking.joining.pairs import best_pairs
from edge.visits.positions import Positions

BIND_AFTER_S = 1.0
BIND_WITHIN_S = 4.0
WAITING_S = 600.0
"""As long a visit to whom nobody could be bound waits for somebody who belongs to none."""
BIND_WITHIN_M = 2.5
AROUND_S = 2.0
"""Whom no camera has seen for longer is not there."""
HIDDEN_S = 4.0
"""Whom no camera has seen for longer nobody is bound to; behind another at the gate one is hidden for a while."""
CLEAR_M = 1.5
"""Whoever fits a scan less well waits until `BIND_WITHIN_S` for somebody who fits better."""
GHOST_MAX = 5
"""Somebody who was seen less often, and is gone, was somebody else seen double."""
PARTY_APART_S = 1.2
"""Who comes in together on one token comes one after the other."""
LATE_GAIN_M = 0.5
"""Whoever is found in the store without a visit, while a visit has nobody, is its shopper: cameras missed the door."""
EARLY_S = 8.0
"""Where no entry is drawn, they may have been seen so long before the scan."""
PASSED_M_S2 = 0.12
"""How many metres away from the entry weigh as much as a second, squared, between scan and passing there."""
LINGERS_M = 0.35
"""Who stands at the entry is there all the time; places are wrong by as much."""
UNSEEN_PASSING = 0.3
"""Who is seen for the first time beyond the entry passed it unseen, at `WALKS_M_S`: times their way from there is what
that costs."""
BEGINS_M = 0.1
"""And where they were nearer to the entry than at first by no more than this: places stir."""
GONE = 0.7
"""Who has passed the entry already and is farther in when somebody scans, scans hardly: times that much of the way."""
TURN_M = 0.3
"""How much it costs to have come in out of turn."""
DOUBLE_M, DOUBLE_S, DOUBLE_COST_M = 0.5, 0.5, 0.8
"""Who is as near to somebody of a visit at one time may be that person, seen double; and what that costs."""
MISSING_S = 4.0
"""As long unseen, a visit's people may go on under a number of which nobody knows whose it is."""
FOUND_M, WALKS_M_S = 2.5, 1.0
"""So far from where they were lost, and as much farther a second in between, somebody appears who may be they."""
FOUND_BEFORE_S, FOUND_FOR_S = 5.0, 2.0
"""They may have been seen double so long before they were lost, and have been seen so long by now."""
SEEN_DOUBLE_M = 1.2
"""Who was farther from them meanwhile, half of the time, is somebody else."""
FORGOTTEN_S = 3600.0
"""Somebody whom no camera sees may still be in the store; numbers are never used again."""


class Binding:
    """The people of every visit. `entry` is where the gate lets people in, in metres, None where none is drawn.

    `positions` is where everybody was of late: call `saw` here for whom it has taken in.
    """

    def __init__(self, entry: tuple[float, float] | None, positions: Positions) -> None:
        self._entry = entry
        self._positions = positions
        self._first: dict[int, Person] = {}
        self._last: dict[int, Person] = {}
        self._sightings: dict[int, int] = {}
        self._visit_of: dict[int, UUID] = {}
        self._waiting: list[tuple[UUID, float]] = []
        """Visits, and since when."""
        self._scanned_s: dict[UUID, float] = {}
        """When each open visit began."""
        self._missing: dict[UUID, Person] = {}
        """Those of the visits that wait who had somebody: where that person was lost."""

    def visit_of(self, person: int) -> UUID | None:
        """Whose visit the person is of; None: nobody knows, or they have none."""
        return self._visit_of.get(person)

    def of(self, visit: UUID) -> tuple[int, ...]:
        """The people who belong to the visit."""
        return tuple(person for person, theirs in self._visit_of.items() if theirs == visit)

    @property
    def last(self) -> Mapping[int, Person]:
        """Everybody of the store, where they were seen last."""
        return self._last

    def awaited(self, t_s: float, for_s: float) -> tuple[UUID, ...]:
        """Visits that wait for somebody `for_s` after they began: nobody was bound to them, or all are missing."""
        return tuple(dict.fromkeys(visit for visit, since_s in self._waiting if t_s - since_s > for_s))

    @property
    def anybody_awaited(self) -> bool:
        """Whether a visit waits for its shopper to be seen, for the first time or again."""
        return bool(self._waiting)

    def entered(self, visit: UUID, t_s: float, party: int = 1) -> None:
        """A visit opened at the gate: bind it to whoever stands there, in a moment, and to `party` people in all."""
        self._scanned_s[visit] = t_s
        self._waiting += [(visit, t_s + PARTY_APART_S * number) for number in range(party)]

    def left(self, visit: UUID) -> None:
        """The visit is over: nobody else will be bound to it."""
        self._waiting = [waiting for waiting in self._waiting if waiting[0] != visit]
        self._scanned_s.pop(visit, None)
        self._missing.pop(visit, None)

    def release(self, visit: UUID) -> None:
        """Nobody belongs to the visit: who stood there may come in on another."""
        self._visit_of = {person: theirs for person, theirs in self._visit_of.items() if theirs != visit}

    def are(self, whose: Mapping[UUID, UUID]) -> None:
        """The people of one visit are those of another, and so on round."""
        self._visit_of = {person: whose.get(visit, visit) for person, visit in self._visit_of.items()}
        waiting = [(whose.get(visit, visit), since_s) for visit, since_s in self._waiting]
        self._waiting = [(visit, self._scanned_s.get(visit, since_s)) for visit, since_s in waiting]
        self._missing = {whose.get(visit, visit): lost for visit, lost in self._missing.items()}

    def same(self, given_up: int, person: int) -> None:
        """One person had two numbers."""
        self._last.pop(given_up, None)
        self._first.pop(given_up, None)
        self._sightings.pop(given_up, None)
        visit = self._visit_of.pop(given_up, None)
        if visit is None:
            return
        other = self._visit_of.setdefault(person, visit) != visit
        if other and visit in self._scanned_s and not self.of(visit):
            # It was bound to another's second number: its own shopper is still to be found.
            self._waiting.append((visit, self._scanned_s[visit]))

    def saw(self, person: Person) -> None:
        """Take in where somebody stands now; call in the order of time."""
        self._last[person.person] = person
        self._first.setdefault(person.person, person)
        self._sightings[person.person] = self._sightings.get(person.person, 0) + 1

    def bind(self, t_s: float) -> list[tuple[int, UUID]]:
        """Who is found to belong to a visit now."""
        self._look_again(t_s)
        self._miss(t_s)
        ready = [waiting for waiting in self._waiting if t_s - waiting[1] >= BIND_AFTER_S]
        if not ready:
            return []
        free = [
            number
            for number, last in self._last.items()
            if number not in self._visit_of
            and t_s - last.t_s <= (AROUND_S if self._sightings[number] < GHOST_MAX else HIDDEN_S)
        ]
        fits = {number: [self._gain(number, waiting, t_s) for waiting in self._waiting] for number in free}
        free = sorted((n for n in free if max(fits[n]) > 0.0), key=lambda number: (self._first[number].t_s, number))
        # People scan in the order in which they come, where nothing else tells.
        gains = [
            [fits[number][rank] - TURN_M * abs(order - rank) for order, number in enumerate(free)]
            for rank in range(len(self._waiting))
        ]
        bound: dict[int, tuple[int, UUID]] = {}
        for row, column in best_pairs(gains):
            # Who scanned just now takes part in the matching, so that nobody else is given their person, and waits.
            hurries = gains[row][column] < CLEAR_M and t_s - self._waiting[row][1] < BIND_WITHIN_S
            if self._waiting[row] in ready and not hurries:
                bound[row] = (free[column], self._waiting[row][0])
        self._visit_of.update(bound.values())
        for _, visit in bound.values():
            self._missing.pop(visit, None)
        self._waiting = [
            waiting for row, waiting in enumerate(self._waiting) if row not in bound and t_s - waiting[1] <= WAITING_S
        ]
        return list(bound.values())

    def swapped_m(self, one: UUID, other: UUID) -> float:
        """How much worse it fits two visits' scans that their people are each other's, in metres; 0: nobody knows."""
        if one not in self._scanned_s or other not in self._scanned_s:
            return 0.0

        def passing_m(visit: UUID, whose: UUID) -> float:
            return min((self._passing_m(number, self._scanned_s[visit]) for number in self.of(whose)), default=math.inf)

        own_m = passing_m(one, one) + passing_m(other, other)
        return 0.0 if math.isinf(own_m) else passing_m(one, other) + passing_m(other, one) - own_m

    def forget(self, t_s: float) -> tuple[int, ...]:
        """Let go of people who have been unseen for too long: who they are."""
        gone = [number for number, person in self._last.items() if t_s - person.t_s > FORGOTTEN_S]
        for number in gone:
            del self._last[number], self._first[number]
            self._sightings.pop(number, None)
            self._visit_of.pop(number, None)
        return tuple(gone)

    def _look_again(self, t_s: float) -> None:
        """A visit whose person was hardly ever seen and is gone belongs to nobody: its shopper is still to be found."""
        ghosts = [
            (number, visit)
            for number, visit in self._visit_of.items()
            if self._sightings[number] < GHOST_MAX and t_s - self._last[number].t_s > AROUND_S
        ]
        for number, visit in ghosts:
            if visit in self._scanned_s:
                del self._visit_of[number]
                self._waiting.append((visit, self._scanned_s[visit]))

    def _miss(self, t_s: float) -> None:
        """A visit of whose people nobody is seen any more waits for whoever they are found as."""
        latest: dict[UUID, Person] = {}
        for number, visit in self._visit_of.items():
            if visit in self._scanned_s and (visit not in latest or latest[visit].t_s < self._last[number].t_s):
                latest[visit] = self._last[number]
        lost = {visit: person for visit, person in latest.items() if t_s - person.t_s >= MISSING_S}
        found = self._missing.keys() - lost.keys()
        waiting = [each for each in self._waiting if each[0] not in found]
        known = {visit for visit, _ in waiting}
        self._missing = {visit: at for visit, at in self._missing.items() if visit not in found}
        self._missing |= {visit: person for visit, person in lost.items() if visit not in known}
        self._waiting = [*waiting, *((visit, self._scanned_s[visit]) for visit in lost if visit not in known)]

    def _gain(self, number: int, waiting: tuple[UUID, float], t_s: float) -> float:
        """How well a person fits a visit that waits since then; those above 0 may be matched."""
        visit, since_s = waiting
        if visit in self._missing:
            gain_m = self._found_m(self._missing[visit], self._first[number], t_s)
        elif t_s - since_s <= BIND_WITHIN_S:
            gain_m = BIND_WITHIN_M - self._passing_m(number, since_s)
        else:
            late_s = self._first[number].t_s - since_s
            early_s = 0.0 if self._entry is not None else EARLY_S
            gain_m = LATE_GAIN_M + LATE_GAIN_M / (1.0 + abs(late_s)) if late_s > -early_s else -math.inf
        return gain_m - (DOUBLE_COST_M if self._may_be_double(number) else 0.0)

    def _found_m(self, lost: Person, first: Person, t_s: float) -> float:
        """How well it fits that who was `first` seen then is who was `lost`."""
        gap_s = first.t_s - lost.t_s
        near_m = FOUND_M + WALKS_M_S * abs(gap_s)
        if gap_s < -FOUND_BEFORE_S or t_s - first.t_s < FOUND_FOR_S or _apart_m(first, lost) > near_m:
            return -math.inf
        if gap_s < 0.0 and self._meanwhile_m(first, lost) > SEEN_DOUBLE_M:
            return -math.inf
        return LATE_GAIN_M + LATE_GAIN_M / (1.0 + abs(gap_s))

    def _meanwhile_m(self, first: Person, lost: Person) -> float:
        """How far apart two were, half of the time, from when one was seen first until the other was lost."""
        lost_at: Person | None = None
        apart = []
        for person in self._positions.between((first.t_s, lost.t_s)):
            if person.person == lost.person:
                lost_at = person
            elif person.person == first.person and lost_at is not None and lost_at.t_s - person.t_s <= DOUBLE_S:
                apart.append(_apart_m(person, lost_at))
        return sorted(apart)[len(apart) // 2] if apart else 0.0

    def _may_be_double(self, number: int) -> bool:
        """Whether somebody of a visit is seen right where the person is."""
        here = self._last[number]
        others = (self._last[other] for other in self._visit_of if other in self._last)
        return any(abs(other.t_s - here.t_s) <= DOUBLE_S and _apart_m(other, here) < DOUBLE_M for other in others)

    def _passing_m(self, number: int, since_s: float) -> float:
        """How badly it fits that a person scanned then: how far from the entry they passed, and how long before.

        Seconds are squared: who comes second is not the first, however long after the scan one is in.
        """
        first = self._first[number]
        if self._entry is None:
            return PASSED_M_S2 * (first.t_s - since_s) ** 2
        places = [
            (math.hypot(person.x_m - self._entry[0], person.y_m - self._entry[1]), person.t_s)
            for person in self._positions.between((since_s - BIND_WITHIN_S, math.inf))
            if person.person == number
        ]
        if not places:
            return math.inf
        nearest_m = min(places)[0]
        earliest_m, earliest_s = places[-1]
        if since_s < earliest_s == first.t_s and nearest_m > LINGERS_M and earliest_m <= nearest_m + BEGINS_M:
            passed_s = earliest_s - nearest_m / WALKS_M_S
            return UNSEEN_PASSING * nearest_m + PASSED_M_S2 * (passed_s - since_s) ** 2
        times = [at_s for apart_m, at_s in places if apart_m <= nearest_m + LINGERS_M]
        apart_s = max(times[-1] - since_s, since_s - times[0], 0.0)
        gone_m = 0.0
        if times[0] < since_s:
            then_m = min(places, key=lambda place: abs(place[1] - since_s))[0]
            gone_m = max(then_m - nearest_m - LINGERS_M, 0.0)
        return nearest_m + PASSED_M_S2 * apart_s * apart_s + GONE * gone_m


def _apart_m(one: Person, other: Person) -> float:
    return math.hypot(one.x_m - other.x_m, one.y_m - other.y_m)
