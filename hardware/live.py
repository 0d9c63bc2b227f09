"""A store's devices as they are now: every camera and the gate, each on a thread, into one bounded stream.

A reader that is slower than the cameras gets the newest pictures: when `QUEUE_MAX` readings wait, the oldest picture is
left out and counted. Passes and faults are never left out.
"""

import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from hardware.cameras.source import Clock, open_source
from hardware.errors import CameraError, DeviceError
from hardware.ports import Fault, Frame, Gate, Reading
from protocol.store import Camera as CameraPlan
from protocol.store import Store

QUEUE_MAX = 16
STOP_LOOK_S = 0.2


class LiveDevices:
    """The cameras of `store`, each at its source, and `gate`. Start it once; it can be iterated until `stop` is set."""

    def __init__(self, store: Store, folder: Path, gate: Gate | None, clock: Clock, stop: threading.Event) -> None:
        self._clock = clock
        self._waiting: deque[Reading] = deque()
        self._changed = threading.Condition()
        self._running = 0
        self._stop = stop
        self.left_out = 0
        """Pictures that nobody had time for."""
        for plan in store.cameras:
            self._start(plan.id, self._camera_thread, plan, folder)
        if gate is not None:
            self._start("gate", self._gate_thread, gate)

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

    def _start(self, name: str, target: object, *arguments: object) -> None:
        assert callable(target)
        with self._changed:
            # The gate's stream may never end (a terminal); the cameras decide when everything is over.
            self._running += name != "gate"
        threading.Thread(target=target, args=arguments, name=name, daemon=True).start()

    def _put(self, reading: Reading) -> None:
        with self._changed:
            if len(self._waiting) >= QUEUE_MAX and isinstance(reading, Frame):
                oldest = next((waiting for waiting in self._waiting if isinstance(waiting, Frame)), None)
                if oldest is not None:
                    self._waiting.remove(oldest)
                    self.left_out += 1
            self._waiting.append(reading)
            self._changed.notify_all()

    def _camera_thread(self, plan: CameraPlan, folder: Path) -> None:
        try:
            camera = open_source(plan, folder, self._clock)
            for frame in camera.frames():
                if self._stop.is_set():
                    camera.close()
                    return
                height, width = frame.image.shape[:2]
                if (width, height) != plan.size:
                    raise CameraError(
                        f"camera {plan.id!r} gives {width}×{height} pictures; the store file says "
                        f"{plan.size[0]}×{plan.size[1]}"
                    )
                self._put(frame)
            self._put(Fault(self._clock(), f"camera {plan.id}", "its pictures have ended"))
        except DeviceError as error:
            self._put(Fault(self._clock(), f"camera {plan.id}", str(error)))
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _gate_thread(self, gate: Gate) -> None:
        try:
            for seen in gate.passes():
                self._put(seen)
        except DeviceError as error:
            self._put(Fault(self._clock(), "gate", str(error)))
