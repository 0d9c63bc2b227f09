"""A store's devices as they are now: every camera and the gate, each on a thread, into one bounded stream.

A reader that is slower than the cameras gets the newest pictures: when `QUEUE_MAX` readings wait, the oldest picture is
left out and counted. Passes and faults are never left out.

The stream goes on in time: threads may take their times from the clock in one order and come here in the other, and
then the later one to come is given the time of the one before it.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from hardware.cameras.source import Clock, open_source
from hardware.errors import CameraError, DeviceError
from hardware.ports import Fault, Frame, Gate, Reading
from protocol.store import Camera as CameraPlan
from protocol.store import Store

logger = logging.getLogger(__name__)

QUEUE_MAX = 16
STOP_LOOK_S = 0.2


class LiveDevices:
    """The cameras of `store`, each at its source, and `gate`. Start it once; it can be iterated until `stop` is set."""

    def __init__(self, store: Store, folder: Path, gate: Gate | None, clock: Clock, stop: threading.Event) -> None:
        self._clock = clock
        self._waiting: deque[Reading] = deque()
        self._changed = threading.Condition()
        self._last_s = 0.0
        self._running = 0
        self._stop = stop
        self.left_out = 0
        """Pictures that nobody had time for."""
        for plan in store.cameras:
            self._running += 1
            self._start(f"camera {plan.id}", partial(self._watch, plan, folder))
        if gate is not None:
            self._start("gate", partial(self._listen, gate))

    def __iter__(self) -> Iterator[Reading]:
        while True:
            with self._changed:
                while not self._waiting:
                    if self._stop.is_set() or not self._running:
                        return
                    # An event set elsewhere wakes nobody here, so look again now and then.
                    self._changed.wait(STOP_LOOK_S)
                reading = self._waiting.popleft()
            yield reading

    def _start(self, part: str, work: Callable[[], None]) -> None:
        threading.Thread(target=self._guard, args=(part, work), name=part, daemon=True).start()

    def _guard(self, part: str, work: Callable[[], None]) -> None:
        """Do `work`; whatever ends it, a driver's own fault too, is said: a device must not die in silence."""
        try:
            work()
        except DeviceError as error:
            self._put(Fault(self._clock(), part, str(error)))
        except Exception as error:
            logger.exception("%s", part)
            self._put(Fault(self._clock(), part, f"its driver failed: {error!r}"))
        finally:
            # The gate's stream may never end (a terminal); the cameras decide when everything is over.
            with self._changed:
                self._running -= part != "gate"
                self._changed.notify_all()

    def _put(self, reading: Reading) -> None:
        with self._changed:
            if len(self._waiting) >= QUEUE_MAX and isinstance(reading, Frame):
                oldest = next((waiting for waiting in self._waiting if isinstance(waiting, Frame)), None)
                if oldest is not None:
                    self._waiting.remove(oldest)
                    self.left_out += 1
            self._last_s = max(self._last_s, reading.t_s)
            self._waiting.append(reading if reading.t_s == self._last_s else replace(reading, t_s=self._last_s))
            self._changed.notify_all()

    def _watch(self, plan: CameraPlan, folder: Path) -> None:
        with closing(open_source(plan, folder, self._clock)) as camera:
            for frame in camera.frames():
                if self._stop.is_set():
                    return
                height, width = frame.image.shape[:2]
                if (width, height) != plan.size:
                    raise CameraError(
                        f"camera {plan.id!r} gives {width}×{height} pictures; the store file says "
                        f"{plan.size[0]}×{plan.size[1]}"
                    )
                self._put(frame)
        raise CameraError(f"camera {plan.id!r}: its pictures have ended")

    def _listen(self, gate: Gate) -> None:
        for seen in gate.passes():
            self._put(seen)
