"""Operators, sessions and keys, as the database keeps them: of every secret its SHA-256 alone."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import keys, login_failures, operators, sessions, signing_secrets
from cloud.domain.access import EVERY_STORE, Principal, Role, Scope
from cloud.domain.access import operator as as_operator
from cloud.domain.throttle import FORGOTTEN_AFTER, wait_after

SESSION_FOR = timedelta(hours=12)
FORMER_SECRET_FOR = timedelta(hours=24)
KEY_PREFIX = "tfk"


def digest(secret: str) -> str:
    """What is kept of a secret that nobody can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator, with what their password is checked against."""

    store: str
    name: str
    role: Role
    password_hash: str
    valid_since: datetime
    disabled: bool
    created_at: datetime

    @property
    def principal(self) -> Principal:
        """The operator as one who asks."""
        return as_operator(self.name, self.store, self.role)


def find_operator(connection: Connection, store: str, name: str) -> Operator | None:
    """The operator of that name."""
    mine = (operators.c.store_id == store, operators.c.operator_id == name)
    row = connection.execute(select(operators).where(*mine)).first()
    return None if row is None else operator_from(row)


def operator_from(row: Any) -> Operator:
    """The operator in a row."""
    return Operator(
        row.store_id,
        row.operator_id,
        Role(row.role),
        row.password_hash,
        row.valid_since,
        row.disabled,
        row.created_at,
    )


def keep_operator(
    connection: Connection,
    store: str,
    name: str,
    *,
    role: Role,
    password_hash: str | None,
    disabled: bool,
    now: datetime,
) -> bool:
    """Make the operator (which needs a password), or change them; whether they are new."""
    known = find_operator(connection, store, name)
    values: dict[str, Any] = {"role": role, "disabled": disabled}
    if password_hash is not None:
        values |= {"password_hash": password_hash, "valid_since": now}
    if known is None:
        connection.execute(insert(operators).values(store_id=store, operator_id=name, created_at=now, **values))
        return True
    mine = (operators.c.store_id == store, operators.c.operator_id == name)
    connection.execute(update(operators).where(*mine).values(**values))
    if password_hash is not None or disabled:
        connection.execute(delete(sessions).where(sessions.c.store_id == store, sessions.c.operator_id == name))
    return False


def anybody_known(connection: Connection) -> bool:
    """Whether anybody has been given a password or a key."""
    someone = connection.execute(select(operators.c.operator_id).limit(1)).first()
    return someone is not None or connection.execute(select(keys.c.key_id).limit(1)).first() is not None


def open_session(connection: Connection, operator: Operator, now: datetime) -> str:
    """Begin a session; its secret goes into the browser's cookie."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
    secret = secrets.token_urlsafe(32)
    connection.execute(
        insert(sessions).values(
            store_id=operator.store,
            secret_sha256=digest(secret),
            operator_id=operator.name,
            created_at=now,
            expires_at=now + SESSION_FOR,
        )
    )
    return f"{operator.store}.{secret}"


def close_session(connection: Connection, cookie: str) -> None:
    """End the session that the cookie names, if there is one."""
    store, _, secret = cookie.partition(".")
    mine = (sessions.c.store_id == store, sessions.c.secret_sha256 == digest(secret))
    connection.execute(delete(sessions).where(*mine))


def session_operator(connection: Connection, cookie: str, now: datetime) -> Operator | None:
    """Whose session the cookie names; None where it is none, is over, or they may no more."""
    store, _, secret = cookie.partition(".")
    mine = (sessions.c.store_id == store, sessions.c.secret_sha256 == digest(secret))
    row = connection.execute(select(sessions).where(*mine)).first()
    if row is None or row.expires_at <= now:
        return None
    found = find_operator(connection, store, row.operator_id)
    return found if found is not None and not found.disabled else None


def new_key(
    connection: Connection,
    store: str,
    name: str,
    *,
    scopes: tuple[Scope, ...],
    account: str | None,
    expires_at: datetime | None,
    now: datetime,
) -> tuple[str, str]:
    """Make a key: its id, and the whole key, which is never shown again."""
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    row = {"store_id": store, "key_id": key, "secret_sha256": digest(secret), "name": name, "scopes": list(scopes)}
    connection.execute(insert(keys).values(**row, account_id=account, expires_at=expires_at, created_at=now))
    return key, f"{KEY_PREFIX}.{store}.{key}.{secret}"


def rotate_key(connection: Connection, row: Any, now: datetime) -> str:
    """Give the key another secret; the one before is good for a day more."""
    secret = secrets.token_urlsafe(32)
    values = {
        "secret_sha256": digest(secret),
        "former_sha256": row.secret_sha256,
        "former_until": now + FORMER_SECRET_FOR,
    }
    mine = (keys.c.store_id == row.store_id, keys.c.key_id == row.key_id)
    connection.execute(update(keys).where(*mine).values(**values))
    return f"{KEY_PREFIX}.{row.store_id}.{row.key_id}.{secret}"


def key_principal(connection: Connection, key: str, now: datetime) -> Principal | None:
    """Whose key it is; None where it is none, or no more."""
    prefix, *parts = key.split(".")
    if prefix != KEY_PREFIX or len(parts) != 3:
        return None
    store, name, secret = parts
    row = connection.execute(select(keys).where(keys.c.store_id == store, keys.c.key_id == name)).first()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    given = digest(secret)
    right = secrets.compare_digest(given, row.secret_sha256)
    if row.former_sha256 is not None and row.former_until > now:
        right |= secrets.compare_digest(given, row.former_sha256)
    if not right:
        return None
    if row.account_id is not None:
        return Principal("shopper", row.account_id, store, account=row.account_id)
    return Principal("machine", row.key_id, store, frozenset(Scope(scope) for scope in row.scopes))


def must_wait(connection: Connection, pair: str, now: datetime) -> timedelta:
    """How long this name from this address must wait before a password is looked at."""
    row = connection.execute(select(login_failures).where(login_failures.c.pair_sha256 == pair)).first()
    if row is None:
        return timedelta(0)
    until: datetime = row.last_at + wait_after(row.failures)
    return max(until - now, timedelta(0))


def count_failure(connection: Connection, pair: str, now: datetime) -> None:
    """A wrong password."""
    connection.execute(delete(login_failures).where(login_failures.c.last_at < now - FORGOTTEN_AFTER))
    row = {"store_id": EVERY_STORE, "pair_sha256": pair, "failures": 0, "last_at": now}
    insert_new(connection, login_failures, [row])
    mine = login_failures.c.pair_sha256 == pair
    more = {"failures": login_failures.c.failures + 1, "last_at": now}
    connection.execute(update(login_failures).where(mine).values(**more))


def forget_failures(connection: Connection, pair: str) -> None:
    """A right password."""
    connection.execute(delete(login_failures).where(login_failures.c.pair_sha256 == pair))


def signing_secret(connection: Connection) -> str | None:
    """What short tokens are signed with: one for every process on this database; None before the first token."""
    query = select(signing_secrets.c.secret).where(
        signing_secrets.c.store_id == EVERY_STORE, signing_secrets.c.name == "tokens"
    )
    return connection.execute(query).scalar_one_or_none()


def make_signing_secret(connection: Connection, now: datetime) -> str:
    """The same, made where there is none yet."""
    row = {"store_id": EVERY_STORE, "name": "tokens", "secret": secrets.token_urlsafe(48), "created_at": now}
    insert_new(connection, signing_secrets, [row])
    made = signing_secret(connection)
    assert made is not None
    return made
