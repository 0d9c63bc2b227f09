"""INSERT … ON CONFLICT, in the words of either database, many rows in one call."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from cloud.adapters.database.at_once import insert_new_at_once, put_at_once, worth_it
from cloud.adapters.database.many_rows import copied_in, for_each


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, which name the same columns. IntegrityError where one of them breaks a unique key."""
    if worth_it(connection, rows):
        copied_in(connection, table, _plain(table), rows)
    else:
        for_each(connection, _plain(table), rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those of `rows`, which name the same columns, that break no unique key; how many were new."""
    if worth_it(connection, rows):
        return insert_new_at_once(connection, table, rows)
    return for_each(connection, _passing_over(connection.dialect.name, table), rows)


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, which name the same columns and each another primary key, in place of what has that key."""
    if worth_it(connection, rows):
        put_at_once(connection, table, rows)
    elif rows:
        for_each(connection, _replacing(connection.dialect.name, table, tuple(rows[0])), rows)


@cache
def _plain(table: Table) -> Any:
    return table.insert()


@cache
def _passing_over(kind: str, table: Table) -> Any:
    return _insert(kind, table).on_conflict_do_nothing()


@cache
def _replacing(kind: str, table: Table, names: tuple[str, ...]) -> Any:
    statement = _insert(kind, table)
    key = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in names if name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=changed)


def _insert(kind: str, table: Table) -> Any:
    return (postgresql if kind == "postgresql" else sqlite).insert(table)
