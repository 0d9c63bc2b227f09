"""Clips on the store's disk: sealed, in one SQLite file of bounded size, each for a limited time.

AES-256-GCM under a key in a file beside it that only its owner may read (TILLFREE_EVIDENCE_KEY_FILE names another
place): whoever takes the clips without the key has nothing, and whoever deletes the key has erased them all. A clip is
bound to its hash, so none can be put in the place of another. A clip is there whole or not at all (WAL, one
transaction). What does not fit any more, or is too old, goes; a full disk keeps no clip and stops nothing.

A clock that was put back makes clips look as if they were made later: such a one is taken for made now, so none is kept
for longer than a life after the clock was wrong. One that was put forward lets clips go early.
"""

import logging
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge.errors import EdgeError

logger = logging.getLogger(__name__)

APPLICATION_ID = 0x54464556
"""`TFEV` in the header of the file, so that no other SQLite file is taken for it."""
FORMAT = 1
BUSY_TIMEOUT_MS = 500
KEY_BYTES, NONCE_BYTES = 32, 12
AHEAD_S = 3_600.0
"""Made so long after now: the clock was wrong then, or is now."""
SWEEP_EVERY = 20
"""Clips between two looks at what has expired."""

_SCHEMA = (
    "CREATE TABLE clip (sha256 TEXT PRIMARY KEY, visit TEXT, interaction TEXT NOT NULL, made_s REAL NOT NULL, "
    "sealed BLOB NOT NULL)",
    "CREATE INDEX clip_made ON clip (made_s)",
    "CREATE INDEX clip_visit ON clip (visit)",
    "CREATE INDEX clip_interaction ON clip (interaction)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)


class EvidenceError(EdgeError):
    """Clips cannot be kept here; the message says why and what to do."""


class SealedClips:
    """The clips in the file at `path`, made where there is none; `clock` says Unix seconds. EvidenceError."""

    def __init__(
        self, path: Path, key_file: Path, *, bytes_max: int, life_s: float, clock: Callable[[], float]
    ) -> None:
        self._path, self._bytes_max, self._life_s, self._clock = path, bytes_max, life_s, clock
        self._cipher = AESGCM(_key(key_file))
        self._lock = threading.Lock()
        self._since_sweep = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _open(path)
        except (sqlite3.Error, OSError) as error:
            raise EvidenceError(
                f"{path}: clips cannot be kept here ({error}); give the edge a folder that it may write to, or move a "
                "damaged file away"
            ) from None

    def keep(self, sha256: str, interaction: UUID, visit: UUID | None, clip: bytes) -> bool:
        """Keep a clip of an interaction; False where the disk does not take it, which is said."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, clip, sha256.encode())
        row = (sha256, None if visit is None else str(visit), str(interaction), self._clock(), sealed)
        try:
            with self._lock, self._connection:
                self._connection.execute("INSERT OR IGNORE INTO clip VALUES (?, ?, ?, ?, ?)", row)
                self._make_room()
        except sqlite3.Error as error:
            logger.warning("a clip is not kept: %s: %s", self._path, error)
            return False
        return True

    def belongs(self, interaction: UUID, visit: UUID | None) -> None:
        """The interaction turned out to be another visit's, so its clips are erased with that one."""
        try:
            with self._lock, self._connection:
                of = (None if visit is None else str(visit), str(interaction))
                self._connection.execute("UPDATE clip SET visit = ? WHERE interaction = ?", of)
        except sqlite3.Error as error:
            logger.warning("clips: %s: %s", self._path, error)

    def get(self, sha256: str) -> bytes | None:
        """The clip, opened; None where there is none (any more), or it was altered."""
        try:
            with self._lock:
                row = self._connection.execute("SELECT made_s, sealed FROM clip WHERE sha256 = ?", (sha256,)).fetchone()
        except sqlite3.Error as error:
            logger.warning("clips: %s: %s", self._path, error)
            return None
        if row is None or self._clock() - row[0] > self._life_s:
            return None
        sealed: bytes = row[1]
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], sha256.encode())
        except (InvalidTag, ValueError):
            logger.warning("clip %s… does not open: it was altered, or the key is another", sha256[:12])
            return None

    def erase(self, visits: Sequence[UUID]) -> int:
        """Erase every clip of `visits`; how many there were. EvidenceError where the disk does not let it."""
        try:
            with self._lock, self._connection:
                gone = sum(
                    self._connection.execute("DELETE FROM clip WHERE visit = ?", (str(visit),)).rowcount
                    for visit in visits
                )
            with self._lock:
                # What was deleted stands in the log until it is folded in.
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise EvidenceError(f"{self._path}: {error}: not erased; it is tried again") from None
        return gone

    def sweep(self) -> None:
        """Let go of what is too old."""
        try:
            with self._lock, self._connection:
                self._let_expire()
        except sqlite3.Error as error:
            logger.warning("clips: %s: %s", self._path, error)

    @property
    def held_bytes(self) -> int:
        """What all clips take."""
        with self._lock:
            return int(self._connection.execute("SELECT COALESCE(SUM(LENGTH(sealed)), 0) FROM clip").fetchone()[0])

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._connection.close()

    def _make_room(self) -> None:
        self._since_sweep += 1
        if self._since_sweep >= SWEEP_EVERY:
            self._since_sweep = 0
            self._let_expire()
        query = "SELECT COALESCE(SUM(LENGTH(sealed)), 0) FROM clip"
        over = int(self._connection.execute(query).fetchone()[0]) - self._bytes_max
        while over > 0:
            oldest = self._connection.execute(
                "SELECT sha256, LENGTH(sealed) FROM clip ORDER BY made_s, rowid LIMIT 1"
            ).fetchone()
            self._connection.execute("DELETE FROM clip WHERE sha256 = ?", (oldest[0],))
            over -= int(oldest[1])

    def _let_expire(self) -> None:
        now_s = self._clock()
        self._connection.execute("DELETE FROM clip WHERE made_s < ?", (now_s - self._life_s,))
        self._connection.execute("UPDATE clip SET made_s = ? WHERE made_s > ?", (now_s, now_s + AHEAD_S))


def _key(file: Path) -> bytes:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            key = file.read_bytes()
        else:
            key = secrets.token_bytes(KEY_BYTES)
            with open(descriptor, "wb") as made:  # noqa: PTH123 - a descriptor, no path
                made.write(key)
                made.flush()
                os.fsync(made.fileno())
    except OSError as error:
        raise EvidenceError(f"{file}: the key of the clips cannot be kept here ({error.strerror})") from None
    if len(key) != KEY_BYTES:
        raise EvidenceError(f"{file}: {len(key)} bytes are no key of clips; without the right one they stay closed")
    return key


def _open(path: Path) -> sqlite3.Connection:
    # The node keeps, and whoever hears the cloud gets and erases: on two threads, under the lock above.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            with connection:
                for statement in _SCHEMA:
                    connection.execute(statement)
        _require_ours(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_ours(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise sqlite3.DatabaseError("this is another program's file")
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found != FORMAT:
        raise sqlite3.DatabaseError(f"its format is {found}; this program knows {FORMAT}")
