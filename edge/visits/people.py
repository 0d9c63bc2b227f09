"""Which tracked person belongs to which visit, and where everybody was when.

A visit that opens at the gate is bound to the nearest person by the entry who belongs to none yet. A track that ends
and begins anew near by within a moment carries the binding on. Positions are kept for `KEPT_S`, so that an
interaction can be given to whoever stood there while it lasted, though it is understood only after the hand has gone.
"""

import math
from collections import deque
from collections.abc import Iterable
from uuid import UUID

from edge.tracking.floor import PersonOnFloor

KEPT_S = 30.0
STANDING_S = 0.7
WRIST_SURE = 0.4
BIND_WITHIN_S = 4.0
BIND_WITHIN_M = 2.5
REJOIN_WITHIN_S = 3.0
REJOIN_WITHIN_M = 1.2
POSITIONS_MAX = 50_000

Key = tuple[str, int]
"""Camera and track number."""


class People:
    """The people on the floor, as far as cameras follow them. `entry` is where the gate lets people in, in metres."""

    def __init__(self, entry: tuple[float, float] | None) -> None:
        self._entry = entry
        self._seen: deque[PersonOnFloor] = deque(maxlen=POSITIONS_MAX)
        self._last: dict[Key, PersonOnFloor] = {}
        self._visit_of: dict[Key, UUID] = {}
        self._waiting: list[tuple[UUID, float]] = []

    def saw(self, people: Iterable[PersonOnFloor]) -> None:
        """Take in where a camera's people stand now; call in the order of time."""
        for person in people:
            key = (person.camera, person.track)
            if key not in self._last:
                self._rejoin(key, person)
            self._last[key] = person
            self._seen.append(person)
            self._bind(person.t_s)
            self._forget(person.t_s)

    def entered(self, visit: UUID, t_s: float) -> None:
        """A visit opened at the gate: bind it to whoever stands there, now or in a moment."""
        self._waiting.append((visit, t_s))
        self._bind(t_s)

    def left(self, visit: UUID) -> None:
        """The visit is over; whoever is still seen belongs to none."""
        self._waiting = [waiting for waiting in self._waiting if waiting[0] != visit]

    def standing(self, t_s: float) -> tuple[tuple[PersonOnFloor, UUID | None], ...]:
        """Who was seen within `STANDING_S` before `t_s`, and whose visit each belongs to."""
        return tuple(
            (person, self._visit_of.get(key)) for key, person in self._last.items() if t_s - person.t_s <= STANDING_S
        )

    def distance_m(self, visit: UUID, place: tuple[float, float], from_s: float, to_s: float) -> float | None:
        """How near the visit's people came to `place` between the two times; None where none was seen then."""
        distances = [
            math.hypot(person.x_m - place[0], person.y_m - place[1])
            for person in self._seen
            if from_s <= person.t_s <= to_s and self._visit_of.get((person.camera, person.track)) == visit
        ]
        return min(distances, default=None)

    def reach_m(self, visit: UUID, point: tuple[float, float, float], from_s: float, to_s: float) -> float | None:
        """How near a wrist of the visit's people came to `point` between the two times; None where none was seen."""
        distances = [
            math.dist(wrist[:3], point)
            for person in self._seen
            if from_s <= person.t_s <= to_s and self._visit_of.get((person.camera, person.track)) == visit
            for wrist in person.wrists
            if wrist[3] >= WRIST_SURE
        ]
        return min(distances, default=None)

    def _bind(self, t_s: float) -> None:
        self._waiting = [waiting for waiting in self._waiting if t_s - waiting[1] <= BIND_WITHIN_S]
        entry = self._entry
        if entry is None:
            return
        for visit, since_s in list(self._waiting):
            free = [
                (math.hypot(person.x_m - entry[0], person.y_m - entry[1]), key)
                for key, person in self._last.items()
                if key not in self._visit_of and abs(person.t_s - since_s) <= BIND_WITHIN_S
            ]
            nearest = min(free, default=None)
            if nearest is not None and nearest[0] <= BIND_WITHIN_M:
                self._visit_of[nearest[1]] = visit
                self._waiting.remove((visit, since_s))

    def _rejoin(self, key: Key, person: PersonOnFloor) -> None:
        """Carry a visit over to a track that begins where one of the same camera has just ended."""
        ended = [
            (math.hypot(last.x_m - person.x_m, last.y_m - person.y_m), other)
            for other, last in self._last.items()
            if other[0] == key[0] and other in self._visit_of and 0.0 < person.t_s - last.t_s <= REJOIN_WITHIN_S
        ]
        nearest = min(ended, default=None)
        if nearest is not None and nearest[0] <= REJOIN_WITHIN_M:
            self._visit_of[key] = self._visit_of[nearest[1]]

    def _forget(self, t_s: float) -> None:
        while self._seen and t_s - self._seen[0].t_s > KEPT_S:
            self._seen.popleft()
        gone = [key for key, person in self._last.items() if t_s - person.t_s > KEPT_S]
        for key in gone:
            del self._last[key]
            self._visit_of.pop(key, None)
