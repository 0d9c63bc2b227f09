"""That the books come out right, at size: figures, and exit code 1 where one is not what it must be.

python -m tests.bench.bench_books [VISITS] [FAULT_RATE] [sqlite|postgresql]

1. The same visits are said as they happened and, three times, shuffled, doubled and late: the same ledger, receipts and
   settlements.
2. Visits are paid by the fake gateway while so many of its requests go wrong, in every way it knows, and its webhooks
   come doubled, late and in another order; the worker is killed and begun anew; some of what was bought is refunded and
   disputed meanwhile. Nothing is charged twice, nothing due is lost, and the reconciliation is empty.

All visits are simulated, on SQLite unless PostgreSQL is named, without a broker. Time is a clock that is told to move.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.gateways.fake_notices import read_fake_notice
from cloud.api.rim import Rim
from cloud.fake_gateway.faults import FaultPlan
from cloud.fake_gateway.webhooks import Outgoing
from cloud.gateways import WebhookSource
from cloud.service.reconciling import reconcile
from cloud.service.worker import Worker
from tests.bench.saying import say
from tests.databases.kinds import PostgresDatabases, SqliteFiles
from tests.unit.cloud.asking import Http, api_on
from tests.unit.cloud.corner_shop import STORE, Shop, StandingClock
from tests.unit.cloud.fake_house import FakeHouse
from tests.unit.cloud.many_visits import badly_said, books, crowd, let_in

SEEDS = (1, 2, 3)
SHOPPERS = 50
REFUNDED_SHARE = 0.15
DISPUTED_SHARE = 0.1
QUIET_PASSES = 15


class Bench:
    """A folder of databases."""

    def __init__(self, kind: SqliteFiles | PostgresDatabases) -> None:
        self._kind = kind
        kind.new("empty")

    def database(self, name: str) -> Database:
        """A fresh one."""
        return Database(self._kind.copy(name, "empty"))


def same_books(bench: Bench, visits: int) -> bool:
    """Part 1."""
    people = crowd(visits, seed=20261122, shoppers=SHOPPERS)
    found: list[tuple[object, ...]] = []
    for seed in (None, *SEEDS):
        began_s = time.perf_counter()
        database = bench.database(f"said_{seed}")
        shop = Shop(database).furnish()
        let_in(database, SHOPPERS)
        batches = [list(people.messages)] if seed is None else list(badly_said(people.messages, seed))
        for batch in batches:
            shop.hear(*batch)
            shop.work(passes_max=100_000)
        found.append(books(shop))
        states = Counter(row["state"] for row in shop.rows(tables.visits))
        how = "as said" if seed is None else f"seed {seed}: {sum(map(len, batches))} messages in {len(batches)} batches"
        say(f"  {how}: {dict(states)}, ledger {shop.ledger_left_over()}, {time.perf_counter() - began_s:.0f} s")
        database.close()
    same = all(each == found[0] for each in found)
    postings, receipts, lines, _ = (len(each) for each in found[0])  # type: ignore[arg-type]
    say(f"  {postings} postings, {receipts} receipts, {lines} lines: {'identical' if same else 'DIFFERENT'}")
    return same


class AfterTheSale:
    """Refunds and disputes of some receipts, each asked for once they are there."""

    def __init__(self, http: Http, shop: Shop, seed: int) -> None:
        self._http, self._shop = http, shop
        self._chance = random.Random(f"after {seed}")
        self._seen: set[str] = set()
        self.asked: Counter[str] = Counter()

    def go_on(self) -> None:
        """Ask for what is due of receipts that are new."""
        for row in self._shop.rows(tables.receipts):
            visit = str(row["visit_id"])
            if visit in self._seen or not row["total_minor"] or row["owed_minor"]:
                continue
            self._seen.add(visit)
            dice = self._chance.random()
            if dice < REFUNDED_SHARE:
                self._post("refunds", f"visits/{visit}/refunds", {"by": "olga", "reason": "faulty"}, visit)
            elif dice < REFUNDED_SHARE + DISPUTED_SHARE:
                self._post("disputes", f"visits/{visit}/disputes", {"reason": "not_taken"}, visit)

    def _post(self, what: str, path: str, body: dict[str, Any], visit: str) -> None:
        headers = {"Idempotency-Key": f"{what}/{visit}"}
        statuses = {
            self._http.post(f"/v1/stores/{STORE}/{path}", json=body, headers=headers).status_code for _ in range(2)
        }
        self.asked[f"{what}: {sorted(statuses)}"] += 1


def badly_paid(bench: Bench, visits: int, rate: float, seed: int) -> bool:
    """Part 2."""
    began_s = time.perf_counter()
    clock = StandingClock()
    house = FakeHouse(clock, FaultPlan(rate, seed))
    database = bench.database(f"paid_{seed}")
    shop = Shop(database, clock).furnish()
    shop.gateway = house.client
    let_in(database, visits, payer="card")
    rim = Rim(database, clock, webhooks={"fake": WebhookSource(("old", "new"), read_fake_notice)})
    http, outgoing = api_on(rim, body_bytes_max=100_000), Outgoing(house.plan)
    later = AfterTheSale(http, shop, seed)
    chance, quiet, killed = random.Random(seed), 0, 0
    worker = Worker(database, {"fake": house.client}, clock)
    waiting = list(badly_said(crowd(visits, seed, visits).messages, seed))
    while waiting or quiet < QUIET_PASSES:
        if waiting:
            shop.hear(*waiting.pop(0))
        if chance.random() < 0.02:
            worker, killed = Worker(database, {"fake": house.client}, clock), killed + 1
        worked = worker.run_once()
        outgoing.collect(house.gateway, clock())
        for webhook in outgoing.take(clock()):
            body, headers = webhook.signed(("new",), clock())
            if http.post("/webhooks/fake", content=body, headers=headers).status_code != 204:
                outgoing.failed(webhook, clock())
        if not worked and not waiting:
            later.go_on()
            quiet += 1
            clock.pass_s(chance.choice([1, 5, 60, 3_600, 86_400]))
        else:
            quiet = 0
    good = report(shop, house, later, rate=rate, killed=killed, took_s=time.perf_counter() - began_s)
    database.close()
    return good


def report(shop: Shop, house: FakeHouse, later: AfterTheSale, *, rate: float, killed: int, took_s: float) -> bool:
    """Print what came of it; whether it is as it must be."""
    charges, receipts = shop.rows(tables.charges), shop.rows(tables.receipts)
    twice = {kind: len(moved := house.moved(kind)) - len(dict(moved)) for kind in ("capture", "refund")}
    booked = {row["capture_key"]: row["captured_minor"] for row in charges if row["state"] == "captured"}
    lost = unpaid = 0
    latest = {row["visit_id"]: row for row in sorted(receipts, key=lambda row: row["revision"])}
    for visit in (row for row in shop.rows(tables.visits) if row["state"] == "settled"):
        mine = [row for row in charges if row["visit_id"] == visit["visit_id"]]
        lines = [row for row in shop.rows_of(visit["visit_id"], 1) if row["decision"] == "charge"]
        lost += sum(line["amount_minor"] for line in lines) != sum(row["amount_minor"] for row in mine)
        lost += latest[visit["visit_id"]]["total_minor"] != sum(r["amount_minor"] - r["refunded_minor"] for r in mine)
        unpaid += sum(row["state"] != "captured" for row in mine)
    wrong = dict(house.moved("capture")) != booked
    ended = Counter(row["refused_reason"] or row["state"] for row in shop.rows(tables.visits))
    unfinished = sum(count for how, count in ended.items() if how not in {"settled", "card_declined", "debt"})
    house.gateway.plan = FaultPlan()
    compared = reconcile(shop.database, {"fake": house.client}, STORE, shop.clock)
    suffered = {str(kind): count for kind, count in sorted(house.plan.suffered.items())}
    say(f"  {len(latest)} receipts in {len(receipts)} revisions, {len(charges)} charges")
    say(f"  {killed} restarts of the worker, {took_s:.0f} s")
    say(f"  visits: {dict(ended)}")
    say(f"  at {rate:.0%}: {suffered}")
    say(f"  after the sale: {dict(later.asked)}; refunds at the gateway {len(house.moved('refund'))}")
    say(f"  double captures {twice['capture']}, double refunds {twice['refund']}, lost charges {lost}")
    say(f"  not the same at gateway and books: {wrong}; owed in the end {unpaid}")
    say(f"  reconciliation: {len(compared.differences)} differences in {compared.movements} movements")
    say(f"  ledger {shop.ledger_left_over()}")
    good = not any([*twice.values(), lost, unfinished, wrong, compared.differences, *shop.ledger_left_over().values()])
    return good and compared.agrees


def main() -> int:
    """Both parts."""
    visits = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 0.2
    with tempfile.TemporaryDirectory() as folder:
        kind = PostgresDatabases() if "postgresql" in sys.argv[3:] else SqliteFiles(Path(folder))
        say(f"on {kind.name}")
        bench = Bench(kind)
        good = True
        for seed in SEEDS[:2]:
            say(f"{visits} simulated visits, paid badly, seed {seed}")
            good &= badly_paid(bench, visits, rate, seed)
        say(f"{visits} simulated visits, said badly")
        good &= same_books(bench, visits)
        kind.close()
    say("as it must be" if good else "NOT as it must be")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
