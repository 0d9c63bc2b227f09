"""Used tokens on the hub's disk: one SQLite file for all lanes of a store, whatever process watches them.

A claim is on disk (WAL, synchronous=FULL) before a lane opens for it, and SQLite lets one writer in at a time: of two
gates that are shown one token in the same instant exactly one is granted it, and a crash forgets none. A file that
cannot be written (full disk, locked for longer than `BUSY_TIMEOUT_MS`, damaged) grants nothing and says so in the log.
"""

import logging
import sqlite3
from pathlib import Path

from edge.gate.claims import CLAIMS_MAX, Claim
from edge.gate.keys import KeyRingError

logger = logging.getLogger(__name__)

APPLICATION_ID = 0x54464743
"""`TFGC` in the header of the file, so that no other SQLite file is taken for it."""
FORMAT = 1
BUSY_TIMEOUT_MS = 1_000
"""A shopper waits as long at most while another lane writes."""


class ClaimsError(KeyRingError):
    """The file of used tokens cannot be opened."""


class ClaimsFile:
    """The used tokens in the file at `path`, made where there is none. ClaimsError where it cannot be."""

    def __init__(self, path: Path, claims_max: int = CLAIMS_MAX) -> None:
        self._path = path
        self._claims_max = claims_max
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _open(path)
        except (sqlite3.Error, OSError) as error:
            raise ClaimsError(
                f"{path}: used tokens cannot be remembered here ({error}). Give the edge a folder that it may "
                "write to; move a damaged file away only when every token shown before has expired (43 minutes)"
            ) from None

    def claim(self, token: bytes, until_s: float, now_s: float) -> Claim:
        """Use `token`; on disk when this returns GRANTED."""
        try:
            return self._claim(token, until_s, now_s)
        except sqlite3.Error as error:
            logger.error("used tokens: %s: %s; nobody can be let in by a token", self._path, error)  # noqa: TRY400 - the message says all
            return Claim.UNAVAILABLE

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _claim(self, token: bytes, until_s: float, now_s: float) -> Claim:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            outcome = self._decide(token, until_s, now_s)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return outcome

    def _decide(self, token: bytes, until_s: float, now_s: float) -> Claim:
        connection = self._connection
        if connection.execute("SELECT 1 FROM claim WHERE token = ?", (token,)).fetchone():
            return Claim.USED
        (count,) = connection.execute("SELECT claims FROM held").fetchone()
        if count >= self._claims_max:
            number, oldest_until_s = connection.execute(
                "SELECT number, until_s FROM claim ORDER BY number LIMIT 1"
            ).fetchone()
            if oldest_until_s >= now_s:
                return Claim.UNAVAILABLE
            connection.execute("DELETE FROM claim WHERE number = ?", (number,))
        else:
            connection.execute("UPDATE held SET claims = claims + 1")
        connection.execute("INSERT INTO claim (token, until_s) VALUES (?, ?)", (token, until_s))
        return Claim.GRANTED


_SCHEMA = (
    "CREATE TABLE claim (number INTEGER PRIMARY KEY AUTOINCREMENT, token BLOB NOT NULL UNIQUE, until_s REAL NOT NULL)",
    "CREATE TABLE held (claims INTEGER NOT NULL)",
    "INSERT INTO held VALUES (0)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)


def _lay_out(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none; sqlite3.DatabaseError for a file that is not ours or not of this format."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables == 0:
        for statement in _SCHEMA:
            connection.execute(statement)
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise sqlite3.DatabaseError("this is another program's file")
    if found != FORMAT:
        raise sqlite3.DatabaseError(f"its format is {found}; this program knows {FORMAT}")


def _open(path: Path) -> sqlite3.Connection:
    # Lanes of one process may be heard on different threads; every use is one whole transaction.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        _lay_out(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection
