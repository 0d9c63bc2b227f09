"""What is said of a visit after it was settled: money goes back by itself, and is never asked for without a person."""

import dataclasses
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.database import tables
from cloud.domain.amendment import DECIDED_BY_PERSONS, Amendment, Given, amendment
from cloud.domain.decision import Decision, Reason
from cloud.domain.receipt import SettledLine
from cloud.service.amending import LATE_WITHIN
from tests.unit.cloud.corner_shop import Hub, Shop


@dataclasses.dataclass
class Evening:
    """A visit that took two waters, said to be settled though its last event has not come."""

    shop: Shop
    hub: Hub
    visit: UUID

    def late(self, *message: tuple[str, bytes]) -> dict[str, Any]:
        self.shop.hear(*message)
        self.shop.work()
        receipt = self.shop.receipt(self.visit)
        assert receipt is not None
        assert self.shop.ledger_left_over() == {"EUR": 0}
        assert self.shop.charged() == receipt["total_minor"]
        return receipt

    def reviews(self) -> list[tuple[str, int]]:
        lines = {row["position"]: row for row in self.shop.rows_of(self.visit, self.revision())}
        return [(row["state"], lines[row["position"]]["qty"]) for row in self.shop.rows(tables.reviews)]

    def revision(self) -> int:
        return max(int(row["revision"]) for row in self.shop.rows(tables.receipts))


@pytest.fixture
def evening(shop: Shop) -> Evening:
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5, qty=2), hub.leave(visit)
    shop.hear(*hub.said, hub.watermark(61))
    shop.work()
    assert shop.bought(visit) == {"water": 2}
    return Evening(shop, hub, visit)


def test_a_late_put_back_is_given_back(evening: Evening) -> None:
    receipt = evening.late(evening.hub.put_back(evening.visit, 30))
    assert (receipt["total_minor"], receipt["refunded_minor"], receipt["cause"]) == (150, 150, "refunded")
    assert evening.shop.wallet() == (9_850, 0)
    (refund,) = evening.shop.rows(tables.refunds)
    assert (refund["reason"], refund["by"], refund["state"]) == ("late_event", "late event", "done")


def test_a_late_pick_waits_for_a_person_and_is_not_charged(evening: Evening) -> None:
    receipt = evening.late(evening.hub.pick(evening.visit, 30, "bread"))
    assert (receipt["total_minor"], receipt["in_review"], receipt["cause"]) == (300, 1, "late_event")
    assert evening.reviews() == [("open", 1)]
    assert evening.shop.wallet() == (9_700, 0)


def test_more_of_what_was_charged_waits_for_a_person(evening: Evening) -> None:
    evening.late(evening.hub.pick(evening.visit, 30, qty=3))
    assert evening.reviews() == [("open", 3)]


def test_a_late_doubt_takes_the_line_off_the_bill_and_asks_a_person(evening: Evening) -> None:
    receipt = evening.late(evening.hub.put_back(evening.visit, 30, qty=1, p=0.5))
    assert receipt["total_minor"] == 0
    assert evening.reviews() == [("open", 1)]


def test_a_late_pick_that_is_taken_back_later_is_no_longer_asked_about(evening: Evening) -> None:
    evening.late(evening.hub.pick(evening.visit, 30, "bread", qty=2))
    receipt = evening.late(evening.hub.put_back(evening.visit, 31, "bread"))
    assert (receipt["in_review"], evening.reviews()) == (1, [("open", 1)])
    receipt = evening.late(evening.hub.put_back(evening.visit, 32, "bread"))
    assert (receipt["in_review"], receipt["total_minor"]) == (0, 300)
    assert [state for state, _ in evening.reviews()] == ["lapsed"]


def test_what_comes_twice_or_says_nothing_new_changes_nothing(evening: Evening) -> None:
    late = evening.hub.put_back(evening.visit, 30)
    evening.late(late)
    before = evening.revision()
    evening.late(late)
    evening.late(evening.hub.interact(evening.visit, 33))
    assert evening.revision() == before
    assert evening.shop.visit(evening.visit)["late_events"] == evening.shop.visit(evening.visit)["late_heeded"] == 2


