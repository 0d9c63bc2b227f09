"""Many rows by one statement of PostgreSQL's: each column's values are one array, and `unnest` makes rows of them.

A statement for each row, however well prepared, costs the server more than the row. SQLite, which lives in the process,
has nothing to gain by it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, String, Table, bindparam, column, func, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from cloud.adapters.database.many_rows import for_columns

AT_ONCE_FROM = 20
"""Rows from which on it takes less than a statement for each."""


def worth_it(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether `rows` are to be written so."""
    return connection.dialect.name == "postgresql" and len(rows) >= AT_ONCE_FROM


def insert_new_at_once(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those of `rows`, which name the same columns, that break no unique key; how many were new."""
    return for_columns(connection, _inserting_new(table, tuple(rows[0])), rows)


def put_at_once(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, of which no two have one primary key, each in place of what has its primary key."""
    for_columns(connection, _putting(table, tuple(rows[0])), rows)


def change_at_once(
    connection: Connection, table: Table, keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> int:
    """Set the columns that `rows` name where `keys`, which they name `of_KEY`, are theirs; how many rows there were."""
    return for_columns(connection, _changing(table, keys, tuple(rows[0])), rows)


def _given(types: Mapping[str, TypeEngine[Any]]) -> Any:
    """The rows as a table that the statement reads."""
    # As text without a length: a cast to one with a length would cut off what is too long, where it must be refused.
    plain = {name: String() if isinstance(type_, String) else type_ for name, type_ in types.items()}
    arrays = [bindparam(name, type_=postgresql.ARRAY(type_)) for name, type_ in plain.items()]
    columns = [column(name, type_) for name, type_ in plain.items()]
    return func.unnest(*arrays).table_valued(*columns, name="given").render_derived()


@cache
def _inserting_new(table: Table, names: tuple[str, ...]) -> Any:
    given = _given({name: table.c[name].type for name in names})
    return postgresql.insert(table).from_select(names, select(*given.c)).on_conflict_do_nothing()


@cache
def _putting(table: Table, names: tuple[str, ...]) -> Any:
    given = _given({name: table.c[name].type for name in names})
    statement = postgresql.insert(table).from_select(names, select(*given.c))
    key = [each.name for each in table.primary_key]
    changed = {name: statement.excluded[name] for name in names if name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=changed)


@cache
def _changing(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Any:
    given = _given({name: table.c[name.removeprefix("of_")].type for name in names})
    where = (table.c[key] == given.c[f"of_{key}"] for key in keys)
    values = {name: given.c[name] for name in names if name not in {f"of_{key}" for key in keys}}
    return update(table).where(*where).values(values)
