"""A store's devices as they are now: every camera and the gate, each on a thread, into one bounded stream.

A camera's thread watches a capture process of its own (hardware/cameras/live_camera.py), so that nothing a camera or
its driver does stops another one or the store; it says when the camera faults and when it is well again.

A reader that is slower than the cameras gets the newest pictures: when `QUEUE_MAX` readings wait, the oldest picture is
left out and counted. Passes, faults and recoveries are never left out.

The stream goes on in time: threads may take their times from the clock in one order and come here in the other, and
then the later one to come is given the time of the one before it.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from hardware.cameras.health import CameraHealth
from hardware.cameras.live_camera import Clock, LiveCamera
from hardware.errors import DeviceError
from hardware.ports import Fault, Frame, Gate, Reading, Restored
from protocol.store import Camera as CameraPlan
from protocol.store import Store

logger = logging.getLogger(__name__)

QUEUE_MAX = 16
STOP_LOOK_S = 0.2
END_S = 3.0
"""How long cameras are waited for at the end; their processes end with this one in any case."""


class Watched(Protocol):
    """A camera that says how it does, and goes on after a fault."""

    def readings(self) -> Generator[Frame | Fault | Restored, None, None]:
        """Pictures, faults and recoveries until it is over. Closing the iterator lets the camera go."""

    def health(self) -> CameraHealth:
        """How it does now; asked from any thread."""


Hang = Callable[[CameraPlan, Path, Clock, threading.Event], Watched]
"""Makes a camera of what the store file says of it. Raises CameraError."""


class LiveDevices:
    """The cameras of `store`, each at its source, and `gate`. Start it once; it can be iterated until `stop` is set."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        gate: Gate | None,
        clock: Clock,
        stop: threading.Event,
        *,
        hang: Hang = LiveCamera,
    ) -> None:
        self._clock = clock
        self._waiting: deque[Reading] = deque()
        self._changed = threading.Condition()
        self._last_s = 0.0
        self._stop = stop
        # Cameras have an event of their own: whoever set `stop` may clear it again before they have looked.
        self._ended = threading.Event()
        self._cameras: dict[str, Watched] = {}
        self._refused: dict[str, CameraHealth] = {}
        self._threads: list[threading.Thread] = []
        self.left_out = 0
        """Pictures that nobody had time for."""
        for plan in store.cameras:
            try:
                self._cameras[plan.id] = hang(plan, folder, clock, self._ended)
            except DeviceError as error:
                self._refused[plan.id] = CameraHealth(plan.id, "over", str(error))
                self._put(Fault(self._clock(), f"camera {plan.id}", str(error)))
        self._running = len(self._cameras)
        for name, camera in self._cameras.items():
            self._start(f"camera {name}", partial(self._watch, camera))
        if gate is not None:
            self._start("gate", partial(self._listen, gate))

    def __iter__(self) -> Iterator[Reading]:
        while True:
            with self._changed:
                while not self._waiting:
                    if self._stop.is_set() or not self._running:
                        self._ended.set()
                        return
                    # An event set elsewhere wakes nobody here, so look again now and then.
                    self._changed.wait(STOP_LOOK_S)
                if self._stop.is_set():
                    self._ended.set()
                reading = self._waiting.popleft()
            yield reading

    def put(self, reading: Reading) -> None:
        """Something else that happens now, from any thread: it takes its place among the readings."""
        self._put(reading)

    def health(self) -> tuple[CameraHealth, ...]:
        """How each camera does now, in the order of their names."""
        asked = {name: camera.health() for name, camera in self._cameras.items()}
        return tuple(health for _, health in sorted({**asked, **self._refused}.items()))

    def close(self) -> None:
        """End the cameras, and wait until they have let go."""
        self._ended.set()
        for thread in self._threads:
            if thread.name != "gate":
                thread.join(END_S)

    def _start(self, part: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._guard, args=(part, work), name=part, daemon=True)
        self._threads.append(thread)
        thread.start()

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

    def _watch(self, camera: Watched) -> None:
        with closing(camera.readings()) as readings:
            for reading in readings:
                self._put(reading)

    def _listen(self, gate: Gate) -> None:
        for seen in gate.passes():
            self._put(seen)
