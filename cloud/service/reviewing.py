"""Deciding doubtful lines: claim, charge, drop, and what happens when nobody does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from cloud.adapters.database.charges import Charge, method_of, next_charge_number, open_charge
from cloud.adapters.database.promotions import load_promotions
from cloud.adapters.database.reviews import Review, change_review, reviews_of
from cloud.adapters.database.shop import is_member, load_offers, load_terms
from cloud.adapters.database.visits import Visit
from cloud.domain.charging import ChargeState
from cloud.domain.decision import Decision, Reason
from cloud.domain.errors import CloudError
from cloud.domain.money import Money
from cloud.domain.pricing import Offer
from cloud.domain.promotion import best_discounts
from cloud.domain.receipt import Cause, SettledLine
from cloud.domain.review import CLAIM_LASTS, ReviewState, ReviewStep, review_after
from cloud.domain.settlement import State
from cloud.service.charging import hold_for
from cloud.service.pricing_moment import priced_at
from cloud.service.reviewed import charged_line
from cloud.service.revising import current_lines, revise


class ReviewError(CloudError):
    """A review that cannot be claimed or decided so."""


def claim(connection: Connection, review: Review, by: str, now: datetime) -> None:
    """Take a review for a while, so that nobody else decides it."""
    taken = review.claimed_until is not None and review.claimed_until > now
    if review.state is ReviewState.CLAIMED and taken and review.claimed_by != by:
        raise ReviewError(f"{review.claimed_by} is looking at it until {review.claimed_until:%H:%M:%S} UTC")
    state = _after(review, ReviewStep.CLAIMED)
    change_review(connection, review, state=state, claimed_by=by, claimed_until=now + CLAIM_LASTS)


def drop(connection: Connection, visit: Visit, review: Review, *, by: str, note: str | None, now: datetime) -> None:
    """Decide that the shopper does not pay for the line."""
    _require_claim(visit, review, by, now)
    state = _after(review, ReviewStep.DROPPED)
    change_review(connection, review, state=state, decided_by=by, decided_at=now, note=note)
    _dropped(connection, visit, [review], Reason.DROPPED_BY_REVIEW, now)


def charge_reviewed(
    connection: Connection,
    visit: Visit,
    review: Review,
    *,
    by: str,
    note: str | None,
    sku: str | None,
    qty: int | None,
    now: datetime,
) -> None:
    """Decide that the shopper pays for the line, as `qty` pieces of `sku` (None: as it stands)."""
    _require_claim(visit, review, by, now)
    state = _after(review, ReviewStep.CHARGED)
    if any(other.state is ReviewState.CHARGING for other in reviews_of(connection, visit.store, visit.visit)):
        raise ReviewError("another line of this visit is being charged: try again when that is over")
    lines = current_lines(connection, visit)
    line = next(each for each in lines if each.position == review.position)
    if qty is not None and qty > line.qty:
        raise ReviewError(f"{line.qty} pieces were seen: nobody is charged for {qty}")
    decided = _priced(connection, visit, lines, sku or line.sku, qty or line.qty)
    who = {"decided_by": by, "decided_at": now, "note": note, "decided": decided}
    currency = load_terms(connection, visit.store).currency
    if not decided["amount_minor"]:
        change_review(connection, review, state=review_after(state, ReviewStep.CONCLUDED), **who)
        changed = replace(review, decided=decided)
        free = [charged_line(each, changed) if each is line else each for each in lines]
        revise(connection, visit, free, Cause.REVIEW_CHARGED, lambda *_: None, currency=currency, now=now)
        return
    assert visit.account is not None
    amount = Money(int(str(decided["amount_minor"])), currency)
    gateway = method_of(connection, visit.store, visit.account).gateway
    number = max(2, next_charge_number(connection, visit.store, visit.visit))
    charge = Charge(visit.store, visit.visit, number, visit.account, ChargeState.HOLDING, amount, gateway, 0)
    open_charge(connection, charge, now)
    change_review(connection, review, state=state, charge_number=number, **who)
    hold_for(connection, charge, None, now)


def lapse(connection: Connection, visit: Visit, now: datetime) -> None:
    """Drop what nobody decided in time."""
    due = [
        review
        for review in reviews_of(connection, visit.store, visit.visit)
        if review.lapses_at <= now and review.state in {ReviewState.OPEN, ReviewState.CLAIMED}
    ]
    if not due or visit.state is not State.SETTLED:
        return
    for review in due:
        change_review(connection, review, state=_after(review, ReviewStep.LAPSED), decided_at=now)
    _dropped(connection, visit, due, Reason.REVIEW_LAPSED, now)


def _dropped(connection: Connection, visit: Visit, dropped: Sequence[Review], reason: Reason, now: datetime) -> None:
    positions = {review.position for review in dropped}
    lines = [
        replace(line, decision=Decision.DROP, reasons=(*line.reasons, reason)) if line.position in positions else line
        for line in current_lines(connection, visit)
    ]
    currency = load_terms(connection, visit.store).currency
    revise(connection, visit, lines, Cause.REVIEW_DROPPED, lambda *_: None, currency=currency, now=now)


def _after(review: Review, step: ReviewStep) -> ReviewState:
    try:
        return review_after(review.state, step)
    except CloudError as error:
        raise ReviewError(str(error)) from error


def _require_claim(visit: Visit, review: Review, by: str, now: datetime) -> None:
    if visit.state is not State.SETTLED:
        raise ReviewError(f"visit {visit.visit} is {visit.state}: its payment comes first")
    mine = review.claimed_by == by and review.claimed_until is not None and review.claimed_until > now
    if review.state in {ReviewState.OPEN, ReviewState.CLAIMED} and not mine:
        raise ReviewError(f"claim it first: it is not claimed by {by!r}, or the claim ran out")


def _priced(
    connection: Connection, visit: Visit, lines: Sequence[SettledLine], sku: str | None, qty: int
) -> dict[str, object]:
    """What the line costs: what it adds to the best price of everything that is charged, never less than nothing."""
    charged = [each for each in lines if each.decision is Decision.CHARGE and each.sku and each.unit_minor is not None]
    terms, at = load_terms(connection, visit.store), priced_at(visit)
    offer = _offer(load_offers(connection, terms, [sku] if sku else [], at), sku)
    assert sku is not None
    assert offer.unit is not None
    units = {each.sku: each.unit_minor for each in charged if each.sku and each.unit_minor is not None}
    pieces: dict[str, int] = {}
    for each in charged:
        if each.sku:
            pieces[each.sku] = pieces.get(each.sku, 0) + each.qty
    units.setdefault(sku, offer.unit.minor)
    pieces[sku] = pieces.get(sku, 0) + qty
    promotions = load_promotions(connection, visit.store, at)
    found = best_discounts(units, pieces, promotions, member=is_member(connection, visit.store, visit.account))
    best_minor = sum(units[name] * count for name, count in pieces.items()) - sum(found.off_minor.values())
    paid_minor = sum(each.amount_minor or 0 for each in charged)
    list_minor = offer.unit.minor * qty
    amount_minor = min(max(0, best_minor - paid_minor), list_minor)
    return {
        "sku": sku,
        "name": offer.name,
        "qty": qty,
        "unit_minor": offer.unit.minor,
        "amount_minor": amount_minor,
        "discount_minor": list_minor - amount_minor,
        "tax_bps": offer.tax_bps,
    }


def _offer(offers: dict[str, Offer], sku: str | None) -> Offer:
    offer = offers.get(sku) if sku else None
    if offer is None:
        raise ReviewError(f"product {sku!r} is not known: say which one it was" if sku else "say which product it was")
    if offer.unit is None:
        raise ReviewError(f"{sku} had no price when the shopper left: set one with a valid_from before that")
    if offer.tax_missing:
        raise ReviewError(f"{sku} has a tax category without a rate when the shopper left: set one first")
    return offer
