"""Taking people out of the database while the books stay: a pseudonym stands where an account was.

What a row says of money, goods and times is untouched, so every sum and every comparison with a gateway is the same
afterwards. What a person wrote, what was seen of their hands, and what opens doors goes altogether.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, delete, func, or_, select, text, update

from cloud.adapters.database.among import among
from cloud.adapters.database.tables import (
    accounts,
    audit,
    charges,
    disputes,
    hook_deliveries,
    idempotency,
    inbox,
    interactions,
    keys,
    ledger_entries,
    ledger_postings,
    payment_methods,
    payments,
    quarantine,
    receipts,
    refunds,
    reviews,
    settlements,
    stores,
    tokens,
    visits,
    wallet_calls,
    wallet_holds,
    wallets,
)
from cloud.domain.ledger import debt, wallet
from cloud.domain.review import DisputeState, ReviewState
from cloud.domain.settlement import State

OVER = (State.SETTLED, State.REFUSED)
ERASED = "erased-"
"""What every pseudonym begins with; no account that somebody opens may."""

OF_VISIT = f"{ERASED}visit"
"""Whose a visit is that was erased by itself."""

_FORGETTABLE = text("visits.erased_at IS NULL AND visits.state IN ('settled', 'refused')")

Changed = Counter[str]
"""How many rows of each table were changed or deleted."""


def unfinished(connection: Connection, store: str, visit_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """What stands in the way of erasing each of these visits; those with nothing are not named."""
    found: dict[UUID, list[str]] = {}
    for why, query in _in_the_way(store, visit_ids).items():
        for visit in connection.execute(query).scalars():
            found.setdefault(visit, []).append(why)
    return found


def _in_the_way(store: str, visit_ids: Sequence[UUID]) -> dict[str, Any]:
    def of(table: Table, *conditions: Any) -> Any:
        mine = (table.c.store_id == store, table.c.visit_id.in_(visit_ids))
        return select(table.c.visit_id).distinct().where(*mine, *conditions)

    waiting = (ReviewState.OPEN, ReviewState.CLAIMED, ReviewState.CHARGING)
    return {
        "it is not settled": of(visits, visits.c.state.not_in(OVER)),
        "a payment has no answer yet": of(payments, payments.c.state == "pending"),
        "it is owed for": of(charges, charges.c.indebted),
        "a line waits for a person": of(reviews, reviews.c.state.in_(waiting)),
        "a dispute is open": of(disputes, disputes.c.state == DisputeState.OPEN),
    }


def is_forgotten(connection: Connection, store: str, visit: UUID) -> bool:
    """Whether nobody can tell any more whose visit it was."""
    mine = (visits.c.store_id == store, visits.c.visit_id == visit)
    return connection.execute(select(visits.c.erased_at).where(*mine)).scalar() is not None


_FORGOTTEN = select(visits.c.visit_id).where(
    visits.c.store_id == bindparam("store"), among(visits.c.visit_id, "those"), visits.c.erased_at.is_not(None)
)


def forgotten_among(connection: Connection, store: str, visit_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the visits of which nobody can tell any more whose they were."""
    return list(connection.execute(_FORGOTTEN, {"store": store, "those": visit_ids}).scalars())


def forget_sayings(connection: Connection, store: str, visit_ids: Sequence[UUID]) -> None:
    """Forget what was seen of these visits, and what events said of them."""
    for table in (interactions, inbox):
        mine = (table.c.store_id == store, table.c.visit_id.in_(visit_ids))
        gone = (
            delete(interactions).where(*mine) if table is interactions else update(inbox).where(*mine).values(data={})
        )
        connection.execute(gone)


