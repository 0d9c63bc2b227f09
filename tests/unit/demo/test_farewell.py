"""How a live run ends: the cloud has everything, or it is said what waits, and never does the end take long."""

import logging
from datetime import UTC, datetime

import pytest

from edge.delivery.delivery import DRAIN_S
from edge.delivery.health import Health
from tillfree.farewell import UNREACHED_S, farewell


class Way:
    """A way to the cloud that needs `needs_s` once it is connected, which it is from `from_s` to `to_s`."""

    def __init__(self, needs_s: float, from_s: float = 0.0, to_s: float = float("inf"), waiting: int = 3) -> None:
        self.needs_s, self.from_s, self.to_s, self.waiting = needs_s, from_s, to_s, waiting
        self.now_s = 0.0

    def clock(self) -> float:
        return self.now_s

    @property
    def connected(self) -> bool:
        return self.from_s <= self.now_s < self.to_s

    def drain(self, within_s: float) -> bool:
        if self.connected:
            took_s = min(within_s, self.needs_s)
            self.needs_s -= took_s
            self.now_s += took_s
            return self.needs_s <= 0.0
        self.now_s += within_s
        return False

    def health(self) -> Health:
        problem = None if self.connected else "mqtt://nowhere: no route"
        return Health("mqtt://nowhere", self.connected, datetime(2026, 1, 1, tzinfo=UTC), problem, self.waiting, 0, 1)


@pytest.mark.parametrize(
    ("way", "delivered", "at_most_s"),
    [
        (Way(needs_s=0.2), True, 0.2),
        (Way(needs_s=5.0), True, 5.0),
        (Way(needs_s=1.0, from_s=2.0), True, 3.5),
        (Way(needs_s=1.0, from_s=float("inf")), False, UNREACHED_S),
        (Way(needs_s=1000.0), False, DRAIN_S),
        (Way(needs_s=10.0, to_s=1.0), False, 1.0 + UNREACHED_S),
    ],
)
def test_the_end_takes_no_longer_than_it_may(way: Way, delivered: bool, at_most_s: float) -> None:
    assert farewell(way, way.clock) is delivered
    assert way.now_s <= at_most_s + 0.5


@pytest.mark.parametrize(
    ("waiting", "said"),
    [(3, "3 events that the cloud has not acked (mqtt://nowhere: no route)"), (0, "no event is missing")],
)
def test_what_waits_is_said(waiting: int, said: str, caplog: pytest.LogCaptureFixture) -> None:
    way = Way(needs_s=1.0, from_s=float("inf"), waiting=waiting)
    with caplog.at_level(logging.WARNING):
        farewell(way, way.clock)
    assert said in caplog.text
