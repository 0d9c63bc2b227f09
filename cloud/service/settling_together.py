"""Settling many visits in one transaction, where the money is in our own database.

The rule. A hold of the embedded wallet lies in the same database as the ledger, so nothing can happen between taking
the money and writing it down: decision, capture, entry and receipt of up to so many visits are one transaction, which
is there or is not. Everything else goes the way of `settling` and `paying`, one visit at a time and with an intent
before the call: a gateway in another house, a hold that is not open or not there, a visit without an entry, and
whatever turns out to be wrong with a visit here. Both ways leave the same rows but for the moments in them.

One visit that is wrong holds nobody up. What is wrong while its cart is decided leaves out that visit alone; what the
database refuses takes the whole transaction back, and each of its visits goes the other way.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection

from cloud.adapters.database.evidence import visits_with_clips
from cloud.adapters.database.hooks import delivery_rows, hooks_of
from cloud.adapters.database.inserting import insert_all
from cloud.adapters.database.ledger import entry_rows
from cloud.adapters.database.payments import Hold, wallet_holds_of
from cloud.adapters.database.promotions import load_promotions
from cloud.adapters.database.receipts import Receipt, line_row, receipt_row
from cloud.adapters.database.reviews import review_row
from cloud.adapters.database.shop import StoreTerms, load_offers, load_terms, members_of, steady
from cloud.adapters.database.tables import (
    charges,
    hook_deliveries,
    ledger_entries,
    ledger_postings,
    payments,
    receipts,
    reviews,
    settlement_lines,
    settlements,
)
from cloud.adapters.database.visits import Visit, VisitKey, change_visits, changes_of, lock_leaving
from cloud.adapters.gateways.wallet import Closing, close_holds, open_holds_of
from cloud.domain.cart import Cart, cart_with
from cloud.domain.charging import ChargeState
from cloud.domain.decision import DecidedLine, Decision, Promotions, charge, decide
from cloud.domain.ledger import WALLET, sold, source
from cloud.domain.money import Money
from cloud.domain.payment import Kind, payment_key
from cloud.domain.pricing import Offer
from cloud.domain.promotion import Promotion
from cloud.domain.receipt import Cause, SettledLine, gross_of, total_minor
from cloud.domain.settlement import Happening, Readiness, State, after
from cloud.logs import about
from cloud.observing.counting import LINES, SETTLED
from cloud.observing.gateway_calls import counted_together
from cloud.observing.tracing import span
from cloud.service.evidencing import fetch_clips
from cloud.service.poison import POISON
from cloud.service.pricing_moment import priced_at
from cloud.service.readying import ready_of
from cloud.service.revising import FIRST_REVISION
from cloud.service.settling import settled_lines

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Decided:
    """A visit, its decision, and the hold that pays."""

    visit: Visit
    account: str
    ready: Readiness
    decided: tuple[DecidedLine, ...]
    lines: tuple[SettledLine, ...]
    hold: Hold
    held_minor: int
    amount: Money
    lapses_at: datetime
    kind: Kind
    key: str

    @property
    def mine(self) -> dict[str, object]:
        return {"store_id": self.visit.store, "visit_id": self.visit.visit}


@dataclass(frozen=True, slots=True)
class Settled:
    """The visits that were settled, and those that must go the other way; what another worker has is neither."""

    together: frozenset[VisitKey]
    alone: frozenset[VisitKey]


def settle_together(connection: Connection, seen: Iterable[VisitKey], now: datetime) -> Settled:
    """Settle those of the visits that can be settled so."""
    found = lock_leaving(connection, seen)
    leaving = [visit for visit in found.values() if visit.state is State.EXITED and visit.account is not None]
    ready = {key: each for key, each in ready_of(connection, leaving, now).items() if each.settle}
    holds = wallet_holds_of(connection, [found[key] for key in ready])
    open_ = open_holds_of(connection, [(store, hold.reference) for (store, _), hold in holds.items()])
    payable = [visit for key, visit in found.items() if key in holds and (key[0], holds[key].reference) in open_]
    decided: list[_Decided] = []
    for store, group in groupby(payable, key=lambda visit: visit.store):
        those, terms = list(group), load_terms(connection, store)
        decide_one = _deciding(connection, terms, those)
        lapses_at = now + terms.review_within
        for visit in those:
            hold, key = holds[store, visit.visit], (store, visit.visit)
            account, held_minor = open_[store, hold.reference]
            try:
                lines = decide_one(visit, hold)
                amount = charge(lines, hold.amount.currency)
                if account == visit.account and amount.minor <= held_minor == hold.amount.minor:
                    kind: Kind = "capture" if amount.minor else "release"
                    of_hold = (settled_lines(lines), hold, held_minor, amount, lapses_at, kind)
                    name = payment_key(store, visit.visit, kind, hold.number)
                    decided.append(_Decided(visit, account, ready[key], lines, *of_hold, name))
            except POISON:
                log.exception("a cart cannot be decided: it is tried alone", extra={"visit": str(visit.visit)})
    if decided:
        _write(connection, decided, now)
    done = frozenset((each.visit.store, each.visit.visit) for each in decided)
    return Settled(done, frozenset(found) - done)


def _deciding(
    connection: Connection, terms: StoreTerms, those: Sequence[Visit]
) -> Callable[[Visit, Hold], tuple[DecidedLine, ...]]:
    """How a visit of the store is decided: what they share is asked for once."""
    store = terms.store
    changes = changes_of(connection, [(store, visit.visit) for visit in those])
    carts: dict[UUID, Cart] = {visit.visit: cart_with(changes.get((store, visit.visit), ())) for visit in those}
    skus = {line.sku for cart in carts.values() for line in cart.lines if line.sku}
    members = members_of(connection, store, [visit.account for visit in those if visit.account is not None])
    moments = [priced_at(visit) for visit in those]
    shared: tuple[dict[str, Offer], tuple[Promotion, ...]] | None = None
    if steady(connection, store, skus, min(moments), max(moments)):
        shared = _offered(connection, terms, skus, min(moments))

    def decide_one(visit: Visit, hold: Hold) -> tuple[DecidedLine, ...]:
        offers, promotions = shared or _offered(connection, terms, skus, priced_at(visit))
        in_force = Promotions(promotions, member=visit.account in members)
        return decide(carts[visit.visit], offers, terms.policy, hold.amount, in_force)

    return decide_one


def _offered(
    connection: Connection, terms: StoreTerms, skus: Iterable[str], at: datetime
) -> tuple[dict[str, Offer], tuple[Promotion, ...]]:
    return load_offers(connection, terms, skus, at), load_promotions(connection, terms.store, at)


def _write(connection: Connection, decided: Sequence[_Decided], now: datetime) -> None:
    """All rows of all of them, table by table."""
    _end_visits(connection, decided)
    insert_all(connection, settlements, [_settlement(each, now) for each in decided])
    lines = [
        line_row(each.visit.store, each.visit.visit, FIRST_REVISION, line) for each in decided for line in each.lines
    ]
    insert_all(connection, settlement_lines, lines)
    _queue_reviews(connection, decided, now)
    with counted_together(WALLET, [each.kind for each in decided]):
        close_holds(connection, [_closing(each) for each in decided], now)
    insert_all(connection, payments, [_payment(each, now) for each in decided])
    charged = [each for each in decided if each.amount.minor]
    insert_all(connection, charges, [_charge(each, now) for each in charged])
    entries = [_entry(each, now) for each in charged]
    insert_all(connection, ledger_entries, [row for row, _ in entries])
    insert_all(connection, ledger_postings, [posting for _, postings in entries for posting in postings])
    _issue(connection, decided, now)
    _tell(decided)


def _end_visits(connection: Connection, decided: Sequence[_Decided]) -> None:
    ended = [(each.visit, {"state": _ended(each), "horizon_seq": each.ready.horizon}) for each in decided]
    change_visits(connection, ended)


def _ended(each: _Decided) -> State:
    if each.amount.minor:
        return after(after(each.visit.state, Happening.CHARGEABLE), Happening.CAPTURED)
    return after(after(each.visit.state, Happening.NOTHING_DUE), Happening.RELEASED)


def _settlement(each: _Decided, now: datetime) -> dict[str, object]:
    return {
        **each.mine,
        "outcome": "captured" if each.amount.minor else "released",
        "account_id": each.account,
        "charged_minor": each.amount.minor,
        "currency": each.amount.currency,
        "complete": each.ready.complete,
        "missing": [{"epoch": gap.epoch, "first": gap.first, "last": gap.last} for gap in each.ready.missing],
        "decided_at": now,
        "settled_at": now,
    }


def _queue_reviews(connection: Connection, decided: Sequence[_Decided], now: datetime) -> None:
    doubtful = [each for each in decided if any(line.decision is Decision.REVIEW for line in each.decided)]
    rows = [
        review_row(each.visit.store, each.visit.visit, line.position, now=now, lapses_at=each.lapses_at)
        for each in doubtful
        for line in each.lines
        if line.decision is Decision.REVIEW
    ]
    insert_all(connection, reviews, rows)
    for store, visit in visits_with_clips(connection, [(each.visit.store, each.visit.visit) for each in doubtful]):
        fetch_clips(connection, store, visit, by="settlement", now=now)


def _closing(each: _Decided) -> Closing:
    hold, amount = each.hold, each.amount
    return Closing(
        each.visit.store, hold.reference, each.account, each.held_minor, each.key, amount.minor, amount.currency
    )


def _payment(each: _Decided, now: datetime) -> dict[str, object]:
    paid = each.amount if each.amount.minor else each.hold.amount
    return {
        **each.mine,
        "key": each.key,
        "kind": each.kind,
        "number": each.hold.number,
        "account_id": each.account,
        "amount_minor": paid.minor,
        "currency": paid.currency,
        "gateway": WALLET,
        "subject": each.hold.reference,
        "charge_number": FIRST_REVISION if each.amount.minor else None,
        "state": "done",
        "reference": each.key,
        "intended_at": now,
        "resolved_at": now,
    }


def _charge(each: _Decided, now: datetime) -> dict[str, object]:
    return {
        **each.mine,
        "number": FIRST_REVISION,
        "account_id": each.account,
        "state": ChargeState.CAPTURED,
        "amount_minor": each.amount.minor,
        "currency": each.amount.currency,
        "gateway": WALLET,
        "hold_number": each.hold.number,
        "capture_key": each.key,
        "capture_reference": each.key,
        "captured_minor": each.amount.minor,
        "created_at": now,
    }


def _entry(each: _Decided, now: datetime) -> tuple[dict[str, object], list[dict[str, object]]]:
    visit, gross = each.visit, gross_of(each.lines)
    entry = sold(source(WALLET, each.account), {}, gross, each.amount.currency, key=each.key, kind="capture")
    return entry_rows(visit.store, entry, visit=visit.visit, occurred_at=priced_at(visit), now=now)


def _issue(connection: Connection, decided: Sequence[_Decided], now: datetime) -> None:
    rows, told = [], []
    for store, group in groupby(decided, key=lambda each: each.visit.store):
        hooks = hooks_of(connection, store)
        for each in group:
            total, currency = total_minor(each.lines), each.amount.currency
            receipt = Receipt(store, each.visit.visit, FIRST_REVISION, each.account, total, currency, Cause.SETTLED)
            rows.append(receipt_row(receipt, each.lines, now))
            if hooks:
                told += delivery_rows(hooks, store, "receipt.issued", receipt.name, said=receipt.said, now=now)
    insert_all(connection, receipts, rows)
    insert_all(connection, hook_deliveries, told)


def _tell(decided: Sequence[_Decided]) -> None:
    for (charged, complete), times in Counter((bool(e.amount.minor), e.ready.complete) for e in decided).items():
        SETTLED.labels(str(charged).lower(), str(complete).lower()).inc(times)
    for decision, times in Counter(line.decision for each in decided for line in each.decided).items():
        LINES.labels(decision).inc(times)
    for each in decided:
        ids = {"store": each.visit.store, "visit": each.visit.visit}
        with span("settle", each.visit.visit, **ids):
            if log.isEnabledFor(logging.INFO):
                with about(**ids):
                    said = {"charged_minor": each.amount.minor, "complete": each.ready.complete}
                    log.info("visit settled", extra=said)
