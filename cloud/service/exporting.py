"""Settled lines as a table: CSV for accountants and spreadsheets, Parquet for whoever computes with them."""

import csv
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, func, select

from cloud.adapters.database.tables import receipts, settlement_lines, visits
from cloud.domain.errors import CloudError
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
        shown = _texts(row)
        writer.writerow([_safe(shown[name]) for name in COLUMNS])
        count += 1
    return count


PARQUET_ROWS_AT_A_TIME = 10_000


def export_parquet(connection: Connection, store: str, since: datetime, until: datetime, out: Path) -> int:
    """Write the same lines as Parquet; how many there were.

    Amounts are 64-bit whole numbers, moments are UTC with milliseconds, and what is a list is one. CloudError where
    tillfree[parquet] is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise CloudError("writing Parquet needs its library: install tillfree[parquet], or write .csv") from None
    moment, number = pa.timestamp("ms", tz="UTC"), pa.int64()
    whole = {"revision", "line", "qty", "tax_bps"} | {name for name in COLUMNS if name.endswith("_minor")}
    types = {"issued_at": moment, "exited_at": moment, "promotions": pa.list_(pa.string())}
    schema = pa.schema([(name, number if name in whole else types.get(name, pa.string())) for name in COLUMNS])
    count, rows = 0, _rows(connection, store, since, until)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while batch := list(islice(rows, PARQUET_ROWS_AT_A_TIME)):
            typed = [{**{name: row[name] for name in COLUMNS}, "visit": str(row["visit"])} for row in batch]
            writer.write_table(pa.Table.from_pylist(typed, schema=schema))
            count += len(batch)
    return count


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    """The row as CSV has it."""
    exited = rfc3339(row["exited_at"]) if row["exited_at"] else ""
    promotions = " ".join(row["promotions"])
    return {**row, "issued_at": rfc3339(row["issued_at"]), "exited_at": exited, "promotions": promotions}


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
            "remaining_minor": row.amount_minor - row.refunded_minor if charged else 0,
        }


def _safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
