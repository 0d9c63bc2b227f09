"""UPDATE of many rows, each to values of its own, in one call."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, update

from cloud.adapters.database.at_once import change_at_once, worth_it
from cloud.adapters.database.many_rows import for_each


def change_all(connection: Connection, table: Table, keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> int:
    """Set the columns that `rows` name where `keys`, which they name `of_KEY`, are theirs; how many rows there were."""
    if worth_it(connection, rows):
        return change_at_once(connection, table, keys, rows)
    return for_each(connection, _changing(table, keys, tuple(rows[0])), rows) if rows else 0


@cache
def _changing(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Any:
    where = (table.c[key] == bindparam(f"of_{key}") for key in keys)
    values: dict[str, Any] = {name: bindparam(name) for name in names if name not in {f"of_{key}" for key in keys}}
    return update(table).where(*where).values(values)
