"""What the operator should know of a store now: what is wrong with its devices, its gates and whether it trades."""

import time
from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from cloud.adapters.database.alerts import AlertKind, alerts_of, mark_seen
from cloud.adapters.database.trading import trading_of
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import ApiError, documented, not_found
from cloud.api.rim import PageSize, Resource, RimOf, StorePath, require_store
from cloud.api.versions import version_of
from protocol.events import TradingMode
from protocol.model import Instant

router = APIRouter(tags=["Alerts"])

LIVE_FOR_S, EVERY_S = 900.0, 1.0
AlertPath = Annotated[UUID, Path(description="The alert's id.")]


class AlertResource(Resource):
    """Something that a person should know of. `until` is null while it lasts."""

    alert: UUID
    kind: AlertKind
    subject: Annotated[str, Field(description="The device, lane or person that it is about.")]
    device: Annotated[str, Field(description="The device that told it.")]
    text: str
    times: Annotated[int, Field(description="How often it was told.")]
    since: Instant
    last_at: Instant
    until: Instant | None
    seen_by: str | None
    seen_at: Instant | None


class Alerts(Resource):
    """A page of alerts, the newest first."""

    items: list[AlertResource]
    next: str | None


class TradingResource(Resource):
    """What a hub said last of whether its store trades."""

    device: str
    mode: TradingMode
    wants_up: Annotated[bool, Field(description="It goes up by itself when nothing is in the way any more.")]
    in_the_way: Annotated[dict[str, str], Field(description="What keeps it from going up: device → reason.")]
    since: Instant


class Trading(Resource):
    """Every hub of a store; none before the first has said anything."""

    items: list[TradingResource]


class NewestAlert(Resource):
    """What a reader of the live stream is told: how many last, and the newest of all."""

    lasting: int
    newest: AlertResource | None


@router.get("/stores/{store}/alerts", responses=documented(404))
def list_alerts(
    store: StorePath,
    rim: RimOf,
    state: Annotated[Literal["lasting", "over"] | None, Query(description="Only such alerts.")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Alerts:
    """What is wrong, or was, the newest first."""
    before = None if cursor is None else decode_id(cursor)
    lasting = None if state is None else state == "lasting"
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = alerts_of(connection, store, lasting=lasting, before=before, limit=limit + 1)
    items = [_alert(row) for row in rows[:limit]]
    return Alerts(items=items, next=encode_cursor(str(items[-1].alert)) if len(rows) > limit else None)


@router.put("/stores/{store}/alerts/{alert}/seen", status_code=204, responses=documented(404))
def put_seen(store: StorePath, alert: AlertPath, rim: RimOf) -> None:
    """Say that a person has seen it. Who was the first stays."""
    with rim.database.write() as connection:
        require_store(connection, store)
        if not mark_seen(connection, store, alert, rim.principal.id, rim.clock()):
            raise not_found(f"alert {str(alert)!r}")


@router.get("/stores/{store}/trading", responses=documented(404))
def list_trading(store: StorePath, rim: RimOf) -> Trading:
    """Whether the store trades, and what keeps it from it."""
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = trading_of(connection, store)
    return Trading(
        items=[
            TradingResource(
                device=row.device_id,
                mode=row.mode,
                wants_up=row.wants_up,
                in_the_way=row.in_the_way,
                since=row.since,
            )
            for row in rows
        ]
    )


async def _seat(store: StorePath, rim: RimOf) -> AsyncIterator[None]:
    await run_in_threadpool(list_trading, store, rim)
    if not rim.seats.acquire(blocking=False):
        raise ApiError(503, "too-many-readers", "too many streams are being watched here: try again later")
    try:
        yield
    finally:
        rim.seats.release()


@router.get(
    "/stores/{store}/alerts/live",
    response_class=EventSourceResponse,
    responses=documented(404),
    dependencies=[Depends(_seat)],
)
async def get_live_alerts(
    store: StorePath,
    rim: RimOf,
    last_event_id: Annotated[str | None, Header(max_length=100, description="The last event that was heard.")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Watch a store's alerts: an event whenever one comes, ends or is seen."""
    heard, ends_s = last_event_id, time.monotonic() + LIVE_FOR_S
    while time.monotonic() < ends_s:
        told = await run_in_threadpool(_newest, store, rim)
        version = version_of(told)
        if version != heard:
            heard = version
            yield ServerSentEvent(event="alerts", id=version, data=told)
        await rim.pause(EVERY_S)


def _newest(store: str, rim: RimOf) -> NewestAlert:
    with rim.database.read() as connection:
        lasting = alerts_of(connection, store, lasting=True, before=None, limit=200)
        newest = alerts_of(connection, store, lasting=None, before=None, limit=1)
    return NewestAlert(lasting=len(lasting), newest=_alert(newest[0]) if newest else None)


def _alert(row: object) -> AlertResource:
    values = dict(row._mapping)  # type: ignore[attr-defined]  # SQLAlchemy's row
    return AlertResource(alert=values.pop("alert_id"), device=values.pop("device_id"), **values)
