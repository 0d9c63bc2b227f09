"""Visits, from what a hub says to what the shopper pays."""

import random
from datetime import timedelta
from typing import Any

import pytest

from cloud.adapters.database import tables
from tests.unit.cloud.corner_shop import NOW, Hub, Shop, at


def test_two_bottles_and_one_put_back(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit))
    shop.work()
    assert shop.visit(visit)["state"] == "open"
    assert shop.wallet() == (10_000, 5_000)
    shop.hear(hub.pick(visit, 5), hub.pick(visit, 9, qty=2), hub.put_back(visit, 14), hub.leave(visit, 20))
    shop.work()
    assert shop.visit(visit)["state"] == "exited"
    shop.hear(hub.watermark(20.1))
    shop.work()
    receipt = shop.receipt(visit)
    assert receipt is not None
    assert receipt["bought"] == {"water": 2}
    assert (receipt["total_minor"], receipt["currency"], receipt["revision"], receipt["issued_at"]) == (
        300,
        "EUR",
        1,
        NOW,
    )
    assert shop.wallet() == (9_700, 0)
    assert shop.ledger_left_over() == {"EUR": 0}
    settlement = shop.rows(tables.settlements)[0]
    assert (settlement["outcome"], settlement["complete"], settlement["missing"]) == ("captured", True, [])


def visited(shop: Shop, hub: Hub, *, until_s: float = 61) -> None:
    shop.hear(*hub.said, hub.watermark(until_s))
    shop.work()


def test_everything_went_back_so_the_hold_is_released(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5), hub.put_back(visit, 9), hub.leave(visit)
    visited(shop, hub)
    assert shop.bought(visit) == {}
    assert shop.rows(tables.settlements)[0]["outcome"] == "released"
    assert shop.wallet() == (10_000, 0)
    assert shop.charged() == 0


@pytest.mark.parametrize(
    ("pick", "reason"),
    [
        ({"p": 0.89}, "below_threshold"),
        ({"sku": None}, "unknown_product"),
        ({"sku": "unheard-of"}, "unknown_product"),
        ({"sku": "mystery"}, "no_price"),
        ({"qty": 100}, "over_hold"),
    ],
)
def test_a_doubtful_line_waits_for_a_person_and_the_sure_one_is_charged(
    shop: Shop, pick: dict[str, Any], reason: str
) -> None:
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5, "bread"), hub.pick(visit, 9, **pick), hub.leave(visit)
    visited(shop, hub)
    assert shop.bought(visit) == {"bread": 1}
    receipt = shop.receipt(visit)
    assert receipt is not None
    assert (receipt["in_review"], receipt["total_minor"]) == (1, 250)
    assert [row["reasons"] for row in shop.rows(tables.settlement_lines) if row["reasons"]] == [[reason]]


def test_something_put_back_that_was_never_taken_makes_the_whole_cart_doubtful(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5, "water"), hub.put_back(visit, 9, "bread"), hub.leave(visit)
    visited(shop, hub)
    assert shop.bought(visit) == {}
    assert shop.charged() == 0


def test_the_price_is_the_one_in_force_at_the_exit(shop: Shop) -> None:
    with shop.database.write() as connection:
        for since, amount in ((at(59), 175), (at(61), 999)):
            row = {"store_id": "corner", "sku": "water", "valid_from": since, "amount_minor": amount, "created_at": NOW}
            connection.execute(tables.prices.insert().values(**row))
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5), hub.leave(visit, 60)
    visited(shop, hub)
    receipt = shop.receipt(visit)
    assert receipt is not None
    assert receipt["total_minor"] == 175


@pytest.mark.parametrize(
    ("token", "balance", "reason"),
    [("nobody's token", 10_000, "unknown_token"), ("alice's token", 4_999, "insufficient_funds")],
)
def test_without_a_hold_nothing_is_charged(database: Any, token: str, balance: int, reason: str) -> None:
    shop = Shop(database).furnish(balance_minor=balance)
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit, token=token), hub.pick(visit, 5), hub.leave(visit)
    visited(shop, hub)
    assert (shop.visit(visit)["state"], shop.visit(visit)["refused_reason"]) == ("refused", reason)
    assert shop.receipt(visit) is None
    assert shop.wallet() == (balance, 0)


