"""Committing a batch of messages: events into the inbox, the rest aside, and the acks that are due afterwards.

One batch is one transaction. Nothing is acked unless it committed, and what is said again is acked again, since the
first ack may have been lost: an ack is due for each device and epoch that the batch mentions, and for a watermark
that still offers what we have.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection

from cloud.adapters.database.engine import Database
from cloud.adapters.database.inbox import inbox_values, registry
from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.progress import load_progress, note_gap, save_progress
from cloud.adapters.database.quarantine import UNREGISTERED, put_aside, take_for
from cloud.adapters.database.savepoint import savepoint
from cloud.adapters.database.shop import token_digest
from cloud.adapters.database.tables import inbox
from cloud.adapters.evidence_seal import EvidenceSeal
from cloud.clock import Clock
from cloud.domain.admission import Aside, Noise, Said, Shown, Told, Verdict, judge
from cloud.domain.progress import Gap
from cloud.observing.counting import ASIDE, EVENTS
from cloud.observing.tracing import span
from cloud.service.evidencing import take_in
from cloud.service.poison import POISON
from protocol.events import Entered
from protocol.messages import Ack, Watermark
from protocol.topics import Topic

log = logging.getLogger(__name__)

UNREADABLE_WITHIN = timedelta(minutes=5)
"""A device that is held up repeats itself every few seconds; what has not come for so long was something else."""

_Key = tuple[str, str, int]
Seal = Callable[[], EvidenceSeal | None]
"""What clips are sealed with, asked for when the first one comes; None where there is no key."""


@dataclass(frozen=True, slots=True)
class DueAck:
    """An ack, and the topic it goes out on."""

    topic: Topic
    ack: Ack


@dataclass(frozen=True, slots=True)
class Committed:
    """What a batch came to: events that were not known before, and the acks now due."""

    fresh: int
    acks: tuple[DueAck, ...]


class Ingester:
    """Commits batches of (topic, payload) to the database."""

    def __init__(self, database: Database, clock: Clock, seal: Seal = lambda: None) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal

    def commit(self, messages: Sequence[tuple[str, bytes]]) -> Committed:
        """Commit `messages`. Raises the database's OperationalError where it is locked or full: then nothing is."""
        judged = [(topic, payload, judge(topic, payload)) for topic, payload in messages]
        with self._database.write() as connection:
            batch = _Batch(connection, self._clock(), judged, self._seal)
            for topic, payload, verdict in judged:
                batch.take(topic, payload, verdict)
            batch.save()
        EVENTS.inc(batch.fresh)
        return Committed(batch.fresh, batch.due_acks())


