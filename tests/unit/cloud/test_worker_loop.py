"""The worker's loop while the database is in trouble."""

import sqlite3
import threading

import pytest

from cloud.adapters.database.engine import Database
from cloud.service.backoff import Backoff
from cloud.service.worker import Worker, work
from tests.unit.cloud.corner_shop import Hub, Shop, file_of


@pytest.mark.sqlite
def test_a_locked_database_is_waited_for_and_the_work_goes_on(database: Database) -> None:
    shop = Shop(Database(str(database.engine.url), busy_timeout_ms=1)).furnish()
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.leave(visit), hub.watermark(61))
    other = sqlite3.connect(file_of(database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waits: list[float] = []
    backoff = Backoff()

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert timeout is not None
            waits.append(timeout)
            assert "locked" in str(backoff.why)
            if len(waits) == 3:
                other.close()
            return self.is_set()

    class Wake(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert timeout == 0.2
            stop.set()
            return True

    stop = Stop()
    work(Worker(shop.database, shop.gateways, shop.clock), shop.database, Wake(), stop, poll_s=0.2, backoff=backoff)
    assert backoff.why is None
    assert waits == [0.1, 0.2, 0.4]
    assert shop.bought(visit) == {"water": 1}
    shop.database.close()
