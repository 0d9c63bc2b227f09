"""The ledger: entries are only ever added, each once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import ledger_entries, ledger_postings, payments, wallets
from cloud.domain.ledger import Entry, wallet
from protocol.ids import uuid7


def write_entry(
    connection: Connection, store: str, entry: Entry, *, visit: UUID | None, occurred_at: datetime, now: datetime
) -> bool:
    """Add `entry`; False where its key was written before."""
    row, postings = entry_rows(store, entry, visit=visit, occurred_at=occurred_at, now=now)
    if not insert_new(connection, ledger_entries, [row]):
        return False
    connection.execute(insert(ledger_postings), postings)
    return True


def entry_rows(
    store: str, entry: Entry, *, visit: UUID | None, occurred_at: datetime, now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of an entry, and those of its postings."""
    entry_id = uuid7(now, store, entry.key)
    row = {
        "store_id": store,
        "entry_id": entry_id,
        "key": entry.key,
        "kind": entry.kind,
        "visit_id": visit,
        "occurred_at": occurred_at,
        "recorded_at": now,
    }
    postings = [
        {
            "store_id": store,
            "entry_id": entry_id,
            "position": position,
            "account": posting.account,
            "amount_minor": posting.amount.minor,
            "currency": posting.amount.currency,
        }
        for position, posting in enumerate(entry.postings)
    ]
    return row, postings


def has_entry(connection: Connection, store: str, key: str) -> bool:
    """Whether an entry with that key was written."""
    mine = (ledger_entries.c.store_id == store, ledger_entries.c.key == key)
    return connection.execute(select(ledger_entries.c.entry_id).where(*mine)).first() is not None


def sums(connection: Connection, store: str) -> dict[str, int]:
    """What is left over in each currency, in minor units: zero in all of them, or something is wrong."""
    amount = func.sum(ledger_postings.c.amount_minor)
    query = select(ledger_postings.c.currency, amount).where(ledger_postings.c.store_id == store)
    return {currency: int(left) for currency, left in connection.execute(query.group_by(ledger_postings.c.currency))}


def unbalanced_entries(connection: Connection, store: str, limit: int) -> list[UUID]:
    """Entries whose own postings do not sum to zero: none, or something is wrong."""
    query = (
        select(ledger_postings.c.entry_id)
        .where(ledger_postings.c.store_id == store)
        .group_by(ledger_postings.c.entry_id, ledger_postings.c.currency)
        .having(func.sum(ledger_postings.c.amount_minor) != 0)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def differing_wallets(connection: Connection, store: str, limit: int) -> list[tuple[str, int, int]]:
    """Accounts whose wallet holds another balance than the ledger owes them: (account, wallet, ledger) in minor units.

    Between a capture at the gateway and its entry the two differ rightly; accounts with a pending payment are left out.
    """
    amount = func.sum(ledger_postings.c.amount_minor)
    query = select(ledger_postings.c.account, amount).where(ledger_postings.c.store_id == store)
    owed = {account: -int(total) for account, total in connection.execute(query.group_by(ledger_postings.c.account))}
    pending = select(payments.c.account_id).where(payments.c.store_id == store, payments.c.state == "pending")
    settled = select(wallets.c.account_id, wallets.c.balance_minor).where(
        wallets.c.store_id == store, wallets.c.account_id.not_in(pending)
    )
    rows = ((account, balance, owed.get(wallet(account), 0)) for account, balance in connection.execute(settled))
    return [row for row in rows if row[1] != row[2]][:limit]
