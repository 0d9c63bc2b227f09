"""How people show who they are: a password, then a session for a browser or a short token for a program.

A token is a JWT, good for a quarter of an hour. It says only whose it is: what they may do is looked up at every
request, so a role that is taken away is gone at once, and a changed password ends every token and session before it.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from sqlalchemy import Connection

from cloud.adapters.database.engine import Database
from cloud.adapters.database.staff import (
    Operator,
    count_failure,
    find_operator,
    forget_failures,
    make_signing_secret,
    must_wait,
    signing_secret,
)
from cloud.domain.errors import CloudError
from cloud.service.passwords import Passwords

TOKEN_FOR = timedelta(minutes=15)
_AUDIENCE = "tillfree-api"


class SignInError(CloudError):
    """Not let in; `wait_s` is how long to wait where there were too many wrong passwords."""

    def __init__(self, message: str, wait_s: int = 0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def sign_in(
    database: Database, passwords: Passwords, who: tuple[str, str], password: str, *, address: str, now: datetime
) -> Operator:
    """The operator of `who` (store and name) whose password that is; SignInError never tells whether there is one."""
    store, name = who
    pair = hashlib.sha256("\x1f".join((store, name, address)).encode()).hexdigest()
    with database.write() as connection:
        wait = must_wait(connection, pair, now)
        known = find_operator(connection, store, name)
        if not wait:
            # Counted before it is looked at, so that many tries at once are not free.
            count_failure(connection, pair, now)
    if wait:
        seconds = int(wait.total_seconds()) + 1
        raise SignInError(f"too many wrong passwords: wait {seconds} s", seconds)
    good = passwords.right(password, known.password_hash if known and not known.disabled else None)
    if not good or known is None:
        raise SignInError("no operator has this name and password here")
    with database.write() as connection:
        forget_failures(connection, pair)
    return known


def issue_token(connection: Connection, operator: Operator, now: datetime) -> str:
    """A token for `operator`."""
    claims: dict[str, Any] = {
        "aud": _AUDIENCE,
        "sub": operator.name,
        "store": operator.store,
        "iat": now.timestamp(),
        "exp": int((now + TOKEN_FOR).timestamp()),
    }
    return jwt.encode(claims, make_signing_secret(connection, now), algorithm="HS256")


def token_operator(connection: Connection, token: str, now: datetime) -> Operator | None:
    """Whose token it is; None where it is none of ours, is over, or they may no more."""
    # Times are held against the clock that was passed in, below.
    options: Any = {"require": ["aud", "sub", "exp", "iat"], "verify_exp": False, "verify_iat": False}
    secret = signing_secret(connection)
    if secret is None:
        return None
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], audience=_AUDIENCE, options=options)
        store, name = str(claims["store"]), str(claims["sub"])
        begun, ends = (datetime.fromtimestamp(claims[each], UTC) for each in ("iat", "exp"))
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError):
        return None
    if ends <= now:
        return None
    found = find_operator(connection, store, name)
    # To the millisecond, in which moments are kept.
    if found is None or found.disabled or begun + timedelta(milliseconds=1) <= found.valid_since:
        return None
    return found
