"""Keys: of machines, with the scopes that they name, and of shoppers, who see what is their own."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field
from sqlalchemy import Connection, select, update

from cloud.adapters.database.staff import new_key, rotate_key
from cloud.adapters.database.tables import keys
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_cursor, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import (
    AS_WHOLE,
    Body,
    IdempotencyKey,
    PageSize,
    Resource,
    RimOf,
    StorePath,
    Words,
    require_account,
    require_store,
)
from cloud.api.routes.accounts import AccountPath
from cloud.domain.access import MACHINE_SCOPES, Scope
from protocol.model import Instant

router = APIRouter(tags=["Keys"])

KeyPath = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="The key's id.", examples=["0123456789abcdef"])]
DAYS_MAX = 3_650


def _for_machines(scope: Scope) -> Scope:
    if scope not in MACHINE_SCOPES:
        raise ValueError(f"a machine cannot have {scope}: people decide who may do what")
    return scope


class NewMachineKey(Body):
    """A key for a machine."""

    name: Annotated[Words, Field(examples=["the console on the counter"])]
    scopes: Annotated[
        list[Annotated[Scope, AfterValidator(_for_machines)]],
        Field(
            min_length=1, max_length=len(Scope), json_schema_extra={"items": {"enum": sorted(map(str, MACHINE_SCOPES))}}
        ),
    ]
    days: (
        Annotated[
            int, Field(strict=True, ge=1, le=DAYS_MAX, description="How long it is good; None: for ever."), AS_WHOLE
        ]
        | None
    ) = None


class NewShopperKey(Body):
    """A key for a shopper's phone."""

    name: Annotated[Words, Field(examples=["Alice's phone"])]
    days: Annotated[int, Field(strict=True, ge=1, le=DAYS_MAX), AS_WHOLE] = 365


class RotationBody(Body):
    """Nothing needs to be said."""


class KeyResource(Resource):
    """A key. Of its secret only the SHA-256 is kept: `secret` is in the first answer and never again."""

    store: str
    key: str
    name: str
    scopes: list[Scope]
    account: Annotated[str | None, Field(description="The shopper's; None: a machine's.")]
    secret: Annotated[str | None, Field(description="What to send as `Authorization: Bearer SECRET`.")] = None
    created_at: Instant
    expires_at: Instant | None
    former_until: Annotated[Instant | None, Field(description="Until then the secret before the rotation is good too.")]
    revoked_at: Instant | None


class Keys(Resource):
    """A page of keys, in order of their ids."""

    items: list[KeyResource]
    next: str | None


@router.post("/stores/{store}/keys", status_code=201, response_model=KeyResource, responses=documented(404, 409))
def post_key(store: StorePath, body: NewMachineKey, key: IdempotencyKey, rim: RimOf) -> Response:
    """Make a key for a machine."""
    shown: list[str] = []
    with rim.database.write() as connection:
        require_store(connection, store)
        now = rim.clock()

        def create() -> KeyResource:
            made, secret = new_key(
                connection,
                store,
                body.name,
                scopes=tuple(sorted(set(body.scopes))),
                account=None,
                expires_at=_ends(now, body.days),
                now=now,
            )
            shown.append(secret)
            rim.audit(after=made)
            return _key(_find(connection, store, made))

        kept = once(connection, store, key, route="keys", body=body, now=now, create=create)
        return _with_secret(kept, _find_made(connection, store, shown), shown)


@router.post(
    "/stores/{store}/accounts/{account}/keys",
    status_code=201,
    response_model=KeyResource,
    responses=documented(404, 409),
)
def post_shopper_key(
    store: StorePath, account: AccountPath, body: NewShopperKey, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Make a key for a shopper, who sees with it what is their own, and may dispute it."""
    shown: list[str] = []
    with rim.database.write() as connection:
        require_store(connection, store)
        require_account(connection, store, account, live=True)
        now = rim.clock()

        def create() -> KeyResource:
            ends = _ends(now, body.days)
            made, secret = new_key(connection, store, body.name, scopes=(), account=account, expires_at=ends, now=now)
            shown.append(secret)
            rim.audit(after=made)
            return _key(_find(connection, store, made))

        kept = once(connection, store, key, route=f"accounts/{account}/keys", body=body, now=now, create=create)
        return _with_secret(kept, _find_made(connection, store, shown), shown)


@router.get("/stores/{store}/keys", responses=documented(404))
def list_keys(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Keys:
    """The store's keys, without their secrets."""
    query = select(keys).where(keys.c.store_id == store).order_by(keys.c.key_id).limit(limit + 1)
    if cursor is not None:
        query = query.where(keys.c.key_id > decode_cursor(cursor, 1)[0])
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query).all()
    items = [_key(row) for row in rows[:limit]]
    return Keys(items=items, next=encode_cursor(items[-1].key) if len(rows) > limit else None)


@router.post(
    "/stores/{store}/keys/{key_id}/rotation",
    status_code=201,
    response_model=KeyResource,
    responses=documented(404, 409),
)
def post_rotation(store: StorePath, key_id: KeyPath, body: RotationBody, key: IdempotencyKey, rim: RimOf) -> Response:
    """Give a key another secret. The one before is good for a day more, so that nothing stands still meanwhile."""
    shown: list[str] = []
    with rim.database.write() as connection:
        require_store(connection, store)
        row = _find(connection, store, key_id)
        now = rim.clock()

        def create() -> KeyResource:
            if row.revoked_at is not None:
                raise conflict("revoked", f"key {key_id} is revoked: make another")
            shown.append(rotate_key(connection, row, now))
            return _key(_find(connection, store, key_id))

        kept = once(connection, store, key, route=f"keys/{key_id}/rotation", body=body, now=now, create=create)
        return _with_secret(kept, _find_made(connection, store, shown), shown)


@router.delete("/stores/{store}/keys/{key_id}", status_code=204, response_class=Response, responses=documented(404))
def delete_key(store: StorePath, key_id: KeyPath, rim: RimOf) -> Response:
    """Revoke a key, at once."""
    with rim.database.write() as connection:
        require_store(connection, store)
        row = _find(connection, store, key_id)
        if row.revoked_at is None:
            mine = (keys.c.store_id == store, keys.c.key_id == key_id)
            connection.execute(update(keys).where(*mine).values(revoked_at=rim.clock()))
    return Response(status_code=204)


def _ends(now: datetime, days: int | None) -> datetime | None:
    return None if days is None else now + timedelta(days=days)


def _find(connection: Connection, store: str, key: str) -> Any:
    row = connection.execute(select(keys).where(keys.c.store_id == store, keys.c.key_id == key)).first()
    if row is None:
        raise not_found(f"key {key}")
    return row


def _find_made(connection: Connection, store: str, shown: list[str]) -> KeyResource:
    return _key(_find(connection, store, shown[0].split(".")[2]))


def _with_secret(kept: Response, made: KeyResource, shown: list[str]) -> JSONResponse:
    # What is kept for a replay has no secret in it.
    body = made.model_copy(update={"secret": shown[0]}).model_dump(mode="json")
    return JSONResponse(body, kept.status_code, {"Cache-Control": "no-store"})


def _key(row: Any) -> KeyResource:
    return KeyResource(
        store=row.store_id,
        key=row.key_id,
        name=row.name,
        scopes=row.scopes,
        account=row.account_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        former_until=row.former_until,
        revoked_at=row.revoked_at,
    )
