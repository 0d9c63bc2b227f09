"""How the hot paths take as stored visits grow from 10⁴ to 10⁶: figures, on SQLite and on PostgreSQL.

python -m tests.bench.bench_growth [SIZE …] [sqlite|postgresql]

Settled visits of the past, with everything that belongs to them (events, interaction, payments, charge, settlement,
line, receipt, ledger entry, wallet calls), are made by SQL in the tables themselves. At each size the same is done many
times and timed, one at a time: a batch of events committed; 40 visits brought from their events to their receipts; and
the reads that a phone and a console repeat. The figures are milliseconds, p50 and p99. That no statement of them reads
a whole table is a test (tests/unit/cloud/test_query_plans.py); here is what that comes to.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, text

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.receipts import latest_revision, lines_of
from cloud.adapters.database.visits import find_visit
from cloud.service.worker import Worker
from tests.bench.saying import say
from tests.databases.kinds import PostgresDatabases, SqliteFiles
from tests.unit.cloud.corner_shop import STORE, Hub, Shop
from tests.unit.cloud.many_visits import let_in

SIZES = (10_000, 100_000, 1_000_000)
SHOPPERS = 1_000
READS = 200
TRADED = 40

NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT {begin} UNION ALL SELECT i + 1 FROM n WHERE i < {end} - 1) ",
    "postgresql": "WITH n(i) AS (SELECT generate_series({begin}, {end} - 1)) ",
}
ID = {
    "sqlite": "printf('018c%08x7{kind}008000%012x', i / 16, i)",
    "postgresql": "('018c' || lpad(to_hex(i / 16), 8, '0') || '7{kind}008000' || lpad(to_hex(i), 12, '0'))::uuid",
}
THEN = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2024-01-01', '+' || (i * 20) || ' seconds')",
    "postgresql": "timestamptz '2024-01-01 00:00:00+00' + i * interval '20 seconds'",
}
YES = {"sqlite": "1", "postgresql": "true"}
NO = {"sqlite": "0", "postgresql": "false"}
SAID = (
    '{"type": "interaction", "interaction": "018c0000-0000-7000-8000-000000000000", "revision": 1, "p": 0.99, '
    '"cameras": ["shelf"], "slot": "wall.top.a", "entered": "2024-01-01T00:00:00Z", "left": "2024-01-01T00:00:01Z", '
    '"changes": [{"type": "pick", "sku": "water", "qty": 1, "slot": "wall.top.a", "p": 0.99}]}'
)

ROWS = {
    "visits": "store_id, visit_id, state, created_at, account_id, entered_at, exited_at, exit_device, exit_epoch, "
    "exit_seq, exit_received_at, horizon_seq, late_events, hold_number "
    "| '{store}', {visit}, 'settled', {then}, {who}, {then}, {then}, 'corner-hub', 9, i * 3 + 3, {then}, i * 3 + 3, 0, "
    "1",
    "inbox": "store_id, device_id, epoch, seq, event_id, type, ts, visit_id, data, received_at, processed_at "
    "| '{store}', 'corner-hub', 9, i + 1, {event}, 'exited', {then}, {visit}, '{{}}', {then}, {then}",
    "interactions": "store_id, interaction_id, visit_id, revision, event_id, ts, data "
    "| '{store}', {event}, {visit}, 1, {event}, {then}, '{said}'",
    "payments": "store_id, key, kind, visit_id, account_id, amount_minor, currency, state, reference, intended_at, "
    "resolved_at, number, gateway, subject, charge_number "
    "| '{store}', '{store}/' || {visit} || '/capture/1', 'capture', {visit}, {who}, 150, 'EUR', 'done', 'r', {then}, "
    "{then}, 1, 'wallet', 's', 1",
    "settlements": "store_id, visit_id, outcome, account_id, charged_minor, currency, complete, missing, decided_at, "
    "settled_at | '{store}', {visit}, 'captured', {who}, 150, 'EUR', {yes}, '[]', {then}, {then}",
    "settlement_lines": "store_id, visit_id, revision, position, sku, name, qty, p, decision, reasons, unit_minor, "
    "amount_minor, interactions, charge_number "
    "| '{store}', {visit}, 1, 0, 'water', 'Water', 1, 0.99, 'charge', '[]', 150, 150, '[]', 1",
    "charges": "store_id, visit_id, number, account_id, state, amount_minor, currency, gateway, hold_number, "
    "captured_minor, indebted, created_at "
    "| '{store}', {visit}, 1, {who}, 'captured', 150, 'EUR', 'wallet', 1, 150, {no}, {then}",
    "receipts": "store_id, visit_id, revision, account_id, total_minor, currency, in_review, issued_at "
    "| '{store}', {visit}, 1, {who}, 150, 'EUR', 0, {then}",
    "ledger_entries": "store_id, entry_id, key, kind, visit_id, occurred_at, recorded_at "
    "| '{store}', {entry}, '{store}/' || {visit} || '/capture/1', 'capture', {visit}, {then}, {then}",
    "ledger_postings": "store_id, entry_id, position, account, amount_minor, currency "
    "| '{store}', {entry}, side, CASE side WHEN 0 THEN 'wallet:' || {who} ELSE 'sales' END, 150 - 300 * side, 'EUR'",
    "wallet_calls": "store_id, key, kind, subject, amount_minor, currency, called_at "
    "| '{store}', '{store}/' || {visit} || '/capture/1', 'capture', 's', 150, 'EUR', {then}",
    "wallet_holds": "store_id, hold_key, account_id, held_minor, captured_minor, refunded_minor, open "
    "| '{store}', '{store}/' || {visit} || '/hold/1', {who}, 5000, 150, 0, {no}",
}


def fill(connection: Connection, begin: int, end: int) -> None:
    """Visits number `begin` to `end`, settled long ago."""
    kind = connection.dialect.name
    said = {
        "store": STORE,
        "visit": ID[kind].format(kind="1"),
        "event": ID[kind].format(kind="2"),
        "entry": ID[kind].format(kind="3"),
        "then": THEN[kind],
        "who": f"'shopper-' || (i % {SHOPPERS})",
        "yes": YES[kind],
        "no": NO[kind],
        "said": SAID,
    }
    for table, row in ROWS.items():
        columns, values = row.split(" | ")
        sides = ", (SELECT 0 AS side UNION ALL SELECT 1) AS sides" if "side," in values else ""
        numbers = NUMBERS[kind].format(begin=begin, end=end)
        insert = f"INSERT INTO {table} ({columns}) {numbers}SELECT {values.format(**said)} FROM n{sides}"
        if kind == "postgresql":
            insert = f"{numbers}INSERT INTO {table} ({columns}) SELECT {values.format(**said)} FROM n{sides}"
        connection.exec_driver_sql(insert.replace("%", "%%") if kind == "postgresql" else insert)


def settle_down(database: Database) -> None:
    """Let what was filled reach the disk: what is timed then must not wait for it."""
    if database.engine.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    else:
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))
    os.sync()


def timed(work: Callable[[int], object], times: int) -> str:
    """Milliseconds of each, p50 and p99."""
    took = []
    for number in range(times):
        began_s = time.perf_counter()
        work(number)
        took.append(1000 * (time.perf_counter() - began_s))
    cuts = quantiles(took, n=100, method="inclusive")
    return f"{cuts[49]:.1f}/{cuts[98]:.1f}"


def bench(shop: Shop, size: int) -> None:
    """The hot paths at one size."""
    database, worker = shop.database, Worker(shop.database, shop.gateways, shop.clock)
    with database.read() as connection:
        stored = connection.execute(select(func.count()).select_from(tables.visits)).scalar_one()
        kind = connection.dialect.name
        first = connection.execute(
            text(f"SELECT {ID[kind].format(kind='1')} FROM (SELECT {size // 2} AS i) n")
        ).scalar_one()
    past = first if isinstance(first, UUID) else UUID(str(first))
    hub = Hub(epoch=10 + size)
    visits = [hub.visit(size + number) for number in range(TRADED)]

    def trade(number: int) -> None:
        visit, at_s = visits[number], number * 100.0
        hub.enter(visit, at_s, token=f"token {number}")
        for place in range(3):
            hub.pick(visit, at_s + place, p=0.99)
        hub.leave(visit, at_s + 60)
        shop.hear(*hub.said[-5:], hub.watermark(at_s + 61))
        while worker.run_once():
            pass

    def events(number: int) -> None:
        for place in range(20):
            hub.pick(None, 5_000.0 + number * 20 + place)
        shop.hear(*hub.said[-20:])

    def receipt(_number: int) -> None:
        with database.read() as connection:
            assert find_visit(connection, STORE, past) is not None
            assert lines_of(connection, STORE, past, latest_revision(connection, STORE, past))

    def history(number: int) -> None:
        mine = (tables.visits.c.store_id == STORE, tables.visits.c.account_id == f"shopper-{number}")
        query = select(tables.visits).where(*mine).order_by(tables.visits.c.visit_id.desc()).limit(50)
        with database.read() as connection:
            assert connection.execute(query).all()

    def newest(_number: int) -> None:
        query = select(tables.receipts).where(tables.receipts.c.store_id == STORE)
        with database.read() as connection:
            newest_first = query.order_by(tables.receipts.c.visit_id.desc(), tables.receipts.c.revision.desc())
            assert connection.execute(newest_first.limit(50)).all()

    figures = {
        "events to receipt, a visit": timed(trade, TRADED),
        "20 events committed": timed(events, 50),
        "an idle pass of the worker": timed(lambda _: worker.run_once(), 50),
        "a receipt": timed(receipt, READS),
        "an account's visits": timed(history, READS),
        "the newest receipts": timed(newest, READS),
    }
    load = Path("/proc/loadavg").read_text().split()[0]
    say(f"  {stored:>9} visits (load {load}), ms p50/p99: " + "; ".join(f"{k} {v}" for k, v in figures.items()))


def grow(kind: Any, sizes: list[int]) -> None:
    """One database that grows."""
    database = Database(kind.new("growing"))
    shop = Shop(database).furnish()
    let_in(database, SHOPPERS)
    have = 0
    say(kind.name)
    for size in sizes:
        began_s = time.perf_counter()
        for begin in range(have, size, 50_000):
            with database.write() as connection:
                fill(connection, begin, min(size, begin + 50_000))
        have = size
        settle_down(database)
        if kind.name == "postgresql":
            with database.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
        say(f"  filled to {size} in {time.perf_counter() - began_s:.0f} s")
        bench(shop, size)
    database.close()


def main() -> int:
    """Both kinds and all sizes, or those that are named."""
    sizes = sorted(int(word) for word in sys.argv[1:] if word.isdigit()) or list(SIZES)
    kinds = [word for word in sys.argv[1:] if not word.isdigit()] or ["sqlite", "postgresql"]
    if not {*kinds} <= {"sqlite", "postgresql"}:
        say((__doc__ or "").strip())
        return 2
    with tempfile.TemporaryDirectory() as folder:
        for name in kinds:
            kind = SqliteFiles(Path(folder)) if name == "sqlite" else PostgresDatabases()
            try:
                grow(kind, sizes)
            finally:
                kind.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
