"""The outbox's SQLite file: how it is laid out, opened, checked, locked and, when damaged, set aside.

One row of `outbox` says whose file it is and how far it has come; `event` holds the events that are not acked yet. The
file beside it, `NAME.lock`, is locked for as long as a process has the outbox open, and remembers the highest epoch
that was ever begun here: an epoch must rise even where the clock fell back, or two events would share a number.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.delivery.errors import OutboxDamaged, OutboxError, OutboxForeign, OutboxFull, OutboxLocked
from edge.delivery.sealing import Owner

APPLICATION_ID = 0x54464F42
"""`TFOB` in the header of the file, so that no other SQLite file is taken for an outbox."""
FORMAT = 1
BUSY_TIMEOUT_MS = 2_000
"""How long a statement waits for another program (a backup, a shell) before it is an OutboxLocked."""

_MEMORY = "CREATE TABLE IF NOT EXISTS memory (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL)"
# The file goes first: a log without its file is known as such; a file without its log looks sound and has forgotten.
_PARTS = ("", "-wal", "-shm")
_SCHEMA = f"""
    CREATE TABLE outbox (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        store TEXT NOT NULL,
        device TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        last_seq INTEGER NOT NULL DEFAULT 0,
        acked_seq INTEGER NOT NULL DEFAULT 0 CHECK (acked_seq <= last_seq),
        run_key TEXT,
        run_base_seq INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE event (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
    {_MEMORY};
    PRAGMA application_id = {APPLICATION_ID};
    PRAGMA user_version = {FORMAT};
"""


class Lock:
    """The exclusive right to an outbox, and its memory of the highest epoch. The process's end lets it go, too."""

    def __init__(self, path: Path) -> None:
        with telling(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(_part(path, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise OutboxLocked(
                f"{path}: another process has this outbox open. One device runs once: end the other one, "
                f"or give this one a folder of its own"
            ) from None

    def rise(self, wanted: int) -> int:
        """The epoch to begin: `wanted`, or more where that much has been begun before. It is on disk on return."""
        text = os.pread(self._fd, 32, 0).decode("ascii", errors="replace").strip()
        epoch = max(wanted, int(text) + 1 if text.isdecimal() else 0)
        # One write of a fixed width: a crash in between leaves the old number or the new one.
        os.pwrite(self._fd, f"{epoch:020d}\n".encode(), 0)
        os.fsync(self._fd)
        return epoch

    def release(self) -> None:
        """Let the outbox go. May be called twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def open_file(path: Path, owner: Owner, begin_epoch: Callable[[], int]) -> tuple[sqlite3.Connection, Path | None]:
    """The outbox at `path`, made where there is none, and where a damaged one was set aside to (None: it was sound).

    Raises OutboxForeign for another's file, and the error that fits for a file that cannot be opened or written.
    """
    # A log without its file is what a crash in the middle of setting aside leaves.
    aside = _set_aside(path) if not path.exists() and _part(path, "-wal").exists() else None
    try:
        return _open_sound(path, owner, begin_epoch), aside
    except OutboxDamaged:
        aside = _set_aside(path)
        return _open_sound(path, owner, begin_epoch), aside


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say about `path` into the OutboxError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    except OSError as error:
        raise OutboxError(f"{path}: {error.strerror}: the outbox needs a folder that it may write to") from error


@contextmanager
def transaction(path: Path, connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that is on disk when its block ends, and leaves nothing where the block or the commit fails."""
    with telling(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself after some errors (a full disk is one).
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _open_sound(path: Path, owner: Owner, begin_epoch: Callable[[], int]) -> sqlite3.Connection:
    with telling(path):
        connection = sqlite3.connect(
            path,
            timeout=BUSY_TIMEOUT_MS / 1000,
            isolation_level=None,
            # Shared by the thread that appends and the one that sends, under the Outbox's own lock.
            check_same_thread=False,
        )
    try:
        with telling(path):
            _prepare(connection, path, owner, begin_epoch)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, owner: Owner, begin_epoch: Callable[[], int]) -> None:
    application, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    if application != APPLICATION_ID:
        if application != 0 or connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise OutboxForeign(f"{path}: a database, but no outbox. Give the outbox a file of its own")
        _configure(connection, path)
        _create(connection, owner, begin_epoch())
        return
    if version != FORMAT:
        raise OutboxForeign(
            f"{path}: an outbox of format {version}, and this Tillfree reads format {FORMAT}: use the one that wrote it"
        )
    _configure(connection, path)
    answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise OutboxDamaged(f"{path}: the outbox is damaged: {answer}")
    # Files that were made before anything was remembered in them do not have it.
    connection.execute(_MEMORY)
    row = connection.execute("SELECT store, device FROM outbox").fetchone()
    if row is None:
        raise OutboxDamaged(f"{path}: the outbox does not say whose it is")
    if Owner(*row) != owner:
        raise OutboxForeign(
            f"{path}: the outbox of device {row[1]!r} in store {row[0]!r}, not of {owner.device!r} in {owner.store!r}. "
            f"Give each device a file of its own"
        )


def _configure(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise OutboxError(f"{path}: this file system cannot keep a write-ahead log: put the outbox on a local disk")
    connection.execute("PRAGMA synchronous = FULL")


def _create(connection: sqlite3.Connection, owner: Owner, epoch: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO outbox (one, store, device, epoch) VALUES (1, ?, ?, ?)", (owner.store, owner.device, epoch)
    )
    connection.execute("COMMIT")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _set_aside(path: Path) -> Path:
    """Rename the file and its log so that what is in them can still be looked at. Returns the file's new name."""
    number = 1
    while any(_part(path, f".damaged-{number}{suffix}").exists() for suffix in _PARTS):
        number += 1
    with telling(path):
        for suffix in _PARTS:
            if _part(path, suffix).exists():
                _part(path, suffix).rename(_part(path, f".damaged-{number}{suffix}"))
    return _part(path, f".damaged-{number}")


def _part(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _explained(path: Path, error: sqlite3.Error) -> OutboxError:
    if isinstance(error, sqlite3.ProgrammingError):
        return OutboxError(f"{path}: {error}: the outbox was closed")
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return OutboxFull(f"{path}: the disk is full, and the event was not recorded: make room")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return OutboxLocked(
            f"{path}: another program has locked the outbox for more than {BUSY_TIMEOUT_MS} ms: end it, and use "
            f"a copy to look into an outbox that is in use"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return OutboxDamaged(f"{path}: the outbox is damaged ({error}): start again to set it aside and go on")
    return OutboxError(f"{path}: {error}: check the disk and who may write to the folder")
