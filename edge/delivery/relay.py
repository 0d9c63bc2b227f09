"""Which events to send when: the outbox's protocol, as a state machine that does no I/O and knows no clock.

Theory of operation. The outbox holds the events `acked` + 1 … `last`. The first of them, up to a bound in number and in
bytes, are the window: they may be on their way. `sent` is how far the window has been published on this connection.
The cloud acks cumulatively, and an ack moves the window on. Nothing else is relied on: a broker's PUBACK says that the
broker has the message, and a broker can die with it (facts: 596 of 4,000 were lost that way). So when no ack moves the
window for a while (`patience`, 2 s and doubling to 30 s), everything after `acked` is published again, from the
beginning of the window: go-back-N. A new connection goes back at once, since what the old one carried may be gone.

    state                 connected     disconnected   appended       acked, new        patience runs out
    away                  → idle/busy   away           last grows     acked grows       –
    idle (acked = sent)   → idle/busy   → away         → busy         –                 –
    busy (acked < sent)   go back       → away         last grows     acked grows,      go back, and wait
                                                                      patience anew     twice as long

An ack of another epoch, an old one and a repeated one change nothing in any state. One beyond `last` is an error of the
other side, and the outbox has refused it before it comes here.

Why it is right. Safe: the relay never deletes; the outbox does, on an ack of its epoch that covers the event, and the
cloud sends such an ack only after committing that event and all before it. Sent twice is committed once, as the cloud
keeps (device, epoch, seq) unique. Live: while anything is unacked and there is a connection, either the window has room
and `due` publishes, or a deadline runs and going back will publish; so if messages and acks get through now and then,
the first unacked event arrives sometime, its ack moves the window, and so on to the last. Bounded: no more than the
window is on its way, and memory is one integer for each message in it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from protocol.topics import PAYLOAD_BYTES_MAX

WINDOW_COUNT: Final = 64
"""Enough to fill a link of 100 ms and 600 events a second; a shop makes a few a second."""
WINDOW_BYTES: Final = 512 * 1024
"""Four messages of the largest size; what a 3G uplink carries within one patience or two."""
PATIENCE_S: Final = 2.0
"""Some times the ack's usual way (tens of milliseconds), so that a slow commit is not taken for a loss."""
PATIENCE_S_MAX: Final = 30.0
"""A cloud that comes back waits this long at most, and one that is away is not flooded."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What to publish now: the events after `after_seq`, `limit_count` of them and `limit_bytes` together at most."""

    after_seq: int
    limit_count: int
    limit_bytes: int


class Relay:
    """The sender's half of the protocol for one epoch; see the module.

    Times are seconds of any clock that never goes back. After each input ask `due`; publish what it says and report it
    with `sent`, until it says None or the next event does not fit; then wait for an input, or until `wake_s`.
    """

    def __init__(
        self,
        epoch: int,
        *,
        first_seq: int,
        last_seq: int,
        window_count: int = WINDOW_COUNT,
        window_bytes: int = WINDOW_BYTES,
    ) -> None:
        assert 1 <= first_seq <= last_seq + 1
        assert window_count > 0
        assert window_bytes >= PAYLOAD_BYTES_MAX, "the largest message would never fit"
        self._epoch = epoch
        self._acked = first_seq - 1
        self._last = last_seq
        self._window_count, self._window_bytes = window_count, window_bytes
        self._online = False
        self._in_flight: deque[int] = deque()
        """Bytes of the messages `acked` + 1 … `sent`."""
        self._patience_s = PATIENCE_S
        self._deadline_s: float | None = None

    @property
    def acked_seq(self) -> int:
        """Everything up to here is committed."""
        return self._acked

    @property
    def in_flight_bytes(self) -> tuple[int, ...]:
        """The sizes of the messages that have been published and are not acked, oldest first."""
        return tuple(self._in_flight)

    @property
    def stalled(self) -> bool:
        """Whether acks fail to come: patience has run out since the last progress."""
        return self._patience_s > PATIENCE_S

    @property
    def wake_s(self) -> float | None:
        """When `due` is to be asked again though nothing happened; None: only after an input."""
        return self._deadline_s

    def connected(self) -> None:
        """There is a way to the broker: what was on the old one may be lost."""
        self._online = True
        self._go_back()
        self._patience_s = PATIENCE_S

    def disconnected(self) -> None:
        """The way is gone."""
        self._online = False
        self._go_back()

    def appended(self, last_seq: int) -> None:
        """Events up to `last_seq` are on disk."""
        self._last = max(self._last, last_seq)

    def acked(self, epoch: int, seq: int, now_s: float) -> None:
        """The cloud has committed everything up to `seq`."""
        if epoch != self._epoch or not self._acked < seq <= self._last:
            return
        for _ in range(min(seq - self._acked, len(self._in_flight))):
            self._in_flight.popleft()
        self._acked = seq
        self._patience_s = PATIENCE_S
        self._deadline_s = now_s + self._patience_s if self._in_flight else None

    def due(self, now_s: float) -> Batch | None:
        """What to publish at `now_s`; None: nothing now."""
        if not self._online:
            return None
        if self._deadline_s is not None and now_s >= self._deadline_s:
            self._go_back()
            self._patience_s = min(2 * self._patience_s, PATIENCE_S_MAX)
        sent = self._acked + len(self._in_flight)
        room_count = min(self._window_count - len(self._in_flight), self._last - sent)
        room_bytes = self._window_bytes - sum(self._in_flight)
        if room_count <= 0 or room_bytes <= 0:
            return None
        return Batch(sent, room_count, room_bytes)

    def sent(self, sizes_bytes: Sequence[int], now_s: float) -> None:
        """The next events, of these sizes, have been published."""
        self._in_flight.extend(sizes_bytes)
        assert len(self._in_flight) <= min(self._window_count, self._last - self._acked)
        assert sum(self._in_flight) <= self._window_bytes
        if self._deadline_s is None and self._in_flight:
            self._deadline_s = now_s + self._patience_s

    def _go_back(self) -> None:
        self._in_flight.clear()
        self._deadline_s = None
