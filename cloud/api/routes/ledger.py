"""The ledger: every entry, and whether it adds up."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select

from cloud.adapters.database.ledger import differing_wallets, sums, unbalanced_entries
from cloud.adapters.database.tables import ledger_entries, ledger_postings, reconciliations
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import documented
from cloud.api.rim import PageSize, Resource, RimOf, StorePath, require_store
from protocol.model import Instant

router = APIRouter(tags=["Ledger"])

FAULTS_MAX = 100


class PostingResource(Resource):
    """An amount on one side of an account: debit if positive, credit if negative."""

    account: Annotated[str, Field(examples=["wallet:alice", "cash", "sales"])]
    amount_minor: int
    currency: str


class EntryResource(Resource):
    """Postings that sum to zero."""

    entry: UUID
    kind: Annotated[str, Field(examples=["top_up", "capture"])]
    key: Annotated[str, Field(description="What it stands for; it is written once.")]
    visit: UUID | None
    occurred_at: Instant
    recorded_at: Instant
    postings: list[PostingResource]


class Entries(Resource):
    """A page of entries, the latest first."""

    items: list[EntryResource]
    next: str | None


class DifferingWallet(Resource):
    """A wallet whose balance is not what the ledger owes its account."""

    account: str
    wallet_minor: int
    ledger_minor: int


class Balance(Resource):
    """Whether the ledger adds up: each sum is zero, no entry is unbalanced and no wallet differs."""

    balanced: bool
    sums_minor: Annotated[dict[str, int], Field(examples=[{"EUR": 0}])]
    unbalanced_entries: list[UUID]
    differing_wallets: list[DifferingWallet]


@router.get("/stores/{store}/ledger/entries", responses=documented(404))
def list_entries(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Entries:
    """The store's ledger, the latest entries first."""
    query = select(ledger_entries).where(ledger_entries.c.store_id == store)
    if cursor is not None:
        query = query.where(ledger_entries.c.entry_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(ledger_entries.c.entry_id.desc()).limit(limit + 1)).all()
        shown = rows[:limit]
        mine = (ledger_postings.c.store_id == store, ledger_postings.c.entry_id.in_([row.entry_id for row in shown]))
        found = connection.execute(select(ledger_postings).where(*mine).order_by(ledger_postings.c.position)).all()
    items = [_entry(row, [posting for posting in found if posting.entry_id == row.entry_id]) for row in shown]
    return Entries(items=items, next=encode_cursor(str(items[-1].entry)) if len(rows) > limit else None)


class DifferenceResource(Resource):
    """One thing on which ledger and gateway, or the books themselves, do not agree; None where a side has none."""

    kind: Annotated[str, Field(examples=["missing_in_ledger", "amount_differs"])]
    what: str
    key: str
    ledger_minor: int | None
    gateway_minor: int | None
    reference: str | None


class ReconciliationResource(Resource):
    """What a comparison of the books found."""

    reconciliation: UUID
    at: Instant
    agrees: bool
    in_flight: Annotated[int, Field(description="Left out, as their answer had not come.")]
    movements: Annotated[dict[str, int], Field(description="How many each gateway's statement had.")]
    unreachable: Annotated[list[str], Field(description="Gateways that were not set up where it was done.")]
    differing: int
    differences: Annotated[list[DifferenceResource], Field(description="The first 200.")]


class Reconciliations(Resource):
    """A page of comparisons, the latest first."""

    items: list[ReconciliationResource]
    next: str | None


@router.get("/stores/{store}/ledger/reconciliations", responses=documented(404))
def list_reconciliations(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Reconciliations:
    """What `tillfree cloud reconcile` found, each time that it was run, the latest first."""
    of = reconciliations.c
    query = select(reconciliations).where(of.store_id == store)
    if cursor is not None:
        query = query.where(of.reconciliation_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(of.reconciliation_id.desc()).limit(limit + 1)).all()
    names = [name for name in ReconciliationResource.model_fields if name != "reconciliation"]
    items = [
        ReconciliationResource(reconciliation=row.reconciliation_id, **{name: row._mapping[name] for name in names})
        for row in rows[:limit]
    ]
    return Reconciliations(
        items=items, next=encode_cursor(str(items[-1].reconciliation)) if len(rows) > limit else None
    )


@router.get("/stores/{store}/ledger/balance", responses=documented(404))
def get_balance(store: StorePath, rim: RimOf) -> Balance:
    """Check that the store's ledger adds up."""
    with rim.database.read() as connection:
        require_store(connection, store)
        left = sums(connection, store)
        wrong = unbalanced_entries(connection, store, FAULTS_MAX)
        differing = [
            DifferingWallet(account=account, wallet_minor=held, ledger_minor=owed)
            for account, held, owed in differing_wallets(connection, store, FAULTS_MAX)
        ]
    balanced = not any(left.values()) and not wrong and not differing
    return Balance(balanced=balanced, sums_minor=left, unbalanced_entries=wrong, differing_wallets=differing)


def _entry(row: Any, postings: list[Any]) -> EntryResource:
    return EntryResource(
        entry=row.entry_id,
        kind=row.kind,
        key=row.key,
        visit=row.visit_id,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        postings=[
            PostingResource(account=each.account, amount_minor=each.amount_minor, currency=each.currency)
            for each in postings
        ],
    )
