"""Which person of the store belongs to which visit, and where everybody was when.

A visit that opens at the gate is bound to who was by the entry just then: all visits and people that wait are matched
together, `BIND_AFTER_S` later, because who comes in may be seen a moment after the scan. Places and wrists are kept for
`KEPT_S`, so that an interaction can be given to whoever stood there while it lasted, though it is understood only after
the hand has gone.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from uuid import UUID

from edge.tracking.joining.joining import Person
from edge.tracking.joining.pairs import best_pairs

KEPT_S = 30.0
STANDING_S = 0.7
WRIST_SURE = 0.4
BIND_AFTER_S = 1.0
BIND_WITHIN_S = 4.0
BIND_WITHIN_M = 2.5
LATE_M_S = 0.6
"""A metre that somebody is away from the entry weighs as much as so many seconds between scan and sight."""
FORGOTTEN_S = 3600.0
"""Somebody whom no camera sees may still be in the store; numbers are never used again."""
POSITIONS_MAX = 50_000


class People:
    """The people on the floor, as far as cameras follow them. `entry` is where the gate lets people in, in metres."""

    def __init__(self, entry: tuple[float, float] | None) -> None:
        self._entry = entry
        self._seen: deque[Person] = deque(maxlen=POSITIONS_MAX)
        self._last: dict[int, Person] = {}
        self._visit_of: dict[int, UUID] = {}
        self._waiting: list[tuple[UUID, float]] = []

    def saw(self, people: Iterable[Person]) -> None:
        """Take in where people stand now; call in the order of time."""
        t_s = None
        for person in people:
            self._last[person.person] = person
            self._seen.append(person)
            t_s = person.t_s
        if t_s is not None:
            self._bind(t_s)
            self._forget(t_s)

    def entered(self, visit: UUID, t_s: float) -> None:
        """A visit opened at the gate: bind it to whoever stands there, in a moment."""
        self._waiting.append((visit, t_s))

    def left(self, visit: UUID) -> None:
        """The visit is over: nobody else will be bound to it."""
        self._waiting = [waiting for waiting in self._waiting if waiting[0] != visit]

    def of(self, visit: UUID) -> tuple[int, ...]:
        """The people who belong to the visit."""
        return tuple(person for person, theirs in self._visit_of.items() if theirs == visit)

    def standing(self, t_s: float) -> tuple[tuple[Person, UUID | None], ...]:
        """Who was seen within `STANDING_S` before `t_s`, and whose visit each belongs to."""
        return tuple(
            (person, self._visit_of.get(number))
            for number, person in self._last.items()
            if t_s - person.t_s <= STANDING_S
        )

    def distance_m(self, visit: UUID, place: tuple[float, float], from_s: float, to_s: float) -> float | None:
        """How near the visit's people came to `place` between the two times; None where none was seen then."""
        distances = [
            math.hypot(person.x_m - place[0], person.y_m - place[1]) for person in self._of(visit, from_s, to_s)
        ]
        return min(distances, default=None)

    def reach_m(self, visit: UUID, point: tuple[float, float, float], from_s: float, to_s: float) -> float | None:
        """How near a wrist of the visit's people came to `point` between the two times; None where none was seen."""
        distances = [
            math.dist(wrist[:3], point)
            for person in self._of(visit, from_s, to_s)
            for wrist in person.wrists
            if wrist[3] >= WRIST_SURE
        ]
        return min(distances, default=None)

    def _of(self, visit: UUID, from_s: float, to_s: float) -> Iterator[Person]:
        # From the newest back: what is asked about has just happened.
        for person in reversed(self._seen):
            if person.t_s < from_s:
                return
            if person.t_s <= to_s and self._visit_of.get(person.person) == visit:
                yield person

    def _bind(self, t_s: float) -> None:
        ready = [waiting for waiting in self._waiting if t_s - waiting[1] >= BIND_AFTER_S]
        if self._entry is None or not ready:
            return
        free = [number for number in self._last if number not in self._visit_of]
        gains = [[BIND_WITHIN_M - self._away_m(number, since_s) for number in free] for _, since_s in self._waiting]
        for row, column in best_pairs(gains):
            # Who scanned just now takes part in the matching, so that nobody else is given their person, and waits.
            if self._waiting[row] in ready:
                self._visit_of[free[column]] = self._waiting[row][0]
        bound = set(self._visit_of.values())
        self._waiting = [
            (visit, since_s)
            for visit, since_s in self._waiting
            if visit not in bound and t_s - since_s <= BIND_WITHIN_S
        ]

    def _away_m(self, number: int, since_s: float) -> float:
        """How far a person was from the entry at a time, in metres; seconds between the two count as metres, too."""
        assert self._entry is not None, "asked where there is an entry only"
        away = math.inf
        for person in reversed(self._seen):
            if person.t_s < since_s - BIND_WITHIN_S:
                break
            if person.person == number:
                apart_m = math.hypot(person.x_m - self._entry[0], person.y_m - self._entry[1])
                away = min(away, apart_m + LATE_M_S * abs(person.t_s - since_s))
        return away

    def _forget(self, t_s: float) -> None:
        while self._seen and t_s - self._seen[0].t_s > KEPT_S:
            self._seen.popleft()
        gone = [number for number, person in self._last.items() if t_s - person.t_s > FORGOTTEN_S]
        for number in gone:
            del self._last[number]
            self._visit_of.pop(number, None)
