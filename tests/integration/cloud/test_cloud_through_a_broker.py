"""From MQTT to a receipt over HTTP, through a real broker and a real process, some of which are killed on the way."""

import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.integration.cloud.corner_street import Broker, CloudProcess, Device, eventually
from tests.unit.cloud.corner_shop import Hub


@pytest.fixture
def device(broker: Broker) -> Iterator[Device]:
    device = Device(broker.port, Hub())
    yield device
    device.close()


def shopping(hub: Hub, number: int, bottles: int = 2) -> None:
    visit = hub.visit(number)
    begin = number * 100
    hub.enter(visit, begin)
    for bottle in range(bottles + 1):
        hub.pick(visit, begin + 5 + bottle)
    hub.put_back(visit, begin + 30)
    hub.leave(visit, begin + 60)


def test_events_become_a_receipt_and_are_acked(cloud: CloudProcess, device: Device) -> None:
    visit = device.hub.visit(0)
    shopping(device.hub, 0)
    device.until_s = 61
    receipt = eventually(partial(cloud.receipt, visit), "the receipt")
    assert [(line["sku"], line["qty"]) for line in receipt["lines"]] == [("water", 2)]
    assert receipt["total_minor"] == 300
    eventually(lambda: device.acked == len(device.hub.said), "the ack of everything")
    assert cloud.http.get("/readyz").json()["ready"]
    assert cloud.balanced()


def test_cloud_and_broker_are_killed_and_every_receipt_is_right_once(
    cloud: CloudProcess, broker: Broker, device: Device
) -> None:
    visits = [device.hub.visit(number) for number in range(8)]
    for number in range(8):
        shopping(device.hub, number)
        device.until_s = number * 100 + 61
        if number in (1, 4, 6):
            cloud.kill()
            cloud.start()
        if number == 3:
            broker.kill()
            broker.start()
        if number in (5, 7):
            eventually(partial(cloud.receipt, visits[number]), "a receipt on the way")
    receipts = [eventually(partial(cloud.receipt, visit), "a receipt") for visit in visits]
    assert [receipt["total_minor"] for receipt in receipts] == [300] * 8
    assert [receipt["revision"] for receipt in receipts] == [1] * 8
    account = cloud.get("/accounts/alice")
    assert (account["balance_minor"], account["held_minor"]) == (100_000 - 8 * 300, 0)
    assert sum(entry["kind"] == "capture" for entry in cloud.get("/ledger/entries")["items"]) == 8
    assert cloud.balanced()


def test_the_cloud_stops_cleanly_and_soon(cloud: CloudProcess) -> None:
    begin = time.monotonic()
    assert cloud.terminate() == 0
    assert time.monotonic() - begin < 5


def test_a_port_that_is_taken_is_named(cloud: CloudProcess) -> None:
    port = cloud.http.base_url.port
    second = cloud.run("serve", "--port", str(port))
    second.communicate(timeout=20)
    assert second.returncode != 0
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in _log(cloud.folder)


def test_beyond_loopback_a_key_is_required(cloud: CloudProcess) -> None:
    second = cloud.run("serve", "--port", "0", "--host", "0.0.0.0")
    second.communicate(timeout=20)
    assert second.returncode != 0
    assert "set TILLFREE_API_KEY" in _log(cloud.folder)


def test_the_roles_run_apart_on_one_database(cloud: CloudProcess, device: Device) -> None:
    cloud.terminate()
    roles = [cloud.run("ingest"), cloud.run("work")]
    cloud.process = cloud.run("serve", "--port", "0", TILLFREE_API_KEY="s3cret")
    assert cloud.process.stdout
    cloud.http.base_url = json.loads(cloud.process.stdout.readline())["api"]
    assert cloud.http.get("/v1/stores").status_code == 401
    cloud.http.headers["Authorization"] = "Bearer s3cret"
    visit = device.hub.visit(0)
    shopping(device.hub, 0)
    device.until_s = 61
    assert eventually(partial(cloud.receipt, visit), "the receipt")["total_minor"] == 300
    for role in roles:
        role.terminate()
        role.communicate(timeout=10)
        assert role.returncode == 0


def _log(folder: Path) -> str:
    """The log without the frames that a terminal draws around an error."""
    return " ".join((folder / "cloud.log").read_text().replace("│", " ").split())
