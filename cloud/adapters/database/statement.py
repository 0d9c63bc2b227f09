"""What came into a wallet and went out of it, as the ledger has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, case, func, select

from cloud.adapters.database.tables import ledger_entries, ledger_postings, visits
from cloud.domain.ledger import wallet


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that came (positive) or went, in minor units, and what the wallet then held by the ledger."""

    entry: UUID
    kind: str
    visit: UUID | None
    """None: it was for no visit, or for one that was forgotten."""
    occurred_at: datetime
    amount_minor: int
    balance_minor: int
    currency: str


def statement_of(
    connection: Connection, store: str, account: str, *, before: UUID | None, limit: int
) -> Sequence[Moved]:
    """At most `limit` movements of the account's wallet, the latest first; those `before` an entry."""
    postings, entries = ledger_postings.c, ledger_entries.c
    mine: list[ColumnElement[bool]] = [postings.store_id == store, postings.account == wallet(account)]
    if before is not None:
        mine.append(postings.entry_id < before)
    # What we owe a shopper is a credit, so what is theirs is the sum turned round.
    held = -int(connection.execute(select(func.coalesce(func.sum(postings.amount_minor), 0)).where(*mine)).scalar_one())
    named = case((visits.c.erased_at.is_(None), entries.visit_id), else_=None).label("visit_id")
    query = (
        select(entries.entry_id, entries.kind, named, entries.occurred_at, postings.amount_minor, postings.currency)
        .join(ledger_postings, (postings.store_id == entries.store_id) & (postings.entry_id == entries.entry_id))
        .outerjoin(visits, (visits.c.store_id == entries.store_id) & (visits.c.visit_id == entries.visit_id))
        .where(*mine)
        .order_by(entries.entry_id.desc())
        .limit(limit)
    )
    found: list[Moved] = []
    for row in connection.execute(query):
        found.append(_moved(row, held))
        held += row.amount_minor
    return found


def _moved(row: Any, balance_minor: int) -> Moved:
    return Moved(row.entry_id, row.kind, row.visit_id, row.occurred_at, -row.amount_minor, balance_minor, row.currency)
