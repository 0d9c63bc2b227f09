"""Whatever happens in whatever order, at every step: the ledger is zero, receipts and gateway say what the books do."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.migrating import migrate
from cloud.domain.charging import ChargeState
from cloud.fake_gateway.faults import FaultPlan
from cloud.service.worker import Worker
from tests.databases.quick import QUICK
from tests.unit.cloud.corner_shop import NOW, STORE, Hub, Shop, StandingClock
from tests.unit.cloud.fake_house import FakeHouse
from tests.unit.cloud.test_after_the_sale import Desk

HOLD_MINOR = 600


@cache
def empty_file() -> Path:
    folder = tempfile.TemporaryDirectory(dir=QUICK)
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "empty.db"
    made = Database(f"sqlite:///{file}")
    migrate(made)
    made.close()
    return file


def empty_database(folder: Path) -> Database:
    shutil.copy(empty_file(), folder / "cloud.db")
    return Database(f"sqlite:///{folder / 'cloud.db'}")


class Books(RuleBasedStateMachine):
    """A shop whose shopper pays by a gateway that fails one time in four."""

    @initialize(seed=st.integers(0, 10**6), payer=st.sampled_from(["card", "limit-300-card", "declines-capture-card"]))
    def open(self, seed: int, payer: str) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=QUICK)
        self.database = empty_database(Path(self.folder.name))
        self.clock = StandingClock()
        self.house = FakeHouse(self.clock, FaultPlan(0.25, seed))
        self.shop = Shop(self.database, self.clock).furnish(hold_minor=HOLD_MINOR)
        self.shop.gateway = self.house.client
        method = {"store_id": STORE, "account_id": "alice", "gateway": "fake", "payer": payer, "changed_at": NOW}
        with self.database.write() as connection:
            connection.execute(tables.payment_methods.insert().values(**method))
        self.desk = Desk.__new__(Desk)
        self.desk.take_over(self.shop, working=False)
        self.worker = self.new_worker()
        self.hub, self.visits, self.open_visits = Hub(), [], []
        self.number = 0

    visits: list[UUID]
    open_visits: list[UUID]

    def new_worker(self) -> Worker:
        return Worker(self.database, {"fake": self.house.client}, self.clock)

    @rule()
    def somebody_enters(self) -> None:
        visit = self.hub.visit(len(self.visits))
        self.visits.append(visit)
        self.open_visits.append(visit)
        self.shop.hear(self.hub.enter(visit, len(self.visits)))

    @precondition(lambda self: self.open_visits)
    @rule(data=st.data(), sku=st.sampled_from(["water", "bread"]), p=st.sampled_from([0.99, 0.5]))
    def something_is_taken(self, data: st.DataObject, sku: str, p: float) -> None:
        visit = data.draw(st.sampled_from(self.open_visits))
        self.shop.hear(self.hub.pick(visit, 20 + len(self.hub.said), sku, p=p))

    @precondition(lambda self: self.open_visits)
    @rule(data=st.data())
    def somebody_leaves(self, data: st.DataObject) -> None:
        visit = data.draw(st.sampled_from(self.open_visits))
        self.open_visits.remove(visit)
        at_s = 20 + len(self.hub.said)
        self.shop.hear(self.hub.leave(visit, at_s), self.hub.watermark(at_s + 0.5))

    @rule(
        taken=st.lists(
            st.tuples(st.sampled_from(["water", "bread"]), st.sampled_from([0.99, 0.99, 0.5])), min_size=1, max_size=3
        ),
        passes=st.integers(2, 12),
    )
    def a_whole_visit_goes_by(self, taken: list[tuple[str, float]], passes: int) -> None:
        self.somebody_enters()
        visit = self.open_visits.pop()
        for sku, p in taken:
            self.shop.hear(self.hub.pick(visit, 20 + len(self.hub.said), sku, p=p))
        at_s = 20 + len(self.hub.said)
        self.shop.hear(self.hub.leave(visit, at_s), self.hub.watermark(at_s + 0.5))
        self.the_worker_works(passes)

    @rule(passes=st.integers(1, 12))
    def the_worker_works(self, passes: int) -> None:
        for _ in range(passes):
            self.worker.run_once()
            self.clock.pass_s(1)

    @rule()
    def the_worker_is_killed_and_begun_anew(self) -> None:
        self.worker = self.new_worker()

    @rule(seconds=st.sampled_from([1, 10, 100, 4_000, 90_000, 700_000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.pass_s(seconds)

    @precondition(lambda self: self.shop.rows(tables.receipts))
    @rule(data=st.data(), what=st.sampled_from(["refund", "part", "dispute", "uphold"]))
    def somebody_at_the_desk_does_something(self, data: st.DataObject, what: str) -> None:
        visit = data.draw(st.sampled_from(sorted({row["visit_id"] for row in self.shop.rows(tables.receipts)})))
        line = data.draw(st.integers(0, 1))
        by: dict[str, Any] = {"by": "olga"}
        match what:
            case "refund":
                self.desk.post(f"visits/{visit}/refunds", {**by, "reason": "other"})
            case "part":
                body = {**by, "reason": "other", "lines": [{"line": line, "amount_minor": 40}]}
                self.desk.post(f"visits/{visit}/refunds", body)
            case "dispute":
                self.desk.post(f"visits/{visit}/disputes", {"reason": "not_taken", "lines": [{"line": line}]})
            case "uphold":
                for each in self.desk.get("disputes?state=open")["items"]:
                    self.desk.post(f"disputes/{each['dispute']}/decision", {**by, "decision": "uphold"})

    @precondition(lambda self: self.shop.rows(tables.reviews))
    @rule(data=st.data(), what=st.sampled_from(["charge", "charge", "drop"]))
    def somebody_decides_a_doubtful_line(self, data: st.DataObject, what: str) -> None:
        waiting = sorted((row["visit_id"], row["position"]) for row in self.shop.rows(tables.reviews))
        visit, line = data.draw(st.sampled_from(waiting))
        self.desk.post(f"reviews/{visit}/{line}/claim", {"by": "olga"})
        self.desk.post(f"reviews/{visit}/{line}/decision", {"by": "olga", "decision": what})

    @precondition(lambda self: any(each.kind == "capture" for each in self.house.gateway.book.movements))
    @rule(minor=st.integers(1, 100))
    def a_bank_takes_money_back(self, minor: int) -> None:
        # It is told by nobody here: the reconciliation would find it. What matters is that refunds stay in bounds.
        captured = next(each for each in self.house.gateway.book.movements if each.kind == "capture")
        body = {"capture": captured.id, "amount_minor": minor}
        self.number += 1
        headers = {"Idempotency-Key": f"bank-{self.number}"}
        try:
            self.house.http.post("/v1/chargebacks", json=body, headers=headers)
        except Exception as error:  # noqa: BLE001 - a lost answer is part of the game
            assert "no answer came" in str(error)  # noqa: PT017

    @invariant()
    def the_ledger_sums_to_zero(self) -> None:
        if hasattr(self, "shop"):
            assert set(self.shop.ledger_left_over().values()) <= {0}

    @invariant()
    def what_was_sold_is_what_the_latest_receipts_say(self) -> None:
        if not hasattr(self, "shop"):
            return
        visit_of = {row["entry_id"]: row["visit_id"] for row in self.shop.rows(tables.ledger_entries)}
        latest = {row["visit_id"]: row["total_minor"] for row in self.shop.rows(tables.receipts)}
        sold = dict.fromkeys(latest, 0)
        for row in self.shop.rows(tables.ledger_postings):
            if row["account"].startswith(("sales", "tax:")):
                sold[visit_of[row["entry_id"]]] -= row["amount_minor"]
        assert sold == latest

    @invariant()
    def nothing_is_taken_twice_and_nothing_that_the_books_do_not_know(self) -> None:
        if not hasattr(self, "shop"):
            return
        captures = self.house.moved("capture")
        assert len(captures) == len(dict(captures))
        refunds = self.house.moved("refund")
        assert len(refunds) == len(dict(refunds))
        held = [each.pays_for for each in self.house.gateway.book.holds.values()]
        assert len(held) == len(set(held))
        intended = {row["key"]: row["amount_minor"] for row in self.shop.rows(tables.payments)}
        assert all(intended[key] == minor for key, minor in captures)
        for charge in self.shop.rows(tables.charges):
            if charge["state"] == ChargeState.CAPTURED:
                assert dict(captures)[charge["capture_key"]] == charge["captured_minor"]

    @invariant()
    def no_settlement_charges_more_than_the_hold_of_the_entry(self) -> None:
        if hasattr(self, "shop"):
            first = [row for row in self.shop.rows(tables.charges) if row["number"] == 1]
            assert all(row["amount_minor"] <= HOLD_MINOR for row in first)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()


Books.TestCase.settings = settings(
    deadline=None, max_examples=15, stateful_step_count=30, suppress_health_check=list(HealthCheck)
)
TestBooks = Books.TestCase
