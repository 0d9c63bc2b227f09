"""A wallet's statement: what was paid in, what was paid with it, what came back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from cloud.adapters.database.statement import Moved, statement_of
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import documented
from cloud.api.rim import PageSize, Resource, RimOf, StorePath
from cloud.api.routes.accounts import AccountPath, find_account
from protocol.model import Instant

router = APIRouter(tags=["Accounts"])


class MovementResource(Resource):
    """Money that came into the wallet, or went out of it."""

    entry: Annotated[UUID, Field(description="The ledger's entry.")]
    kind: Annotated[str, Field(examples=["top_up", "capture", "refund", "debt_paid"])]
    visit: Annotated[UUID | None, Field(description="None: for no visit, or for one that was forgotten.")]
    occurred_at: Instant
    amount_minor: Annotated[int, Field(description="Positive: it came in.")]
    balance_minor: Annotated[int, Field(description="What the wallet then held, by the ledger.")]
    currency: str


class StatementResource(Resource):
    """A page of movements, the latest first."""

    items: list[MovementResource]
    next: str | None


@router.get("/stores/{store}/accounts/{account}/statement", responses=documented(404))
def get_statement(
    store: StorePath, account: AccountPath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50
) -> StatementResource:
    """What came into an account's wallet and went out of it. Money that is only held has not moved."""
    before = decode_id(cursor) if cursor is not None else None
    with rim.database.read() as connection:
        find_account(connection, store, account)
        found = statement_of(connection, store, account, before=before, limit=limit + 1)
    items = [_movement(each) for each in found[:limit]]
    return StatementResource(items=items, next=encode_cursor(str(items[-1].entry)) if len(found) > limit else None)


def _movement(moved: Moved) -> MovementResource:
    return MovementResource(
        entry=moved.entry,
        kind=moved.kind,
        visit=moved.visit,
        occurred_at=moved.occurred_at,
        amount_minor=moved.amount_minor,
        balance_minor=moved.balance_minor,
        currency=moved.currency,
    )
