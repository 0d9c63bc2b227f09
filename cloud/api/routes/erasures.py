"""Forgetting people: an account with all of its visits, or one visit. The books stay, without the person."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import Connection, select

from cloud.adapters.database.tables import erasures
from cloud.adapters.database.visits import find_visit
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import (
    Body,
    IdempotencyKey,
    PageSize,
    Resource,
    RimOf,
    StorePath,
    VisitPath,
    require_account,
    require_store,
)
from cloud.api.routes.accounts import AccountPath
from cloud.service.erasing import EraseError, erase_account, erase_visit
from protocol.model import Instant

router = APIRouter(tags=["Erasure"])


class AccountErasure(Body):
    """What became of money that was left in the wallet; needed where there is any."""

    remaining: Annotated[
        Literal["paid_out", "forfeited"] | None,
        Field(description="`paid_out`: it was given back by hand; `forfeited`: the shopper has no claim to it."),
    ] = None


class VisitErasure(Body):
    """Nothing needs to be said."""


class ErasureResource(Resource):
    """What was forgotten. Nothing here tells who it was."""

    store: str
    erasure: UUID
    kind: Literal["account", "visit", "retention"]
    pseudonym: Annotated[str, Field(description="What stands in the books where the account was.")]
    visit: UUID | None
    by: str
    at: Instant
    changed: Annotated[dict[str, int], Field(description="How many rows of each kind were changed or deleted.")]
    evidence: Annotated[list[str], Field(description="SHA-256 of the clips that are gone.")]


class Erasures(Resource):
    """A page of erasures, the latest first."""

    items: list[ErasureResource]
    next: str | None


@router.post(
    "/stores/{store}/accounts/{account}/erasure",
    status_code=201,
    response_model=ErasureResource,
    responses=documented(404, 409),
)
def post_account_erasure(
    store: StorePath, account: AccountPath, body: AccountErasure, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Forget an account with all of its visits, for good. 409 says what is still to be done before."""
    with rim.database.write() as connection:
        require_store(connection, store)
        now = rim.clock()

        def create() -> ErasureResource:
            require_account(connection, store, account, live=True)
            by = rim.principal.id
            try:
                made = erase_account(connection, store, account, body.remaining, by=by, now=now)
            except EraseError as error:
                raise conflict("not-erasable", str(error)) from error
            # The log of this change shall not name whom it forgets.
            rim.audit(after=str(made.erasure), target=f"/v1/stores/{store}/accounts/{made.pseudonym}/erasure")
            return _resource(_find(connection, store, made.erasure))

        return once(connection, store, key, route=f"accounts/{account}/erasure", body=body, now=now, create=create)


@router.post(
    "/stores/{store}/visits/{visit}/erasure",
    status_code=201,
    response_model=ErasureResource,
    responses=documented(404, 409),
)
def post_visit_erasure(
    store: StorePath, visit: VisitPath, body: VisitErasure, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Forget whose a visit was and what was seen of it, for good. 409 says what is still to be done before."""
    with rim.database.write() as connection:
        require_store(connection, store)
        now = rim.clock()

        def create() -> ErasureResource:
            if find_visit(connection, store, visit) is None:
                raise not_found(f"visit {visit}")
            try:
                made = erase_visit(connection, store, visit, by=rim.principal.id, now=now)
            except EraseError as error:
                raise conflict("not-erasable", str(error)) from error
            if made is None:
                raise conflict("erased", f"visit {visit} was erased before")
            rim.audit(after=str(made.erasure))
            return _resource(_find(connection, store, made.erasure))

        return once(connection, store, key, route=f"visits/{visit}/erasure", body=body, now=now, create=create)


@router.get("/stores/{store}/erasures", responses=documented(404))
def list_erasures(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Erasures:
    """What was forgotten, by whom and by the store's policy, the latest first."""
    query = select(erasures).where(erasures.c.store_id == store)
    if cursor is not None:
        query = query.where(erasures.c.erasure_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(erasures.c.erasure_id.desc()).limit(limit + 1)).all()
    items = [_resource(row) for row in rows[:limit]]
    return Erasures(items=items, next=encode_cursor(str(items[-1].erasure)) if len(rows) > limit else None)


def _find(connection: Connection, store: str, erasure: UUID) -> Any:
    mine = (erasures.c.store_id == store, erasures.c.erasure_id == erasure)
    return connection.execute(select(erasures).where(*mine)).one()


def _resource(row: Any) -> ErasureResource:
    names = ("kind", "pseudonym", "by", "at", "changed", "evidence")
    values = {name: row._mapping[name] for name in names}
    return ErasureResource(store=row.store_id, erasure=row.erasure_id, visit=row.visit_id, **values)