def test_an_exit_that_nobody_entered_for_is_refused_after_the_time_limit(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    hub.pick(visit, 5), hub.leave(visit)
    visited(shop, hub)
    assert shop.visit(visit)["state"] == "awaited"
    shop.clock.pass_s(60)
    shop.work()
    assert (shop.visit(visit)["state"], shop.visit(visit)["refused_reason"]) == ("refused", "nobody_entered")
    shop.hear(hub.enter(visit))
    shop.work()
    assert shop.visit(visit)["state"] == "refused"
    assert shop.wallet() == (10_000, 0)


def test_an_interaction_that_nobody_can_be_named_for_is_nobodys(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(None, 5), hub.leave(visit)
    visited(shop, hub)
    assert shop.bought(visit) == {}


def test_a_missing_event_is_waited_for(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5)
    late = hub.pick(visit, 9, "bread")
    hub.leave(visit)
    shop.hear(*(said for said in hub.said if said != late), hub.watermark(61))
    shop.work()
    assert shop.receipt(visit) is None
    shop.hear(late)
    shop.work()
    assert shop.bought(visit) == {"water": 1, "bread": 1}


def test_after_the_time_limit_what_is_sure_is_settled_and_the_rest_never_charged(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5)
    late = hub.pick(visit, 9, "bread")
    hub.leave(visit)
    shop.hear(*(said for said in hub.said if said != late), hub.watermark(61))
    shop.work()
    shop.clock.pass_s(60)
    shop.work()
    assert shop.bought(visit) == {"water": 1}
    settlement = shop.rows(tables.settlements)[0]
    assert (settlement["complete"], settlement["missing"]) == (False, [{"epoch": 1, "first": 3, "last": 3}])
    shop.hear(late, hub.leave(visit, 70), hub.enter(visit, 80))
    shop.work()
    assert shop.bought(visit) == {"water": 1}
    assert shop.visit(visit)["late_events"] == 1
    assert shop.charged() == 150


def test_a_revision_before_the_exit_corrects_the_cart(shop: Shop) -> None:
    hub = Hub()
    mine, theirs = hub.visit(1), hub.visit(2)
    reach = mine
    hub.enter(mine), hub.enter(theirs, 1)
    hub.interact(mine, 5, ("pick", "water", 1, 0.6), interaction=reach)
    hub.interact(theirs, 5, ("pick", "water", 1, 0.99), interaction=reach, revision=2)
    hub.leave(mine), hub.leave(theirs)
    visited(shop, hub)
    assert (shop.bought(mine), shop.bought(theirs)) == ({}, {"water": 1})


def test_any_order_with_repetitions_comes_to_the_same_receipts(database: Any) -> None:
    shop = Shop(database).furnish(balance_minor=10**6)
    chance = random.Random(20261122)
    expected = {}
    for number in range(1, 16):
        hub = Hub(epoch=number)
        visit = hub.visit(number)
        hub.enter(visit)
        hub.pick(visit, 5, "water", qty=1 + number % 3), hub.pick(visit, 9, "bread"), hub.put_back(visit, 12, "bread")
        hub.leave(visit)
        expected[visit] = {"water": 1 + number % 3}
        messages = [*hub.said, *chance.choices(hub.said, k=3), hub.watermark(61)]
        chance.shuffle(messages)
        while messages:
            batch = [messages.pop() for _ in range(min(len(messages), chance.randint(1, 4)))]
            shop.hear(*batch)
            if chance.random() < 0.5:
                shop.work()
            assert set(shop.ledger_left_over().values()) <= {0}
        shop.work()
    assert {visit: shop.bought(visit) for visit in expected} == expected
    assert shop.charged() == sum(150 * bought["water"] for bought in expected.values())
    assert shop.wallet() == (10**6 - shop.charged(), 0)


def test_a_poisonous_event_goes_aside_and_the_rest_goes_on(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5))
    with shop.database.write() as connection:
        spoilt = tables.inbox.c.seq == 2
        connection.execute(tables.inbox.update().where(spoilt).values(data={"nonsense": True}))
    shop.hear(hub.pick(visit, 9, "bread"), hub.leave(visit), hub.watermark(61))
    shop.work()
    assert shop.bought(visit) == {"bread": 1}
    assert "interaction" in shop.rows(tables.quarantine)[0]["reason"]


def test_a_clock_that_runs_days_apart_from_the_shops_does_not_matter(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    shop.clock.now -= timedelta(days=3000)
    hub.enter(visit), hub.pick(visit, 5), hub.leave(visit)
    visited(shop, hub)
    assert shop.bought(visit) == {"water": 1}
