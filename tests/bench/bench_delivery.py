"""How fast delivery is, beside the bare tools that it stands on, measured in the same run.

python tests/bench/bench_delivery.py [EVENTS]
"""

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from edge.delivery.delivery import Delivery
from edge.delivery.outbox import Outbox
from edge.events import NewEvent
from protocol.events import Faulted
from tillfree.broker import BrokerError, EmbeddedBroker
from tillfree.broker.programs import Kind, find_program

CLOUD = Path(__file__).parents[1] / "integration" / "delivery" / "committing_cloud.py"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KINDS: tuple[Kind, ...] = ("mosquitto", "nats")


def events(count: int) -> list[NewEvent]:
    return [NewEvent(NOON + timedelta(milliseconds=n), None, Faulted(part="c", reason="d" * 200)) for n in range(count)]


def seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(what: str, count: int, bare_s: float, ours_s: float) -> None:
    print(f"{what:34} {count / bare_s:9.0f}/s bare {count / ours_s:9.0f}/s ours   ratio {bare_s / ours_s:.2f}")  # noqa: T201


def outbox_beside_bare_sqlite(folder: Path, count: int, batch: int) -> None:
    new = events(count)
    outbox = Outbox.open(folder / f"outbox{batch}.db", store="bench", device="hub")

    def append() -> None:
        for at in range(0, count, batch):
            outbox.append(new[at : at + batch])

    ours_s = seconds(append)
    rows = [(one.seq, one.body) for one in outbox.pending(0, count, 1 << 40)]
    outbox.close()
    bare = sqlite3.connect(folder / f"bare{batch}.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)")

    def insert() -> None:
        for at in range(0, count, batch):
            bare.execute("BEGIN IMMEDIATE")
            bare.executemany("INSERT INTO event VALUES (?, ?)", rows[at : at + batch])
            bare.execute("COMMIT")

    show(f"outbox, {batch} a transaction", count, seconds(insert), ours_s)
    bare.close()


def delivery_beside_bare_paho(folder: Path, count: int, kind: Kind) -> None:
    """Ours: until the cloud has committed and acked all. Bare: until the broker has taken all (PUBACK)."""
    with EmbeddedBroker(find_program(kind), folder / kind) as broker:
        command = [sys.executable, str(CLOUD), "127.0.0.1", str(broker.port), "bench", str(folder / f"{kind}.db")]
        cloud = subprocess.Popen(command)
        outbox = Outbox.open(folder / f"{kind}-hub.db", store="bench", device="hub")
        outbox.append(events(1))
        outbox.close()
        with Delivery.open(folder / f"{kind}-hub.db", store="bench", device="hub", broker=broker.url) as delivery:
            assert delivery.drain(30), "warm: the cloud listens and the way is up"
            new = events(count)

            def deliver() -> None:
                for at in range(0, count, 20):
                    delivery.append(new[at : at + 20])
                assert delivery.drain(120)

            ours_s = seconds(deliver)
        client = Client(CallbackAPIVersion.VERSION2, client_id="bare", protocol=MQTTv311)
        client.max_inflight_messages_set(64)
        client.connect("127.0.0.1", broker.port)
        client.loop_start()

        def publish() -> None:
            sent = [client.publish("bare", b"d" * 400, qos=1) for _ in range(count)]
            for one in sent:
                one.wait_for_publish(120)

        bare_s = seconds(publish)
        client.disconnect()
        client.loop_stop()
        cloud.kill()
        cloud.wait()
    show(f"through {kind} and acks, beside PUBACK", count, bare_s, ours_s)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for batch in (1, 20):
            outbox_beside_bare_sqlite(folder, count, batch)
        for kind in KINDS:
            try:
                delivery_beside_bare_paho(folder, count, kind)
            except BrokerError as missing:
                print(missing)  # noqa: T201


if __name__ == "__main__":
    main()
