"""INSERT … ON CONFLICT DO NOTHING, in the words of either database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those of `rows` that break no unique key; how many were new."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    # Without this SQLAlchemy promises no row count for an INSERT, and on PostgreSQL gives none.
    statement = dialect.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return sum(connection.execute(statement.values(**row)).rowcount for row in rows)
