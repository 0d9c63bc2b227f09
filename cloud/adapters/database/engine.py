"""Opening the database, and its two kinds of transaction.

SQLite runs in WAL mode with synchronous=FULL: what is committed survives a power cut. Its one writer is taken with
BEGIN IMMEDIATE, so a transaction that reads and then writes never fails half-way because another wrote in between.
Writers of one process take turns by a lock of their own: SQLite's way of waiting is to sleep and look again, up to a
tenth of a second, while the one before is long done.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from cloud.domain.errors import CloudError

BUSY_TIMEOUT_MS = 2_000
"""How long a writer waits for another; a clean stop has five seconds, so it must be less."""


class DatabaseError(CloudError):
    """The database cannot be opened, or its schema is not the one this version needs."""


class Database:
    """A database that is open. `where` names it in messages, without a password."""

    def __init__(self, url: str, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise DatabaseError(f"{url!r} is no database URL: write sqlite:///FILE or postgresql+psycopg://…") from None
        self.where = parsed.render_as_string(hide_password=True)
        if parsed.get_backend_name() == "sqlite":
            self.engine = _open_sqlite(url, parsed.database, busy_timeout_ms)
        else:
            try:
                self.engine = create_engine(url, pool_pre_ping=True)
            except (ImportError, ArgumentError) as error:
                raise DatabaseError(f"{self.where}: {error}; for PostgreSQL install tillfree[postgres]") from None
        self._turn = threading.Lock() if parsed.get_backend_name() == "sqlite" else None
        self._turn_s = busy_timeout_ms / 1000
        self._writing = self.engine.execution_options(tillfree_writes=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: all of it is on disk when the block is left, or nothing."""
        # Who waited in vain asks SQLite all the same, which says that it is locked.
        mine = self._turn is not None and self._turn.acquire(timeout=self._turn_s)
        try:
            with self._writing.begin() as connection:
                yield connection
        finally:
            if mine and self._turn is not None:
                self._turn.release()

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def _open_sqlite(url: str, file: str | None, busy_timeout_ms: int) -> Engine:
    if not file or file == ":memory:":
        raise DatabaseError("an SQLite database needs a file: several connections share it")
    folder = Path(file).absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"the folder {folder} of the database cannot be made: {error.strerror}") from None
    engine = create_engine(url, connect_args={"timeout": busy_timeout_ms / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver would begin transactions by its own rules; _begin does.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-2000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("tillfree_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def trouble(error: SQLAlchemyError) -> str:
    """What the database complains of, in its own words, on one line."""
    words = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return words.splitlines()[0] if words else type(error).__name__
