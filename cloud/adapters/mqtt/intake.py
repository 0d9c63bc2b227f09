"""The bounded queue between the broker's thread and the ingester's."""

import threading
from collections import deque
from dataclasses import dataclass

COUNT_MAX = 4_096
BYTES_MAX = 32 * 1024 * 1024
"""A broker says how many messages it sends without an ack (mosquitto 20, NATS 1,024). Debian's mosquitto 2.0.11 keeps
to that only until the first ack, and then sends all it has: after an outage that is more than fits here."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the broker delivered it. `connection` numbers the connection: only there can `mid` be acked."""

    topic: str
    payload: bytes
    qos: int
    mid: int
    connection: int


class Intake:
    """First in, first out; what does not fit waits for room or is refused.

    While somebody waits nothing is read from the broker's connection, and so the broker keeps what it has. A QoS 1
    message that is refused in the end is remembered as `overflowed`.
    """

    def __init__(self, count_max: int = COUNT_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._count_max = count_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._queue: deque[Delivery] = deque()
        self._changed = threading.Condition()
        self._overflowed = False
        self._patient = True

    def offer(self, delivery: Delivery, wait_s: float = 0.0) -> bool:
        """Take `delivery` in, at the latest after `wait_s` seconds; False where there is no room by then."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._fits(delivery) or not self._patient, wait_s):
                self._overflowed |= delivery.qos > 0
                return False
            if not self._fits(delivery):
                return False
            self._queue.append(delivery)
            self._bytes += len(delivery.payload)
            self._changed.notify_all()
            return True

    def take(self, limit: int, timeout_s: float) -> list[Delivery]:
        """Up to `limit` messages: those that are there, or the first that comes within `timeout_s`, or none."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue, timeout_s)
            taken = [self._queue.popleft() for _ in range(min(limit, len(self._queue)))]
            self._bytes -= sum(len(delivery.payload) for delivery in taken)
            self._changed.notify_all()
            return taken

    def be_patient(self, *, patient: bool) -> None:
        """Whether those that offer may wait; when not, those that do are refused, as their connection ends anyway."""
        with self._changed:
            self._patient = patient
            self._changed.notify_all()

    def _fits(self, delivery: Delivery) -> bool:
        return len(self._queue) < self._count_max and self._bytes + len(delivery.payload) <= self._bytes_max

    def overflowed(self) -> bool:
        """Whether a QoS 1 message was refused since this was last asked; the broker must deliver it again."""
        with self._changed:
            was, self._overflowed = self._overflowed, False
            return was
