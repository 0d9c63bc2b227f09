"""Watching one camera: when it is opened, given up, tried again, called faulted and called well. Without I/O or clock.

Theory of operation. Capture runs in a process of its own, which does as it is told and says what it meets; here is
decided. Two questions are kept apart: whether the *source* is open (the phase), and whether the *camera* is trusted
(the fault). A camera is called faulted once, at the first thing wrong, and well again only when enough good pictures
have come in a row; its pictures are shown to the store only while it is trusted. Whatever a native library does, time
limits end it from outside: no phase lasts for ever.

    phase     what happens                     then
    resting   due, a process is there          open ─▶ opening
    resting   due, there is none               start ─▶ opening
    opening   a picture                        ─▶ seeing
    opening   the source says why not          fault; ─▶ resting, to be tried again after a back-off
    opening   longer than it was allowed       fault; kill ─▶ ending
    seeing    no picture for the stall limit   fault; still seeing: it may only be late
    seeing    no picture for HUNG_S            kill ─▶ ending
    seeing    the source ends                  fault; ─▶ resting
    seeing    pictures that show nothing       fault; ─▶ resting when they have for a while: opening anew may help
    any       the process dies                 fault; ─▶ resting
    ending    the process is gone              ─▶ resting
    any       the source ends for good         fault; ─▶ over

Back-off: BACKOFF_S doubled with each vain try up to BACKOFF_MAX_S, ±25 % so that cameras behind one switch do not all
come at once. A try lasts OPEN_S, and then a try that fails, the longest pause and one that succeeds still fit into
the 5 s in which a camera is to be taken up again. A source that has never been open gets OPEN_PATIENT_S in its first
and every PATIENT_EVERY-th try; after that, twice what it needed. Where only a person can help (a wrong password, a
folder that is not there) the pause grows to LATER_MAX_S: some cameras lock out who knocks too often.
"""

import random
from dataclasses import dataclass
from typing import Literal

from hardware.cameras.picture import Retry
from hardware.cameras.sight import Problem

STALL_S = 1.2
STALL_MAX_S = 10.0
STALL_INTERVALS = 4.0
"""A slow camera's picture is late after as many of its usual distances."""
HUNG_S = 0.6
"""After the stall limit. What is only late comes by then; a driver that hangs says nothing at all."""
OPEN_S = 2.2
OPEN_PATIENT_S = 10.0
PATIENT_EVERY = 4
OPEN_SLACK_S = 1.5
"""For a driver that ends its own try a little late, and so can say why."""
START_S = 1.5
"""For a process that has to be started first, on a machine that is busy."""
BACKOFF_S = 0.25
BACKOFF_MAX_S = 1.0
LATER_S = 2.0
LATER_MAX_S = 60.0
KNOCKS = 6
"""A password that was right before is tried so often at even pauses: a camera that starts may refuse it at first. Only
then do the pauses grow."""
JITTER = 0.25
GOOD_PICTURES = 3
GOOD_S = 0.25
GOOD_MAX_S = 2.0
"""A camera that fails again soon after it was called well must show more the next time, up to this."""
SOON_S = 2.0
ILL_S = {"frozen": 1.0, "size": 4.0, "black": 8.0}
"""How long pictures may be wrong before the source is opened anew, the first time; each time twice as long."""
ILL_MAX_S = 30.0
KERNEL_S = 5.0
"""A killed process is gone at once, unless the system's kernel holds it."""

Phase = Literal["resting", "opening", "seeing", "ending", "over"]


@dataclass(frozen=True, slots=True)
class Start:
    """Start a capture process."""


@dataclass(frozen=True, slots=True)
class Open:
    """Tell the process to open its source (anew), within so long."""

    within_s: float


@dataclass(frozen=True, slots=True)
class Kill:
    """End the process, whatever it does."""


