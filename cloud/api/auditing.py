"""Who changed what: a row beside every change of the API's, in its transaction, so neither is without the other."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, select

from cloud.adapters.database.engine import Database
from cloud.adapters.database.tables import audit
from cloud.clock import Clock
from cloud.domain.access import EVERY_STORE, Principal
from protocol.ids import uuid7

TARGET_CHARACTERS_MAX = 500
_MILLISECONDS_AT, _COUNT_AT, _COUNT_MAX = 80, 64, 0xFFF
"""Where a version 7 UUID has its milliseconds, and the 12 bits that a count may stand in (RFC 9562, section 6.2)."""


class AuditedDatabase(Database):
    """An open database as one request has it. `before` and `after` are versions or ids that a route may name."""

    def __init__(
        self, database: Database, clock: Clock, principal: Principal, *, action: str, target: str, store: str | None
    ) -> None:
        self.where, self.engine, self._writing = database.where, database.engine, database._writing
        self._turn, self._turn_s = database._turn, database._turn_s
        self._clock = clock
        self._said = {
            "store_id": EVERY_STORE if store is None else store,
            "kind": principal.kind,
            "by": principal.id,
            "action": action,
            "target": target[:TARGET_CHARACTERS_MAX],
        }
        self.before: str | None = None
        self.after: str | None = None
        self.target: str | None = None
        """What is said in place of the path, where the path tells what shall be forgotten."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that changes something, and says so."""
        with super().write() as connection:
            yield connection
            now = self._clock()
            said = self._said if self.target is None else {**self._said, "target": self.target[:TARGET_CHARACTERS_MAX]}
            row = {**said, "at": now, "before": self.before, "after": self.after}
            connection.execute(insert(audit).values(audit_id=_following(connection, said["store_id"], now), **row))


def _following(connection: Connection, store: str, now: datetime) -> UUID:
    """An id after all that the store's log has, also within a millisecond and where the clock went back.

    Behind the milliseconds stands a count; what two processes write at the same moment may stand either way round.
    """
    fresh = uuid7(now, secrets.token_hex(16)).int & ~(_COUNT_MAX << _COUNT_AT)
    query = select(audit.c.audit_id).where(audit.c.store_id == store).order_by(audit.c.audit_id.desc()).limit(1)
    last = connection.execute(query).scalar()
    if last is None or last.int >> _MILLISECONDS_AT < fresh >> _MILLISECONDS_AT:
        return UUID(int=fresh)
    milliseconds, count = last.int >> _MILLISECONDS_AT, (last.int >> _COUNT_AT & _COUNT_MAX) + 1
    if count > _COUNT_MAX:
        milliseconds, count = milliseconds + 1, 0
    rest = fresh & ((1 << _MILLISECONDS_AT) - 1)
    return UUID(int=milliseconds << _MILLISECONDS_AT | rest | count << _COUNT_AT)
