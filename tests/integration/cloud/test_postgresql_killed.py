"""On PostgreSQL workers, ingester and server are killed in the middle: nothing is lost, nothing counts twice."""

import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

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


def kill(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_workers_ingester_and_server_are_killed_and_every_receipt_is_right_once(
    broker: Broker, server: PostgresServer, tmp_path: Path
) -> None:
    database = Database(server.url())
    migrate(database)
    database.close()
    cloud = CloudProcess(tmp_path, broker.url, url=server.url())
    cloud.start("--log", "warning")
    cloud.furnish()
    workers, ingester = [cloud.run("work"), cloud.run("work")], cloud.run("ingest")
    device = Device(broker.port, Hub())
    try:
        visits = [device.hub.visit(number) for number in range(VISITS)]
        for number in range(VISITS):
            shopping(device.hub, number)
            device.until_s = number * 100 + 61
            if number == 1:
                eventually(partial(cloud.receipt, visits[0]), "a receipt on the way", 60)
                for worker in workers:
                    kill(worker)
                workers = [cloud.run("work"), cloud.run("work")]
            if number in (3, 6):
                server.kill()
                server.start()
            if number == 5:
                kill(ingester)
                ingester = cloud.run("ingest")
        receipts = [eventually(partial(cloud.receipt, visit), "a receipt", 60) for visit in visits]
        assert [(receipt["total_minor"], receipt["revision"]) for receipt in receipts] == [(300, 1)] * VISITS
        account = cloud.get("/accounts/alice")
        assert (account["balance_minor"], account["held_minor"]) == (100_000 - VISITS * 300, 0)
        assert sum(entry["kind"] == "capture" for entry in cloud.get("/ledger/entries")["items"]) == VISITS
        assert cloud.balanced()
        eventually(lambda: device.acked == len(device.hub.said), "the ack of everything", 60)
    finally:
        device.close()
        for process in (*workers, ingester):
            kill(process)
        cloud.kill()
        cloud.http.close()
