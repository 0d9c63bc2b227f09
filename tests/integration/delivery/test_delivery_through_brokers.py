"""Two thousand events through real brokers, and nothing lost or counted twice, whoever is killed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.delivery import outbox_file
from edge.delivery.delivery import Delivery
from edge.delivery.outbox import Outbox
from edge.events import NewEvent
from protocol.events import Faulted
from protocol.messages import Envelope, Status, decode
from tillfree.broker import EmbeddedBroker
from tillfree.broker.programs import Kind, find_program

CLOUD = Path(__file__).with_name("committing_cloud.py")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVENTS = 2_000
BATCH = 20
DEADLINE_S = 30.0

one_broker = pytest.mark.parametrize("broker", ["nats"], indirect=True)
"""For what does not depend on which broker it is."""


def eventually(holds: Callable[[], bool], what: str) -> None:
    give_up_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < give_up_s, f"not within {DEADLINE_S:g} s: {what}"
        time.sleep(0.01)


class Cloud:
    """The committing cloud in a process of its own, and a look into its database."""

    def __init__(self, port: int, database: Path) -> None:
        self._port, self._database = port, database
        self.start()

    def start(self) -> None:
        command = [sys.executable, str(CLOUD), "127.0.0.1", str(self._port), "corner", str(self._database)]
        self._process = subprocess.Popen(command)
        listening = f"SELECT 1 FROM listening WHERE pid = {self._process.pid}"
        eventually(lambda: self.rows(listening) != [], "the cloud listens")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        database = sqlite3.connect(self._database, timeout=10)
        try:
            return database.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []  # Its tables are not there yet.
        finally:
            database.close()

    def committed(self) -> int:
        rows = self.rows("SELECT COUNT(*) FROM inbox")
        return int(str(rows[0][0])) if rows else 0

    def status(self) -> str | None:
        rows = self.rows("SELECT body FROM status WHERE device = 'hub'")
        body = rows[0][0] if rows else None
        return decode(Status, body).state if isinstance(body, bytes) else None


@pytest.fixture(params=["mosquitto", "nats"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmbeddedBroker]:
    kind: Kind = request.param
    if kind == "mosquitto" and not (shutil.which("mosquitto") or Path("/usr/sbin/mosquitto").exists()):
        why = "mosquitto is not installed (Debian package mosquitto)"
        if os.environ.get("TILLFREE_REQUIRE_DATA"):
            pytest.fail(why)
        pytest.skip(why)
    with EmbeddedBroker(find_program(kind), tmp_path / "broker") as running:
        yield running


@pytest.fixture
def cloud(broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Cloud]:
    running = Cloud(broker.port, tmp_path / "cloud.db")
    yield running
    running.kill()


@pytest.fixture
def delivery(broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Delivery]:
    with Delivery.open(tmp_path / "hub.db", store="corner", device="hub", broker=broker.url) as running:
        yield running


def moment(number: int) -> datetime:
    return NOON + timedelta(milliseconds=number)


def batch(first: int) -> list[NewEvent]:
    return [
        NewEvent(moment(number), None, Faulted(part=f"camera {number}", reason="dark" * 50))
        for number in range(first, first + BATCH)
    ]


def test_nothing_is_lost_and_nothing_committed_twice_whoever_is_killed(
    broker: EmbeddedBroker, cloud: Cloud, delivery: Delivery
) -> None:
    said: list[Envelope] = []
    for first in range(1, EVENTS + 1, BATCH):
        said += delivery.append(batch(first))
        delivery.observed(moment(first + BATCH - 1))
        if len(said) == EVENTS // 4:
            eventually(lambda: cloud.committed() > 0, "the first events are committed")
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGKILL)
        elif len(said) == EVENTS // 2:
            broker.restart()
            eventually(lambda: cloud.committed() > EVENTS // 4, "events are committed after the broker came back")
            cloud.kill()
        elif len(said) == 3 * EVENTS // 4:
            cloud.start()
    assert delivery.drain(DEADLINE_S), delivery.health()
    assert cloud.rows("SELECT device, epoch, seq, id, body FROM inbox ORDER BY seq") == [
        (one.device, one.epoch, one.seq, str(one.id), one.model_dump_json().encode()) for one in said
    ]
    assert [one.seq for one in said] == list(range(1, EVENTS + 1))
    health = delivery.health()
    assert (health.waiting, health.held_bytes, health.connected, health.problem) == (0, 0, True, None)
    last_mark = (moment(EVENTS).isoformat(), EVENTS)
    eventually(lambda: cloud.rows("SELECT observed_until, last_seq FROM mark") == [last_mark], "the last mark is heard")


def test_what_was_recorded_without_a_broker_is_sent_when_there_is_one(
    broker: EmbeddedBroker, cloud: Cloud, tmp_path: Path
) -> None:
    path = tmp_path / "offline.db"
    outbox = Outbox.open(path, store="corner", device="hub", epoch=7)
    outbox.append(batch(1))
    outbox.close()
    with Delivery.open(path, store="corner", device="hub", broker=broker.url) as delivery:
        assert delivery.drain(DEADLINE_S), delivery.health()
    assert cloud.committed() == BATCH


def test_a_device_says_when_it_comes_and_goes_and_the_broker_says_when_it_is_cut_off(
    broker: EmbeddedBroker, cloud: Cloud, tmp_path: Path
) -> None:
    path = tmp_path / "hub.db"
    with Delivery.open(path, store="corner", device="hub", broker=broker.url):
        eventually(lambda: cloud.status() == "online", "the birth is heard")
    eventually(lambda: cloud.status() == "offline", "the goodbye is heard")
    code = (
        "import sys, time; from pathlib import Path; from edge.delivery.delivery import Delivery\n"
        f"d = Delivery.open(Path(sys.argv[1]), store='corner', device='hub', broker={broker.url!r}); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path)])
    eventually(lambda: cloud.status() == "online", "the birth is heard")
    child.kill()
    child.wait()
    eventually(lambda: cloud.status() == "offline", "the last will is heard")


@one_broker
def test_health_says_what_is_wrong_and_since_when(broker: EmbeddedBroker, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    with Delivery.open(tmp_path / "hub.db", store="corner", device="hub", broker=broker.url) as delivery:
        eventually(lambda: delivery.health().connected, "it is connected")
        delivery.append(batch(1))
        eventually(lambda: delivery.health().problem is not None, "a cloud that does not ack is said")
        health = delivery.health()
        assert health.connected
        assert "the cloud acks none after 0" in (health.problem or "")
        assert health.waiting == BATCH
        assert health.since >= before
        broker.stop()
        eventually(lambda: not delivery.health().connected, "a broker that went is said")
        eventually(lambda: "refused" in (delivery.health().problem or ""), "why it cannot be reached is said")
        assert delivery.append(batch(BATCH + 1))[-1].seq == 2 * BATCH
        assert not delivery.drain(0.05)


@one_broker
def test_an_outbox_that_is_locked_for_a_while_is_said_and_delivered_afterwards(
    broker: EmbeddedBroker, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_file, "BUSY_TIMEOUT_MS", 50)
    with Delivery.open(tmp_path / "hub.db", store="corner", device="hub", broker=broker.url) as delivery:
        delivery.append(batch(1))
        shell = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        eventually(lambda: "locked the outbox" in (delivery.health().problem or ""), "the lock is said")
        assert delivery.health().waiting == BATCH
        shell.execute("ROLLBACK")
        shell.close()
        assert delivery.drain(DEADLINE_S), delivery.health()
        assert cloud.committed() == BATCH
        eventually(lambda: delivery.health().problem is None, "the problem is over")
