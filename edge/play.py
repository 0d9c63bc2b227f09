"""The node at work: readings go in, events go to the outbox, and delivery is told how far was observed.

A recording that is played again after a crash gives the same events in the same order, and the outbox knows how many
of them it has: nothing is said twice (`Outbox.begin_run`). When the disk is full the store must not trade: the node
waits and tries again, and reads nothing meanwhile.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from edge.delays import Delays
from edge.delivery.delivery import Delivery
from edge.delivery.errors import OutboxFull, OutboxLocked
from edge.events import NewEvent
from edge.evidence.evidence import Evidence, as_box
from edge.node import Node
from edge.pace import Pace
from edge.perception.networks import Networks
from edge.source import Source
from edge.window.view import View
from hardware.in_order import Arrival
from hardware.ports import Frame, Reading, Weight
from protocol.messages import Envelope

logger = logging.getLogger(__name__)

RETRY_S = 1.0
AFTER = timedelta(milliseconds=1)

Say = Callable[[Envelope, float], None]
"""Told every event that is on disk, and the Unix time at which it happened."""


class LiveMemory(Protocol):
    """Where a live node's memory is kept."""

    def begin(self, node: Node) -> Sequence[NewEvent]:
        """What is to be said first, of the time when nobody watched."""

    def sealed(self, node: Node) -> bytes | None:
        """What is to be remembered now; None where it cannot be."""

    def keep(self, node: Node, t_s: float, *, now: bool = False) -> None:
        """Remember it where it is time to."""


class Player:
    """Plays one run into `delivery`. `start` is the moment of t_s = 0; `say` hears every event that is on disk.

    `view`, where it is given, is shown every picture and what is known by then. With a `memory` what a live node knows
    goes to disk with what it says, and every now and then between. `evidence` keeps clips of what is doubtful.
    """

    def __init__(
        self,
        delivery: Delivery,
        start: datetime,
        pace: Pace,
        say: Say,
        stop: threading.Event,
        *,
        view: View | None = None,
        memory: LiveMemory | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        self._delivery = delivery
        self._start = start
        self._pace = pace
        self._say = say
        self._stop = stop
        self._view = view
        self._all_kept = True
        self._memory = memory
        self._evidence = evidence
        self.delays = Delays()
        """Of the pictures so far."""

    def play(self, source: Source, networks: Networks, identity: str) -> bool:
        """Play `source` to its end; False where `stop` was set before.

        Raises what the node raises for a store that cannot be seen, and ReplayDiffers where a run that is taken up
        again says something else than before the crash.
        """
        node = Node(source.store, source.folder, networks, identity, self._start)
        if self._view is not None:
            self._view.networks = networks.timings
        if not self._play(node, source.arrivals()):
            return False
        self._pace.wait(source.duration_s)
        self._finish(node, source.duration_s)
        return self._all_kept and not self._stop.is_set()

    def play_live(self, node: Node, live: Iterable[Reading]) -> None:
        """Work until the devices end or `stop` is set; then say what is still open."""
        memory = self._memory
        if memory is not None:
            self._record(node, memory.begin(node))
        self._play(node, (Arrival(reading.t_s, reading) for reading in live))
        self._stop.clear()
        self._finish(node, 0.0)
        if memory is not None:
            memory.keep(node, 0.0, now=True)

    def _play(self, node: Node, source: Iterable[Arrival]) -> bool:
        for arrival in source:
            self._pace.wait(arrival.at_s)
            if self._stop.is_set():
                return False
            events = node.take(arrival.reading)
            if self._evidence is not None and isinstance(arrival.reading, Frame):
                camera = arrival.reading.camera
                self._evidence.saw(arrival.reading, [as_box(track.box) for track in node.followed(camera)])
            self._record(node, events)
            if self._memory is not None:
                self._memory.keep(node, arrival.reading.t_s)
            self._show(node, arrival.reading)
        return True

    def _show(self, node: Node, reading: Reading) -> None:
        if isinstance(reading, Frame):
            self.delays.add(reading, self._pace.since_s(reading.t_s))
        if self._view is None:
            return
        if isinstance(reading, Weight):
            self._view.weigh(reading)
        elif isinstance(reading, Frame):
            self._view.show(reading)
            self._view.tell(node.now())

    def _finish(self, node: Node, t_s: float) -> None:
        self._record(node, node.finish(t_s))
        if not self._stop.is_set():
            # The last moment has been observed whole, so an exit in that very moment need not wait for more.
            self._observed(node, AFTER)

    def _record(self, node: Node, events: Sequence[NewEvent]) -> None:
        """Put `events` on disk, waiting for room as long as it takes or until `stop`; then say them.

        How far was observed is said only of what is on disk: it would promise that nothing is missing.
        """
        if self._evidence is not None:
            events = self._evidence.attach(events)
        while events:
            try:
                envelopes = self._delivery.append(events, self._memory.sealed(node) if self._memory else None)
            except (OutboxFull, OutboxLocked) as error:
                # Never traded on, never dropped: until there is room, the store is down.
                logger.error("DOWN: %s", error)  # noqa: TRY400 - the message says all; a traceback every second hides it
                if self._stop.wait(RETRY_S):
                    self._all_kept = False
                    return
                continue
            for envelope in envelopes:
                self._say(envelope, self._pace.happened_at((envelope.ts - self._start).total_seconds()))
            break
        self._observed(node, timedelta(0))

    def _observed(self, node: Node, further: timedelta) -> None:
        if self._all_kept:
            self._delivery.observed(self._start + timedelta(seconds=node.observed_until_s) + further)


def state_path(state: Path, store: str) -> Path:
    """The outbox of `store`'s hub in the folder `state`."""
    return state / f"{store}.outbox.sqlite"
