"""How things stand in the database, for Prometheus and for whoever asks whether a store is well.

Each number is found by an index that holds little more than what is counted, so asking often costs little.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from cloud.adapters.database.inbox import Backlog, backlog
from cloud.adapters.database.tables import (
    charges,
    devices,
    disputes,
    payments,
    progress,
    quarantine,
    reconciliations,
    reviews,
    stores,
    visits,
)
from cloud.domain.settlement import State

SHOWN_MAX = 1_000
"""Devices and stores that are told apart; a process that has more to say is asked another way."""

# Spelled as the partial indices are: a database looks into one only where the words are the same.
_PENDING = text("payments.state = 'pending'")
_INDEBTED = text("charges.indebted")
_REVIEWS_WAITING = text("reviews.state IN ('open', 'claimed')")
_DISPUTES_OPEN = text("disputes.state = 'open'")

_UNDER_WAY = (State.AWAITED, State.OPENING, State.OPEN, State.EXITED, State.CAPTURING, State.RELEASING)


@dataclass(frozen=True, slots=True)
class DeviceStanding:
    """How far a registered device says that it has observed, in its latest epoch."""

    store: str
    device: str
    observed_until: datetime | None
    missing: int
    """Events that it has on disk, by its own account, and that have not come."""

    def age_s(self, now: datetime) -> float | None:
        """How long ago it observed last; None where it never said. Negative where its clock is ahead of ours."""
        return None if self.observed_until is None else (now - self.observed_until).total_seconds()


@dataclass(frozen=True, slots=True)
class StoreStanding:
    """What waits in a store, for the shop or for a person."""

    store: str
    visits: dict[str, int]
    """Visits under way, by state."""
    held: int
    """Visits with money reserved."""
    debts: int
    owed_minor: int
    reviews: int
    disputes: int
    differing: int | None
    """Differences that the latest reconciliation found; None where there was none."""
    reconciled_at: datetime | None


def inbox_standing(connection: Connection) -> Backlog:
    """What waits to be applied, over all stores."""
    return backlog(connection)


def payments_waiting(connection: Connection) -> tuple[int, datetime | None]:
    """Payments without an answer yet, and since when the oldest of them."""
    query = select(func.count(), func.min(payments.c.intended_at)).where(_PENDING)
    count, oldest = connection.execute(query).one()
    return count, oldest


def devices_standing(connection: Connection, store: str | None = None) -> list[DeviceStanding]:
    """Every registered device (of `store`), in order of store and name; at most SHOWN_MAX."""
    latest = (
        select(progress.c.store_id, progress.c.device_id, func.max(progress.c.epoch).label("epoch"))
        .group_by(progress.c.store_id, progress.c.device_id)
        .subquery()
    )
    query = (
        select(
            devices.c.store_id,
            devices.c.device_id,
            progress.c.observed_until,
            progress.c.last_seq,
            progress.c.contiguous,
        )
        .outerjoin(latest, (latest.c.store_id == devices.c.store_id) & (latest.c.device_id == devices.c.device_id))
        .outerjoin(
            progress,
            (progress.c.store_id == devices.c.store_id)
            & (progress.c.device_id == devices.c.device_id)
            & (progress.c.epoch == latest.c.epoch),
        )
        .order_by(devices.c.store_id, devices.c.device_id)
        .limit(SHOWN_MAX)
    )
    if store is not None:
        query = query.where(devices.c.store_id == store)
    return [
        DeviceStanding(
            row.store_id,
            row.device_id,
            row.observed_until,
            0 if row.last_seq is None else max(0, row.last_seq - row.contiguous),
        )
        for row in connection.execute(query)
    ]


def stores_standing(connection: Connection, store: str | None = None) -> Iterator[StoreStanding]:
    """What waits in every store (or in `store`); at most SHOWN_MAX."""
    query = select(stores.c.store_id).order_by(stores.c.store_id).limit(SHOWN_MAX)
    names = [store] if store is not None else list(connection.execute(query).scalars())
    for name in names:
        yield _store(connection, name)


def quarantined(connection: Connection) -> int:
    """Messages that were put aside and are still kept."""
    return connection.execute(select(func.count()).select_from(quarantine)).scalar_one()


def _store(connection: Connection, store: str) -> StoreStanding:
    under_way = (
        select(visits.c.state, func.count().label("visits"))
        .where(visits.c.store_id == store, visits.c.state.in_(_UNDER_WAY))
        .group_by(visits.c.state)
    )
    states = {row.state: row.visits for row in connection.execute(under_way)}
    indebted = select(func.count(), func.sum(charges.c.amount_minor - charges.c.refunded_minor)).where(
        charges.c.store_id == store, _INDEBTED
    )
    debts, owed = connection.execute(indebted).one()
    in_review = select(func.count()).select_from(reviews).where(reviews.c.store_id == store, _REVIEWS_WAITING)
    disputed = select(func.count()).select_from(disputes).where(disputes.c.store_id == store, _DISPUTES_OPEN)
    of = reconciliations.c
    last = select(of.differing, of.at).where(of.store_id == store).order_by(of.reconciliation_id.desc()).limit(1)
    compared = connection.execute(last).first()
    return StoreStanding(
        store,
        states,
        sum(states.get(state, 0) for state in (State.OPEN, State.EXITED, State.CAPTURING, State.RELEASING)),
        debts,
        int(owed or 0),
        connection.execute(in_review).scalar_one(),
        connection.execute(disputed).scalar_one(),
        compared.differing if compared else None,
        compared.at if compared else None,
    )
