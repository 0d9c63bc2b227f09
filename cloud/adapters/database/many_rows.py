"""One statement for many rows, whose values are handed to the driver as it takes them.

SQLAlchemy spells out a statement's parameters anew for every row, name by name, which costs several times what the
database does with them. Here a statement that stands in a module is spelled once for each database, together with
what its types make of values; a row is then one tuple. A moment is the same in nearly all rows of a batch, and is made
ready once.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, JSON, Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable

from cloud.adapters.database.tables.columns import Moment

_Ready = Callable[[Any], Any]
SPELLED_MAX = 256
"""Statements are few, as they stand in modules; a bound all the same."""


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A statement as the driver takes it: its text, the values of a row in order, and what some of them become."""

    text: str
    order: tuple[str, ...]
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    made_ready: tuple[tuple[int, _Ready], ...]
    moments: tuple[tuple[int, _Ready], ...]


def for_each(connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> int:
    """Execute `statement` for each of `rows`, which all name its parameters; how many rows of the table it touched.

    The statement is to be one that lasts (a module's, or one from a cache): it is spelled once.
    """
    if not rows:
        return 0
    spelled = _spelled(connection, statement, tuple(rows[0]))
    return connection.exec_driver_sql(spelled.text, _made_ready(spelled, rows)).rowcount


def for_columns(connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> int:
    """Execute `statement`, whose parameters are arrays, once for all of `rows`; how many of the table's it touched."""
    spelled = _spelled(connection, statement, tuple(rows[0]))
    columns = tuple(list(column) for column in zip(*_made_ready(spelled, rows), strict=True))
    return connection.exec_driver_sql(spelled.text, columns).rowcount


def copied_in(connection: Connection, table: Table, insert: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """What `for_each(connection, insert, rows)` does, by PostgreSQL's COPY: one statement for all rows."""
    spelled = _spelled(connection, insert, tuple(rows[0]))
    text = f"COPY {table.name} ({', '.join(spelled.order)}) FROM STDIN"
    driver = connection.connection.dbapi_connection
    assert driver is not None
    try:
        with driver.cursor() as cursor, cursor.copy(text) as copy:  # type: ignore[attr-defined]  # psycopg's own
            for row in _made_ready(spelled, rows):
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        # As SQLAlchemy has it, so that it is told apart as every other, and a connection that is gone is let go of.
        base, dialect = connection.dialect.loaded_dbapi.Error, connection.dialect
        gone = bool(getattr(driver, "closed", False))
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(text, None, error, base, connection_invalidated=gone, dialect=dialect) from error


def _made_ready(spelled: _Spelled, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    pick, known = spelled.pick, dict[datetime | None, Any]()
    ready: list[tuple[Any, ...]] = []
    for row in rows:
        values = list(pick(row))
        for place, make in spelled.made_ready:
            values[place] = make(values[place])
        for place, make in spelled.moments:
            moment = values[place]
            if moment not in known:
                known[moment] = make(moment)
            values[place] = known[moment]
        ready.append(tuple(values))
    return ready


def _spelled(connection: Connection, statement: Executable, names: tuple[str, ...]) -> _Spelled:
    return _spell(connection.dialect.name, _Same(connection.dialect), _Same(statement), names)


class _Same:
    """Something by its identity, whatever equality it has."""

    __slots__ = ("it",)

    def __init__(self, it: Any) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: Hashable) -> bool:
        return isinstance(other, _Same) and other.it is self.it


@lru_cache(maxsize=SPELLED_MAX)
def _spell(kind: str, dialect_: _Same, statement: _Same, names: tuple[str, ...]) -> _Spelled:
    dialect: Dialect = dialect_.it
    alike: Any = type(dialect)
    # Both drivers take values by place; named ones psycopg would look up row by row.
    by_place = alike(paramstyle="qmark" if kind == "sqlite" else "format")
    compiled = statement.it.compile(dialect=by_place, column_keys=list(names))
    order = list(compiled.positiontup)
    made_ready: list[tuple[int, _Ready]] = []
    moments: list[tuple[int, _Ready]] = []
    for place, name in enumerate(order):
        type_ = compiled.binds[name].type
        if isinstance(type_, ARRAY):
            type_ = type_.item_type
        make = type_.dialect_impl(dialect).bind_processor(dialect)
        if make is not None and isinstance(type_, JSON):
            make = _with_empty_ready(make)
        if make is not None:
            (moments if isinstance(type_, Moment) else made_ready).append((place, make))
    pick = itemgetter(*order) if len(order) > 1 else _alone(order[0])
    return _Spelled(str(compiled), tuple(order), pick, tuple(made_ready), tuple(moments))


def _with_empty_ready(make: _Ready) -> _Ready:
    """`make`, but for empty lists, of which there are many: what becomes of one is always the same."""
    empty = make([])
    return lambda value: empty if value == [] else make(value)


def _alone(name: str) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    return lambda row: (row[name],)
