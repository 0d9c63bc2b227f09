"""A live camera that cannot stop the store: its capture process, watched; pictures, faults and recoveries come out.

    capture process ─shots─▶ sight ─problem─▶ watch ─actions─▶ capture process
                                                └──▶ Frame, Fault, Restored

Only this thread touches the process; `health` may be asked from any.
"""

import logging
import math
import random
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from hardware.cameras.address import Address, parse_source
from hardware.cameras.capture import Capture
from hardware.cameras.health import CameraHealth, State
from hardware.cameras.shared_pictures import NO_SLOT, Shot
from hardware.cameras.sight import Sight
from hardware.cameras.watch import STALL_MAX_S, STALL_S, Action, Distrust, Kill, Open, Start, Trust, Watch
from hardware.ports import Fault, Frame, Restored
from protocol.store import Camera as CameraPlan

logger = logging.getLogger(__name__)

LOOK_S = 0.2
"""How often somebody else's `stop` is looked at."""
ENDING_S = 1.0
RATE_OVER = 30

Clock = Callable[[], float]
"""Seconds since the store was opened, monotonic."""


class LiveCamera:
    """The camera `plan`, its paths relative to `folder`. Frames carry the times of `clock`.

    Raises CameraError at once for a source that is none of a live camera.
    """

    def __init__(self, plan: CameraPlan, folder: Path, clock: Clock, stop: threading.Event) -> None:
        self.id = plan.id
        self._plan = plan
        self._folder = folder
        self._stop = stop
        self._zero_s = time.monotonic() - clock()
        self._address: Address = parse_source(plan.source)
        self._capture: Capture | None = None
        self._sight = Sight(plan.size, plan.frozen_after_s)
        # Only so that cameras behind one switch do not come back in step; no event depends on it.
        chance = random.Random(f"back-off of {plan.id}")  # noqa: S311 - nothing is kept secret by it
        # A film or a simulation that is late is no camera that fails: this machine is slow.
        stall_s = STALL_MAX_S if self._address.stands_in else STALL_S
        self._watch = Watch(time.monotonic(), chance, 1.0 / plan.fps_max, stall_s)
        self._times_s: deque[float] = deque(maxlen=RATE_OVER)
        self._last: Shot | None = None
        self._pictures = 0
        self._delay_s = 0.0

    def readings(self) -> Generator[Frame | Fault | Restored, None, None]:
        """What the camera gives, until `stop` is set or its source has ended for good. The process ends with it."""
        try:
            while not self._stop.is_set() and self._watch.phase != "over":
                yield from self._act(self._watch.tick(time.monotonic()))
                yield from self._hear()
        finally:
            self._end()

    def health(self) -> CameraHealth:
        """How it does now."""
        watch, shot, capture = self._watch, self._last, self._capture
        times = list(self._times_s)
        fps = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 and times[-1] > times[0] else 0.0
        if not times or time.monotonic() - self._zero_s - times[-1] > ENDING_S + LOOK_S:
            fps = 0.0
        reason = watch.latest_reason or None if watch.fault is not None else None
        state = self._state()
        if shot is None:
            return CameraHealth(self.id, state, reason, faults=watch.faults, starts=watch.starts)
        return CameraHealth(
            camera=self.id,
            state=state,
            reason=reason,
            size=shot.size,
            fps=fps,
            pictures=self._pictures,
            passed_over=shot.passed_over,
            faults=watch.faults,
            starts=watch.starts,
            delay_s=self._delay_s,
            behind_s=shot.arrived_s - shot.taken_s,
            offset_s=shot.offset_s,
            drift_ppm=shot.drift * 1e6,
            clock_jumps=shot.jumps,
            pid=None if capture is None else capture.pid,
        )

    def _state(self) -> State:
        if self._watch.phase == "over":
            return "over"
        if self._watch.fault is not None:
            return "faulted"
        return "opening" if self._last is None else "live"

    def _now_s(self) -> float:
        return time.monotonic() - self._zero_s

    def _act(self, actions: list[Action]) -> Iterator[Fault | Restored]:
        for action in actions:
            match action:
                case Start():
                    self._capture = Capture(self._plan, self._folder)
                case Open(within_s):
                    assert self._capture is not None, "it is started before it is told to open"
                    self._sight.begin()
                    self._capture.open(within_s)
                case Kill():
                    assert self._capture is not None, "there is a process to end"
                    self._capture.kill()
                case Distrust(reason):
                    reason = self._address.hide(reason)
                    logger.warning("camera %s: %s", self.id, reason)
                    yield Fault(self._now_s(), f"camera {self.id}", reason)
                case Trust():
                    logger.info("camera %s: well again", self.id)
                    yield Restored(self._now_s(), f"camera {self.id}")

    def _hear(self) -> Iterator[Frame | Fault | Restored]:
        """Wait for the process, not longer than there is nothing to do, and take in what it says."""
        wait_s = min(max(self._watch.deadline_s - time.monotonic(), 0.0), LOOK_S)
        capture = self._capture
        if capture is None:
            self._stop.wait(wait_s)
            return
        poll = select.poll()
        for descriptor in capture.descriptors:
            poll.register(descriptor, select.POLLIN)
        # Rounded up: to wake a millisecond before a deadline would be to go round for nothing.
        ready = poll.poll(math.ceil(wait_s * 1000.0))
        heard = False
        # The newest alone: whoever comes late is not to work through what is past.
        shot = None
        while (newer := capture.shot()) is not None:
            heard = True
            if shot is not None:
                capture.leave(shot)
            shot = newer
        if shot is not None:
            yield from self._picture(capture, shot)
        for ended in capture.heard():
            heard = True
            yield from self._act(self._watch.ended(time.monotonic(), ended.reason, ended.retry))
        if ready and not heard:
            # A pipe that has ended is always ready; its process is gone, or will be in a moment.
            self._stop.wait(0.01)
        how = capture.died()
        if how is not None:
            self._capture = None
            capture.close()
            yield from self._act(self._watch.died(time.monotonic(), how))

    def _picture(self, capture: Capture, shot: Shot) -> Iterator[Frame | Fault | Restored]:
        problem = self._sight.wrong_size(shot.size)
        if problem is None:
            problem = self._sight.judge(shot.look, shot.arrived_s)
        self._last = shot
        yield from self._act(self._watch.picture(time.monotonic(), problem))
        if not self._watch.shows or shot.slot == NO_SLOT:
            capture.leave(shot)
            return
        image = capture.take(shot)
        self._pictures += 1
        self._times_s.append(shot.taken_s - self._zero_s)
        self._delay_s = time.monotonic() - shot.arrived_s
        yield Frame(shot.taken_s - self._zero_s, self.id, shot.index, image)

    def _end(self) -> None:
        capture, self._capture = self._capture, None
        if capture is None:
            return
        capture.kill()
        ends_s = time.monotonic() + ENDING_S
        while capture.died() is None and time.monotonic() < ends_s:
            time.sleep(0.005)
        capture.close()
