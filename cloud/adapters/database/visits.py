"""Visits and what was seen of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Connection, Text, and_, bindparam, cast, exists, func, or_, select, text, update

from cloud.adapters.database.among import among
from cloud.adapters.database.by_store import by_store
from cloud.adapters.database.changing import change_all
from cloud.adapters.database.inserting import insert_new, put
from cloud.adapters.database.tables import interactions, progress, stores, visits
from cloud.domain.cart import Saying
from cloud.domain.settlement import Exit, State
from protocol.events import Change, Interaction

VisitKey = tuple[str, UUID]
"""A store, and the visit there."""

# Statements that are said for every batch stand here: to make and to spell one takes longer than many rows of it.
_THOSE = (visits.c.store_id == bindparam("store"), among(visits.c.visit_id, "those"))
_LOCKING = select(visits).where(*_THOSE).order_by(visits.c.visit_id).with_for_update()
_LOCKING_FREE = select(visits).where(*_THOSE).order_by(visits.c.visit_id).with_for_update(skip_locked=True)
_LOCKING_LEAVING = (
    select(visits)
    .where(*_THOSE, visits.c.state.in_([State.EXITED, State.AWAITED]))
    .order_by(visits.c.visit_id)
    .with_for_update(skip_locked=True)
)

# Spelled as the index has it, which planners recognise it by.
AWAITING_EXIT = and_(
    text("visits.state IN ('exited', 'awaited')"),
    visits.c.exited_at.is_not(None),
)
_SEEN_PAST = (
    exists()
    .where(progress.c.store_id == visits.c.store_id, progress.c.device_id == visits.c.exit_device)
    .where(progress.c.epoch == visits.c.exit_epoch, progress.c.observed_until > visits.c.exited_at)
)
_LEAVING = (
    select(visits)
    .where(AWAITING_EXIT, or_(_SEEN_PAST, visits.c.exit_received_at <= bindparam("over")))
    .order_by(visits.c.exited_at)
    .limit(bindparam("limit"))
)
_SHORTEST_LIMIT = select(func.min(stores.c.settle_within_s))


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as it is kept; see `cloud.domain.settlement` for its states."""

    store: str
    visit: UUID
    state: State
    created_at: datetime
    account: str | None
    entered_at: datetime | None
    leaving: Exit | None
    horizon: int | None
    refused_reason: str | None
    late_events: int
    hold_number: int
    late_heeded: int = 0


def _visit(row: Any) -> Visit:
    leaving = None
    if row.exited_at is not None:
        leaving = Exit(row.exit_device, row.exit_epoch, row.exit_seq, row.exited_at, row.exit_received_at)
    return Visit(
        row.store_id,
        row.visit_id,
        State(row.state),
        row.created_at,
        row.account_id,
        row.entered_at,
        leaving,
        row.horizon_seq,
        row.refused_reason,
        row.late_events,
        row.hold_number,
        row.late_heeded,
    )


def find_visit(connection: Connection, store: str, visit: UUID, *, lock: bool = False) -> Visit | None:
    """The visit, locked until the transaction ends if asked; None where nothing was ever said of it."""
    query = select(visits).where(visits.c.store_id == store, visits.c.visit_id == visit)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _visit(row) if row else None


def ensure_visit(connection: Connection, store: str, visit: UUID, now: datetime) -> Visit:
    """The visit, locked; begun as awaited where nothing had been said of it."""
    return ensure_visits(connection, [(store, visit)], now)[store, visit]


def ensure_visits(connection: Connection, keys: Iterable[VisitKey], now: datetime) -> dict[VisitKey, Visit]:
    """Those visits, locked; begun as awaited where nothing had been said of them."""
    wanted = sorted(set(keys))
    beginning = {"state": State.AWAITED, "created_at": now, "late_events": 0}
    insert_new(connection, visits, [{"store_id": store, "visit_id": visit, **beginning} for store, visit in wanted])
    found = lock_visits(connection, wanted)
    assert len(found) == len(wanted)
    return found


def lock_visits(connection: Connection, keys: Iterable[VisitKey], *, skip: bool = False) -> dict[VisitKey, Visit]:
    """Those of the visits that are known, locked until the transaction ends; to `skip` leaves out what another has.

    In one order everywhere, so that no two wait for each other.
    """
    found: dict[VisitKey, Visit] = {}
    for store, mine in by_store(keys):
        those = {"store": store, "those": mine}
        for row in connection.execute(_LOCKING_FREE if skip else _LOCKING, those):
            found[store, row.visit_id] = _visit(row)
    return found


def lock_leaving(connection: Connection, keys: Iterable[VisitKey]) -> dict[VisitKey, Visit]:
    """`lock_visits` for those whose cart is not decided yet, leaving out what another has; the rest is not read."""
    found: dict[VisitKey, Visit] = {}
    for store, mine in by_store(keys):
        for row in connection.execute(_LOCKING_LEAVING, {"store": store, "those": mine}):
            found[store, row.visit_id] = _visit(row)
    return found


def change_visit(connection: Connection, visit: Visit, **values: Any) -> None:
    """Set columns of the visit."""
    where = (visits.c.store_id == visit.store, visits.c.visit_id == visit.visit)
    connection.execute(update(visits).where(*where).values(**values))


