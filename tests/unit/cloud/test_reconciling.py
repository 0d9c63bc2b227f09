"""Comparing the books with the gateways, and with themselves."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.domain.money import Money
from cloud.domain.reconciliation import Movement, OpenHold, compare, stranded
from cloud.fake_gateway.faults import FaultPlan
from cloud.service.reconciling import Report, reconcile
from tests.unit.cloud.corner_shop import NOW, STORE, Hub, Shop, StandingClock, at, let_ledger_be_spoiled
from tests.unit.cloud.fake_house import FakeHouse
from tests.unit.cloud.test_many_visits import settle_by
from tillfree.cli.main import app


def report_of(shop: Shop, house: FakeHouse) -> Report:
    house.gateway.plan = FaultPlan()
    return reconcile(shop.database, {"fake": house.client}, STORE, shop.clock)


def kinds(report: Report) -> list[tuple[str, str]]:
    return [(each.kind, each.what) for each in report.differences]


def test_after_faults_of_every_kind_the_books_agree(database: Database) -> None:
    clock = StandingClock()
    house = FakeHouse(clock, FaultPlan(0.2, seed=11))
    report = report_of(settle_by(database, house, clock, seed=11, visits=20), house)
    assert report.differences == ()
    assert report.agrees
    assert (report.in_flight, report.movements["fake"] > 5) == (0, True)


def more(house: FakeHouse) -> None:
    first = house.gateway.book.movements[0]
    house.gateway.book.movements[0] = replace(first, amount_minor=first.amount_minor + 1)


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda house: house.gateway.book.movements.pop(0), [("missing_at_gateway", "capture")]),
        (
            lambda house: house.gateway.book.movements.append(house.gateway.book.movements[0]),
            [("twice_at_gateway", "capture")],
        ),
        (more, [("amount_differs", "capture")]),
        (
            lambda house: house.gateway.book.charge_back(house.gateway.book.movements[0].id, 1, NOW),
            [("missing_in_ledger", "chargeback")],
        ),
        (lambda house: house.client.hold(STORE, "card", Money(5, "EUR"), "forgotten"), [("stranded_hold", "hold")]),
    ],
)
def test_every_difference_is_found(
    database: Database, spoil: Callable[[FakeHouse], object], found: list[tuple[str, str]]
) -> None:
    clock = StandingClock()
    house = FakeHouse(clock)
    shop = settle_by(database, house, clock, seed=3, visits=3)
    assert report_of(shop, house).agrees
    spoil(house)
    assert kinds(report_of(shop, house)) == found


def test_the_books_are_held_to_themselves(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.leave(visit), hub.watermark(61))
    shop.work()
    with shop.database.write() as connection:
        connection.execute(tables.receipts.update().values(total_minor=151))
        connection.execute(tables.wallets.update().values(balance_minor=1))
    report = reconcile(shop.database, {}, STORE, shop.clock)
    assert kinds(report) == [("wallet_differs", "wallet"), ("receipt_differs", "receipt")]
    assert report.unreachable == ("wallet",)


def test_a_payment_without_an_answer_is_left_out(database: Database) -> None:
    clock = StandingClock()
    house = FakeHouse(clock)
    shop = settle_by(database, house, clock, seed=3, visits=3)
    with database.write() as connection:
        captured = tables.payments.c.kind == "capture"
        connection.execute(tables.payments.update().where(captured).values(state="pending"))
        let_ledger_be_spoiled(connection)
        connection.execute(tables.ledger_entries.delete())
        connection.execute(tables.ledger_postings.delete())
    report = report_of(shop, house)
    assert "capture" not in {what for _, what in kinds(report)}
    assert report.in_flight > 0


movements = st.lists(
    st.tuples(st.sampled_from(["capture", "refund"]), st.sampled_from("abcd"), st.integers(1, 3)),
    max_size=6,
    unique_by=lambda each: each[:2],
)


@given(movements, movements)
def test_nothing_differs_exactly_where_both_sides_say_the_same(
    ours: list[tuple[str, str, int]], theirs: list[tuple[str, str, int]]
) -> None:
    def side(said: list[tuple[str, str, int]]) -> list[Movement]:
        return [Movement(kind, key, key, Money(minor, "EUR"), NOW) for kind, key, minor in said]  # type: ignore[arg-type]

    differences = compare(side(ours), side(theirs), frozenset())
    assert (not differences) == (sorted(ours) == sorted(theirs))
    assert compare(side(ours), side(theirs), frozenset("abcd")) == []


def test_a_hold_that_something_needs_is_not_stranded() -> None:
    held = [OpenHold("a", "1", 5), OpenHold("b", "2", 5)]
    assert [each.key for each in stranded(held, frozenset("a"))] == ["b"]


def test_the_command_says_whether_the_books_agree_and_exports_them(shop: Shop, tmp_path: Path) -> None:
    hub = Hub()
    visit = hub.visit()
    with shop.database.write() as connection:
        connection.execute(tables.products.update().values(name="=cmd()"))
    shop.hear(hub.enter(visit), hub.pick(visit, 5, qty=2), hub.leave(visit), hub.watermark(61))
    shop.work()
    database = ["--database", str(shop.database.engine.url)]
    run = CliRunner()
    said = run.invoke(app, ["cloud", "reconcile", "--json", "-", *database])
    assert (said.exit_code, json.loads(said.stdout)["agree"]) == (0, True)
    out = tmp_path / "lines.csv"
    done = run.invoke(app, ["cloud", "export", "--store", STORE, "--since", "2026-11-22", "--out", str(out), *database])
    assert done.exit_code == 0, done.output
    (row,) = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert (row["sku"], row["qty"], row["remaining_minor"], row["name"]) == ("water", "2", "300", "'=cmd()")
    columns = tmp_path / "lines.parquet"
    done = run.invoke(
        app, ["cloud", "export", "--store", STORE, "--since", "2026-11-22", "--out", str(columns), *database]
    )
    assert done.exit_code == 0, done.output
    (typed,) = pq.read_table(columns).to_pylist()
    # Programs compute with it, so a name is as it is, and numbers and moments are what they are.
    assert (typed["name"], typed["qty"], typed["remaining_minor"]) == ("=cmd()", 2, 300)
    assert (typed["exited_at"], typed["issued_at"], typed["promotions"]) == (at(60), shop.clock(), [])
    with shop.database.write() as connection:
        connection.execute(tables.wallets.update().values(balance_minor=1))
    wrong = run.invoke(app, ["cloud", "reconcile", *database])
    assert (wrong.exit_code, "wallet_differs" in wrong.stdout) == (1, True)
    kept = [
        (row["agrees"], row["differing"], [each["kind"] for each in row["differences"]])
        for row in shop.rows(tables.reconciliations)
    ]
    assert kept == [(True, 0, []), (False, 1, ["wallet_differs"])]
    assert run.invoke(app, ["cloud", "reconcile", "--store", "nowhere", *database]).exit_code == 1