def old_visits(connection: Connection, store: str, before: datetime, limit: int) -> list[UUID]:
    """Visits from `before` that may be forgotten, the oldest first; those that something stands in the way of not."""
    candidates = (
        select(visits.c.visit_id)
        .where(visits.c.store_id == store, visits.c.created_at < before, _FORGETTABLE)
        .order_by(visits.c.created_at)
        .limit(limit * 10)
    )
    found = list(connection.execute(candidates).scalars())
    blocked = unfinished(connection, store, found)
    return [visit for visit in found if visit not in blocked][:limit]


def keeping(connection: Connection) -> list[tuple[str, int]]:
    """The stores that forget visits, and after how many days."""
    query = select(stores.c.store_id, stores.c.keep_visits_days).where(stores.c.keep_visits_days.is_not(None))
    return [(row.store_id, row.keep_visits_days) for row in connection.execute(query)]


def visits_of(connection: Connection, store: str, account: str) -> list[UUID]:
    """Every visit of an account."""
    query = select(visits.c.visit_id).where(visits.c.store_id == store, visits.c.account_id == account)
    return list(connection.execute(query).scalars())


def forget_visits(
    connection: Connection, store: str, visit_ids: Sequence[UUID], pseudonym: str, now: datetime
) -> Changed:
    """Nobody can tell any more whose visits these were, nor what was seen of them."""
    changed: Changed = Counter()

    def rows(table: Table, *conditions: Any) -> tuple[Any, ...]:
        return (table.c.store_id == store, table.c.visit_id.in_(visit_ids), *conditions)

    def change(table: Table, *conditions: Any, **values: Any) -> None:
        statement = update(table).where(*rows(table, *conditions)).values(**values)
        changed[table.name] += connection.execute(statement).rowcount

    change(visits, account_id=pseudonym, erased_at=now)
    # Whom a hold is for is the payer; the others name the gateway's own reference, by which it is reconciled.
    change(payments, payments.c.kind == "hold", account_id=pseudonym, subject=pseudonym)
    change(payments, payments.c.kind != "hold", account_id=pseudonym)
    for table in (settlements, charges, receipts):
        change(table, account_id=pseudonym)
    change(disputes, account_id=pseudonym, note=None, decision_note=None)
    change(refunds, note=None)
    change(reviews, note=None)
    # The rows stay, so that an event that comes again is known; what it said does not.
    change(inbox, inbox.c.processed_at.is_not(None), data={})
    changed["interactions"] += connection.execute(delete(interactions).where(*rows(interactions))).rowcount
    names = [str(visit) for visit in visit_ids]
    # An answer tells of one visit, or (refunds) of several things of the same one.
    places = (idempotency.c.body["visit"], idempotency.c.body[("items", 0, "visit")])
    said = or_(*(place.as_string().in_(names) for place in places))
    gone = delete(idempotency).where(idempotency.c.store_id == store, said)
    changed["idempotency"] += connection.execute(gone).rowcount
    told = hook_deliveries.c.body["visit"].as_string().in_(names)
    mine = (hook_deliveries.c.store_id == store, told)
    deliveries = connection.execute(
        select(hook_deliveries.c.hook_id, hook_deliveries.c.delivery_id, hook_deliveries.c.body).where(*mine)
    ).all()
    for row in deliveries:
        one = (
            hook_deliveries.c.store_id == store,
            hook_deliveries.c.hook_id == row.hook_id,
            hook_deliveries.c.delivery_id == row.delivery_id,
        )
        body = {**row.body, "account": pseudonym}
        connection.execute(update(hook_deliveries).where(*one).values(body=body))
    changed["hook_deliveries"] += len(deliveries)
    return changed


