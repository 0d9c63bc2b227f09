"""The inbox: every event that was committed, and which of them still wait to be applied."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Connection, bindparam, delete, func, select, update

from cloud.adapters.database.among import among
from cloud.adapters.database.tables import devices, inbox
from protocol.messages import Envelope


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A committed event, as the worker takes it."""

    store: str
    device: str
    epoch: int
    seq: int
    event: UUID
    type: str
    ts: datetime
    visit: UUID | None
    data: dict[str, JsonValue]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be applied."""

    waiting: int
    oldest: datetime | None


def registry(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """The store of each of the devices `names` that is registered."""
    query = select(devices.c.device_id, devices.c.store_id).where(devices.c.device_id.in_(sorted(set(names))))
    return {row.device_id: row.store_id for row in connection.execute(query)}


def inbox_values(store: str, envelope: Envelope, data: dict[str, JsonValue], received_at: datetime) -> dict[str, Any]:
    """The row for `envelope`, with `data` in place of its own."""
    return {
        "store_id": store,
        "device_id": envelope.device,
        "epoch": envelope.epoch,
        "seq": envelope.seq,
        "event_id": envelope.id,
        "type": envelope.type,
        "ts": envelope.ts,
        "visit_id": envelope.visit,
        "data": data,
        "received_at": received_at,
    }


# Statements that are said for every batch stand beside what says them: to make one takes longer than it does.
_ANY = select(inbox.c.seq).where(inbox.c.processed_at.is_(None)).limit(1)
_WAITING = (
    select(*(column for column in inbox.c if column.name != "processed_at"))
    .where(inbox.c.processed_at.is_(None))
    .order_by(inbox.c.received_at, inbox.c.store_id, inbox.c.device_id, inbox.c.epoch, inbox.c.seq)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_APPLIED = (
    update(inbox)
    .where(
        inbox.c.store_id == bindparam("of_store"),
        inbox.c.device_id == bindparam("of_device"),
        inbox.c.epoch == bindparam("of_epoch"),
        among(inbox.c.seq, "those"),
    )
    .values(processed_at=bindparam("at"))
)


def anything_waits(connection: Connection) -> bool:
    """Whether an event waits to be applied."""
    return connection.execute(_ANY).first() is not None


def take(connection: Connection, limit: int) -> Sequence[InboxRow]:
    """Up to `limit` waiting events, locked until the transaction ends; those that another worker has are left out."""
    return [InboxRow(*row) for row in connection.execute(_WAITING, {"limit": limit})]


def mark_applied(connection: Connection, rows: Sequence[InboxRow], at: datetime) -> None:
    """Take `rows` off the waiting ones."""
    by_outbox: defaultdict[tuple[str, str, int], list[int]] = defaultdict(list)
    for row in rows:
        by_outbox[row.store, row.device, row.epoch].append(row.seq)
    for (store, device, epoch), those in sorted(by_outbox.items()):
        mine = {"of_store": store, "of_device": device, "of_epoch": epoch, "those": sorted(those)}
        connection.execute(_APPLIED, {**mine, "at": at})


_FIRST_WAITING = (
    select(inbox.c.epoch, inbox.c.seq)
    .where(
        inbox.c.store_id == bindparam("store"),
        inbox.c.device_id == bindparam("device"),
        inbox.c.processed_at.is_(None),
    )
    .order_by(inbox.c.epoch, inbox.c.seq)
    .limit(1)
)


def first_waiting(connection: Connection, store: str, device: str) -> tuple[int, int] | None:
    """Epoch and number of the device's first event that is committed but not yet applied."""
    row = connection.execute(_FIRST_WAITING, {"store": store, "device": device}).first()
    return (row.epoch, row.seq) if row else None


def backlog(connection: Connection) -> Backlog:
    """How much waits to be applied, over all stores."""
    query = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.processed_at.is_(None))
    waiting, oldest = connection.execute(query).one()
    return Backlog(waiting, oldest)


def drop_applied(connection: Connection, store: str, device: str, epoch: int, *, before: datetime, limit: int) -> int:
    """Drop the device's first events of an epoch, up to `limit`, that were applied before then; how many those were."""
    mine = (inbox.c.store_id == store, inbox.c.device_id == device, inbox.c.epoch == epoch)
    first = select(inbox.c.seq, inbox.c.processed_at).where(*mine).order_by(inbox.c.seq).limit(limit)
    rows = connection.execute(first).all()
    done = list(takewhile(lambda row: row.processed_at is not None and row.processed_at < before, rows))
    if not done:
        return 0
    return connection.execute(delete(inbox).where(*mine, inbox.c.seq <= done[-1].seq)).rowcount
