"""Figures for the retailer: what was sold, and what left the shelves, from the latest revisions of receipts and lines.

Visits are found by their ids, which begin with the time of the entry, so a report reads the visits of its period and no
others.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, select

from cloud.adapters.database.tables import receipts, settlement_lines
from cloud.domain.decision import Decision
from protocol.ids import EPOCH


def visits_from(at: datetime) -> UUID:
    """The lowest id of a visit that began at `at`."""
    return UUID(int=int((at - EPOCH).total_seconds() * 1000) << 80)


def sales_of(connection: Connection, store: str, since: datetime, until: datetime) -> Any:
    """One row: visits, total_minor, refunded_minor, owed_minor, charged_back_minor (None where there were none)."""
    newest = _newest(receipts, store, since, until)
    sums = [func.sum(receipts.c[name]).label(name) for name in _SUMS]
    query = select(func.count().label("visits"), *sums).join(newest, _is(receipts, newest))
    return connection.execute(query.where(receipts.c.store_id == store)).one()


def best_sellers(connection: Connection, store: str, since: datetime, until: datetime, limit: int) -> list[Any]:
    """Rows of sku, name, qty and amount_minor, what was given back taken off; most pieces first."""
    newest = _newest(settlement_lines, store, since, until)
    line = settlement_lines.c
    qty = func.sum(line.qty - line.refunded_qty).label("qty")
    amount = func.sum(line.amount_minor - line.refunded_minor).label("amount_minor")
    query = (
        select(line.sku, func.max(line.name).label("name"), qty, amount)
        .join(newest, _is(settlement_lines, newest))
        .where(line.store_id == store, line.decision == Decision.CHARGE)
        .group_by(line.sku)
        .order_by(qty.desc(), line.sku)
    )
    return list(connection.execute(query.limit(limit)))


def taken_from_shelves(connection: Connection, store: str, since: datetime, until: datetime, limit: int) -> list[Any]:
    """Rows of sku and qty: what was seen to leave the shelves, charged or not; most pieces first."""
    line = settlement_lines.c
    qty = func.sum(line.qty).label("qty")
    first = (line.store_id == store, line.revision == 1, *_between(settlement_lines, since, until))
    query = select(line.sku, qty).where(*first, line.sku.is_not(None)).group_by(line.sku)
    return list(connection.execute(query.order_by(qty.desc(), line.sku).limit(limit)))


_SUMS = ("total_minor", "refunded_minor", "owed_minor", "charged_back_minor")


def _between(table: Any, since: datetime, until: datetime) -> tuple[Any, Any]:
    return table.c.visit_id >= visits_from(since), table.c.visit_id < visits_from(until)


def _newest(table: Any, store: str, since: datetime, until: datetime) -> Any:
    query: Select[Any] = select(table.c.visit_id, func.max(table.c.revision).label("revision"))
    return query.where(table.c.store_id == store, *_between(table, since, until)).group_by(table.c.visit_id).subquery()


def _is(table: Any, newest: Any) -> Any:
    return (table.c.visit_id == newest.c.visit_id) & (table.c.revision == newest.c.revision)
