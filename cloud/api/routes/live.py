"""A cart as it changes: server-sent events of one visit.

Each event is the whole visit, as `GET …/visits/{visit}` has it, under an id that is its content's; a reader that comes
back with `Last-Event-ID` hears nothing that it has. A comment every 15 s keeps the connection open. The stream ends
when the visit's cart is decided, and after LIVE_FOR_S in any case: then whoever may read on asks again.
"""

import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from cloud.api.problems import ApiError, documented
from cloud.api.rim import RimOf, StorePath, VisitPath
from cloud.api.routes.visits import VisitDetail, get_visit
from cloud.api.versions import version_of
from cloud.domain.settlement import CLOSED

router = APIRouter(tags=["Visits"])

LIVE_FOR_S = 900.0
EVERY_S = 0.5


async def _seat(store: StorePath, visit: VisitPath, rim: RimOf) -> AsyncIterator[None]:
    await run_in_threadpool(get_visit, store, visit, rim)
    if not rim.seats.acquire(blocking=False):
        raise ApiError(503, "too-many-readers", "too many carts are being watched here: try again later")
    try:
        yield
    finally:
        rim.seats.release()


@router.get(
    "/stores/{store}/visits/{visit}/live",
    response_class=EventSourceResponse,
    responses=documented(404),
    dependencies=[Depends(_seat)],
)
async def get_live(
    store: StorePath,
    visit: VisitPath,
    rim: RimOf,
    last_event_id: Annotated[str | None, Header(max_length=100, description="The last event that was heard.")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Watch a visit's cart until it is decided."""
    heard, ends_s = last_event_id, time.monotonic() + LIVE_FOR_S
    while time.monotonic() < ends_s:
        detail: VisitDetail = await run_in_threadpool(get_visit, store, visit, rim)
        version = version_of(detail)
        if version != heard:
            heard = version
            yield ServerSentEvent(event="visit", id=version, data=detail)
        if detail.state in CLOSED:
            yield ServerSentEvent(event="end", id=version, data={"state": detail.state})
            return
        await rim.pause(EVERY_S)