def forget_account(connection: Connection, store: str, account: str, pseudonym: str, now: datetime) -> Changed:
    """The account is nobody's: its name, tokens, keys and way to pay are gone, its statement is a pseudonym's."""
    changed: Changed = Counter()

    def mine(table: Table, column: str = "account_id") -> tuple[Any, Any]:
        return table.c.store_id == store, table.c[column] == account

    for table in (tokens, keys, payment_methods):
        changed[table.name] += connection.execute(delete(table).where(*mine(table))).rowcount
    for table in (wallets, wallet_holds):
        changed[table.name] += connection.execute(
            update(table).where(*mine(table)).values(account_id=pseudonym)
        ).rowcount
    holds = update(wallet_calls).where(*mine(wallet_calls, "subject"), wallet_calls.c.kind == "hold")
    changed["wallet_calls"] += connection.execute(holds.values(subject=pseudonym)).rowcount
    changed["accounts"] += connection.execute(
        update(accounts).where(*mine(accounts)).values(account_id=pseudonym, name=None, member=False, erased_at=now)
    ).rowcount
    said = idempotency.c.body["account"].as_string() == account
    gone = delete(idempotency).where(idempotency.c.store_id == store, said)
    changed["idempotency"] += connection.execute(gone).rowcount
    changed.update(_rename_in_the_ledger(connection, store, account, pseudonym))
    changed["audit"] += _rename_in_the_log(connection, store, account, pseudonym)
    return changed


def _rename_in_the_ledger(connection: Connection, store: str, account: str, pseudonym: str) -> Changed:
    changed: Changed = Counter()
    postings, entries = ledger_postings.c, ledger_entries.c
    paid_in = (
        select(entries.entry_id, entries.key)
        .join(ledger_postings, (postings.store_id == entries.store_id) & (postings.entry_id == entries.entry_id))
        .where(entries.store_id == store, entries.kind == "top_up", postings.account == wallet(account))
    )
    for row in connection.execute(paid_in).all():
        # The key of a top-up is what somebody chose, and may well be a name.
        hidden = hashlib.sha256(f"{pseudonym}\n{row.key}".encode()).hexdigest()[:32]
        where = (entries.store_id == store, entries.entry_id == row.entry_id)
        values = {"key": f"{store}/top-up/{ERASED}{hidden}"}
        changed["ledger_entries"] += connection.execute(update(ledger_entries).where(*where).values(**values)).rowcount
    for before, after in ((wallet(account), wallet(pseudonym)), (debt(account), debt(pseudonym))):
        where = (postings.store_id == store, postings.account == before)
        renamed = update(ledger_postings).where(*where).values(account=after)
        changed["ledger_postings"] += connection.execute(renamed).rowcount
    return changed


def _rename_in_the_log(connection: Connection, store: str, account: str, pseudonym: str) -> int:
    path = f"/v1/stores/{store}/accounts/{account}"
    mine = (audit.c.store_id == store, or_(audit.c.target == path, audit.c.target.startswith(f"{path}/")))
    hidden = func.replace(audit.c.target, path, f"/v1/stores/{store}/accounts/{pseudonym}")
    count = connection.execute(update(audit).where(*mine).values(target=hidden)).rowcount
    own = (audit.c.store_id == store, audit.c.kind == "shopper", audit.c.by == account)
    return count + connection.execute(update(audit).where(*own).values(by=pseudonym)).rowcount


def sweep(connection: Connection, table: Table, column: str, before: datetime, limit: int, *conditions: Any) -> int:
    """Delete at most `limit` rows whose `column` is from `before`; how many."""
    key = list(table.primary_key)
    query = select(*key).where(table.c[column] < before, *conditions).limit(limit)
    found = connection.execute(query).all()
    for row in found:
        connection.execute(delete(table).where(*(column == value for column, value in zip(key, row, strict=True))))
    return len(found)


def sweep_old(connection: Connection, now: datetime, limit: int, kept: dict[str, Any]) -> Changed:
    """Delete what is kept for a time only: `kept` says for how long, by table."""
    changed: Changed = Counter()
    over = hook_deliveries.c.due_at.is_(None)
    for table, column, conditions in (
        (idempotency, "created_at", ()),
        (hook_deliveries, "created_at", (over,)),
        (quarantine, "received_at", ()),
    ):
        changed[table.name] += sweep(connection, table, column, now - kept[table.name], limit, *conditions)
    return changed