def change_visits(connection: Connection, changes: Sequence[tuple[Visit, Mapping[str, Any]]]) -> None:
    """Set the same columns of each of these visits, to values of its own."""
    if changes:
        rows = [{"of_store_id": visit.store, "of_visit_id": visit.visit, **values} for visit, values in changes]
        change_all(connection, visits, ("store_id", "visit_id"), rows)


def leaving_visits(connection: Connection, now: datetime, limit: int) -> list[Visit]:
    """Visits whose exit was said and whose cart is not decided, the earliest exits first, where that may be now.

    It may where the hub has observed past the exit, or a time limit is over. Those that wait for a hub that is away are
    left out, however many they are.
    """
    shortest_s = connection.execute(_SHORTEST_LIMIT).scalar() or 0.0
    asked = {"over": now - timedelta(seconds=shortest_s), "limit": limit}
    return [_visit(row) for row in connection.execute(_LEAVING, asked)]


def amendable_visits(connection: Connection, limit: int) -> list[VisitKey]:
    """Settled visits of which something was said late that their receipts were not held against yet."""
    # Spelled as the index has it, which the planners recognise it by; and in its order: else PostgreSQL, which takes a
    # third of all visits for late, reads them one after the other until it has as many as were asked for.
    query = select(visits.c.store_id, visits.c.visit_id).where(text("late_events > late_heeded AND state = 'settled'"))
    ordered = query.order_by(visits.c.store_id, visits.c.visit_id).limit(limit)
    return [(row.store_id, row.visit_id) for row in connection.execute(ordered)]


def overdue_visits(connection: Connection, now: datetime, limit: int) -> list[Visit]:
    """Open visits that nobody ended within their store's time limit."""
    limits = select(stores.c.store_id, stores.c.visit_limit_s)
    found: list[Visit] = []
    for store, limit_s in connection.execute(limits):
        mine = (visits.c.store_id == store, visits.c.state == State.OPEN)
        begun = visits.c.created_at <= now - timedelta(seconds=limit_s)
        query = select(visits).where(*mine, begun).order_by(visits.c.created_at).limit(limit - len(found))
        found += [_visit(row) for row in connection.execute(query)]
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an interaction: which saying counts, and whose it was."""

    rank: tuple[int, UUID]
    visit: UUID | None


_KNOWN = (
    select(interactions.c.interaction_id, interactions.c.revision, interactions.c.event_id, interactions.c.visit_id)
    .where(interactions.c.store_id == bindparam("store"), among(interactions.c.interaction_id, "those"))
    .order_by(interactions.c.interaction_id)
    .with_for_update()
)


def known_sayings(connection: Connection, keys: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], Known]:
    """What counts so far of those (store, interaction) that are known, locked until the transaction ends."""
    found: dict[tuple[str, UUID], Known] = {}
    for store, mine in by_store(keys):
        for row in connection.execute(_KNOWN, {"store": store, "those": mine}):
            found[store, row.interaction_id] = Known((row.revision, row.event_id), row.visit_id)
    return found


def keep_sayings(connection: Connection, kept: Iterable[tuple[str, Saying, Interaction, datetime]]) -> None:
    """Keep each saying (of a store, as it was said, and when it was) as what counts of its interaction."""
    rows = [
        {
            "store_id": store,
            "interaction_id": saying.interaction,
            "visit_id": saying.visit,
            "revision": saying.revision,
            "event_id": saying.event,
            "ts": ts,
            "data": said.model_dump(mode="json"),
        }
        for store, saying, said, ts in kept
    ]
    put(connection, interactions, rows)


def sayings_of(connection: Connection, store: str, visit: UUID) -> Iterable[Saying]:
    """What counts of every interaction of the visit."""
    return [_saying(row) for row in connection.execute(interactions_of(store, visit))]


class _Said(BaseModel):
    """Of what is kept of an interaction, what changed: a cart needs nothing else of it."""

    changes: tuple[Change, ...]


# As text: a cart is decided from a small part of it, which pydantic takes out without making the rest.
_CHANGES = select(interactions.c.visit_id, interactions.c.interaction_id, cast(interactions.c.data, Text)).where(
    interactions.c.store_id == bindparam("store"), among(interactions.c.visit_id, "those")
)


def changes_of(
    connection: Connection, keys: Iterable[VisitKey]
) -> dict[VisitKey, list[tuple[UUID, tuple[Change, ...]]]]:
    """What changed in every interaction of those visits, by what counts of it."""
    found: dict[VisitKey, list[tuple[UUID, tuple[Change, ...]]]] = {}
    for store, mine in by_store(keys):
        those = {"store": store, "those": mine}
        for visit, interaction, said in connection.execute(_CHANGES, those):
            found.setdefault((store, visit), []).append((interaction, _Said.model_validate_json(said).changes))
    return found


def interactions_of(store: str, visit: UUID) -> Any:
    """The query for the visit's interactions, in order of time."""
    mine = (interactions.c.store_id == store, interactions.c.visit_id == visit)
    return select(interactions).where(*mine).order_by(interactions.c.ts, interactions.c.interaction_id)


def _saying(row: Any) -> Saying:
    changes = Interaction.model_validate(row.data).changes
    return Saying(row.interaction_id, row.revision, row.event_id, row.visit_id, changes)
