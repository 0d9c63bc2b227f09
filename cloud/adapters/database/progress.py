"""How far each device's events are committed, and the holes that can no longer be filled."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import gaps, progress
from cloud.domain.progress import Gap, Progress

GAPS_MAX = 1_000
"""More tell nobody anything, and a visit lasts no longer than the latest of them."""

_FIELDS = (
    progress.c.epoch,
    progress.c.contiguous,
    progress.c.ahead,
    progress.c.last_seq,
    progress.c.observed_until,
)

# Statements that are said for every batch stand here: to make one takes longer than it does.
_EPOCHS = select(*_FIELDS).where(progress.c.store_id == bindparam("store"), progress.c.device_id == bindparam("device"))
_ONE = _EPOCHS.where(progress.c.epoch == bindparam("epoch")).with_for_update()
_GAPS = (
    select(gaps.c.epoch, gaps.c.first_seq, gaps.c.last_seq, gaps.c.noticed_at)
    .where(gaps.c.store_id == bindparam("store"), gaps.c.device_id == bindparam("device"))
    .order_by(gaps.c.epoch.desc(), gaps.c.first_seq.desc())
    .limit(GAPS_MAX)
)


def load_progress(connection: Connection, store: str, device: str, epoch: int) -> Progress:
    """The device's progress in `epoch`, locked until the transaction ends; that of a beginner where none is known."""
    row = connection.execute(_ONE, {"store": store, "device": device, "epoch": epoch}).first()
    return _progress(*row) if row else Progress(epoch)


def load_epochs(connection: Connection, store: str, device: str) -> dict[int, Progress]:
    """The device's progress in every epoch."""
    rows = connection.execute(_EPOCHS, {"store": store, "device": device})
    return {row.epoch: _progress(*row) for row in rows}


def outboxes(connection: Connection) -> list[tuple[str, str, int]]:
    """Store, device and epoch of every outbox that ever said anything."""
    query = select(progress.c.store_id, progress.c.device_id, progress.c.epoch)
    return [(store, device, epoch) for store, device, epoch in connection.execute(query)]


def save_progress(connection: Connection, store: str, device: str, known: Progress) -> None:
    """Keep `known` in place of what was there."""
    values = {
        "contiguous": known.contiguous,
        "ahead": [list(each) for each in known.ahead],
        "last_seq": known.last_seq,
        "observed_until": known.observed_until,
    }
    key = {"store_id": store, "device_id": device, "epoch": known.epoch}
    if not insert_new(connection, progress, [{**key, **values}]):
        where = (progress.c.store_id == store, progress.c.device_id == device, progress.c.epoch == known.epoch)
        connection.execute(update(progress).where(*where).values(**values))


def note_gap(connection: Connection, store: str, device: str, gap: Gap, at: datetime) -> None:
    """Keep that `gap` opened."""
    row = {
        "store_id": store,
        "device_id": device,
        "epoch": gap.epoch,
        "first_seq": gap.first,
        "last_seq": gap.last,
        "noticed_at": at,
    }
    insert_new(connection, gaps, [row])


@dataclass(frozen=True, slots=True)
class GapNoticed:
    """A hole that can no longer be filled, and when that was found out."""

    gap: Gap
    noticed_at: datetime


def load_gaps(connection: Connection, store: str, device: str) -> list[GapNoticed]:
    """The device's latest holes, up to GAPS_MAX."""
    latest = connection.execute(_GAPS, {"store": store, "device": device})
    return [GapNoticed(Gap(epoch, first, last), at) for epoch, first, last, at in latest][::-1]


def _progress(
    epoch: int, contiguous: int, ahead: list[list[int]], last_seq: int, observed_until: datetime | None
) -> Progress:
    return Progress(epoch, contiguous, tuple((first, last) for first, last in ahead), last_seq, observed_until)
