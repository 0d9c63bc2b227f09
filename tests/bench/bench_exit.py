"""From the exit to the receipt: 50 shoppers at once, on one machine. Exit code 1 where p50 > 1 s or p99 > 3 s.

python -m tests.bench.bench_exit [SHOPPERS] [ROUNDS] [sqlite|postgresql]

A real mosquitto; one process with API, ingester and worker (`tillfree cloud serve --all-in-one`); one hub that says
what the shoppers do as an edge would: events at QoS 1, sent again until they are acked, and its watermark ten times a
second. In each round every shopper enters, picks three things and puts one back, and leaves within the same five
seconds; from then on their phone asks the API for the receipt every 200 ms. The time runs from the moment at which the
exit is said to the answer that is the receipt, so the watermark's and the phone's interval are in it. The shoppers are
simulated.
"""

import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import httpx

from cloud.adapters.database.engine import Database
from tests.bench.saying import say
from tests.databases.kinds import PostgresDatabases, SqliteFiles
from tests.integration.cloud.corner_street import Broker, CloudProcess, Device, eventually
from tests.unit.cloud.corner_shop import STORE, Hub, Shop
from tests.unit.cloud.many_visits import let_in

EXITS_WITHIN_S = 5.0
ASK_EVERY_S = 0.2
DEADLINE_S = 60.0
P50_MAX_S, P99_MAX_S = 1.0, 3.0


@dataclass
class Street:
    """The hub's clock and mouth: what it says, in order and one at a time."""

    hub: Hub
    began_s: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now_s(self) -> float:
        return time.monotonic() - self.began_s

    def say(self, what: str, visit: UUID, *more: Any) -> None:
        with self.lock:
            if what == "enter":
                self.hub.enter(visit, self.now_s(), token=more[0])
            elif what == "leave":
                self.hub.leave(visit, self.now_s())
            elif what == "pick":
                self.hub.pick(visit, self.now_s(), more[0], p=0.99)
            else:
                self.hub.put_back(visit, self.now_s(), more[0], p=0.99)


def shop(street: Street, api: str, number: int, round_: int, go: threading.Barrier, found: list[float]) -> None:
    """One visit, and the phone that waits for its receipt."""
    chance = random.Random(f"{round_}/{number}")
    visit = street.hub.visit(round_ * 10_000 + number)
    street.say("enter", visit, f"token {number}")
    for sku in ("water", "bread", "water"):
        time.sleep(chance.uniform(0.1, 1.0))
        street.say("pick", visit, sku)
    street.say("put back", visit, "water")
    go.wait()
    time.sleep(chance.uniform(0, EXITS_WITHIN_S))
    street.say("leave", visit)
    left_s = time.monotonic()
    with httpx.Client(base_url=api, timeout=30) as phone:
        while time.monotonic() - left_s < DEADLINE_S:
            answer = phone.get(f"/v1/stores/{STORE}/visits/{visit}/receipt")
            if answer.status_code == 200:
                assert answer.json()["total_minor"] == 400, answer.text
                found.append(time.monotonic() - left_s)
                return
            time.sleep(ASK_EVERY_S)


def watch(device: Device, street: Street, stop: threading.Event) -> None:
    """The hub has observed up to now."""
    while not stop.wait(0.05):
        device.until_s = street.now_s()


def bench(url: str, name: str, shoppers: int, rounds: int) -> bool:
    """All rounds on one database."""
    database = Database(url)
    Shop(database).furnish()
    let_in(database, shoppers)
    database.close()
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder))
        broker.start("max_inflight_messages 200\n")
        cloud = CloudProcess(Path(folder), broker.url, url=url)
        cloud.start(TILLFREE_LOG="warning")
        street = Street(Hub())
        device = Device(broker.port, street.hub)
        stop = threading.Event()
        watcher = threading.Thread(target=watch, args=(device, street, stop))
        watcher.start()
        found: list[float] = []
        try:
            for round_ in range(rounds):
                go = threading.Barrier(shoppers)
                args = [(street, str(cloud.http.base_url), number, round_, go, found) for number in range(shoppers)]
                threads = [threading.Thread(target=shop, args=each) for each in args]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            eventually(lambda: device.acked == len(street.hub.said), "the ack of everything")
            balanced = cloud.balanced()
        finally:
            stop.set()
            watcher.join()
            device.close()
            cloud.kill()
            cloud.http.close()
            broker.kill()
    return report(name, found, shoppers * rounds, balanced=balanced)


def report(name: str, found: list[float], wanted: int, *, balanced: bool) -> bool:
    """Print what came of it; whether it is as it must be."""
    cuts = quantiles(found, n=100, method="inclusive")
    p50_s, p90_s, p99_s = cuts[49], cuts[89], cuts[98]
    load = Path("/proc/loadavg").read_text().split()[0]
    say(
        f"{name}: {len(found)} of {wanted} receipts, exit to receipt p50 {p50_s:.2f} s, p90 {p90_s:.2f} s, "
        f"p99 {p99_s:.2f} s, at most {max(found):.2f} s; ledger balanced: {balanced}; load {load}"
    )
    return len(found) == wanted and balanced and p50_s <= P50_MAX_S and p99_s <= P99_MAX_S


def main() -> int:
    """Both kinds, or the one that is named."""
    shoppers = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[3:] or ["sqlite", "postgresql"]:
            kind = SqliteFiles(Path(folder)) if name == "sqlite" else PostgresDatabases()
            try:
                good &= bench(kind.new("shop"), name, shoppers, rounds)
            finally:
                kind.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
