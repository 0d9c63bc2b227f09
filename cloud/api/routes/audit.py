"""The log of who changed what. It is only ever added to."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select

from cloud.adapters.database.tables import audit
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import documented
from cloud.api.rim import PageSize, Resource, Rim, RimOf, StorePath, require_store
from cloud.domain.access import EVERY_STORE
from protocol.model import Instant

router = APIRouter(tags=["Audit"])


class AuditResource(Resource):
    """A change that was made through the API."""

    audit: UUID
    at: Instant
    kind: Annotated[str, Field(description="operator, machine or shopper")]
    by: str
    action: Annotated[str, Field(examples=["PUT /v1/stores/{store}/products/{sku}"])]
    target: Annotated[str, Field(description="The path that was asked for.")]
    before: Annotated[str | None, Field(description="The version or id before it, where the change names one.")]
    after: Annotated[str | None, Field(description="The version or id that it made.")]


class AuditLog(Resource):
    """A page of changes, the latest first."""

    items: list[AuditResource]
    next: str | None


@router.get("/stores/{store}/audit", responses=documented(404))
def list_audit(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> AuditLog:
    """Who changed what in this store, the latest first."""
    return _list(rim, store, cursor, limit)


@router.get("/audit", responses=documented(404))
def list_audit_of_all(rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> AuditLog:
    """Who changed what beyond any one store, the latest first."""
    return _list(rim, EVERY_STORE, cursor, limit)


def _list(rim: Rim, store: str, cursor: str | None, limit: int) -> AuditLog:
    query = select(audit).where(audit.c.store_id == store)
    if cursor is not None:
        query = query.where(audit.c.audit_id < decode_id(cursor))
    with rim.database.read() as connection:
        if store != EVERY_STORE:
            require_store(connection, store)
        rows = connection.execute(query.order_by(audit.c.audit_id.desc()).limit(limit + 1)).all()
    items = [_entry(row) for row in rows[:limit]]
    return AuditLog(items=items, next=encode_cursor(str(items[-1].audit)) if len(rows) > limit else None)


def _entry(row: Any) -> AuditResource:
    return AuditResource(
        audit=row.audit_id,
        at=row.at,
        kind=row.kind,
        by=row.by,
        action=row.action,
        target=row.target,
        before=row.before,
        after=row.after,
    )
