"""Settled lines as a table, for accountants and spreadsheets."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from sqlalchemy import Connection, func, select

from cloud.adapters.database.tables import receipts, settlement_lines, visits
from protocol.model import rfc3339

COLUMNS = (
    "visit",
    "account",
    "revision",
    "cause",
    "issued_at",
    "exited_at",
    "line",
    "sku",
    "name",
    "qty",
    "unit_minor",
    "discount_minor",
    "amount_minor",
    "refunded_minor",
    "remaining_minor",
    "tax_bps",
    "currency",
    "decision",
    "promotions",
)


def export_lines(connection: Connection, store: str, since: datetime, until: datetime, out: TextIO) -> int:
    """Write the lines of the latest receipts issued from `since` until before `until` as CSV; how many there were."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for row in _rows(connection, store, since, until):
        writer.writerow([_safe(row[name]) for name in COLUMNS])
        count += 1
    return count


def _rows(connection: Connection, store: str, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    latest = (
        select(receipts.c.visit_id, func.max(receipts.c.revision).label("revision"))
        .where(receipts.c.store_id == store)
        .group_by(receipts.c.visit_id)
        .subquery()
    )
    lines = settlement_lines
    query = (
        select(lines, receipts.c.account_id, receipts.c.cause, receipts.c.issued_at, receipts.c.currency)
        .add_columns(visits.c.exited_at)
        .join(
            receipts,
            (receipts.c.store_id == lines.c.store_id)
            & (receipts.c.visit_id == lines.c.visit_id)
            & (receipts.c.revision == lines.c.revision),
        )
        .join(latest, (latest.c.visit_id == receipts.c.visit_id) & (latest.c.revision == receipts.c.revision))
        .join(visits, (visits.c.store_id == lines.c.store_id) & (visits.c.visit_id == lines.c.visit_id))
        .where(lines.c.store_id == store, receipts.c.issued_at >= since, receipts.c.issued_at < until)
        .order_by(lines.c.visit_id, lines.c.position)
        .execution_options(yield_per=1_000)
    )
    for row in connection.execute(query):
        charged = row.decision == "charge"
        yield {
            **row._mapping,
            "visit": row.visit_id,
            "account": row.account_id,
            "line": row.position,
            "issued_at": rfc3339(row.issued_at),
            "exited_at": rfc3339(row.exited_at) if row.exited_at else "",
            "remaining_minor": row.amount_minor - row.refunded_minor if charged else 0,
            "promotions": " ".join(row.promotions),
        }


def _safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
