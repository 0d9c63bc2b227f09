"""Deciding a cart whose visit is over: what is charged, and the intent to capture or release."""

import logging
from datetime import datetime

from sqlalchemy import Connection, insert, select

from cloud.adapters.database.inbox import waits_up_to
from cloud.adapters.database.progress import load_epochs, load_gaps
from cloud.adapters.database.promotions import load_promotions
from cloud.adapters.database.shop import StoreTerms, is_member, load_offers, load_terms
from cloud.adapters.database.tables import payments, settlement_lines, settlements
from cloud.adapters.database.visits import Visit, change_visit, sayings_of
from cloud.domain.cart import Cart, cart_of
from cloud.domain.decision import DecidedLine, Promotions, charge, decide
from cloud.domain.money import Money
from cloud.domain.payment import Kind, payment_key
from cloud.domain.settlement import Happening, Readiness, State, after, readiness
from cloud.service.applying import intend

log = logging.getLogger(__name__)

FIRST_REVISION = 1


def readiness_of(connection: Connection, visit: Visit, now: datetime) -> Readiness:
    """Whether `visit`, whose exit is known, may settle at `now`."""
    leaving = visit.leaving
    assert leaving is not None
    ready = readiness(
        leaving,
        visit.horizon,
        load_epochs(connection, visit.store, leaving.device),
        load_gaps(connection, visit.store, leaving.device, visit.created_at),
        entered=visit.entered_at,
        now=now,
        settle_within_s=load_terms(connection, visit.store).settle_within_s,
    )
    last = max(ready.horizon or 0, leaving.seq)
    if ready.settle and waits_up_to(connection, visit.store, leaving.device, leaving.epoch, last):
        return Readiness(settle=False, complete=False, horizon=ready.horizon)
    return ready


def settle(connection: Connection, visit: Visit, ready: Readiness, now: datetime) -> None:
    """Decide the cart of a visit that may settle, and commit to what its decision costs."""
    assert ready.settle
    if visit.state is State.AWAITED:
        state = after(visit.state, Happening.NOBODY_ENTERED)
        change_visit(connection, visit, state=state, refused_reason="nobody_entered", horizon_seq=ready.horizon)
        log.warning("visit refused: nobody entered", extra={"store": visit.store, "visit": str(visit.visit)})
        return
    assert visit.account is not None
    terms = load_terms(connection, visit.store)
    lines = decided_lines(connection, visit, terms)
    amount = charge(lines, terms.currency)
    state = after(visit.state, Happening.CHARGEABLE if amount.minor else Happening.NOTHING_DUE)
    change_visit(connection, visit, state=state, horizon_seq=ready.horizon)
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
    write_lines(connection, visit, FIRST_REVISION, lines)
    kind: Kind = "capture" if amount.minor else "release"
    intend(connection, visit, kind, account=visit.account, amount=amount, now=now)
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


def priced_at(visit: Visit) -> datetime:
    """The moment whose prices, tax rates and promotions count for the visit."""
    return visit.leaving.ts if visit.leaving else visit.entered_at or visit.created_at


def promotions_of(connection: Connection, visit: Visit) -> Promotions:
    """The promotions that the visit's cart may have."""
    in_force = load_promotions(connection, visit.store, priced_at(visit))
    return Promotions(in_force, member=is_member(connection, visit.store, visit.account))


def held_for(connection: Connection, visit: Visit) -> Money | None:
    """What the visit's hold reserved; None where none stands."""
    if visit.state is State.REFUSED:
        return None
    query = select(payments.c.amount_minor, payments.c.currency).where(
        payments.c.store_id == visit.store,
        payments.c.key == payment_key(visit.store, visit.visit, "hold"),
        payments.c.state == "done",
    )
    row = connection.execute(query).first()
    return Money(row.amount_minor, row.currency) if row else None


def write_lines(connection: Connection, visit: Visit, revision: int, lines: tuple[DecidedLine, ...]) -> None:
    """Keep `lines` as those of `revision`."""
    rows = [
        {
            "store_id": visit.store,
            "visit_id": visit.visit,
            "revision": revision,
            "position": position,
            "sku": line.line.sku,
            "name": line.offer.name if line.offer else None,
            "qty": line.line.qty,
            "p": line.line.p,
            "decision": line.decision,
            "reasons": list(line.reasons),
            "unit_minor": line.offer.unit.minor if line.offer and line.offer.unit else None,
            "amount_minor": line.amount.minor if line.amount else None,
            "interactions": [str(interaction) for interaction in line.line.interactions],
            "discount_minor": line.discount_minor,
            "promotions": list(line.promotions),
            "tax_bps": line.offer.tax_bps if line.offer else None,
        }
        for position, line in enumerate(lines)
    ]
    if rows:
        connection.execute(insert(settlement_lines), rows)
