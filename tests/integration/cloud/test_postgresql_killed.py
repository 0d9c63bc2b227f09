"""On PostgreSQL workers, ingester and server are killed in the middle: nothing is lost, nothing counts twice."""

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cloud.adapters.database.engine import Database
from cloud.adapters.database.migrating import migrate
from tests.databases.lacking import server_or_skip
from tests.databases.postgres_server import PostgresServer
from tests.integration.cloud.corner_street import Broker, CloudProcess, Device, eventually
from tests.integration.cloud.test_cloud_through_a_broker import shopping
from tests.unit.cloud.corner_shop import Hub

VISITS = 8


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    server = server_or_skip()
    yield server
    server.close()


class Kept:
    """A process that is started again when it has ended, as systemd does: without a database at its start it ends."""

    def __init__(self, cloud: CloudProcess, command: str) -> None:
        self._cloud, self._command = cloud, command
        self._process = cloud.run(command)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._let_go()

    def see_to_it(self) -> None:
        if self._process.poll() is not None:
            self._let_go()
            self._process = self._cloud.run(self._command)

    def _let_go(self) -> None:
        assert self._process.stdout
        self._process.wait()
        self._process.stdout.close()


def test_workers_ingester_and_server_are_killed_and_every_receipt_is_right_once(
    broker: Broker, server: PostgresServer, tmp_path: Path
) -> None:
    database = Database(server.url())
    migrate(database)
    database.close()
    cloud = CloudProcess(tmp_path, broker.url, url=server.url())
    cloud.start("--log", "warning")
    cloud.furnish()
    workers, ingester = [Kept(cloud, "work"), Kept(cloud, "work")], Kept(cloud, "ingest")

    def receipt(visit: UUID) -> dict[str, Any] | None:
        for process in (*workers, ingester):
            process.see_to_it()
        return cloud.receipt(visit)

    device = Device(broker.port, Hub())
    try:
        visits = [device.hub.visit(number) for number in range(VISITS)]
        for number in range(VISITS):
            shopping(device.hub, number)
            device.until_s = number * 100 + 61
            if number == 1:
                eventually(partial(receipt, visits[0]), "a receipt on the way", 60)
                for worker in workers:
                    worker.kill()
                    worker.see_to_it()
            if number in (3, 6):
                server.kill()
                server.start()
            if number == 5:
                ingester.kill()
                ingester.see_to_it()
        receipts = [eventually(partial(receipt, visit), "a receipt", 60) for visit in visits]
        assert [(receipt["total_minor"], receipt["revision"]) for receipt in receipts] == [(300, 1)] * VISITS
        account = cloud.get("/accounts/alice")
        assert (account["balance_minor"], account["held_minor"]) == (100_000 - VISITS * 300, 0)
        assert sum(entry["kind"] == "capture" for entry in cloud.get("/ledger/entries")["items"]) == VISITS
        assert cloud.balanced()
        eventually(lambda: device.acked == len(device.hub.said), "the ack of everything", 60)
    finally:
        device.close()
        for process in (*workers, ingester):
            process.kill()
        cloud.kill()
        cloud.http.close()
