"""The process dies at every transaction and every gateway call in turn, and starts again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, insert

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.domain.errors import GatewayError
from cloud.domain.money import Money
from cloud.domain.payment import Order, Outcome
from cloud.service.worker import Worker
from tests.unit.cloud.corner_shop import STORE, Hub, Shop


class Death(BaseException):
    """The process is killed here: nothing catches it."""


class MortalDatabase(Database):
    """Dies at its `dies_at`th write: before it begins, before it commits, or just after it committed."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.dies_at: int | None = None
        self.how = ""
        self.writes = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self.writes += 1
        doomed = self.writes == self.dies_at
        if doomed and self.how == "before":
            raise Death
        with super().write() as connection:
            yield connection
            if doomed and self.how == "within":
                raise Death
        if doomed:
            raise Death


def pay_elsewhere(shop: Shop) -> None:
    """Alice pays by a gateway in another house, which here is a wallet behind another name."""
    method = {"account_id": "alice", "gateway": "fake", "payer": "alice", "changed_at": shop.clock()}
    with shop.database.write() as connection:
        connection.execute(insert(tables.payment_methods).values(store_id=STORE, **method))


def run(shop: Shop) -> None:
    worker = Worker(shop.database, {**shop.gateways, "fake": shop.gateway}, shop.clock)
    while worker.run_once():
        pass


@pytest.mark.parametrize("how", ["before", "within", "after"])
@pytest.mark.parametrize(("payer", "writes_min"), [("wallet", 5), ("another house", 8)])
def test_dying_at_any_write_and_starting_again_gives_the_same_receipt_once(
    database: Database, how: str, payer: str, writes_min: int
) -> None:
    number = 0
    while True:
        number += 1
        mortal = MortalDatabase(str(database.engine.url))
        shop = Shop(mortal)
        if number == 1:
            shop.furnish(balance_minor=100_000)
            if payer != "wallet":
                pay_elsewhere(shop)
        before = shop.wallet()
        hub = Hub(epoch=number)
        visit = hub.visit(number)
        hub.enter(visit), hub.pick(visit, 5, qty=2), hub.leave(visit)
        mortal.writes, mortal.dies_at, mortal.how = 0, number, how
        died = False
        try:
            shop.hear(*hub.said, hub.watermark(61))
            run(shop)
        except Death:
            died = True
            shop.hear(*hub.said, hub.watermark(61))
            run(shop)
        assert shop.bought(visit) == {"water": 2}
        assert shop.wallet() == (before[0] - 300, 0)
        assert shop.charged() == 300 * number
        assert shop.ledger_left_over() == {"EUR": 0}
        mortal.close()
        if not died:
            break
    assert number > writes_min, "the way from events to a receipt has at least that many writes"


class FlakyGateway:
    """Answers every other call only after having done it, as a gateway whose answer was lost."""

    def __init__(self, behind: Any) -> None:
        self._behind = behind
        self._failed: set[str] = set()

    def _once_lost(self, key: str, outcome: Outcome) -> Outcome:
        if key not in self._failed:
            self._failed.add(key)
            raise GatewayError("no answer within 10 s")
        return outcome

    def hold(self, store: str, account: str, amount: Money, key: str) -> Outcome:
        return self._once_lost(key, self._behind.hold(store, account, amount, key))

    def capture(self, store: str, hold: str, amount: Money, key: str) -> Outcome:
        return self._once_lost(key, self._behind.capture(store, hold, amount, key))

    def release(self, store: str, hold: str, key: str) -> Outcome:
        return self._once_lost(key, self._behind.release(store, hold, key))

    def refund(self, store: str, capture: str, amount: Money, key: str) -> Outcome:
        return self._once_lost(key, self._behind.refund(store, capture, amount, key))

    def ask(self, order: Order) -> Outcome | None:
        answer: Outcome | None = self._behind.ask(order)
        return answer


def test_a_lost_answer_is_asked_for_again_and_nothing_is_paid_twice(shop: Shop) -> None:
    shop.gateway = FlakyGateway(shop.gateway)
    worker = Worker(shop.database, shop.gateways, shop.clock)
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5), hub.leave(visit)
    shop.hear(*hub.said, hub.watermark(61))
    for _ in range(4):
        while worker.run_once():
            pass
        shop.clock.pass_s(1)
    assert shop.bought(visit) == {"water": 1}
    assert shop.wallet() == (9_850, 0)


def released_behind_our_back(shop: Shop, hub: Hub, visit: UUID) -> None:
    """The hold of an open visit is gone when its capture comes."""
    shop.hear(hub.enter(visit), hub.pick(visit, 5))
    shop.work()
    shop.gateway.release("corner", f"corner/{visit}/hold/1", "somebody else's release")
    hub.leave(visit)


def test_a_capture_whose_hold_has_lapsed_takes_another_one(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    released_behind_our_back(shop, hub, visit)
    shop.hear(*hub.said, hub.watermark(61))
    shop.work()
    receipt = shop.receipt(visit)
    assert receipt is not None
    assert (receipt["total_minor"], receipt["owed_minor"], receipt["bought"]) == (150, 0, {"water": 1})
    assert shop.wallet() == (9_850, 0)
    keys = sorted(row["key"].split("/", 2)[2] for row in shop.rows(tables.payments))
    assert keys == ["capture/1", "capture/2", "hold/1", "hold/2"]
