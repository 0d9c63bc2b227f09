"""The bounded queue between the broker's thread and the ingester's."""

import threading
from collections import deque
from dataclasses import dataclass

COUNT_MAX = 4_096
BYTES_MAX = 32 * 1024 * 1024
"""A broker sends a bounded number of unacked messages (mosquitto 20, NATS 1,024), so this is reached only when
something is wrong; it keeps a small machine alive then."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the broker delivered it. `connection` numbers the connection: only there can `mid` be acked."""

    topic: str
    payload: bytes
    qos: int
    mid: int
    connection: int


class Intake:
    """First in, first out; what does not fit is refused, and a refused QoS 1 message is remembered as `overflowed`."""

    def __init__(self, count_max: int = COUNT_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._count_max = count_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._queue: deque[Delivery] = deque()
        self._changed = threading.Condition()
        self._overflowed = False

    def offer(self, delivery: Delivery) -> bool:
        """Take `delivery` in; False where there is no room. Never blocks: the broker's thread must go on."""
        with self._changed:
            if len(self._queue) >= self._count_max or self._bytes + len(delivery.payload) > self._bytes_max:
                self._overflowed |= delivery.qos > 0
                return False
            self._queue.append(delivery)
            self._bytes += len(delivery.payload)
            self._changed.notify()
            return True

    def take(self, limit: int, timeout_s: float) -> list[Delivery]:
        """Up to `limit` messages: those that are there, or the first that comes within `timeout_s`, or none."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue, timeout_s)
            taken = [self._queue.popleft() for _ in range(min(limit, len(self._queue)))]
            self._bytes -= sum(len(delivery.payload) for delivery in taken)
            return taken

    def overflowed(self) -> bool:
        """Whether a QoS 1 message was refused since this was last asked; the broker must deliver it again."""
        with self._changed:
            was, self._overflowed = self._overflowed, False
            return was
