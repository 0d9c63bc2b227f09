"""INSERT … ON CONFLICT DO NOTHING, in the words of either database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those of `rows` that break no unique key; how many were new."""
    inserted = 0
    for row in rows:
        if connection.dialect.name == "postgresql":
            inserted += connection.execute(postgresql.insert(table).values(**row).on_conflict_do_nothing()).rowcount
        else:
            inserted += connection.execute(sqlite.insert(table).values(**row).on_conflict_do_nothing()).rowcount
    return inserted
