"""What the routes work with, and the parameters they share."""

import asyncio
import re
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import Connection, select

from cloud.adapters.database.engine import Database
from cloud.adapters.database.tables import accounts, stores
from cloud.adapters.evidence_seal import EvidenceSeal
from cloud.api.auditing import AuditedDatabase
from cloud.api.permissions import place_of
from cloud.api.problems import conflict, not_found
from cloud.clock import Clock
from cloud.domain.access import SETTING_UP, Principal
from cloud.domain.ledger import WALLET
from cloud.gateways import WebhookSource
from cloud.service.passwords import Passwords
from protocol.model import ID_PATTERN, Instant

WATCHERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Rim:
    """The process's database and clock; `probes` say what is wrong with its other parts (None: nothing)."""

    database: Database
    clock: Clock
    probes: Mapping[str, Callable[[], str | None]] = field(default_factory=dict)
    gateways: frozenset[str] = frozenset({WALLET})
    """The payment gateways that an account may pay by."""
    webhooks: Mapping[str, WebhookSource] = field(default_factory=dict)
    """How the gateways' webhooks are known and read."""
    passwords: Passwords = field(default_factory=Passwords)
    seats: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(WATCHERS_MAX))
    """One for each reader of a live cart."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    seconds: Callable[[], float] = time.monotonic
    """A clock that never goes back, for how fast somebody asks."""
    seal: Callable[[], EvidenceSeal | None] = lambda: None
    """What opens clips; None where there is no key."""
    principal: Principal = SETTING_UP
    """Who asks, in the rim of one request."""

    def audit(self, *, before: str | None = None, after: str | None = None, target: str | None = None) -> None:
        """Say which version or id a change leaves behind, which it makes, and of what, if not of the path."""
        if isinstance(self.database, AuditedDatabase):
            self.database.before, self.database.after, self.database.target = before, after, target

    def signed(self, said: str | None) -> str:
        """Who decides: an operator under their own name, whatever was said; a machine whoever it says."""
        return self.principal.id if said is None or self.principal.kind == "operator" else said


def _rim(request: Request) -> Rim:
    rim = request.app.state.rim
    assert isinstance(rim, Rim)
    principal = getattr(request.state, "principal", None)
    if principal is None:
        return rim
    assert isinstance(principal, Principal)
    path = request.url.path
    place = place_of(path)
    audited = AuditedDatabase(
        rim.database,
        rim.clock,
        principal,
        action=f"{request.method} {place.template if place else path}",
        target=path,
        store=place.values.get("store") if place else None,
    )
    return replace(rim, database=audited, principal=principal)


RimOf = Annotated[Rim, Depends(_rim)]


_YEARS = re.compile(r"(19[7-9]\d|[2-8]\d{3}|9[0-8]\d{2}|99[0-8]\d|999[0-8])-")
"""With room on both sides, so that no offset leads out of the calendar."""


class Body(BaseModel):
    """A request's body: unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Resource(BaseModel):
    """What a response holds."""

    model_config = ConfigDict(frozen=True)


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a time is written as RFC 3339 text, such as 2026-11-22T09:30:00Z")  # noqa: TRY004 - pydantic reports ValueErrors
    if not _YEARS.match(value):
        raise ValueError("a time lies in the years 1970 to 9998 and is written like 2026-11-22T09:30:00Z")
    return value


SaidInstant = Annotated[Instant, BeforeValidator(_text), Field(json_schema_extra={"pattern": f"^{_YEARS.pattern}"})]
"""A moment in a request: RFC 3339 with an offset, never a number."""


MINOR_MAX = 10**9
"""Sums of what a request can say stay far inside what a database can count."""


def _whole(value: object) -> object:
    # JSON does not tell 1.0 from 1, so neither do we.
    return int(value) if isinstance(value, float) and value.is_integer() else value


AS_WHOLE = BeforeValidator(_whole)
"""Behind the bounds of a whole number, so that the description says them: it is written as 1 or as 1.0."""

WholeMinor = Annotated[int, Field(strict=True, ge=0, le=MINOR_MAX), BeforeValidator(_whole)]
"""Whole minor units, or none."""

AmountMinor = Annotated[
    int,
    Field(strict=True, ge=1, le=MINOR_MAX, description="Whole minor units (cents).", examples=[10_000]),
    BeforeValidator(_whole),
]
"""An amount that is paid in."""

Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A name for people: one line."""

StorePath = Annotated[str, Path(pattern=ID_PATTERN, description="The store's id.", examples=["corner"])]
VisitPath = Annotated[UUID, Path(description="The visit's id, as the store's hub gave it.")]
PageSize = Annotated[int, Query(ge=1, le=200, description="How many to return at most.")]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A value of your choice that names this request: sent again, it is answered as before and not "
        "done twice.",
        examples=["top-up-2026-11-22-1"],
    ),
]


def require_store(connection: Connection, store: str) -> None:
    """404 where the store is not registered."""
    if connection.execute(select(stores.c.store_id).where(stores.c.store_id == store)).first() is None:
        raise not_found(f"store {store!r}")


def require_account(connection: Connection, store: str, account: str, *, live: bool = False) -> None:
    """404 where the store has no such account; 409 where it should be `live` and was erased."""
    mine = (accounts.c.store_id == store, accounts.c.account_id == account)
    found = connection.execute(select(accounts.c.erased_at).where(*mine)).first()
    if found is None:
        raise not_found(f"account {account!r}")
    if live and found.erased_at is not None:
        raise conflict("account-erased", f"account {account!r} was erased: it is nobody's any more")
