"""Events a second from MQTT into carts, beside a bare paho → INSERT loop: figures, on SQLite and on PostgreSQL.

python -m tests.bench.bench_ingest [EVENTS] [sqlite|postgresql]

A device publishes the events of simulated visits through a real mosquitto at QoS 1 as fast as they are taken. Ours: the
processes `tillfree cloud ingest` and `tillfree cloud work` take them, until the last one is in its cart. The bare loop:
one paho client that takes up to as many messages as ours, writes them to the inbox with the driver in one transaction,
commits, and acks; it looks into no message, knows no device and applies nothing. The broker and both databases are as
deployed (200 messages in flight, every commit on disk). Both are measured in turn, so that what else the machine does
is shared, and begin when every process has loaded what it needs.
"""

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import select

from cloud.adapters.database.engine import Database
from cloud.adapters.database.inbox import anything_waits
from cloud.adapters.database.tables import progress
from cloud.adapters.mqtt.ingesting import BATCH
from protocol.topics import every_store
from tests.bench.saying import say
from tests.databases.kinds import PostgresDatabases, SqliteFiles
from tests.integration.cloud.corner_street import Broker, eventually
from tests.unit.cloud.corner_shop import Shop
from tests.unit.cloud.many_visits import crowd, let_in

SHOPPERS = 200
DEADLINE_S = 400.0
IDLE_WITHIN_S, IDLE_SHARE = 0.5, 0.1
AS_DEPLOYED = "max_inflight_messages 200\nmax_queued_messages 10000\nlog_type subscribe\n"
SUBSCRIBED = "tf/1/+/dev/+/ev"

Messages = list[tuple[str, bytes]]


def publish(port: int, messages: Messages, go: Any) -> None:
    """The device: everything at QoS 1, as fast as the broker takes it."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="device")
    client.max_inflight_messages_set(1_000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    go.wait()
    last = None
    for number, (topic, payload) in enumerate(messages):
        last = client.publish(topic, payload, qos=1)
        if number % 500 == 499:
            # Bounded: a broker queues 10,000 and forgets what is beyond.
            last.wait_for_publish(DEADLINE_S)
    if last is not None:
        last.wait_for_publish(DEADLINE_S)
    client.disconnect()
    client.loop_stop()


def bare(port: int, url: str, count: int, ready: Any, used: Any) -> None:
    """paho → INSERT."""
    from tests.bench.bench_settling import _bare

    arrived: deque[mqtt.MQTTMessage] = deque()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bare", clean_session=False, manual_ack=True)
    client.on_message = lambda _client, _data, message: arrived.append(message)
    client.on_subscribe = lambda *_: ready.set()
    client.on_connect = lambda client, *_: client.subscribe(every_store("ev"), 1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    mark = "?" if url.startswith("sqlite") else "%s"
    text = ", ".join([mark] * 10)
    insert = (
        "INSERT INTO inbox (store_id, device_id, epoch, seq, event_id, type, ts, visit_id, data, received_at) "
        f"VALUES ({text}) ON CONFLICT DO NOTHING"
    )
    seen, before_s = 0, 0.0
    with _bare(url) as (cursor, commit):
        while seen < count:
            if not arrived:
                time.sleep(0.001)
                continue
            before_s = before_s or _own_processor_s()
            batch = [arrived.popleft() for _ in range(min(BATCH, len(arrived)))]
            now = "2026-11-22 09:00:00.000000"
            rows = [_row(message, seen + place, now) for place, message in enumerate(batch)]
            cursor.executemany(insert, rows)
            commit()
            for message in batch:
                client.ack(message.mid, message.qos)
            seen += len(batch)
    used.put(_own_processor_s() - before_s)
    client.disconnect()
    client.loop_stop()


def _own_processor_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def _row(message: mqtt.MQTTMessage, seq: int, now: str) -> tuple[Any, ...]:
    _, _, store, _, device, _ = message.topic.split("/")
    name = f"{seq:032x}"
    return (store, device, 1, seq, name, "event", now, name, json.dumps(message.payload.decode()), now)


def run_bare(broker: Broker, url: str, messages: Messages) -> tuple[float, float]:
    """Seconds until everything is committed, and the processor's seconds."""
    context = multiprocessing.get_context("spawn")
    ready, go, used = context.Event(), context.Event(), context.Queue()
    taker = context.Process(target=bare, args=(broker.port, url, len(messages), ready, used))
    device = context.Process(target=publish, args=(broker.port, messages, go))
    taker.start()
    device.start()
    ready.wait(60)
    began_s = time.perf_counter()
    go.set()
    taker.join(DEADLINE_S)
    took_s = time.perf_counter() - began_s
    device.join(30)
    return took_s, used.get()


