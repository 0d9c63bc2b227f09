"""The end of the way in: a lane opens when the entry is on disk, not before, and the light says how things stand.

What the cloud asks of the store is done here, too: who waits at a lane is let in or turned away, and modes change. Each
command is done once, and answered as often as it comes. What is to be told goes into the readings as notices, and so
becomes events in their order.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from edge.evidence.obeying import NotNow
from edge.gate.gatekeeper import Gatekeeper, Refusal
from edge.gate.holding import TOO_LATE, Decided, Holding, Waiting
from edge.gate.lanes import Answer
from edge.gate.refusals import Refusals
from edge.modes import Mode
from hardware.errors import DeviceError
from hardware.ports import Asked, Gate, Light, Notice, Pass, Reading
from protocol.commands import Admit, Command, CommandError, SetMode, order_of
from protocol.events import Commanded, Event, Traded
from protocol.messages import Envelope
from protocol.store import Gate as GatePlan

logger = logging.getLogger(__name__)

REFUSALS_A_SECOND = 1.0
"""What the log takes; a phone that shows one wrong code after another must not fill it."""
ANSWERS_MAX = 1_000
"""Answered commands that are remembered: the cloud says one again for minutes, and says few."""

AT_ONCE = GatePlan()
Say = Callable[[Envelope, float], None]
Obey = Callable[[Command], Commanded | None]
"""Does a command that is none of the gate's, as often as it comes; None where it is the gate's. May raise NotNow."""


class Opening:
    """Opens lanes of `gate`, shows the gatekeeper's state on `light`, and does what the cloud asks.

    `waiting`: who stood at a lane when the process before this one ended.
    """

    def __init__(
        self,
        gate: Gate | None,
        light: Light,
        plan: GatePlan = AT_ONCE,
        *,
        obey: Obey = lambda _: None,
        waiting: Iterable[Waiting] = (),
    ) -> None:
        self._gate = gate
        self._light = light
        self._obey_elsewhere = obey
        self.holding = Holding(plan)
        for one in waiting:
            self.holding.wait(one)
        self._refusals = Refusals()
        self._answers: OrderedDict[UUID, Commanded] = OrderedDict()
        self._notices: list[Event] = []
        self._sealed: dict[str, bool] = {}
        """Tokens that are about to enter, and whether they may come in offline."""
        self._t_s = 0.0
        self._logged_s = -1.0 / REFUSALS_A_SECOND
        self._unlogged = 0
        self._told: Traded | None = None

    def refused(self, refusal: Refusal) -> None:
        """Leave it in the log, and tell the operator."""
        told = self._refusals.refused(refusal.t_s, refusal.lane, refusal.reason.value)
        if told is not None:
            self._notices.append(told)
        if refusal.t_s - self._logged_s < 1.0 / REFUSALS_A_SECOND:
            self._unlogged += 1
            return
        logger.warning("%s%s", refusal, f" ({self._unlogged} more before)" if self._unlogged else "")
        self._logged_s, self._unlogged = refusal.t_s, 0

    def saying(self, say: Say) -> Say:
        """`say`, and a lane opens (or waits) for each entry that is said: what is said is on disk."""

        def say_and_open(envelope: Envelope, happened_at: float) -> None:
            say(envelope, happened_at)
            if envelope.type != "entered":
                return
            lane, token = str(envelope.data["lane"]), str(envelope.data["token"])
            may_offline = self._sealed.pop(token, False)
            if envelope.data.get("waits") and envelope.visit is not None:
                self.holding.wait(Waiting(envelope.visit, lane, token, self._t_s, may_offline))
            else:
                self._open(lane)

        return say_and_open

    def showing(self, keeper: Gatekeeper | None, readings: Iterable[Reading]) -> Iterator[Reading]:
        """`readings` as the gatekeeper lets them through, and what is to be told; the light follows.

        Without a keeper whoever shows a token is let in, and there are no modes.
        """
        for reading in readings:
            self._t_s = reading.t_s
            match reading:
                case Asked():
                    yield from self._asked(reading, keeper)
                case _:
                    yield from self._let_through(reading, keeper)
            yield from self._due(keeper)

    def _let_through(self, reading: Reading, keeper: Gatekeeper | None) -> Iterator[Reading]:
        for each in (reading,) if keeper is None else keeper.take(reading):
            if isinstance(each, Pass) and each.waits:
                self._sealed[each.token] = each.sealed == "eddsa"
            yield each

    def _asked(self, asked: Asked, keeper: Gatekeeper | None) -> Iterator[Reading]:
        command = asked.command
        try:
            other = self._obey_elsewhere(command)
        except NotNow:
            # The cloud says it again.
            return
        answer = other or self._answers.get(command.id)
        if answer is None:
            try:
                answer, decided = self._do(command, keeper)
            except CommandError as error:
                answer, decided = Commanded(command=command.id, done=False, reason=str(error)[:2000]), None
            self._answers[command.id] = answer
            if len(self._answers) > ANSWERS_MAX:
                self._answers.popitem(last=False)
            if decided is not None:
                yield from self._decide(decided, keeper)
        yield Notice(asked.t_s, answer)

    def _do(self, command: Command, keeper: Gatekeeper | None) -> tuple[Commanded, Decided | None]:
        order = order_of(command)
        match order:
            case Admit():
                decided = self.holding.answered(order.visit, held=order.held, reason=order.reason)
                why = None if decided is not None else TOO_LATE
                return Commanded(command=command.id, done=decided is not None, reason=why), decided
            case SetMode():
                if keeper is None:
                    why = "this gate minds no modes: start the edge with --gate-keys or --mode"
                    return Commanded(command=command.id, done=False, reason=why), None
                in_the_way = keeper.modes.ask(Mode(order.mode))
                why = "; ".join(f"{part}: {reason}" for part, reason in in_the_way.items()) or None
                return Commanded(command=command.id, done=why is None, reason=why and why[:2000]), None
            case _:
                why = f"nothing here does {command.type!r}"
                return Commanded(command=command.id, done=False, reason=why), None

    def _due(self, keeper: Gatekeeper | None) -> Iterator[Reading]:
        for decided in self.holding.due(self._t_s):
            yield from self._decide(decided, keeper)
        if keeper is not None:
            self._tell_mode(keeper)
            self._light.show(keeper.light(self._t_s))
        for event in (*self._notices, *self._refusals.due(self._t_s)):
            yield Notice(self._t_s, event)
        self._notices.clear()

    def _decide(self, decided: Decided, keeper: Gatekeeper | None) -> Iterator[Reading]:
        one = decided.waiting
        if decided.turned_away is None:
            if decided.offline:
                logger.warning("lane %s: nobody says whether the money is held; let in offline", one.lane)
            if keeper is not None:
                keeper.answered(one.lane, Answer.LET_IN, self._t_s)
            self._open(one.lane)
            return
        logger.warning("lane %s: turned away: %s", one.lane, decided.turned_away)
        if keeper is not None:
            keeper.answered(one.lane, Answer.HELP if decided.offline else Answer.REFUSED, self._t_s)
        told = self._refusals.refused(self._t_s, one.lane, decided.turned_away)
        if told is not None:
            self._notices.append(told)
        yield Pass(self._t_s, one.lane, "turned_away", one.token)

    def _tell_mode(self, keeper: Gatekeeper) -> None:
        modes = keeper.modes
        in_the_way = {part: reason[:500] for part, reason in modes.in_the_way.items()} if modes.wants_up else {}
        now = Traded(mode=modes.mode.value, wants_up=modes.wants_up, in_the_way=in_the_way)
        if now != self._told:
            waits = "; ".join(f"{part}: {reason}" for part, reason in in_the_way.items())
            logger.info("the store is %s%s", modes.mode.name, f" ({waits})" if waits else "")
            self._told = now
            self._notices.append(now)

    def _open(self, lane: str) -> None:
        if self._gate is None:
            return
        try:
            self._gate.open(lane)
        except DeviceError as error:
            logger.error("%s; let the shopper in by hand", error)  # noqa: TRY400 - the message says all
