"""Many visits in one transaction leave what each alone would leave, and one that is wrong holds no other up."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text, update

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.payments import Payment
from cloud.adapters.database.visits import VisitKey
from cloud.service.worker import Worker
from tests.unit.cloud.corner_shop import STORE, Hub, Shop
from tests.unit.cloud.many_visits import books, crowd, let_in

VISITS = 25


class Alone(Worker):
    """Does everything one by one."""

    def _settle_together(self, keys: Sequence[VisitKey]) -> tuple[bool, list[VisitKey]]:
        return False, list(keys)

    def _hold_together(self, waiting: Sequence[Payment]) -> tuple[Sequence[Payment], bool]:
        return waiting, False


def traded(database: Database, kind: type[Worker]) -> Shop:
    """Visits of shoppers of whom some have little money and one has none, and of a stranger."""
    shop = Shop(database).furnish()
    let_in(database, 5)
    little = {"shopper-1": 7_000, "shopper-2": 0}
    with database.write() as connection:
        for account, minor in little.items():
            mine = (tables.wallets.c.store_id == STORE, tables.wallets.c.account_id == account)
            connection.execute(update(tables.wallets).where(*mine).values(balance_minor=minor))
    messages = list(crowd(VISITS, 5, 6).messages)
    random.Random(3).shuffle(messages)
    shop.hear(*messages)
    worker = kind(database, shop.gateways, shop.clock)
    while worker.run_once():
        pass
    return shop


def rest(shop: Shop) -> list[object]:
    """What the books leave out, without what the database counts itself."""
    found: list[object] = []
    for table in (tables.visits, tables.wallets, tables.wallet_holds, tables.wallet_calls, tables.charges):
        found.append(sorted(map(str, (sorted(row.items(), key=str) for row in shop.rows(table)))))
    payments = [{**row, "intended_at": None, "resolved_at": None} for row in shop.rows(tables.payments)]
    found.append(sorted(map(str, payments)))
    found.append(sorted((str(row["visit_id"]), row["position"], row["state"]) for row in shop.rows(tables.reviews)))
    return found


def test_together_leaves_what_each_alone_would_leave(database: Database, migrated_file: Path, quick_path: Path) -> None:
    together = traded(database, Worker)
    shutil.copy(migrated_file, quick_path / "alone.db")
    other = Database(f"sqlite:///{quick_path / 'alone.db'}")
    alone = traded(other, Alone)
    assert books(together) == books(alone)
    assert rest(together) == rest(alone)
    states = {row["refused_reason"] or row["state"] for row in together.rows(tables.visits)}
    assert states == {"settled", "insufficient_funds", "unknown_token"}, "each kind came up"
    other.close()


@pytest.mark.sqlite
def test_a_visit_that_the_database_refuses_holds_no_other_up(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub()
    visits = [hub.visit(number) for number in range(5)]
    with shop.database.write() as connection:
        spoiled = f"'{visits[2].hex}'"
        connection.execute(
            text(
                f"CREATE TRIGGER spoiled BEFORE INSERT ON settlements WHEN NEW.visit_id = {spoiled} "
                "BEGIN SELECT RAISE(ABORT, 'it is spoiled'); END"
            )
        )
    with shop.database.write() as connection:
        connection.execute(update(tables.wallets).values(balance_minor=100_000))
    for visit in visits:
        hub.enter(visit), hub.pick(visit, 5), hub.leave(visit)
    shop.hear(*hub.said, hub.watermark(61))
    shop.work()
    assert [shop.bought(visit) for visit in visits] == [{"water": 1}, {"water": 1}, None, {"water": 1}, {"water": 1}]
    assert "a visit cannot be settled: trying again later" in caplog.text
    with shop.database.write() as connection:
        connection.execute(text("DROP TRIGGER spoiled"))
    shop.work()
    assert shop.bought(visits[2]) == {"water": 1}
    assert shop.ledger_left_over() == {"EUR": 0}
