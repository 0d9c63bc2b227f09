"""Where a gateway may have done what it never answered to, it is asked before it is called again.

The gateway here knows no keys: whatever is called is done. So one call too many is money taken twice, and shows.
"""

from datetime import timedelta

import pytest

from cloud.adapters.database import tables
from cloud.domain.errors import GatewayError
from cloud.domain.money import Money
from cloud.domain.payment import Done, Order, Outcome
from cloud.service.paying import ASK_FIRST_AFTER
from cloud.service.worker import Worker
from tests.unit.cloud.corner_shop import Hub, Shop
from tests.unit.cloud.test_charging import Bank

pytestmark = pytest.mark.sqlite


class Keyless(Bank):
    """Takes the money of every capture, and loses its answer to the first `lost` of them."""

    lost = 1

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.clock)
        self.taken: list[str] = []
        self.asked: list[str] = []

    def capture(self, store: str, hold: str, amount: Money, key: str) -> Outcome:
        self.taken.append(key)
        if len(self.taken) <= self.lost:
            raise GatewayError("no answer came")
        return super().capture(store, hold, amount, key)

    def ask(self, order: Order) -> Outcome | None:
        self.asked.append(order.key)
        return Done(order.key) if order.key in self.taken else None


def leave_with_water(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.leave(visit), hub.watermark(61))


def test_a_silence_is_asked_about_and_the_money_taken_once(shop: Shop) -> None:
    shop.gateway = bank = Keyless(shop)
    worker = Worker(shop.database, shop.gateways, shop.clock)
    leave_with_water(shop)
    while worker.run_once():
        pass
    assert [row["state"] for row in shop.rows(tables.visits)] == ["capturing"]
    shop.clock.pass_s(2)
    while worker.run_once():
        pass
    assert (len(bank.taken), bank.asked) == (1, bank.taken)
    assert [row["state"] for row in shop.rows(tables.visits)] == ["settled"]
    assert shop.charged() == 150


def test_an_old_intent_is_asked_about_by_a_worker_that_never_made_the_call(shop: Shop) -> None:
    shop.gateway = bank = Keyless(shop)
    leave_with_water(shop)
    shop.work()
    # A gateway may have forgotten its key by the time that another worker comes.
    shop.clock.pass_s((ASK_FIRST_AFTER + timedelta(seconds=1)).total_seconds())
    shop.work()
    assert (len(bank.taken), bank.asked[-1:]) == (1, bank.taken)
    assert shop.charged() == 150
