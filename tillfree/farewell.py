"""The end of a live run: how long the edge waits for the cloud to have everything, and what it says where it has not.

What is not acked is on disk and is sent at the next start, so nothing is gained by waiting long: a broker that answers
is given the time to ack, one that cannot be reached only the time of a short break. Then the process ends.
"""

import logging
import time
from collections.abc import Callable
from typing import Protocol

from edge.delivery.delivery import DRAIN_S
from edge.delivery.health import Health

UNREACHED_S = 3.0
"""How long in all a broker may be away at the end: as long as a connection takes to be made anew."""
LOOK_S = 0.5


class Draining(Protocol):
    """Delivery, as far as its end goes."""

    def drain(self, within_s: float) -> bool:
        """Wait until everything is acked; False: not within so long."""

    def health(self) -> Health:
        """How delivery is."""


def farewell(delivery: Draining, clock_s: Callable[[], float] = time.monotonic) -> bool:
    """Wait until the cloud has everything, within the limits above; whether it has. Else it says what waits."""
    began_s = clock_s()
    away_s = 0.0
    while True:
        before_s = clock_s()
        if delivery.drain(LOOK_S):
            return True
        health, now_s = delivery.health(), clock_s()
        if not health.connected:
            away_s += now_s - before_s
        if away_s >= UNREACHED_S or now_s - began_s >= DRAIN_S:
            break
    why = health.problem or "the cloud acks nothing"
    if health.waiting:
        logging.warning(
            "ended with %d events that the cloud has not acked (%s); they are on disk, and sent at the next start",
            health.waiting,
            why,
        )
    else:
        logging.warning("ended before the cloud had heard how far was observed (%s); no event is missing", why)
    return False
