"""INSERT … ON CONFLICT, in the words of either database, many rows in one call."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those of `rows`, which name the same columns, that break no unique key; how many were new."""
    if not rows:
        return 0
    # Without this SQLAlchemy promises no row count for an INSERT, and on PostgreSQL gives none.
    statement = _insert(connection, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return connection.execute(statement, [dict(row) for row in rows]).rowcount


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, which name the same columns, each in place of what has its primary key."""
    if not rows:
        return
    statement = _insert(connection, table)
    key = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in _without(rows[0], key)}
    replacing = statement.on_conflict_do_update(index_elements=key, set_=changed)
    connection.execute(replacing, [dict(row) for row in rows])


def _insert(connection: Connection, table: Table) -> Any:
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def _without(names: Iterable[str], key: Iterable[str]) -> list[str]:
    return [name for name in names if name not in set(key)]
