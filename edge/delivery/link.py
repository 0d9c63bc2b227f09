"""The way to the broker: a thread that keeps a session up and does what the relay and the watermarks say.

The node never waits for it: what it tells (`appended`, `observed`) is put down under a lock and a bell is rung. What
comes in while the thread is busy is folded together (the latest mark, the highest ack), so nothing here can pile up; of
clips the first few wait, and the cloud asks again for the others. Commands go at once to whoever does them. A
session that cannot be made or is lost is tried again, after 0.2 s and then twice as long each time, up to 10 s; each
wait is shortened by a share that is the device's own, so that a store's devices do not all come at once.
"""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from edge.delivery.errors import AckBeyondEnd, OutboxError
from edge.delivery.health import Health
from edge.delivery.outbox import Outbox
from edge.delivery.relay import Relay
from edge.delivery.sealing import Owner
from edge.delivery.session import Session, SessionLost
from edge.delivery.watermarks import Mark, Watermarks
from protocol.broker import BrokerAddress
from protocol.commands import Command
from protocol.evidence import ClipSent
from protocol.messages import Ack, MessageError, Watermark, decode

RETRY_S = 0.2
RETRY_S_MAX = 10.0
DISK_RETRY_S = 1.0
"""How long to leave a disk alone that refused to be read or to delete."""
STOP_S = 8.0
"""Longer than a session takes to fail, so that `close` finds the thread gone."""

CLIPS_MAX = 8
"""Of 120 KB each: what an uplink takes in a few seconds."""
CLOCKS_DIFFER = timedelta(days=1)
"""A command that has expired for longer is not done: it lay at a broker, though none keeps anything for us. Clocks may
differ by as much, or a store whose clock is wrong would open no lane."""

