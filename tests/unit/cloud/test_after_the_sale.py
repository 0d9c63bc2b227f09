"""Refunds, reviews and disputes: always a new entry and a new revision, never more back than was paid."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.api.rim import Rim
from cloud.domain.decision import Decision
from cloud.domain.errors import TransitionError
from cloud.domain.receipt import SettledLine
from cloud.domain.refund import RefundError, Wish, refund_of
from cloud.domain.review import ReviewState, ReviewStep, review_after
from tests.unit.cloud.asking import api_on
from tests.unit.cloud.corner_shop import Hub, Shop
from tests.unit.cloud.test_charging import Bank

KEY = "Idempotency-Key"


class Desk:
    """The shop with its API, and one visit: two waters charged, a bread that is doubtful."""

    def __init__(self, database: Database, **terms: Any) -> None:
        self.take_over(Shop(database).furnish(**terms))

    def take_over(self, shop: Shop, *, working: bool = True) -> None:
        """Stand in a shop that is there; `working`: what is asked for is done at once."""
        self.shop = shop
        self.http = api_on(Rim(shop.database, shop.clock))
        self._number = 0
        self._working = working

    def visited(self, bread_p: float = 0.5, number: int = 1) -> UUID:
        hub = Hub(epoch=number)
        visit = hub.visit(number)
        hub.enter(visit), hub.pick(visit, 5, qty=2), hub.pick(visit, 9, "bread", p=bread_p), hub.leave(visit)
        self.shop.hear(*hub.said, hub.watermark(61))
        self.shop.work()
        return visit

    def post(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        self._number += 1
        answer = self.http.post(f"/v1/stores/corner/{path}", json=body, headers={KEY: key or f"key-{self._number}"})
        if self._working:
            self.shop.work()
        return answer

    def get(self, path: str) -> Any:
        return self.http.get(f"/v1/stores/corner/{path}").json()

    def receipt(self, visit: UUID) -> Any:
        return self.get(f"visits/{visit}/receipt")

    def check(self, visit: UUID) -> None:
        """The books agree with the latest receipt, and with the wallet."""
        entries = {row["entry_id"] for row in self.shop.rows(tables.ledger_entries) if row["visit_id"] == visit}
        sold = sum(
            row["amount_minor"]
            for row in self.shop.rows(tables.ledger_postings)
            if row["entry_id"] in entries and row["account"].startswith(("sales", "tax:"))
        )
        assert -sold == self.receipt(visit)["total_minor"]
        assert self.get("ledger/balance")["balanced"]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


BY = {"by": "olga", "reason": "goodwill"}


def test_a_piece_then_an_amount_then_the_rest_is_given_back(desk: Desk) -> None:
    visit = desk.visited()
    line = {"line": 1}
    assert [each["line"] for each in desk.receipt(visit)["lines"]] == [1], "bread comes before water"
    totals = []
    for lines in ([{**line, "qty": 1}], [{**line, "amount_minor": 20}], []):
        answer = desk.post(f"visits/{visit}/refunds", {**BY, "lines": lines})
        assert (answer.status_code, answer.json()["items"][0]["state"]) == (201, "pending")
        totals.append(desk.receipt(visit)["total_minor"])
        desk.check(visit)
    assert totals == [150, 130, 0]
    assert desk.shop.wallet() == (10_000, 0)
    assert [each["state"] for each in desk.get(f"refunds?visit={visit}")["items"]] == ["done"] * 3
    assert [each["cause"] for each in desk.get(f"visits/{visit}/receipts")["items"]] == ["settled"] + ["refunded"] * 3
    again = desk.post(f"visits/{visit}/refunds", BY)
    assert (again.status_code, "nothing is left" in again.text) == (409, True)


def test_the_same_refund_again_is_not_a_second_one(desk: Desk) -> None:
    visit = desk.visited()
    body = {**BY, "lines": [{"line": 1, "qty": 1}]}
    first, again = (
        desk.post(f"visits/{visit}/refunds", body, "same"),
        desk.post(f"visits/{visit}/refunds", body, "same"),
    )
    assert first.json() == again.json()
    assert desk.receipt(visit)["total_minor"] == 150


@pytest.mark.parametrize(
    ("lines", "status", "says"),
    [
        ([{"line": 1, "qty": 3}], 409, "2 pieces are left"),
        ([{"line": 1, "amount_minor": 301}], 409, "300 minor units are left"),
        ([{"line": 0}], 409, "was not charged"),
        ([{"line": 9}], 409, "was not charged"),
        ([{"line": 1, "qty": 1}, {"line": 1, "qty": 1}], 409, "twice"),
        ([{"line": 1, "qty": 1, "amount_minor": 5}], 422, "not both"),
        ([{"line": 1, "qty": 0}], 422, "body.lines.0.qty"),
    ],
)
def test_refunds_that_cannot_be(desk: Desk, lines: list[Any], status: int, says: str) -> None:
    visit = desk.visited()
    answer = desk.post(f"visits/{visit}/refunds", {**BY, "lines": lines})
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert desk.receipt(visit)["revision"] == 1


def test_a_refund_that_waits_for_its_answer_counts_already(desk: Desk) -> None:
    visit = desk.visited()
    headers = [{KEY: "a"}, {KEY: "b"}]
    path = f"/v1/stores/corner/visits/{visit}/refunds"
    body = {**BY, "lines": [{"line": 1, "qty": 2}]}
    statuses = [desk.http.post(path, json=body, headers=each).status_code for each in headers]
    assert statuses == [201, 409]


def test_a_refund_of_what_is_owed_makes_the_debt_less_and_clears_it(desk: Desk) -> None:
    bank = Bank(desk.shop.clock)
    bank.refuses = {"capture"}
    desk.shop.gateway = bank
    visit = desk.visited()
    assert desk.receipt(visit)["owed_minor"] == 300
    desk.post(f"visits/{visit}/refunds", {**BY, "lines": [{"line": 1, "qty": 1}]})
    assert desk.receipt(visit)["owed_minor"] == 150
    desk.post(f"visits/{visit}/refunds", BY)
    assert (desk.receipt(visit)["owed_minor"], desk.get("debts")["items"]) == (0, [])
    assert [row["state"] for row in desk.shop.rows(tables.charges)] == ["cleared"]
    assert "refund" not in {kind for kind, _ in bank.calls}, "no money went anywhere"


def test_a_refund_that_the_gateway_declines_changes_nothing_and_says_so(desk: Desk) -> None:
    visit = desk.visited()
    bank = Bank(desk.shop.clock)
    bank.refuses = {"refund"}
    desk.shop.gateway = bank
    desk.post(f"visits/{visit}/refunds", BY)
    (refund,) = desk.get("refunds")["items"]
    assert (refund["state"], refund["declined"]) == ("declined", "card_declined")
    assert (desk.receipt(visit)["revision"], desk.receipt(visit)["total_minor"]) == (1, 300)


def claim(desk: Desk, visit: UUID, by: str = "olga") -> httpx.Response:
    return desk.post(f"reviews/{visit}/0/claim", {"by": by})


def test_a_doubtful_line_is_charged_by_a_person_with_a_hold_of_its_own(desk: Desk) -> None:
    visit = desk.visited()
    (waiting,) = desk.get("reviews?state=open")["items"]
    assert (waiting["sku"], waiting["reasons"], waiting["p"]) == ("bread", ["below_threshold"], 0.5)
    assert waiting["interactions"]
    body = {"decision": "charge", "by": "olga", "note": "seen in the clip"}
    assert desk.post(f"reviews/{visit}/0/decision", body).status_code == 409, "it must be claimed first"
    assert claim(desk, visit).status_code == 201
    assert desk.post(f"reviews/{visit}/0/decision", body).json()["state"] == "charging"
    receipt = desk.receipt(visit)
    assert (receipt["total_minor"], receipt["in_review"], receipt["cause"]) == (550, 0, "review_charged")
    assert desk.shop.wallet() == (10_000 - 550, 0)
    assert desk.get("reviews?state=charged")["items"][0]["note"] == "seen in the clip"
    desk.check(visit)
    whole = desk.post(f"visits/{visit}/refunds", BY).json()["items"]
    assert [(each["charge"], each["amount_minor"]) for each in whole] == [(1, 300), (2, 250)]
    assert desk.shop.wallet() == (10_000, 0)
    desk.check(visit)


def test_a_person_names_the_right_product_and_never_more_pieces_than_were_seen(desk: Desk) -> None:
    visit = desk.visited()
    claim(desk, visit)
    decide = {"decision": "charge", "by": "olga"}
    for wrong, says in (
        ({"qty": 2}, "1 pieces were seen"),
        ({"sku": "gold"}, "gold"),
        ({"sku": "mystery"}, "no price"),
    ):
        answer = desk.post(f"reviews/{visit}/0/decision", {**decide, **wrong})
        assert (answer.status_code, says in answer.text) == (409, True)
    desk.post(f"reviews/{visit}/0/decision", {**decide, "sku": "water"})
    assert [(line["sku"], line["amount_minor"]) for line in desk.receipt(visit)["lines"]] == [
        ("water", 150),
        ("water", 300),
    ]
    desk.check(visit)


def test_a_line_charged_later_costs_what_it_adds_to_the_best_price(desk: Desk) -> None:
    promotion = {
        "name": "Bread with water",
        "terms": {"kind": "bundle", "pieces": {"bread": 1, "water": 1}, "amount_minor": 300},
        "valid_from": "2024-01-01T00:00:00Z",
    }
    assert desk.http.put("/v1/stores/corner/promotions/breakfast", json=promotion).status_code == 201
    visit = desk.visited()
    claim(desk, visit)
    desk.post(f"reviews/{visit}/0/decision", {"decision": "charge", "by": "olga"})
    assert desk.receipt(visit)["total_minor"] == 450, "as if everything had been charged at once"
    desk.check(visit)


def test_a_dropped_line_costs_nothing(desk: Desk) -> None:
    visit = desk.visited()
    claim(desk, visit)
    assert desk.post(f"reviews/{visit}/0/decision", {"decision": "drop", "by": "olga"}).json()["state"] == "dropped"
    receipt = desk.receipt(visit)
    assert (receipt["total_minor"], receipt["in_review"], receipt["cause"]) == (300, 0, "review_dropped")
    again = desk.post(f"reviews/{visit}/0/decision", {"decision": "charge", "by": "olga"})
    assert again.status_code == 409


def test_a_claim_keeps_others_away_until_it_runs_out(desk: Desk) -> None:
    visit = desk.visited()
    claim(desk, visit)
    assert "olga is looking at it" in claim(desk, visit, "oleg").text
    desk.shop.clock.pass_s(900)
    late = desk.post(f"reviews/{visit}/0/decision", {"decision": "drop", "by": "olga"})
    assert (late.status_code, "ran out" in late.text) == (409, True)
    assert claim(desk, visit, "oleg").json()["claimed_by"] == "oleg"


def test_a_review_that_nobody_decides_lapses_in_the_shoppers_favour(desk: Desk) -> None:
    visit = desk.visited()
    desk.shop.clock.pass_s(259_199)
    desk.shop.work()
    assert desk.receipt(visit)["in_review"] == 1
    desk.shop.clock.pass_s(10)
    desk.shop.work()
    assert (desk.receipt(visit)["in_review"], desk.receipt(visit)["total_minor"]) == (0, 300)
    assert desk.get("reviews")["items"][0]["state"] == "lapsed"
    assert claim(desk, visit).status_code == 409


def test_a_reviewed_line_that_cannot_be_paid_is_owed(desk: Desk) -> None:
    visit = desk.visited()
    bank = Bank(desk.shop.clock)
    bank.refuses = {"hold"}
    desk.shop.gateway = bank
    claim(desk, visit)
    desk.post(f"reviews/{visit}/0/decision", {"decision": "charge", "by": "olga"})
    assert (desk.receipt(visit)["total_minor"], desk.receipt(visit)["owed_minor"]) == (550, 250)
    assert desk.get("reviews")["items"][0]["state"] == "charged"
    assert desk.get(f"settlements/{visit}")["outcome"] == "captured", "the first charge was paid"
    bank.refuses = set()
    desk.shop.clock.pass_s(3_600)
    desk.shop.work()
    assert desk.receipt(visit)["owed_minor"] == 0


def test_a_dispute_that_is_upheld_gives_the_money_back(desk: Desk) -> None:
    visit = desk.visited()
    body = {"lines": [{"line": 1, "qty": 1}], "reason": "not_taken", "note": "I took one"}
    dispute = desk.post(f"visits/{visit}/disputes", body).json()
    assert (dispute["state"], dispute["account"]) == ("open", "alice")
    second = desk.post(f"visits/{visit}/disputes", body)
    assert (second.status_code, "is open" in second.text) == (409, True)
    decided = desk.post(f"disputes/{dispute['dispute']}/decision", {"decision": "uphold", "by": "olga"})
    assert decided.json()["state"] == "upheld"
    assert desk.receipt(visit)["total_minor"] == 150
    assert desk.get("refunds")["items"][0]["dispute"] == dispute["dispute"]
    assert desk.post(f"disputes/{dispute['dispute']}/decision", {"decision": "reject", "by": "x"}).status_code == 409
    desk.check(visit)


def test_a_rejected_dispute_changes_nothing_and_one_that_nobody_decides_is_upheld(desk: Desk) -> None:
    visit = desk.visited()
    for decision, total in (("reject", 300), (None, 0)):
        dispute = desk.post(f"visits/{visit}/disputes", {"reason": "other"}).json()["dispute"]
        if decision:
            desk.post(f"disputes/{dispute}/decision", {"decision": decision, "by": "olga", "note": "seen"})
        else:
            desk.shop.clock.pass_s(259_210)
            desk.shop.work()
        assert desk.receipt(visit)["total_minor"] == total
    assert sorted(each["state"] for each in desk.get("disputes")["items"]) == ["lapsed", "rejected"]
    assert desk.get(f"disputes/{dispute}")["decided_by"] == "time limit"
    assert desk.post(f"visits/{visit}/disputes", {"lines": [{"line": 7}], "reason": "other"}).status_code == 409


@pytest.mark.parametrize("state", [ReviewState.CHARGED, ReviewState.DROPPED, ReviewState.LAPSED])
@pytest.mark.parametrize("step", list(ReviewStep))
def test_nothing_leads_out_of_a_decided_review(state: ReviewState, step: ReviewStep) -> None:
    with pytest.raises(TransitionError):
        review_after(state, step)


def settled(position: int, qty: int, amount_minor: int) -> SettledLine:
    return SettledLine(position, "water", "Water", qty, 1.0, Decision.CHARGE, (), 100, amount_minor, (), charge=1)


@given(st.integers(1, 12), st.integers(0, 1_000), st.lists(st.integers(1, 12), max_size=12))
def test_piece_by_piece_exactly_everything_comes_back(qty: int, amount_minor: int, takes: list[int]) -> None:
    given_qty = given_minor = 0
    for take in [*takes, *[1] * qty]:
        line = settled(0, qty, amount_minor)
        try:
            (part,) = refund_of([line], [Wish(0, qty=take)], {0: (given_qty, given_minor)})
        except RefundError:
            if given_qty + take <= qty and amount_minor > given_minor:
                # A piece whose share of a tiny amount rounds to nothing gives back nothing by itself.
                share = (2 * amount_minor * (given_qty + take) + qty) // (2 * qty) - given_minor
                assert share <= 0
            continue
        given_qty, given_minor = given_qty + part.qty, given_minor + part.amount_minor
        assert given_minor <= amount_minor
        assert given_qty <= qty
    if given_qty == qty:
        assert given_minor == amount_minor
