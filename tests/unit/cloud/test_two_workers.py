"""Two workers on one database: each payment may be called by both, and counts once."""

import contextlib
import threading

from sqlalchemy.exc import OperationalError

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.fake_gateway.faults import FaultPlan
from cloud.service.reconciling import reconcile
from cloud.service.worker import Worker
from tests.unit.cloud.corner_shop import STORE, Shop, StandingClock
from tests.unit.cloud.fake_house import FakeHouse
from tests.unit.cloud.many_visits import crowd, let_in

VISITS = 12


def test_two_workers_at_once_charge_everything_once(database: Database) -> None:
    clock = StandingClock()
    house = FakeHouse(clock, FaultPlan(0.2, seed=8))
    shop = Shop(database, clock).furnish()
    let_in(database, VISITS, payer="card")
    shop.hear(*crowd(VISITS, 8, VISITS).messages)
    failures: list[BaseException] = []

    def work() -> None:
        worker = Worker(database, {"fake": house.client}, clock)
        try:
            for _ in range(15):
                # A locked database is waited for; `work` does it with a pause.
                with contextlib.suppress(OperationalError):
                    worker.run_once()
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    for _ in range(8):
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        clock.pass_s(61)
    assert failures == []
    assert {row["state"] for row in shop.rows(tables.visits)} <= {"settled", "refused"}
    captures = house.moved("capture")
    assert len(captures) == len(dict(captures)) > 0
    house.gateway.plan = FaultPlan()
    assert reconcile(database, {"fake": house.client}, STORE, clock).agrees
    assert shop.ledger_left_over() == {"EUR": 0}
