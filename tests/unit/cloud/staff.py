"""People and machines who ask: one of every role, in two stores, each with a way to show who they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.staff import find_operator, keep_operator, new_key
from cloud.adapters.gateways.wallet import open_wallet
from cloud.domain.access import EVERY_STORE, MACHINE_SCOPES, Role, Scope
from cloud.service.passwords import Passwords
from cloud.service.signing_in import issue_token
from tests.unit.cloud.corner_shop import NOW, STORE

OTHER = "kiosk"
PASSWORD = "correct horse battery"
CHEAP = Passwords(time_cost=1, memory_kib=64)


@dataclass(frozen=True)
class Asker:
    """Somebody, and the header that proves it."""

    name: str
    authorization: str
    scopes: frozenset[Scope]
    store: str
    account: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.authorization}"}


def add_second_store(database: Database) -> None:
    """A kiosk, with an account of the same name as the corner shop's, and Bob's in both."""
    with database.write() as connection:
        terms = {"currency": "EUR", "hold_minor": 1, "charge_threshold": 0.9, "settle_within_s": 60.0}
        connection.execute(insert(tables.stores).values(store_id=OTHER, name="Kiosk", created_at=NOW, **terms))
        for store, account in ((OTHER, "alice"), (OTHER, "bob"), (STORE, "bob")):
            row = {"store_id": store, "account_id": account, "created_at": NOW}
            connection.execute(insert(tables.accounts).values(**row))
            open_wallet(connection, store, account, "EUR")


def hire(database: Database, now: datetime = NOW) -> dict[str, Asker]:
    """One of each, by name: ROLE (of every store), ROLE@STORE, machine@STORE, and shoppers ACCOUNT@STORE."""
    found: dict[str, Asker] = {}
    with database.write() as connection:
        for store in (EVERY_STORE, STORE, OTHER):
            for role in Role:
                values: dict[str, Any] = {"role": role, "password_hash": CHEAP.hashed(PASSWORD), "disabled": False}
                keep_operator(connection, store, role.value, **values, now=now)
                known = find_operator(connection, store, role.value)
                assert known is not None
                name = f"{role}@{store}" if store else role.value
                scopes = known.principal.scopes
                found[name] = Asker(name, issue_token(connection, known, now), scopes, store)
        for store in (STORE, OTHER):
            scopes = frozenset({Scope.CATALOGUE_READ, Scope.CATALOGUE_WRITE})
            _, key = new_key(connection, store, "a scale", scopes=tuple(scopes), account=None, expires_at=None, now=now)
            found[f"machine@{store}"] = Asker(f"machine@{store}", key, scopes, store)
            _, key = new_key(
                connection, store, "all", scopes=tuple(MACHINE_SCOPES), account=None, expires_at=None, now=now
            )
            found[f"everything@{store}"] = Asker(f"everything@{store}", key, MACHINE_SCOPES, store)
            for account in ("alice", "bob"):
                _, key = new_key(connection, store, "phone", scopes=(), account=account, expires_at=None, now=now)
                name = f"{account}@{store}"
                found[name] = Asker(name, key, frozenset(), store, account)
    return found
