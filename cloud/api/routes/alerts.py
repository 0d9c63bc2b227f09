"""What the operator should know of a store now: what is wrong with its devices, its gates and whether it trades."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field

from cloud.adapters.database.alerts import AlertKind, alerts_of, mark_seen
from cloud.adapters.database.trading import trading_of
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import documented, not_found
from cloud.api.rim import PageSize, Resource, RimOf, StorePath, require_store
from protocol.events import TradingMode
from protocol.model import Instant

router = APIRouter(tags=["Alerts"])

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


def _alert(row: object) -> AlertResource:
    values = dict(row._mapping)  # type: ignore[attr-defined]  # SQLAlchemy's row
    return AlertResource(alert=values.pop("alert_id"), device=values.pop("device_id"), **values)
