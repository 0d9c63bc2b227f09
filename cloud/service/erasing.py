"""Forgetting people: one account, one visit, or every visit that a store's policy keeps no longer.

Theory of operation. A pseudonym stands where a person was, in one transaction with the record that says so (by whom,
when, how many rows, which clips). Money, goods and times stay: the ledger, receipts and settlements sum to the same as
before and are compared with the gateways as before. What only a person explains is deleted: names, tokens, keys, the
way to pay, notes, interactions, the contents of events, and clips, in the store too.

A visit is forgotten once nothing is to be done about it any more; until then the answer says what is. An account is
forgotten with all of its visits, and once nothing is left in its wallet. Doing it again changes nothing.

What is paid from a wallet stays in the wallet's statement, which is the account's: forgetting a visit alone takes the
visit from the account, and its amount and moment stay there until the account is forgotten too.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, insert, select

from cloud.adapters.database.engine import Database
from cloud.adapters.database.erasing import (
    ERASED,
    OF_VISIT,
    Changed,
    forget_account,
    forget_sayings,
    forget_visits,
    forgotten_among,
    keeping,
    old_visits,
    sweep_old,
    unfinished,
    visits_of,
)
from cloud.adapters.database.ledger import write_entry
from cloud.adapters.database.tables import erasures, visits, wallets
from cloud.adapters.gateways.wallet import pay_out
from cloud.domain.errors import CloudError
from cloud.domain.ledger import CASH, FORFEITED, moved, wallet
from cloud.domain.money import Money
from cloud.service.evidencing import erase_clips
from protocol.ids import uuid7

Remaining = Literal["paid_out", "forfeited"]
"""What became of money that was left in the wallet: given back to the shopper by hand, or lost to them by contract."""

AT_A_TIME = 100
SHOWN_MAX = 10
KEPT = {
    "idempotency": timedelta(days=30),
    "hook_deliveries": timedelta(days=90),
    "quarantine": timedelta(days=90),
}
"""How long answers can be replayed, and messages that are done with are kept to be looked at."""

RETENTION = "retention"
"""Who forgets what the store's policy keeps no longer."""


class EraseError(CloudError):
    """Something cannot be forgotten yet, and why."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was forgotten: how many rows of each table changed, and the hashes of the clips that are gone."""

    erasure: UUID
    kind: str
    pseudonym: str
    changed: dict[str, int]
    evidence: tuple[str, ...]


def erase_visit(connection: Connection, store: str, visit: UUID, *, by: str, now: datetime) -> Erasure | None:
    """Forget whose visit it was and what was seen of it; None where that was done before. EraseError: not yet."""
    row = connection.execute(
        select(visits.c.erased_at).where(visits.c.store_id == store, visits.c.visit_id == visit).with_for_update()
    ).one()
    if row.erased_at is not None:
        return None
    _require_finished(connection, store, [visit])
    changed = forget_visits(connection, store, [visit], OF_VISIT, now)
    clips = erase_clips(connection, store, [visit], by=by, now=now)
    return _record(connection, store, ("visit", OF_VISIT, changed, clips), by=by, now=now, visit=visit)


def erase_account(
    connection: Connection, store: str, account: str, remaining: Remaining | None, *, by: str, now: datetime
) -> Erasure:
    """Forget the account and all of its visits. EraseError where something is still to be done, or money is left."""
    mine = visits_of(connection, store, account)
    _require_finished(connection, store, mine)
    pseudonym = f"{ERASED}{secrets.token_hex(8)}"
    _empty_wallet(connection, store, account, remaining, now)
    changed = forget_visits(connection, store, mine, pseudonym, now)
    changed.update(forget_account(connection, store, account, pseudonym, now))
    clips = erase_clips(connection, store, mine, by=by, now=now)
    return _record(connection, store, ("account", pseudonym, changed, clips), by=by, now=now)


