"""The gate of a store: pictures and typed tokens in, passes of people who may come in out.

    gate camera ─▶ codes ─▶ scans ─┐
    card reader, code reader ──────┴▶ genuine, timely, unused? does the store trade, with room? ─▶ Pass ─▶ node
                                                                       └▶ Refusal ─▶ light, log, operator

It stands before the node and passes everything else on. The time of a token is judged by `start` and the readings' own
times, so that a recording is judged as on its day. With no keys, tokens are taken as they are read: for tests and mock
stores, where anybody who copies a code may come in. With keys, a gate camera's codes must be sealed ones; what a card
reader says may also be a card, whose text is its token, known to the cloud like any other.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from edge.gate.check import Reason, Refused, use, valid
from edge.gate.claims import Claims
from edge.gate.codes import CodeReader
from edge.gate.keys import Checker
from edge.gate.lanes import Answer, Lane
from edge.gate.scans import Scans
from edge.modes import Mode, Modes, required
from hardware.ports import Fault, Frame, LightState, Pass, Reading, Restored
from protocol.store import Camera, Store
from protocol.tokens import HOLDER_PREFIX, LENGTHS, STAFF_PREFIX, Seal

logger = logging.getLogger(__name__)

TEXT_MAX = 512
"""The longest token that an event carries."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody was not let in at a lane, for the operator. The token itself is not kept: it may still be good."""

    t_s: float
    lane: str
    reason: Reason

    def __str__(self) -> str:
        return f"lane {self.lane}: refused: {self.reason.value}"


class Gatekeeper:
    """Decides who comes in. `start` is the moment of t_s = 0; `tell` hears of each refusal.

    `people` says how many are in the store, where it allows so many at most.
    """

    def __init__(
        self,
        store: Store,
        start: datetime,
        checker: Checker | None,
        claims: Claims,
        *,
        tell: Callable[[Refusal], None],
        modes: Modes | None = None,
        people: Callable[[], int] = lambda: 0,
    ) -> None:
        cameras = [camera for camera in store.cameras if camera.role == "gate"]
        self._lane_of = {camera.id: lane_of(camera, number, store) for number, camera in enumerate(cameras)}
        self._readers = {camera.id: CodeReader() for camera in cameras}
        self._scans = {lane: Scans() for lane in store.gate.lanes}
        self._lanes = {lane: Lane() for lane in store.gate.lanes}
        self._start_s = start.timestamp()
        self._checker = checker
        self._claims = claims
        self._tell = tell
        self._waits = store.gate.open == "when_held"
        self._people = people
        self._people_max = store.policies.people_max
        self.modes = modes or Modes(required(store))

    def readings(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """`readings`, the passes that open nothing left out, and those that cameras read put in."""
        for reading in readings:
            yield from self.take(reading)

    def take(self, reading: Reading) -> Iterator[Reading]:
        """What goes on of one reading."""
        self._heed(reading)
        match reading:
            case Pass():
                admitted = self.admit(reading, card=True)
                if admitted is not None:
                    yield admitted
            case Frame() if reading.camera in self._lane_of:
                yield reading
                yield from self._read(reading)
            case _:
                yield reading

    def light(self, t_s: float) -> LightState:
        """What the store's light shows: of several lanes, what needs a person first."""
        trading = self.modes.mode is Mode.UP
        shown = {lane.shows(t_s, trading=trading) for lane in self._lanes.values()}
        return next(state for state in ("amber", "red", "green") if state in shown)

    def admit(self, shown: Pass, *, card: bool) -> Pass | None:
        """The pass of whoever showed a token, under the name that the cloud knows; None where it is refused."""
        verdict = self._judge(shown, card=card)
        lane = self._lanes.setdefault(shown.lane, Lane())
        if isinstance(verdict, Refused):
            lane.answered(Answer.HELP if verdict.reason.ours else Answer.REFUSED, shown.t_s)
            self._tell(Refusal(shown.t_s, shown.lane, verdict.reason))
            return None
        if verdict.event == "enter" and self._waits and not verdict.staff:
            lane.answered(Answer.WAIT, shown.t_s)
            return replace(verdict, waits=True)
        lane.answered(Answer.LET_IN, shown.t_s)
        return verdict

    def answered(self, lane: str, answer: Answer, t_s: float) -> None:
        """What became of somebody who waited at `lane`."""
        self._lanes.setdefault(lane, Lane()).answered(answer, t_s)

    def _heed(self, reading: Reading) -> None:
        match reading:
            case Frame():
                self.modes.well(f"camera {reading.camera}")
            case Restored():
                self.modes.well(reading.part)
            case Fault():
                self.modes.failed(reading.part, reading.reason)
            case _:
                pass

    def _read(self, frame: Frame) -> Iterator[Pass]:
        lane = self._lane_of[frame.camera]
        for code in self._readers[frame.camera].read(frame.image):
            if self._scans[lane].fresh(code, frame.t_s):
                admitted = self.admit(Pass(frame.t_s, lane, "enter", code), card=False)
                if admitted is not None:
                    yield admitted

    def _judge(self, shown: Pass, *, card: bool) -> Pass | Refused:
        text = shown.token
        if not 0 < len(text) <= TEXT_MAX or not text.isprintable():
            return Refused(Reason.MALFORMED)
        if text.startswith((HOLDER_PREFIX, STAFF_PREFIX)):
            return Refused(Reason.RESERVED)
        if self._checker is None or (card and len(text) not in LENGTHS):
            return self._shut(shown, party=shown.party) or shown
        return self._check(shown, self._checker)

    def _check(self, shown: Pass, checker: Checker) -> Pass | Refused:
        now_s = self._start_s + shown.t_s
        content = valid(shown.token, checker, now_s)
        if isinstance(content, Refused):
            return content
        shut = None if content.staff else self._shut(shown, party=content.party)
        if shut is not None:
            # Unused, so that the same phone may try again when the store trades and has room.
            return shut
        used = use(content, self._claims, now_s)
        if isinstance(used, Refused):
            return used
        seal: Literal["hmac", "eddsa"] = "eddsa" if used.seal is Seal.EDDSA else "hmac"
        return replace(shown, token=used.named, party=used.party, staff=used.staff, sealed=seal)

    def _shut(self, shown: Pass, *, party: int) -> Refused | None:
        """Whether the store keeps shoppers out now; everybody may leave at any time."""
        if shown.event != "enter":
            return None
        if self.modes.mode is not Mode.UP:
            return Refused(Reason.NOT_TRADING)
        if self._people_max is not None and self._people() + party > self._people_max:
            return Refused(Reason.FULL)
        return None


def lane_of(camera: Camera, number: int, store: Store) -> str:
    """The lane that the `number`-th gate camera watches: the one with its name, else the one in its place."""
    lanes = store.gate.lanes
    return camera.id if camera.id in lanes else lanes[min(number, len(lanes) - 1)]
