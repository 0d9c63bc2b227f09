"""What happens where no money comes: holds that lapse, debts, retries, and visits that never end."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.visits import find_visit
from cloud.domain.charging import RETRY_AFTER, ChargeState, Progress, charge_after, next_attempt
from cloud.domain.errors import TransitionError
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Done, Order, Outcome
from tests.unit.cloud.corner_shop import NOW, Hub, Shop


class Bank:
    """A gateway whose answers a test decides: refuses what is in `refuses`, and lets holds lapse after `lasts`."""

    def __init__(self, clock: Any) -> None:
        self.refuses: set[str] = set()
        self.lasts: timedelta | None = None
        self.calls: list[tuple[str, int]] = []
        self.released: list[str] = []
        self._clock = clock

    def _answer(self, kind: str, minor: int, key: str) -> Outcome:
        self.calls.append((kind, minor))
        if kind in self.refuses:
            return Declined("card_declined")
        return Done(key, self._clock() + self.lasts if kind == "hold" and self.lasts else None)

    def hold(self, store: str, payer: str, amount: Money, key: str) -> Outcome:
        return self._answer("hold", amount.minor, key)

    def capture(self, store: str, hold: str, amount: Money, key: str) -> Outcome:
        return self._answer("capture", amount.minor, key)

    def release(self, store: str, hold: str, key: str) -> Outcome:
        self.released.append(hold.rsplit("/", 2)[-1])
        return self._answer("release", 0, key)

    def refund(self, store: str, capture: str, amount: Money, key: str) -> Outcome:
        return self._answer("refund", amount.minor, key)

    def ask(self, order: Order) -> Outcome | None:
        return None


@pytest.fixture
def bank(shop: Shop) -> Bank:
    bank = Bank(shop.clock)
    shop.gateway = bank
    return bank


def visited(shop: Shop, hub: Hub, number: int = 1) -> UUID:
    visit = hub.visit(number)
    hub.enter(visit), hub.pick(visit, 5, qty=2), hub.leave(visit)
    shop.hear(*hub.said, hub.watermark(61))
    shop.work()
    return visit


def receipt_of(shop: Shop, visit: UUID) -> dict[str, Any]:
    receipt = shop.receipt(visit)
    assert receipt is not None
    return receipt


def owed(shop: Shop) -> int:
    postings = shop.rows(tables.ledger_postings)
    return sum(row["amount_minor"] for row in postings if row["account"] == "debt:alice")


def test_a_refused_capture_becomes_a_debt_that_keeps_the_gate_shut_until_it_is_paid(shop: Shop, bank: Bank) -> None:
    bank.refuses = {"capture"}
    visit = visited(shop, Hub())
    assert (receipt_of(shop, visit)["total_minor"], receipt_of(shop, visit)["owed_minor"]) == (300, 300)
    assert shop.visit(visit)["state"] == "settled"
    assert (owed(shop), shop.charged()) == (300, 300)
    turned_away = visited(shop, Hub(epoch=2), 2)
    assert (shop.visit(turned_away)["state"], shop.visit(turned_away)["refused_reason"]) == ("refused", "debt")
    bank.refuses = set()
    shop.clock.pass_s(3_600)
    shop.work()
    assert (receipt_of(shop, visit)["owed_minor"], receipt_of(shop, visit)["cause"]) == (0, "debt_paid")
    assert (owed(shop), shop.ledger_left_over()) == (0, {"EUR": 0})
    assert shop.rows(tables.settlements)[0]["outcome"] == "captured"
    assert shop.visit(visited(shop, Hub(epoch=3), 3))["state"] == "settled"


def test_a_debt_is_tried_by_its_schedule_and_then_rests(shop: Shop, bank: Bank) -> None:
    bank.refuses = {"capture"}
    visited(shop, Hub())
    for wait in RETRY_AFTER:
        tries = len(bank.calls)
        shop.clock.pass_s(wait.total_seconds() - 1)
        shop.work()
        assert len(bank.calls) == tries, "not before its time"
        shop.clock.pass_s(1)
        shop.work()
        assert [kind for kind, _ in bank.calls[tries:]] == ["hold", "capture", "release"]
    tries = len(bank.calls)
    for _ in range(10):
        shop.clock.pass_s(86_400)
        shop.work()
    assert len(bank.calls) == tries, "after the last one it rests"
    charge = shop.rows(tables.charges)[0]
    assert (charge["state"], charge["refusals"], charge["next_attempt_at"]) == ("owed", 5, None)
    assert owed(shop) == 300, "the debt stays on the books"


def test_each_try_has_a_hold_and_a_capture_of_its_own(shop: Shop, bank: Bank) -> None:
    bank.refuses = {"hold"}
    shop.gateway = Bank(shop.clock)
    shop.gateway.refuses = {"capture"}
    visited(shop, Hub())
    shop.gateway = bank
    shop.clock.pass_s(3_600)
    shop.work()
    assert bank.calls == [("hold", 300)], "what is owed is held, not the whole hold of an entry"
    keys = [row["key"] for row in shop.rows(tables.payments)]
    assert len(keys) == len(set(keys)) == 4


def test_a_hold_is_taken_anew_before_it_lapses(shop: Shop, bank: Bank) -> None:
    bank.lasts = timedelta(hours=1)
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5))
    shop.work()
    shop.clock.pass_s(3_000)
    shop.work()
    assert bank.calls == [("hold", 5_000), ("hold", 5_000), ("release", 0)]
    assert bank.released == ["1"]
    shop.hear(hub.leave(visit), hub.watermark(61))
    shop.work()
    assert shop.rows(tables.charges)[0]["capture_key"].endswith("capture/2")
    assert shop.bought(visit) == {"water": 1}


def test_a_hold_that_cannot_be_taken_anew_is_used_as_it_is(shop: Shop, bank: Bank) -> None:
    bank.lasts = timedelta(hours=1)
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5))
    shop.work()
    bank.refuses = {"hold"}
    shop.clock.pass_s(3_000)
    shop.work()
    shop.clock.pass_s(60)
    shop.work()
    assert bank.calls == [("hold", 5_000), ("hold", 5_000)], "asked for once"
    shop.hear(hub.leave(visit), hub.watermark(61))
    shop.work()
    assert shop.bought(visit) == {"water": 1}


def test_a_visit_that_never_ends_charges_nothing_and_frees_its_hold(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5))
    shop.work()
    shop.clock.pass_s(43_199)
    shop.work()
    assert shop.visit(visit)["state"] == "open"
    shop.clock.pass_s(10)
    shop.work()
    assert (shop.visit(visit)["state"], shop.wallet()) == ("settled", (10_000, 0))
    receipt = receipt_of(shop, visit)
    assert (receipt["total_minor"], receipt["in_review"]) == (0, 1)
    assert [row["reasons"] for row in shop.rows(tables.settlement_lines)] == [["no_exit"]]
    assert not shop.rows(tables.settlements)[0]["complete"]
    shop.hear(hub.leave(visit), hub.watermark(61))
    shop.work()
    assert shop.charged() == 0, "an exit that comes later changes nothing"


def test_a_gateway_that_is_not_set_up_is_waited_for(shop: Shop) -> None:
    with shop.database.write() as connection:
        row = {"store_id": "corner", "account_id": "alice", "gateway": "stripe", "payer": "cus:pm", "changed_at": NOW}
        connection.execute(tables.payment_methods.insert().values(**row))
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit))
    shop.work()
    assert shop.visit(visit)["state"] == "opening"
    assert shop.wallet() == (10_000, 0)


@pytest.mark.parametrize("state", [ChargeState.CAPTURED, ChargeState.CLEARED, ChargeState.WRITTEN_OFF])
@pytest.mark.parametrize("progress", list(Progress))
def test_nothing_leads_out_of_a_charges_end(state: ChargeState, progress: Progress) -> None:
    with pytest.raises(TransitionError):
        charge_after(state, progress)


def test_after_the_last_try_there_is_none() -> None:
    assert next_attempt(len(RETRY_AFTER), NOW) is not None
    assert next_attempt(len(RETRY_AFTER) + 1, NOW) is None


def test_the_visit_knows_its_hold(shop: Shop, database: Database) -> None:
    visit = visited(shop, Hub())
    with database.read() as connection:
        found = find_visit(connection, "corner", visit)
    assert found is not None
    assert found.hold_number == 1


class Lapsing(Bank):
    """Knows no hold any more when it comes to the capture."""

    def capture(self, store: str, hold: str, amount: Money, key: str) -> Outcome:
        super().capture(store, hold, amount, key)
        return Declined("hold_expired")


def test_a_hold_that_is_gone_again_is_not_taken_a_third_time(shop: Shop) -> None:
    shop.gateway = bank = Lapsing(shop.clock)
    visit = visited(shop, Hub())
    assert [kind for kind, _ in bank.calls] == ["hold", "capture", "hold", "capture"]
    assert (receipt_of(shop, visit)["owed_minor"], owed(shop)) == (300, 300)