def forget_again(connection: Connection, named: Sequence[tuple[str, UUID]], now: datetime) -> None:
    """Let go of what is said late of visits that were forgotten; `named` are those that something was said of."""
    for store in sorted({store for store, _ in named}):
        mine = forgotten_among(connection, store, sorted({visit for of, visit in named if of == store}))
        if mine:
            forget_sayings(connection, store, mine)
            erase_clips(connection, store, mine, by="erasure", now=now)


def keep_policies(database: Database, now: datetime) -> bool:
    """Forget visits that their stores keep no longer; whether there were any. Safe for many workers at once."""
    with database.read() as connection:
        due = [
            (store, found)
            for store, days in keeping(connection)
            if (found := old_visits(connection, store, now - timedelta(days=days), AT_A_TIME))
        ]
    for store, found in due:
        with database.write() as connection:
            locked = select(visits.c.visit_id).where(
                visits.c.store_id == store, visits.c.visit_id.in_(found), visits.c.erased_at.is_(None)
            )
            fresh = sorted(connection.execute(locked.order_by(visits.c.visit_id).with_for_update()).scalars())
            blocked = unfinished(connection, store, fresh)
            mine = [visit for visit in fresh if visit not in blocked]
            if mine:
                changed = forget_visits(connection, store, mine, OF_VISIT, now)
                clips = erase_clips(connection, store, mine, by=RETENTION, now=now)
                _record(connection, store, (RETENTION, OF_VISIT, changed, clips), by=RETENTION, now=now)
    return bool(due)


def sweep_what_is_kept_for_a_time(database: Database, now: datetime) -> bool:
    """Delete answers, webhooks and put-aside messages whose time is over; whether there were any."""
    with database.write() as connection:
        return bool(sweep_old(connection, now, AT_A_TIME * 10, KEPT).total())


def _require_finished(connection: Connection, store: str, visit_ids: Sequence[UUID]) -> None:
    blocked = unfinished(connection, store, visit_ids)
    if blocked:
        shown = [f"visit {visit}: {', '.join(why)}" for visit, why in sorted(blocked.items())[:SHOWN_MAX]]
        more = f"; and {len(blocked) - SHOWN_MAX} more" if len(blocked) > SHOWN_MAX else ""
        raise EraseError(f"not yet: {'; '.join(shown)}{more}")


def _empty_wallet(connection: Connection, store: str, account: str, remaining: Remaining | None, now: datetime) -> None:
    mine = (wallets.c.store_id == store, wallets.c.account_id == account)
    row = connection.execute(select(wallets).where(*mine).with_for_update()).one()
    if row.held_minor:
        raise EraseError("not yet: money of the wallet is reserved")
    if not row.balance_minor:
        return
    left = Money(row.balance_minor, row.currency)
    if remaining is None:
        raise EraseError(
            f"{left.minor} minor units are left in the wallet: pay them out and say remaining: paid_out, "
            "or forfeited where the shopper has no claim to them"
        )
    pay_out(connection, store, account, left)
    credit = CASH if remaining == "paid_out" else FORFEITED
    entry = moved(wallet(account), credit, left, key=f"{store}/closing/{secrets.token_hex(16)}", kind="closing")
    write_entry(connection, store, entry, visit=None, occurred_at=now, now=now)


def _record(
    connection: Connection,
    store: str,
    done: tuple[str, str, Changed, Sequence[str]],
    *,
    by: str,
    now: datetime,
    visit: UUID | None = None,
) -> Erasure:
    kind, pseudonym, changed, clips = done
    counts = {table: count for table, count in sorted(changed.items()) if count}
    made = Erasure(uuid7(now, store, kind, pseudonym, secrets.token_hex(8)), kind, pseudonym, counts, tuple(clips))
    row: dict[str, Any] = {"kind": kind, "pseudonym": pseudonym, "visit_id": visit, "by": by, "at": now}
    connection.execute(
        insert(erasures).values(
            store_id=store, erasure_id=made.erasure, changed=counts, evidence=list(made.evidence), **row
        )
    )
    return made
