"""Many visits, said and paid badly: the same books, nothing charged twice, nothing lost."""

import random
import shutil
from pathlib import Path

import pytest

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.gateways.fake_notices import read_fake_notice
from cloud.api.rim import Rim
from cloud.fake_gateway.faults import Fault, FaultPlan
from cloud.fake_gateway.webhooks import Outgoing, Webhook
from cloud.gateways import WebhookSource
from cloud.service.worker import Worker
from tests.unit.cloud.asking import api_on
from tests.unit.cloud.corner_shop import Shop, StandingClock
from tests.unit.cloud.fake_house import FakeHouse
from tests.unit.cloud.many_visits import badly_said, books, crowd, let_in

VISITS = 30


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_and_repetition_of_many_visits_gives_the_same_books(
    migrated_file: Path, quick_path: Path, seed: int
) -> None:
    people = crowd(VISITS, seed=20261122, shoppers=5)
    found = []
    for name, batches in (("as said", [list(people.messages)]), ("badly", list(badly_said(people.messages, seed)))):
        file = quick_path / f"{name}.db"
        shutil.copy(migrated_file, file)
        database = Database(f"sqlite:///{file}")
        shop = Shop(database).furnish()
        let_in(database, 5)
        for batch in batches:
            shop.hear(*batch)
            shop.work(passes_max=500)
        found.append(books(shop))
        assert shop.ledger_left_over() == {"EUR": 0}
        assert {row["state"] for row in shop.rows(tables.visits)} == {"settled"}
        database.close()
    assert found[0] == found[1]


def settle_by(database: Database, house: FakeHouse, clock: StandingClock, seed: int, visits: int) -> Shop:
    """Many visits paid by the fake gateway, with its webhooks coming in between, until nothing is left to do."""
    shop = Shop(database, clock).furnish()
    shop.gateway = house.client
    let_in(database, visits, payer="card")
    source = WebhookSource(("old", "new"), read_fake_notice)
    rim = Rim(database, clock, webhooks={"fake": source})
    http, outgoing = api_on(rim, body_bytes_max=100_000), Outgoing(house.plan)
    worker = Worker(database, {"fake": house.client}, clock)
    for batch in badly_said(crowd(visits, seed, visits).messages, seed):
        shop.hear(*batch)
        worker.run_once()
    chance = random.Random(seed)
    quiet = 0
    while quiet < 12:
        if chance.random() < 0.02:
            worker = Worker(database, {"fake": house.client}, clock)
        worked = worker.run_once()
        outgoing.collect(house.gateway, clock())
        for webhook in outgoing.take(clock()):
            body, headers = webhook.signed(("new",), clock())
            if http.post("/webhooks/fake", content=body, headers=headers).status_code != 204:
                outgoing.failed(webhook, clock())
        quiet = 0 if worked else quiet + 1
        clock.pass_s(chance.choice([5, 60, 3_600, 86_400]) if not worked else 0)
    return shop


def test_a_gateway_with_faults_of_every_kind_charges_everything_once(database: Database) -> None:
    clock = StandingClock()
    house = FakeHouse(clock, FaultPlan(0.2, seed=6))
    shop = settle_by(database, house, clock, seed=6, visits=VISITS)
    assert set(house.plan.suffered) >= set(Fault), "each kind of fault came up"
    captures = house.moved("capture")
    assert len(captures) == len(dict(captures)), "no capture was made twice"
    charges = shop.rows(tables.charges)
    assert {row["state"] for row in charges} <= {"captured", "owed"}
    paid = {row["capture_key"]: row["captured_minor"] for row in charges if row["state"] == "captured"}
    assert dict(captures) == paid, "what the gateway took is what the books say"
    receipts = {row["visit_id"]: row for row in shop.rows(tables.receipts)}
    for visit, receipt in receipts.items():
        mine = [row for row in charges if row["visit_id"] == visit]
        assert receipt["total_minor"] == sum(row["amount_minor"] for row in mine), "nothing due was lost"
    assert {row["state"] for row in shop.rows(tables.visits)} <= {"settled", "refused"}
    assert shop.ledger_left_over() == {"EUR": 0}
    assert house.gateway.book.open_holds("corner", clock()) == [], "nothing stays reserved"


def test_a_chargeback_and_its_reversal_come_in_any_order_and_count_once(database: Database) -> None:
    clock = StandingClock()
    house = FakeHouse(clock)
    shop = settle_by(database, house, clock, seed=3, visits=3)
    captured = next(each for each in house.gateway.book.movements if each.kind == "capture")
    body = {"capture": captured.id, "amount_minor": 100}
    name = house.http.post("/v1/chargebacks", json=body, headers={"Idempotency-Key": "b"}).json()["id"]
    house.http.post(f"/v1/chargebacks/{name}/reverse", json={}, headers={"Idempotency-Key": "v"})
    source = WebhookSource(("secret",), read_fake_notice)
    http = api_on(Rim(database, clock, webhooks={"fake": source}), api_key="k")
    outgoing = Outgoing(FaultPlan())
    outgoing.collect(house.gateway, clock())
    told = [webhook.signed(("secret",), clock()) for webhook in outgoing.take(clock())]
    steps = []
    for content, headers in [told[-1], told[-2], *told]:
        assert http.post("/webhooks/fake", content=content, headers=headers).status_code == 204
        shop.work()
        clock.pass_s(31)
        shop.work()
        lost = [row for row in shop.rows(tables.ledger_postings) if row["account"] == "chargebacks"]
        steps.append(sum(row["amount_minor"] for row in lost))
    assert (len(lost), steps[0], steps[-1]) == (2, 0, 0)
    causes = [row["cause"] for row in shop.rows(tables.receipts)]
    assert causes.count("charged_back") == 2
    content, headers = told[-1]
    for bad in ({**headers, "Tillfree-Signature": "t=1,v1=00"}, {}):
        assert http.post("/webhooks/fake", content=content, headers=bad).status_code == 401
    assert http.post("/webhooks/nobody", content=content, headers=headers).status_code == 404


def test_a_chargeback_that_is_told_under_another_id_counts_once(database: Database) -> None:
    clock = StandingClock()
    house = FakeHouse(clock)
    shop = settle_by(database, house, clock, seed=3, visits=1)
    captured = next(each for each in house.gateway.book.movements if each.kind == "capture")
    body = {"capture": captured.id, "amount_minor": 100}
    house.http.post("/v1/chargebacks", json=body, headers={"Idempotency-Key": "b"})
    http = api_on(Rim(database, clock, webhooks={"fake": WebhookSource(("secret",), read_fake_notice)}), api_key="k")
    outgoing = Outgoing(FaultPlan())
    outgoing.collect(house.gateway, clock())
    told = outgoing.take(clock())[-1]
    for name in ("first", "second", "second"):
        content, headers = Webhook({**told.event, "id": name}).signed(("secret",), clock())
        assert http.post("/webhooks/fake", content=content, headers=headers).status_code == 204
        shop.work()
        clock.pass_s(31)
    lost = [row["amount_minor"] for row in shop.rows(tables.ledger_postings) if row["account"] == "chargebacks"]
    assert lost == [100]
    assert [row["charged_back_minor"] for row in shop.rows(tables.charges)] == [100]
