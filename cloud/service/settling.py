"""Deciding a cart whose visit is over: what is charged, and the intent to capture or release."""

import logging
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert

from cloud.adapters.database.charges import Charge, open_charge
from cloud.adapters.database.payments import find_hold
from cloud.adapters.database.promotions import load_promotions
from cloud.adapters.database.receipts import write_lines
from cloud.adapters.database.reviews import open_reviews
from cloud.adapters.database.shop import StoreTerms, is_member, load_offers, load_terms
from cloud.adapters.database.tables import settlements
from cloud.adapters.database.visits import Visit, change_visit, sayings_of
from cloud.domain.cart import Cart, cart_of
from cloud.domain.charging import ChargeState
from cloud.domain.decision import DecidedLine, Decision, Promotions, Reason, charge, decide
from cloud.domain.money import Money
from cloud.domain.receipt import SettledLine
from cloud.domain.settlement import Happening, Readiness, State, after
from cloud.observing.counting import LINES, SETTLED
from cloud.observing.tracing import span
from cloud.service.charging import capture_from
from cloud.service.evidencing import fetch_clips
from cloud.service.pricing_moment import priced_at
from cloud.service.releasing import release_hold
from cloud.service.revising import FIRST_REVISION

log = logging.getLogger(__name__)

_NO_EXIT = (Reason.NO_EXIT,)


def settle(connection: Connection, visit: Visit, ready: Readiness, now: datetime) -> None:
    """Decide the cart of a visit that may settle, and commit to what its decision costs."""
    with span("settle", visit.visit, store=visit.store, visit=visit.visit):
        _settle(connection, visit, ready, now)


def _settle(connection: Connection, visit: Visit, ready: Readiness, now: datetime) -> None:
    assert ready.settle
    if visit.state is State.AWAITED:
        state = after(visit.state, Happening.NOBODY_ENTERED)
        change_visit(connection, visit, state=state, refused_reason="nobody_entered", horizon_seq=ready.horizon)
        log.warning("visit refused: nobody entered", extra={"store": visit.store, "visit": str(visit.visit)})
        return
    lines = decided_lines(connection, visit, load_terms(connection, visit.store))
    _close(connection, visit, lines, ready, now)


def settle_without_exit(connection: Connection, visit: Visit, now: datetime) -> None:
    """End a visit that never ended: what was carried out nobody knows, so nothing is charged without a person."""
    decided = decided_lines(connection, visit, load_terms(connection, visit.store))
    lines = tuple(
        line if line.decision is Decision.DROP else DecidedLine(line.line, line.offer, Decision.REVIEW, _NO_EXIT)
        for line in decided
    )
    _close(connection, visit, lines, Readiness(settle=True, complete=False, horizon=None), now)
    log.warning("a visit never ended", extra={"store": visit.store, "visit": str(visit.visit)})


def _close(
    connection: Connection, visit: Visit, lines: tuple[DecidedLine, ...], ready: Readiness, now: datetime
) -> None:
    assert visit.account is not None
    held = find_hold(connection, visit.store, visit.visit, visit.hold_number)
    assert held is not None
    amount = charge(lines, held.amount.currency)
    if visit.state is State.OPEN:
        happening = Happening.NEVER_LEFT
    else:
        happening = Happening.CHARGEABLE if amount.minor else Happening.NOTHING_DUE
    change_visit(connection, visit, state=after(visit.state, happening), horizon_seq=ready.horizon)
    connection.execute(
        insert(settlements).values(
            store_id=visit.store,
            visit_id=visit.visit,
            account_id=visit.account,
            charged_minor=amount.minor,
            currency=amount.currency,
            complete=ready.complete,
            missing=[{"epoch": gap.epoch, "first": gap.first, "last": gap.last} for gap in ready.missing],
            decided_at=now,
        )
    )
    write_lines(connection, visit.store, visit.visit, FIRST_REVISION, settled_lines(lines))
    doubtful = [position for position, line in enumerate(lines) if line.decision is Decision.REVIEW]
    lapses_at = now + load_terms(connection, visit.store).review_within
    open_reviews(connection, visit.store, visit.visit, doubtful, now=now, lapses_at=lapses_at)
    if doubtful:
        fetch_clips(connection, visit.store, visit.visit, by="settlement", now=now)
    if amount.minor:
        first = Charge(
            visit.store,
            visit.visit,
            FIRST_REVISION,
            visit.account,
            ChargeState.CAPTURING,
            amount,
            held.gateway,
            held.number,
        )
        open_charge(connection, first, now)
        capture_from(connection, first, held.reference, now)
    else:
        release_hold(connection, visit, held.number, now)
    SETTLED.labels(str(bool(amount.minor)).lower(), str(ready.complete).lower()).inc()
    for line in lines:
        LINES.labels(line.decision).inc()
    log.info(
        "cart decided",
        extra={
            "store": visit.store,
            "visit": str(visit.visit),
            "charged_minor": amount.minor,
            "complete": ready.complete,
        },
    )


def decided_lines(connection: Connection, visit: Visit, terms: StoreTerms) -> tuple[DecidedLine, ...]:
    """The cart as it is now, priced at the exit (before it, at the entry), and what would become of each line."""
    cart: Cart = cart_of(visit.visit, sayings_of(connection, visit.store, visit.visit))
    at = priced_at(visit)
    offers = load_offers(connection, terms, (line.sku for line in cart.lines if line.sku), at)
    return decide(cart, offers, terms.policy, held_for(connection, visit), promotions_of(connection, visit))


def promotions_of(connection: Connection, visit: Visit) -> Promotions:
    """The promotions that the visit's cart may have."""
    in_force = load_promotions(connection, visit.store, priced_at(visit))
    return Promotions(in_force, member=is_member(connection, visit.store, visit.account))


def held_for(connection: Connection, visit: Visit) -> Money | None:
    """What the visit's hold reserved; None where none stands."""
    if visit.state is State.REFUSED:
        return None
    held = find_hold(connection, visit.store, visit.visit, visit.hold_number)
    return held.amount if held else None


def settled_lines(lines: Iterable[DecidedLine]) -> tuple[SettledLine, ...]:
    """The lines as the first revision keeps them; the first charge pays for those that are charged."""
    return tuple(
        SettledLine(
            position=position,
            sku=line.line.sku,
            name=line.offer.name if line.offer else None,
            qty=line.line.qty,
            p=line.line.p,
            decision=line.decision,
            reasons=line.reasons,
            unit_minor=line.offer.unit.minor if line.offer and line.offer.unit else None,
            amount_minor=amount.minor if (amount := line.amount) else None,
            interactions=tuple(str(interaction) for interaction in line.line.interactions),
            discount_minor=line.discount_minor,
            promotions=line.promotions,
            tax_bps=line.offer.tax_bps if line.offer else None,
            charge=FIRST_REVISION if line.decision is Decision.CHARGE else None,
        )
        for position, line in enumerate(lines)
    )