@dataclass(frozen=True, slots=True)
class Distrust:
    """Say that the camera has faulted, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Trust:
    """Say that it is well again."""


Action = Start | Open | Kill | Distrust | Trust


class Watch:
    """The state of one camera's capture. Times are seconds of time.monotonic, given with each call, in order."""

    def __init__(
        self, now_s: float, chance: random.Random, interval_s: float = 0.1, stall_least_s: float = STALL_S
    ) -> None:
        self._stall_least_s = stall_least_s
        self._chance = chance
        self._interval_s = interval_s
        self._lives = False
        self._since_s = now_s
        self._due_s = now_s
        self._within_s = OPEN_S
        self._slack_s = OPEN_SLACK_S
        self._needs_s = 0.0
        self._tries = 0
        self._last_s = now_s
        self._good = 0
        self._good_since_s = now_s
        self._good_needed_s = GOOD_S
        self._trusted_at_s = float("-inf")
        self._ill_since_s: float | None = None
        self._ever_open = False
        self.phase: Phase = "resting"
        self.fault: str | None = None
        """Why the camera is not trusted; None while it is."""
        self.latest_reason = ""
        """What went wrong last, which may say more than the fault's first reason."""
        self.faults = 0
        self.starts = 0

    @property
    def shows(self) -> bool:
        """Whether the picture that just came is for the store."""
        return self.fault is None and self.phase == "seeing"

    @property
    def deadline_s(self) -> float:
        """When `tick` has something to do at the latest."""
        match self.phase:
            case "resting":
                return self._due_s
            case "opening":
                return self._since_s + self._within_s + self._slack_s
            case "seeing":
                return self._last_s + (self._stall_s if self.fault is None else self._stall_s + HUNG_S)
            case "ending":
                return self._since_s + KERNEL_S
            case "over":
                return float("inf")

    @property
    def _stall_s(self) -> float:
        return min(max(self._stall_least_s, STALL_INTERVALS * self._interval_s), STALL_MAX_S)

    def tick(self, now_s: float) -> list[Action]:
        """Time has gone on."""
        match self.phase:
            case "resting" if now_s >= self._due_s:
                return self._open(now_s)
            case "opening" if now_s >= self.deadline_s:
                return self._end(now_s, f"it does not answer within {self._within_s:.0f} s")
            case "seeing" if now_s >= self.deadline_s:
                late = self._distrust(self._late(now_s), now_s)
                return late or self._end(now_s, self._late(now_s))
            case "ending" if now_s >= self.deadline_s:
                self._since_s = now_s
                return self._distrust(
                    "its driver hangs in the system's kernel: unplug it, or restart the machine", now_s
                )
        return []

    def picture(self, now_s: float, problem: Problem | None) -> list[Action]:
        """A picture has come, and this is what is wrong with it."""
        if self.phase == "opening":
            self.phase, self._ever_open = "seeing", True
            self._needs_s = now_s - self._since_s
        elif self.phase != "seeing":
            return []
        else:
            # A slow average, so that neither a burst nor a pause makes another camera of it.
            self._interval_s += 0.05 * (min(now_s - self._last_s, self._stall_s) - self._interval_s)
        self._last_s = now_s
        if problem is not None:
            return self._ill(now_s, problem)
        self._ill_since_s = None
        if self.fault is None:
            self._tries = 0
            return []
        if self._good == 0:
            self._good_since_s = now_s
        self._good += 1
        if self._good < GOOD_PICTURES or now_s - self._good_since_s < self._good_needed_s:
            return []
        self.fault, self._tries, self._trusted_at_s = None, 0, now_s
        return [Trust()]

    def ended(self, now_s: float, reason: str, retry: Retry) -> list[Action]:
        """The source cannot be opened, or gives no more."""
        if self.phase in ("ending", "over") or (self.phase == "resting" and retry != "never"):
            return []
        actions = self._distrust(reason, now_s)
        if retry == "never":
            self.phase = "over"
            return [*actions, Kill()] if self._lives else actions
        self._rest(now_s, later=retry == "later")
        return actions

    def died(self, now_s: float, reason: str) -> list[Action]:
        """The process is gone."""
        self._lives = False
        if self.phase == "over":
            return []
        actions = [] if self.phase == "ending" else self._distrust(reason, now_s)
        self._rest(now_s)
        return actions

    def _open(self, now_s: float) -> list[Action]:
        self.phase, self._since_s = "opening", now_s
        patient = not self._ever_open and self._tries % PATIENT_EVERY == 0
        self._within_s = OPEN_PATIENT_S if patient else min(max(OPEN_S, 2.0 * self._needs_s), OPEN_PATIENT_S)
        self._tries += 1
        self._good = 0
        self._ill_since_s = None
        actions: list[Action] = []
        self._slack_s = OPEN_SLACK_S if self._lives else OPEN_SLACK_S + START_S
        if not self._lives:
            self._lives = True
            self.starts += 1
            actions.append(Start())
        return [*actions, Open(self._within_s)]

    def _rest(self, now_s: float, *, later: bool = False) -> None:
        self.phase = "resting"
        least_s, most_s = (LATER_S, LATER_MAX_S) if later else (BACKOFF_S, BACKOFF_MAX_S)
        vain = self._tries - (KNOCKS if later and self._ever_open else 1)
        # The exponent is bounded: 2 ** 10,000 tries would not be a float.
        pause_s = min(most_s, least_s * 2.0 ** min(max(vain, 0), 16))
        self._due_s = now_s + pause_s * self._chance.uniform(1.0 - JITTER, 1.0 + JITTER)

    def _end(self, now_s: float, reason: str) -> list[Action]:
        actions = self._distrust(reason, now_s)
        self.phase, self._since_s = "ending", now_s
        return [*actions, Kill()]

    def _ill(self, now_s: float, problem: Problem) -> list[Action]:
        actions = self._distrust(problem.reason, now_s)
        if self._ill_since_s is None:
            self._ill_since_s = now_s
        if now_s - self._ill_since_s >= min(ILL_S[problem.ill] * 2.0 ** min(max(self._tries - 1, 0), 16), ILL_MAX_S):
            self._rest(now_s)
        return actions

    def _late(self, now_s: float) -> str:
        return f"it has given no picture for {now_s - self._last_s:.1f} s; look at its cable, its power and the network"

    def _distrust(self, reason: str, now_s: float) -> list[Action]:
        self.latest_reason, self._good = reason, 0
        if self.fault is not None:
            return []
        self.fault = reason
        self.faults += 1
        soon = now_s - self._trusted_at_s < SOON_S
        self._good_needed_s = min(2.0 * self._good_needed_s, GOOD_MAX_S) if soon else GOOD_S
        return [Distrust(reason)]
