"""What was put aside because it could not be taken."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import and_, or_, select

from cloud.adapters.database.quarantine import UNREGISTERED
from cloud.adapters.database.tables import quarantine
from cloud.api.paging import Cursor, decode_cursor, decode_moment, encode_cursor
from cloud.api.problems import documented
from cloud.api.rim import PageSize, Resource, RimOf
from protocol.model import Instant, rfc3339

router = APIRouter(tags=["Quarantine"])


class QuarantineResource(Resource):
    """A message that could not be taken. Devices do not have to wait for it."""

    store: Annotated[str | None, Field(description="None where its device is not registered.")]
    digest: Annotated[str, Field(description="SHA-256 of topic and payload: the same message is kept once.")]
    reason: str
    topic: str
    device: str | None
    epoch: int | None
    seq: int | None
    payload: Annotated[str, Field(description="Up to 2,000 characters of it; what is not UTF-8 is replaced.")]
    received_at: Instant


class Quarantine(Resource):
    """A page of messages, the latest first."""

    items: list[QuarantineResource]
    next: str | None


@router.get("/quarantine", responses=documented(404))
def list_quarantine(rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Quarantine:
    """What was put aside, of all stores and of strangers, the latest first."""
    query = select(quarantine)
    if cursor is not None:
        moment, digest = decode_cursor(cursor, 2)
        at = decode_moment(moment)
        earlier = quarantine.c.received_at < at
        query = query.where(or_(earlier, and_(quarantine.c.received_at == at, quarantine.c.digest < digest)))
    query = query.order_by(quarantine.c.received_at.desc(), quarantine.c.digest.desc()).limit(limit + 1)
    with rim.database.read() as connection:
        rows = connection.execute(query).all()
    items = [_resource(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Quarantine(items=items, next=encode_cursor(rfc3339(last.received_at), last.digest) if last else None)


def _resource(row: Any) -> QuarantineResource:
    return QuarantineResource(
        store=None if row.store_id == UNREGISTERED else row.store_id,
        digest=row.digest,
        reason=row.reason,
        topic=row.topic,
        device=row.device_id,
        epoch=row.epoch,
        seq=row.seq,
        payload=row.payload.decode(errors="replace")[:2000],
        received_at=row.received_at,
    )