_log = logging.getLogger(__name__)


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class Link:
    """Sends what is in `outbox` to the broker at `address`, and deletes what the cloud acks. See the module."""

    def __init__(
        self,
        outbox: Outbox,
        address: BrokerAddress,
        owner: Owner,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = _wall_clock,
        heed: Callable[[Command], None] | None = None,
    ) -> None:
        self._heed = heed
        self._outbox, self._address, self._owner = outbox, address, owner
        self._clock_s, self._wall_clock = clock_s, wall_clock
        self._jitter = random.Random(f"{owner.store}/{owner.device}")  # noqa: S311 - spreads retries, guards nothing
        self._relay = Relay(outbox.epoch, first_seq=outbox.first_seq, last_seq=outbox.last_seq)
        self._taken_back: str | None = None
        """What an AckBeyondEnd said: true until somebody has moved the file away, so it stays."""
        # Everything below is shared between threads under `_bell`.
        self._bell = threading.Condition()
        self._rung = False
        self._closing = False
        self._watermarks = Watermarks()
        self._ack: Ack | None = None
        self._clips: deque[ClipSent] = deque()
        self._connected = False
        self._problem: str | None = "not connected yet"
        self._since = wall_clock()
        self._thread = threading.Thread(target=self._run, name=f"delivery-{owner.device}", daemon=True)

    def start(self) -> None:
        """Begin. Returns at once, whether or not there is a broker."""
        self._thread.start()

    def appended(self, newest: datetime) -> None:
        """Events are in the outbox that were not there before, the newest of time `newest`."""
        with self._bell:
            self._watermarks.appended(newest)
            self._ring()

    def observed(self, mark: Mark) -> None:
        """Say how far was observed, now or soon."""
        with self._bell:
            self._watermarks.observed(mark)
            self._ring()

    def show(self, clip: ClipSent) -> bool:
        """Send a clip soon; False where too many wait already, or nobody is connected."""
        with self._bell:
            if not self._connected or len(self._clips) >= CLIPS_MAX:
                return False
            self._clips.append(clip)
            self._ring()
            return True

    def health(self) -> Health:
        """How things are; never waits for the network."""
        counts = self._outbox.counts()
        with self._bell:
            return Health(
                broker=str(self._address),
                connected=self._connected,
                since=self._since,
                problem=self._problem,
                waiting=counts.last_seq + 1 - counts.first_seq,
                held_bytes=counts.held_bytes,
                limit_bytes=counts.limit_bytes,
            )

    def drain(self, within_s: float) -> bool:
        """Wait until everything is acked and the last watermark was said after that; False: not `within_s` seconds."""
        with self._bell:
            return self._bell.wait_for(self._all_delivered, within_s)

    def close(self) -> None:
        """Say goodbye to the broker and end the thread. What is not acked stays in the outbox."""
        with self._bell:
            self._closing = True
            self._ring()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _all_delivered(self) -> bool:
        if self._outbox.first_seq <= self._outbox.last_seq:
            return False
        return self._watermarks.silent or (self._connected and self._watermarks.all_said)

    def _ring(self) -> None:
        self._rung = True
        self._bell.notify_all()

    def _run(self) -> None:
        retry_s = RETRY_S
        while not self._closing:
            began_s = self._clock_s()
            try:
                with self._session() as session:
                    self._converse(session)
            except SessionLost as lost:
                self._report(connected=False, problem=str(lost))
            except Exception as fault:  # noqa: BLE001 - see the next line
                # The only way out of the store: a fault in it must not close it. It is told, and tried again.
                _log.exception("delivery of %s failed", self._owner.device)
                self._report(connected=False, problem=f"a fault in delivery itself: {fault!r}")
            if self._clock_s() - began_s > RETRY_S_MAX:
                retry_s = RETRY_S
            self._sleep(retry_s * self._jitter.uniform(0.5, 1.0))
            retry_s = min(2 * retry_s, RETRY_S_MAX)

    def _session(self) -> Session:
        return Session(self._address, self._owner, on_ack=self._heard, on_command=self._commanded, on_lost=self._lost)

    def _converse(self, session: Session) -> None:
        """Do what is due until the session is lost (raises SessionLost) or the link is closed (returns)."""
        self._relay.connected()
        with self._bell:
            self._watermarks.again()
        self._report(connected=True, problem=self._taken_back)
        try:
            while not self._closing:
                disk_problem = self._deliver(session)
                self._say_mark(session)
                self._show_clips(session)
                if session.lost is not None:
                    raise SessionLost(session.lost)
                self._report(connected=True, problem=disk_problem or self._taken_back or self._stall())
                self._wait(disk_problem is not None)
        finally:
            self._relay.disconnected()

    def _deliver(self, session: Session) -> str | None:
        """Take the ack, publish what is due; what the outbox complained of, or None."""
        try:
            self._take_ack()
            self._relay.appended(self._outbox.last_seq)
            while batch := self._relay.due(self._clock_s()):
                events = self._outbox.pending(batch.after_seq, batch.limit_count, batch.limit_bytes)
                if not events:
                    break
                for event in events:
                    session.publish_event(event.body)
                self._relay.sent([len(event.body) for event in events], self._clock_s())
        except OutboxError as error:
            return str(error)
        return None

    def _take_ack(self) -> None:
        with self._bell:
            ack, self._ack = self._ack, None
            if ack is not None and self._outbox.first_seq <= self._outbox.last_seq <= ack.seq:
                # The cloud is listening, and may not have been when the mark was last said. A repeated ack is no
                # reason: where the cloud answers a mark with one, the two would keep each other going.
                self._watermarks.again()
        if ack is None:
            return
        try:
            if self._outbox.acked(ack.epoch, ack.seq):
                self._relay.acked(ack.epoch, ack.seq, self._clock_s())
        except AckBeyondEnd as error:
            self._taken_back = str(error)
        with self._bell:
            self._bell.notify_all()

    def _say_mark(self, session: Session) -> None:
        with self._bell:
            mark = self._watermarks.due(self._clock_s())
        if mark is None:
            return
        session.publish_watermark(
            Watermark(
                device=self._owner.device,
                epoch=self._outbox.epoch,
                first_seq=min(self._outbox.first_seq, mark.last_seq + 1),
                last_seq=mark.last_seq,
                observed_until=mark.until,
            )
        )
        with self._bell:
            self._watermarks.said(mark, self._clock_s())
            self._bell.notify_all()

    def _show_clips(self, session: Session) -> None:
        while True:
            with self._bell:
                if not self._clips:
                    return
                clip = self._clips.popleft()
            session.publish_clip(clip)

    def _stall(self) -> str | None:
        if not self._relay.stalled:
            return None
        return f"the broker takes events and the cloud acks none after {self._relay.acked_seq}: see that ingest runs"

    def _wait(self, disk_refused: bool) -> None:
        with self._bell:
            deliver_s = self._clock_s() + DISK_RETRY_S if disk_refused else self._relay.wake_s
            wakes_s = [wake_s for wake_s in (deliver_s, self._watermarks.wake_s) if wake_s is not None]
            timeout_s = max(min(wakes_s) - self._clock_s(), 0.0) if wakes_s else None
            self._bell.wait_for(lambda: self._rung, timeout_s)
            self._rung = False

    def _sleep(self, seconds: float) -> None:
        with self._bell:
            self._bell.wait_for(lambda: self._closing, seconds)

    def _report(self, *, connected: bool, problem: str | None) -> None:
        with self._bell:
            if (connected, problem) == (self._connected, self._problem):
                return
            self._connected, self._problem, self._since = connected, problem, self._wall_clock()
        if problem is None:
            _log.info("%s delivers to %s", self._owner.device, self._address)
        else:
            _log.warning("%s: %s", self._owner.device, problem)

    def _heard(self, payload: bytes) -> None:
        try:
            ack = decode(Ack, payload)
        except MessageError as error:
            _log.warning("%s: an ack that does not read is passed over: %s", self._owner.device, error)
            return
        if ack.epoch != self._outbox.epoch:
            _log.info("%s: an ack of epoch %d is about an earlier outbox", self._owner.device, ack.epoch)
            return
        with self._bell:
            if self._ack is None or ack.seq > self._ack.seq:
                self._ack = ack
            self._ring()

    def _commanded(self, payload: bytes) -> None:
        try:
            command = decode(Command, payload)
        except MessageError as error:
            _log.warning("%s: a command that does not read is passed over: %s", self._owner.device, error)
            return
        if command.expires <= self._wall_clock() - CLOCKS_DIFFER:
            _log.warning("%s: a command that had expired is passed over: %s", self._owner.device, command.type)
        elif self._heed is not None:
            self._heed(command)

    def _lost(self) -> None:
        with self._bell:
            self._ring()
