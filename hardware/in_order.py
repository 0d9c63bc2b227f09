"""Readings that a network brings late and out of step, put back into the order in which they were taken.

Theory of operation. A node must hear of things in the order of time: what it has said about a moment it has said. A
network camera's picture comes a little after it was taken, now and then much later, and another camera's picture of a
later moment may be there first. So a reading waits until no camera can bring an earlier one any more:

    a camera gave its picture of t          its next one is at least `EARLIEST` of its period later
    it has given nothing for `HOLD_S`       it is no longer waited for, until it gives again
    its driver said that it is broken       the same, at once

What comes after all that, when something later was let through already, is given the time of that. A picture that would
be more than `HOLD_S` wrong then, or no later than its camera's last one, came too late: it is left out and counted, as
the next one shows the same and more. Weights, passes and faults are never left out. Everything depends on the times
alone, so the same arrivals come out the same.

What waits is bounded: nothing waits for longer than `HOLD_S` after the next arrival.
"""

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hardware.ports import Fault, Frame, Reading

HOLD_S = 0.5
"""Of one frame in some thousands on a wired network; what is later is rather a fault than a delay."""
EARLIEST = 0.9
"""Of a camera's period: no camera's next picture comes sooner, however uneven its clock."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A reading, and when it is there: `at_s` on the same clock as its own time."""

    at_s: float
    reading: Reading


@dataclass(slots=True)
class InOrder:
    """Puts the readings of cameras with `periods_s` (by id, seconds), and of other devices, into order."""

    periods_s: Mapping[str, float]
    too_late: int = 0
    """Pictures that were left out because they came too late."""
    _seen_s: dict[str, float] = field(default_factory=dict)
    _broken: set[str] = field(default_factory=set)
    _waiting: list[tuple[float, int, Reading]] = field(default_factory=list)
    _count: int = 0
    _given_s: float = -math.inf

    def take(self, arrival: Arrival) -> Iterator[Reading]:
        """Take in what has arrived; what need not wait any longer, in order. Call in the order of arrival."""
        reading = arrival.reading
        behind_s = self._given_s - reading.t_s
        if behind_s > 0.0:
            reading = replace(reading, t_s=self._given_s)
        if isinstance(reading, Frame):
            self._broken.discard(reading.camera)
            if behind_s > HOLD_S or reading.t_s <= self._seen_s.get(reading.camera, -math.inf):
                self.too_late += 1
            else:
                self._seen_s[reading.camera] = reading.t_s
                self._wait(reading)
        else:
            if isinstance(reading, Fault):
                kind, _, name = reading.part.partition(" ")
                self._broken |= {name} if kind == "camera" else set()
            self._wait(reading)
        return self._let_through(self._complete_until_s(arrival.at_s))

    def end(self) -> Iterator[Reading]:
        """Nothing more arrives: all that still waits."""
        return self._let_through(math.inf)

    def _wait(self, reading: Reading) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (reading.t_s, self._count, reading))

    def _complete_until_s(self, now_s: float) -> float:
        """Up to when everything is here that will be waited for."""
        patience_s = now_s - HOLD_S
        return min(
            (
                max(self._seen_s.get(camera, -math.inf) + EARLIEST * period_s, patience_s)
                for camera, period_s in self.periods_s.items()
                if camera not in self._broken
            ),
            default=math.inf,
        )

    def _let_through(self, until_s: float) -> Iterator[Reading]:
        while self._waiting and self._waiting[0][0] <= until_s:
            self._given_s, _, reading = heapq.heappop(self._waiting)
            yield reading


def in_order(arrivals: Iterable[Arrival], order: InOrder) -> Iterator[Arrival]:
    """`arrivals` in the order of their readings' times; each is there when `order` lets it through."""
    at_s = -math.inf
    for arrival in arrivals:
        at_s = arrival.at_s
        for reading in order.take(arrival):
            yield Arrival(at_s, reading)
    for reading in order.end():
        yield Arrival(at_s, reading)