class _Batch:
    """One transaction's worth of messages."""

    def __init__(
        self,
        connection: Connection,
        now: datetime,
        judged: Sequence[tuple[str, bytes, Verdict]],
        seal: Seal,
    ) -> None:
        self.fresh = 0
        self._seal = seal
        self._rows: list[tuple[str, bytes, dict[str, Any]]] = []
        self._connection = connection
        self._now = now
        self._stores = registry(connection, (name for _, _, verdict in judged if (name := _device(verdict))))
        keys = {key for _, _, verdict in judged if (key := self._key(verdict))}
        # In one order everywhere, so that two ingesters never wait for each other.
        self._before = {key: load_progress(connection, *key) for key in sorted(keys)}
        self._after = dict(self._before)
        self._due: set[_Key] = set()

    def take(self, topic: str, payload: bytes, verdict: Verdict) -> None:
        """Do what `verdict` on the message asks for."""
        match verdict:
            case Said():
                self._event(topic, payload, verdict)
            case Told():
                self._watermark(verdict)
            case Shown():
                self._clip(verdict)
            case Aside():
                self._aside(topic, payload, verdict)
            case Noise():
                log.warning("message ignored", extra={"topic": topic, "reason": verdict.reason})

    def save(self) -> None:
        """Write the events, and the progress that changed."""
        try:
            with savepoint(self._connection):
                self.fresh = insert_new(self._connection, inbox, [row for _, _, row in self._rows])
        except POISON:
            # One of them is nothing that a database can keep: the others must not wait for it.
            self.fresh = sum(self._insert(*each) for each in self._rows)
        for (store, device, _), progress in self._after.items():
            if progress != self._before[store, device, progress.epoch]:
                save_progress(self._connection, store, device, progress)

    def _insert(self, topic: str, payload: bytes, row: Mapping[str, Any]) -> int:
        try:
            with savepoint(self._connection):
                return insert_new(self._connection, inbox, [row])
        except POISON as error:
            reason = f"the database cannot keep it: {type(error).__name__}: {error}"
            where = {"device": row["device_id"], "epoch": row["epoch"], "seq": row["seq"]}
            put_aside(
                self._connection, row["store_id"], topic=topic, payload=payload, reason=reason, at=self._now, **where
            )
            ASIDE.inc()
            log.exception("event put aside", extra={"topic": topic})
            return 0

    def due_acks(self) -> tuple[DueAck, ...]:
        """What may be said once the transaction is committed."""
        return tuple(
            DueAck(Topic(store, device, "ack"), Ack(epoch=epoch, seq=self._after[store, device, epoch].contiguous))
            for store, device, epoch in sorted(self._due)
            if self._after[store, device, epoch].contiguous > 0
        )

    def _event(self, topic: str, payload: bytes, said: Said) -> None:
        envelope = said.envelope
        store = self._stores.get(envelope.device)
        if store is None or store != said.store:
            self._aside(topic, payload, Aside("", said.store, envelope.device, envelope.epoch, envelope.seq))
            return
        key = (store, envelope.device, envelope.epoch)
        if not self._receive(key, envelope.seq):
            return
        with span("ingest", envelope.visit or envelope.id, event=envelope.id, visit=envelope.visit, type=envelope.type):
            self._rows.append((topic, payload, inbox_values(store, envelope, _without_token(said), self._now)))

    def _watermark(self, told: Told) -> None:
        key = self._key(told)
        if key is None:
            log.warning("watermark of an unregistered device", extra={"device": told.watermark.device})
            return
        self._after[key], gap = self._after[key].told(told.watermark)
        if gap is not None:
            note_gap(self._connection, key[0], key[1], gap, self._now)
            log.error(
                "events are lost: the device deleted them after an ack, and this database does not have them",
                extra={"store": key[0], "device": key[1], "epoch": gap.epoch, "first": gap.first, "last": gap.last},
            )
        self._unreadable(key, told.watermark)
        if 0 < told.watermark.first_seq <= self._after[key].contiguous:
            self._due.add(key)

    def _unreadable(self, key: _Key, watermark: Watermark) -> None:
        """An event of which not even the number can be read must not hold its device up for ever.

        The device goes on offering it and sends what follows. When it is the only one missing, and a message without a
        number has come again and again meanwhile, that was it: it counts as received, and as missing for its visit.
        """
        store, device, epoch = key
        seq = self._after[key].stuck_at(watermark)
        since = self._now - UNREADABLE_WITHIN
        if seq is None or not take_for(self._connection, store, device, epoch=epoch, seq=seq, since=since):
            return
        self._after[key] = self._after[key].received((seq,))
        note_gap(self._connection, store, device, Gap(epoch, seq, seq), self._now)
        log.error("an event cannot be read, nor its number", extra={"store": store, "device": device, "seq": seq})

    def _clip(self, shown: Shown) -> None:
        sent, store = shown.sent, self._stores.get(shown.sent.device)
        context = {"device": sent.device, "sha256": sent.sha256}
        if store is None or store != shown.store or (seal := self._seal()) is None:
            log.warning("a clip cannot be kept here", extra=context)
        elif not take_in(self._connection, store, sent, seal, self._now):
            log.warning("a clip that nobody waits for", extra=context)

    def _aside(self, topic: str, payload: bytes, aside: Aside) -> None:
        store = self._stores.get(aside.device) if aside.device else None
        reason = aside.reason
        if aside.device and store is None:
            reason = f"device {aside.device!r} is not registered" + (f"; {reason}" if reason else "")
        elif store != aside.store and store is not None:
            reason = f"device {aside.device!r} belongs to store {store!r}, the topic says {aside.store!r}"
        key = self._key(aside)
        if key is not None and aside.seq is not None and not self._receive(key, aside.seq):
            return
        fresh = put_aside(
            self._connection,
            store or UNREGISTERED,
            topic=topic,
            payload=payload,
            reason=reason,
            at=self._now,
            device=aside.device,
            epoch=aside.epoch,
            seq=aside.seq,
        )
        if fresh:
            ASIDE.inc()
            log.warning("event put aside", extra={"topic": topic, "reason": reason})

    def _receive(self, key: _Key, seq: int) -> bool:
        self._due.add(key)
        progress = self._after[key]
        if not progress.has_room_for(seq):
            log.error("too many holes before an event: it waits to be sent again", extra={"device": key[1], "seq": seq})
            return False
        self._after[key] = progress.received((seq,))
        return True

    def _key(self, verdict: Verdict) -> _Key | None:
        device = _device(verdict)
        store = self._stores.get(device) if device else None
        if store is None or device is None:
            return None
        match verdict:
            case Said():
                return store, device, verdict.envelope.epoch
            case Told():
                return (store, device, verdict.watermark.epoch) if verdict.store == store else None
            case Aside(epoch=int(epoch)):
                return store, device, epoch
        return None


def _device(verdict: Verdict) -> str | None:
    match verdict:
        case Said():
            return verdict.envelope.device
        case Told():
            return verdict.watermark.device
        case Shown():
            return verdict.sent.device
        case Aside():
            return verdict.device
        case Noise():
            return None


def _without_token(said: Said) -> dict[str, JsonValue]:
    """The event's data; of an entry token only the digest is kept, as it opens doors."""
    if isinstance(said.event, Entered):
        return {**said.envelope.data, "token": token_digest(said.event.token)}
    return said.envelope.data
