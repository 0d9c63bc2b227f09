"""Keeping a live hub's memory in its outbox, and going on with it: thin, around `sealed` and `resuming`."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from edge.delivery.delivery import Delivery
from edge.delivery.errors import OutboxError
from edge.events import NewEvent
from edge.gate.holding import Waiting
from edge.memory.memory import Kept, Memory
from edge.memory.resuming import Away, Moment, away, boot
from edge.memory.sealed import Kind, MemoryUnusable, seal, unseal
from edge.node import Node
from protocol.store import Store

logger = logging.getLogger(__name__)

EVERY_S = 2.0
"""While anybody is in the store: what a crash may cost of where people stand."""


def now() -> Moment:
    """By this machine's clocks."""
    return Moment(time.time(), time.clock_gettime(time.CLOCK_BOOTTIME), boot())


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a hub goes on: the moment of t_s = 0, the time now, and what it knew, if that still counts."""

    start: datetime
    t_s: float
    memory: Memory | None = None
    waiting: tuple[Waiting, ...] = ()
    away: Away = Away(0.0)  # noqa: RUF009 - frozen
    learned_by: Memory | None = None
    """Of what is too old to go on with, what was learnt still counts."""


class Keeping:
    """The memory of `store`'s hub in the outbox of `delivery`."""

    def __init__(self, delivery: Delivery, store: Store, clock: Callable[[], Moment] = now) -> None:
        self._delivery = delivery
        self._kind = Kind.of(store)
        self._clock = clock
        self._kept_s = float("-inf")
        self._said_too_large = False
        self._resumed = Resumed(datetime.fromtimestamp(0, UTC), 0.0)
        self.waiting: Callable[[], tuple[Waiting, ...]] = tuple
        """Who stands at a lane and waits for the money; the gate says it."""

    def resume(self) -> Resumed:
        """Where to go on; from the beginning where nothing usable is kept, which is said."""
        self._resumed = self._look()
        return self._resumed

    def begin(self, node: Node) -> Sequence[NewEvent]:
        """What is to be said first of the time when nobody watched."""
        resumed = self._resumed
        if resumed.learned_by is not None:
            node.learned_by(resumed.learned_by)
        if resumed.memory is None or not (resumed.away.doubtful or resumed.memory.undecided):
            return ()
        return node.unwatched_until(resumed.t_s, cameras=resumed.memory.undecided)

    def sealed(self, node: Node) -> bytes | None:
        """What is to be remembered now; None where it is too large, which is said once."""
        try:
            return seal(Kept(node.remember(), self._clock(), self.waiting()), self._kind)
        except MemoryUnusable as error:
            if not self._said_too_large:
                logger.error("a restart will begin afresh: %s", error)  # noqa: TRY400 - the message says all
            self._said_too_large = True
            return None

    def keep(self, node: Node, t_s: float, *, now: bool = False) -> None:
        """Put it on disk where it is time to; a disk that refuses is tried again, and said by whoever appends."""
        if not now and (t_s - self._kept_s < EVERY_S or (node.remember().quiet and not self.waiting())):
            return
        self._kept_s = t_s
        sealed = self.sealed(node)
        if sealed is None:
            return
        try:
            self._delivery.remember(sealed)
        except OutboxError as error:
            logger.warning("what is known of who is in the store is not kept: %s", error)

    def _look(self) -> Resumed:
        at = self._clock()
        moment = datetime.fromtimestamp(at.wall_s, UTC)
        try:
            sealed = self._delivery.remembered()
            if sealed is None:
                return Resumed(moment, 0.0)
            kept = unseal(sealed, self._kind)
        except (MemoryUnusable, OutboxError) as error:
            logger.warning(
                "who was in the store is not known any more: %s. The cloud ends their visits by its time limit", error
            )
            return Resumed(moment, 0.0)
        gone = away(kept.at, at)
        if gone.too_long:
            # After a night it is as it should be; while somebody was in the store it is not.
            level = logging.INFO if kept.memory.quiet else logging.WARNING
            logger.log(level, "nobody watched %s: visits of then are over; what was learnt still counts", gone)
            return Resumed(moment, 0.0, learned_by=kept.memory)
        assert gone.seconds is not None, "or it would be too long"
        logger.info("going on where it was: nobody watched %s", gone)
        return Resumed(kept.memory.start, kept.memory.t_s + gone.seconds, kept.memory, kept.waiting, gone)
