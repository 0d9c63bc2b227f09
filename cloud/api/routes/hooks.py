"""Hooks: where the retailer wants to be told of receipts, and what became of each message."""

import secrets
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from sqlalchemy import Connection, func, insert, select, update

from cloud.adapters.database.hooks import change
from cloud.adapters.database.tables import hook_deliveries, hooks
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import Body, IdempotencyKey, PageSize, Resource, RimOf, StorePath, require_store
from cloud.api.versions import IfMatch, edit, tag
from protocol.model import ID_PATTERN, Instant

router = APIRouter(tags=["Hooks"])

HOOKS_MAX = 10
HookPath = Annotated[str, Path(pattern=ID_PATTERN, description="The hook's id, of your choice.", examples=["books"])]
DeliveryPath = Annotated[UUID, Path(description="The delivery's id.")]
DeliveryState = Literal["waiting", "told", "dead"]


class HookBody(Body):
    """Where to tell. Plain HTTP is for this machine alone."""

    url: Annotated[
        str,
        Field(
            max_length=1_000,
            pattern=r"^(https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?(/[!-~]*)?$",
            examples=["https://books.example/tillfree"],
        ),
    ]
    disabled: Annotated[bool, Field(strict=True)] = False


class HookResource(Resource):
    """A hook. `secret` signs what is sent (as gateways sign theirs); it is in the first answer and never again."""

    store: str
    hook: str
    url: str
    disabled: bool
    secret: str | None = None
    created_at: Instant


class Hooks(Resource):
    """Every hook of a store; there are at most 10."""

    items: list[HookResource]


class DeliveryResource(Resource):
    """A message to a hook. `dead`: it was never answered 2xx, and is not tried again by itself."""

    store: str
    hook: str
    delivery: UUID
    kind: str
    state: DeliveryState
    tries: int
    due_at: Instant | None
    answer: Annotated[str | None, Field(description="The status of the last try, or why there was none.")]
    created_at: Instant


class Deliveries(Resource):
    """A page of deliveries, the newest first."""

    items: list[DeliveryResource]
    next: str | None


class ReplayBody(Body):
    """Nothing needs to be said."""


@router.put("/stores/{store}/hooks/{hook}", responses={201: {"model": HookResource}, **documented(404, 409, 412)})
def put_hook(
    *, store: StorePath, hook: HookPath, body: HookBody, rim: RimOf, response: Response, if_match: IfMatch = None
) -> HookResource:
    """Make a hook, or change where it tells."""
    with rim.database.write() as connection:
        require_store(connection, store)
        mine = (hooks.c.store_id == store, hooks.c.hook_id == hook)
        known = connection.execute(select(hooks).where(*mine)).first()
        if known is not None:
            connection.execute(update(hooks).where(*mine).values(**body.model_dump()))
            after = _hook(connection.execute(select(hooks).where(*mine)).one())
            edit(rim, if_match, _hook(known), after, response)
            return after
        count = select(func.count()).select_from(hooks).where(hooks.c.store_id == store)
        if connection.execute(count).scalar_one() >= HOOKS_MAX:
            raise conflict("hook-limit", f"a store has at most {HOOKS_MAX} hooks: change one instead")
        secret = secrets.token_urlsafe(32)
        row = {"store_id": store, "hook_id": hook, "secret": secret, "created_at": rim.clock()}
        connection.execute(insert(hooks).values(**row, **body.model_dump()))
        response.status_code = 201
        made = _hook(connection.execute(select(hooks).where(*mine)).one())
        edit(rim, if_match, None, made, response)
        return made.model_copy(update={"secret": secret})


@router.get("/stores/{store}/hooks", responses=documented(404))
def list_hooks(store: StorePath, rim: RimOf) -> Hooks:
    """Every hook of a store."""
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(select(hooks).where(hooks.c.store_id == store).order_by(hooks.c.hook_id)).all()
    return Hooks(items=[_hook(row) for row in rows])


@router.get("/stores/{store}/hooks/{hook}", responses=documented(404))
def get_hook(store: StorePath, hook: HookPath, rim: RimOf, response: Response) -> HookResource:
    """One hook, without its secret."""
    with rim.database.read() as connection:
        require_store(connection, store)
        row = connection.execute(select(hooks).where(hooks.c.store_id == store, hooks.c.hook_id == hook)).first()
    if row is None:
        raise not_found(f"hook {hook!r}")
    found = _hook(row)
    tag(response, found)
    return found


@router.get("/stores/{store}/hooks/{hook}/deliveries", responses=documented(404))
def list_deliveries(
    *,
    store: StorePath,
    hook: HookPath,
    rim: RimOf,
    state: Annotated[DeliveryState | None, Query(description="Only deliveries in this state.")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Deliveries:
    """What a hook was told, the newest first."""
    query = select(hook_deliveries).where(hook_deliveries.c.store_id == store, hook_deliveries.c.hook_id == hook)
    if state is not None:
        query = query.where(hook_deliveries.c.state == state)
    if cursor is not None:
        query = query.where(hook_deliveries.c.delivery_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(hook_deliveries.c.delivery_id.desc()).limit(limit + 1)).all()
    items = [_delivery(row) for row in rows[:limit]]
    return Deliveries(items=items, next=encode_cursor(str(items[-1].delivery)) if len(rows) > limit else None)


@router.post(
    "/stores/{store}/hooks/{hook}/deliveries/{delivery}/replay",
    status_code=201,
    response_model=DeliveryResource,
    responses=documented(404, 409),
)
def post_replay(
    *, store: StorePath, hook: HookPath, delivery: DeliveryPath, body: ReplayBody, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Send it again from the first try on, whether it was told or is dead."""
    with rim.database.write() as connection:
        require_store(connection, store)
        row = _find(connection, store, hook, delivery)
        now = rim.clock()

        def create() -> DeliveryResource:
            change(connection, row, state="waiting", tries=0, due_at=now)
            return _delivery(_find(connection, store, hook, delivery))

        route = f"hooks/{hook}/deliveries/{delivery}/replay"
        return once(connection, store, key, route=route, body=body, now=now, create=create)


def _find(connection: Connection, store: str, hook: str, delivery: UUID) -> Any:
    of = hook_deliveries.c
    mine = (of.store_id == store, of.hook_id == hook, of.delivery_id == delivery)
    row = connection.execute(select(hook_deliveries).where(*mine)).first()
    if row is None:
        raise not_found(f"delivery {delivery} of hook {hook!r}")
    return row


def _hook(row: Any) -> HookResource:
    return HookResource(
        store=row.store_id, hook=row.hook_id, url=row.url, disabled=row.disabled, created_at=row.created_at
    )


def _delivery(row: Any) -> DeliveryResource:
    names = ("kind", "state", "tries", "due_at", "answer", "created_at")
    values = {name: row._mapping[name] for name in names}
    return DeliveryResource(store=row.store_id, hook=row.hook_id, delivery=row.delivery_id, **values)