def run_ours(broker: Broker, url: str, messages: Messages, workers: int) -> tuple[float, float]:
    """Seconds until everything is in its cart, and the processor's seconds of all processes."""
    environment = {**os.environ, "TILLFREE_DATABASE": url, "TILLFREE_BROKER": broker.url, "TILLFREE_LOG": "warning"}
    code = "from tillfree.cli.cloud import app; app()"
    # One SQLite file has one writer: there a shop runs one process for all.
    whole = ["serve", "--all-in-one", "--port", "0"]
    roles = [whole] if url.startswith("sqlite") else [["ingest"], *([["work"]] * workers)]
    how: dict[str, Any] = {"env": environment, "stdout": subprocess.DEVNULL}
    processes = [subprocess.Popen([sys.executable, "-c", code, *role], **how) for role in roles]
    context = multiprocessing.get_context("spawn")
    go = context.Event()
    device = context.Process(target=publish, args=(broker.port, messages, go))
    device.start()
    database = Database(url)
    eventually(lambda: SUBSCRIBED in (broker.folder / "mosquitto.log").read_text(), "the subscription", 120)
    _wait_idle(processes)
    before_s = sum(map(_processor_s, processes))
    began_s = time.perf_counter()
    go.set()
    while not _all_in_carts(database, len(messages)):
        assert time.perf_counter() - began_s < DEADLINE_S
        time.sleep(0.05)
    took_s = time.perf_counter() - began_s
    spent_s = sum(map(_processor_s, processes)) - before_s
    device.join(30)
    for process in processes:
        process.terminate()
        process.wait(30)
    database.close()
    return took_s, spent_s


def _wait_idle(processes: "list[subprocess.Popen[bytes]]") -> None:
    """They have loaded everything: from one half second to the next they hardly did anything."""
    last_s = -1.0
    while (now_s := sum(map(_processor_s, processes))) - last_s > IDLE_SHARE * IDLE_WITHIN_S * len(processes):
        last_s = now_s
        time.sleep(IDLE_WITHIN_S)


def _processor_s(process: "subprocess.Popen[bytes]") -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _all_in_carts(database: Database, count: int) -> bool:
    with database.read() as connection:
        committed = connection.execute(select(progress.c.contiguous)).scalar()
        return committed == count and not anything_waits(connection)


def bench(kind: Any, folder: Path, messages: Messages, worker_counts: tuple[int, ...]) -> None:
    """Bare and ours in turn."""
    url = kind.new("shop")
    database = Database(url)
    Shop(database).furnish()
    let_in(database, SHOPPERS)
    database.close()
    say(f"{kind.name}: {len(messages)} events, load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors")
    for workers in worker_counts:
        rates = []
        for name in ("bare", "ours"):
            place = folder / f"{kind.name}-{name}-{workers}"
            place.mkdir()
            broker = Broker(place)
            broker.start(AS_DEPLOYED)
            copied = kind.copy(f"{name}_{workers}", "shop")
            try:
                if name == "bare":
                    took_s, spent_s = run_bare(broker, copied, messages)
                else:
                    took_s, spent_s = run_ours(broker, copied, messages, workers)
            finally:
                broker.kill()
            rates.append((len(messages) / took_s, 1000 * spent_s / len(messages)))
        (bare_s, bare_ms), (ours_s, ours_ms) = rates
        say(
            f"  {workers} worker(s): {ours_s:.0f} events/s into carts, bare {bare_s:.0f}/s, "
            f"ratio {ours_s / bare_s:.2f}; processor ms an event {ours_ms:.2f} beside {bare_ms:.2f}"
        )


def main() -> int:
    """Both kinds, or the one that is named."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    kinds = sys.argv[2:] or ["sqlite", "postgresql"]
    people = crowd(count // 4, 20261122, SHOPPERS).messages
    messages = [message for message in people if "telemetry" not in message[0]][:count]
    assert len(messages) == count
    with tempfile.TemporaryDirectory() as folder:
        for name in kinds:
            kind = SqliteFiles(Path(folder)) if name == "sqlite" else PostgresDatabases()
            try:
                bench(kind, Path(folder), messages, (1,) if name == "sqlite" else (1, 2, 4))
            finally:
                kind.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
