"""Who changed what: a row beside every change of the API's, in its transaction, so neither is without the other."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, insert

from cloud.adapters.database.engine import Database
from cloud.adapters.database.tables import audit
from cloud.clock import Clock
from cloud.domain.access import EVERY_STORE, Principal
from protocol.ids import uuid7

TARGET_CHARACTERS_MAX = 500


class AuditedDatabase(Database):
    """An open database as one request has it. `before` and `after` are versions or ids that a route may name."""

    def __init__(
        self, database: Database, clock: Clock, principal: Principal, *, action: str, target: str, store: str | None
    ) -> None:
        self.where, self.engine, self._writing = database.where, database.engine, database._writing
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
            connection.execute(insert(audit).values(audit_id=uuid7(now, secrets.token_hex(16)), **row))