def test_what_comes_after_days_is_kept_and_changes_nothing(evening: Evening) -> None:
    evening.shop.clock.pass_s(LATE_WITHIN.total_seconds() + 1)
    receipt = evening.late(evening.hub.put_back(evening.visit, 30))
    assert (receipt["revision"], receipt["total_minor"]) == (1, 300)
    assert evening.shop.visit(evening.visit)["late_events"] == 1


def test_an_interaction_that_turns_out_to_be_anothers_is_given_back(evening: Evening) -> None:
    other = evening.hub.visit(2)
    (taken,) = evening.shop.rows(tables.interactions)
    change = ("pick", "water", 2, 0.99)
    said = evening.hub.interact(other, 5, change, interaction=taken["interaction_id"], revision=2)
    assert evening.late(said)["total_minor"] == 0


def test_a_gap_is_waited_for_until_the_limit_then_what_is_sure_is_settled_and_the_rest_comes_late(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    entry, pick, back, leave = hub.enter(visit), hub.pick(visit, 5, qty=2), hub.put_back(visit, 9), hub.leave(visit)
    shop.hear(entry, pick, leave, hub.watermark(61))
    shop.work()
    shop.clock.pass_s(59)
    shop.work()
    assert shop.receipt(visit) is None, "number 3 is missing: it is waited for"
    shop.clock.pass_s(1)
    shop.work()
    assert shop.bought(visit) == {"water": 2}
    (settlement,) = shop.rows(tables.settlements)
    assert (settlement["complete"], settlement["missing"]) == (False, [{"epoch": 1, "first": 3, "last": 3}])
    shop.hear(back)
    shop.work()
    receipt = shop.receipt(visit)
    assert receipt is not None
    assert receipt["total_minor"] == 150
    assert shop.wallet() == (9_850, 0)


PIECES = st.integers(1, 4)


def line(position: int, sku: str, qty: int, decision: Decision) -> SettledLine:
    amount = 100 * qty if decision is Decision.CHARGE else None
    charge = 1 if decision is Decision.CHARGE else None
    return SettledLine(position, sku, sku, qty, 0.9, decision, (), 100, amount, (f"{sku}-{position}",), charge=charge)


@st.composite
def carts(draw: st.DrawFn) -> list[SettledLine]:
    skus = draw(st.lists(st.sampled_from("abc"), unique=True))
    decisions = st.sampled_from(list(Decision))
    return [line(place, sku, draw(PIECES), draw(decisions)) for place, sku in enumerate(skus)]


@given(carts(), carts())
def test_an_amendment_never_charges_and_leaves_nothing_to_amend(
    lines: list[SettledLine], wanted: list[SettledLine]
) -> None:
    found = amendment(lines, wanted, {}, ())
    after = list(found.lines or lines)
    charged = {each.position: each for each in lines if each.decision is Decision.CHARGE}
    assert {each.position: each for each in after if each.decision is Decision.CHARGE} == charged
    for wish in found.give_back:
        assert wish.qty is not None
        assert 1 <= wish.qty <= charged[wish.position].qty
    given = {wish.position: wish.qty or 0 for wish in found.give_back}
    for sku in {each.sku for each in wanted}:
        (target,) = (each for each in wanted if each.sku == sku)
        billed = sum(each.qty - given.get(each.position, 0) for each in charged.values() if each.sku == sku)
        waiting = sum(each.qty for each in after if each.sku == sku and each.decision is Decision.REVIEW)
        assert billed <= (target.qty if target.decision is Decision.CHARGE else 0)
        assert billed + waiting <= target.qty
    again = amendment(after, wanted, {position: Given(qty) for position, qty in given.items()}, ())
    assert not again.give_back
    assert not again.changes_lines


@pytest.mark.parametrize("reason", sorted(DECIDED_BY_PERSONS))
def test_what_a_person_decided_stays_even_where_the_cart_has_nothing_of_it_any_more(reason: Reason) -> None:
    decision = Decision.CHARGE if reason is Reason.CHARGED_BY_REVIEW else Decision.DROP
    decided = SettledLine(0, "bread", "Bread", 1, 0.6, decision, (reason,), 250, 250, ("an interaction",), charge=2)
    assert amendment([decided], [], {}, []) == Amendment()
