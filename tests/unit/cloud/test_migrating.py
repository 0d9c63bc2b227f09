"""A database that was traded on with an earlier version goes on with this one."""

from pathlib import Path
from uuid import UUID

from alembic import command
from alembic.config import Config

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.migrating import migrate, schema_of
from cloud.migrations import HEAD
from tests.unit.cloud.corner_shop import Shop, StandingClock
from tests.unit.cloud.test_after_the_sale import Desk

VISIT = UUID("018f3406-9e00-76c2-b3e2-ac06715cc8d6")
OPEN = UUID("018f3406-9e00-76c2-b3e2-ac06715cc8d7")
THEN = "2026-11-22 08:00:00.000000"


def at_first_version(file: Path) -> Database:
    database = Database(f"sqlite:///{file}")
    config = Config()
    config.set_main_option("script_location", "cloud:migrations")
    config.set_main_option("path_separator", "os")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    return database


def insert(database: Database, table: str, **values: object) -> None:
    names = ", ".join(values)
    with database.write() as connection:
        marks = ", ".join("?" for _ in values)
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))


def traded_on(database: Database) -> None:
    """One visit that was captured with a line in review, and one whose capture was under way."""
    terms = {"currency": "EUR", "hold_minor": 5000, "charge_threshold": 0.9, "settle_within_s": 60}
    insert(database, "stores", store_id="corner", name="Corner", **terms, created_at=THEN)
    insert(database, "accounts", store_id="corner", account_id="alice", created_at=THEN)
    wallet = {"currency": "EUR", "balance_minor": 9_700, "held_minor": 5_000}
    insert(database, "wallets", store_id="corner", account_id="alice", **wallet)
    for visit, state in ((VISIT, "settled"), (OPEN, "capturing")):
        name, mine = visit.hex, {"store_id": "corner", "visit_id": visit.hex}
        times = {"created_at": THEN, "entered_at": THEN, "exited_at": THEN, "exit_received_at": THEN}
        where = {"exit_device": "corner-hub", "exit_epoch": 1, "exit_seq": 9}
        insert(database, "visits", **mine, state=state, account_id="alice", late_events=0, **times, **where)
        done = state == "settled"
        for kind, minor in (("hold", 5000), ("capture", 300)):
            key = f"corner/{visit}/{kind}/1"
            result = {"state": "done", "reference": key} if done or kind == "hold" else {"state": "pending"}
            money = {"account_id": "alice", "amount_minor": minor, "currency": "EUR", "intended_at": THEN}
            insert(database, "payments", **mine, key=key, kind=kind, **money, **result)
        hold = {"account_id": "alice", "held_minor": 5000, "captured_minor": 300 * done, "refunded_minor": 0}
        insert(database, "wallet_holds", store_id="corner", hold_key=f"corner/{visit}/hold/1", open=not done, **hold)
        outcome = {"outcome": "captured" if done else None, "charged_minor": 300, "currency": "EUR", "complete": True}
        insert(database, "settlements", **mine, account_id="alice", **outcome, missing="[]", decided_at=THEN)
        for position, decision in enumerate(("review", "charge")):
            line = {"sku": "water", "name": "Water", "qty": 2, "p": 0.95, "reasons": "[]", "interactions": "[]"}
            amount = {"unit_minor": 150, "amount_minor": 300, "decision": decision, "position": position}
            insert(database, "settlement_lines", **mine, revision=1, **line, **amount)
        if done:
            receipt = {"total_minor": 300, "currency": "EUR", "in_review": 1, "issued_at": THEN}
            insert(database, "receipts", **mine, revision=1, account_id="alice", **receipt)
            entry = {"kind": "capture", "occurred_at": THEN, "recorded_at": THEN}
            insert(database, "ledger_entries", **mine, entry_id=name, key=f"corner/{visit}/capture/1", **entry)
            for position, (account, minor) in enumerate((("wallet:alice", 300), ("sales", -300))):
                posting = {"position": position, "account": account, "amount_minor": minor, "currency": "EUR"}
                insert(database, "ledger_postings", store_id="corner", entry_id=name, **posting)
            call = {"kind": "capture", "subject": f"corner/{visit}/hold/1", "amount_minor": 300, "called_at": THEN}
            insert(database, "wallet_calls", store_id="corner", key=f"corner/{visit}/capture/1", currency="EUR", **call)


def test_what_was_charged_before_can_be_refunded_and_reviewed_after(tmp_path: Path) -> None:
    database = at_first_version(tmp_path / "old.db")
    traded_on(database)
    assert migrate(database)
    assert schema_of(database) == HEAD
    shop = Shop(database, StandingClock())
    assert [(row["state"], row["captured_minor"]) for row in shop.rows(tables.charges)] == [
        ("captured", 300),
        ("capturing", 0),
    ]
    assert [row["state"] for row in shop.rows(tables.reviews)] == ["open", "open"]
    shop.work()
    assert {row["state"] for row in shop.rows(tables.visits)} == {"settled"}, "what was under way goes on"
    assert shop.wallet() == (9_400, 0)
    desk = Desk.__new__(Desk)
    desk.take_over(shop)
    for visit in (VISIT, OPEN):
        refund = desk.post(f"visits/{visit}/refunds", {"by": "olga", "reason": "faulty", "lines": [{"line": 1}]})
        assert refund.status_code == 201, refund.text
        assert desk.receipt(visit)["total_minor"] == 0
    assert shop.wallet() == (10_000, 0)
    shop.clock.pass_s(3 * 86_400)
    shop.work()
    assert {row["state"] for row in shop.rows(tables.reviews)} == {"lapsed"}
    database.close()
