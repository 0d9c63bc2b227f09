"""Settlements a second, beside the same rows written by bare SQL: figures, on SQLite and on PostgreSQL.

python -m tests.bench.bench_settling [--visits N] [--rounds N] [--workers 1,2,4] [sqlite|postgresql]

Simulated visits whose exits are said and whose holds stand in the wallet are settled by 1, 2 and 4 worker processes
(SQLite, which has one writer: 1), from the first look at them to the last receipt. The bare measures write exactly the
rows that this made and changed, with the driver alone (sqlite3, psycopg) and in the form the driver takes, prepared
before the clock starts, in as many processes; they read nothing, decide nothing and check nothing:

    INSERT       executemany, table by table, as many visits a transaction as the worker takes
    INSERT of 1  the same, one visit a transaction, as a shop's visits end (once)
    at once      (PostgreSQL) the new rows by COPY, the changes by one UPDATE … FROM unnest for each table, those of a
                 wallet added up; as many visits a transaction as the worker

Both databases are durable. Ours and the bare ones run in turn, ROUNDS times, each on a copy of the same database; the
rates are medians, and a ratio is the median of the rounds' ratios. The processor's milliseconds are those of the
workers (and not of PostgreSQL's server): on a machine that does other things too they say more than the clock.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Table

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.gateways.wallet import Wallet
from cloud.collecting import leave_what_is_loaded
from cloud.service.worker import VISITS_TOGETHER, Worker
from tests.bench.saying import say
from tests.databases.kinds import PostgresDatabases, SqliteFiles
from tests.unit.cloud.corner_shop import NOW, Shop
from tests.unit.cloud.many_visits import crowd, let_in

SHOPPERS = 200
INSERTED = (
    "settlements",
    "settlement_lines",
    "reviews",
    "charges",
    "payments",
    "wallet_calls",
    "ledger_entries",
    "ledger_postings",
    "receipts",
)


@dataclass(frozen=True)
class Run:
    """What a measured run came to."""

    seconds: float
    processor_s: float


def standing_clock() -> Any:
    """The shop's clock does not move: nothing else becomes due meanwhile."""
    return NOW


def prepare(url: str, visits: int) -> None:
    """Visits that wait for nothing but to be settled."""
    database = Database(url)
    shop = Shop(database).furnish()
    let_in(database, SHOPPERS)
    messages = crowd(visits, 20261122, SHOPPERS).messages
    last: list[tuple[str, bytes]] = []
    rest: list[tuple[str, bytes]] = []
    for message in messages:
        (last if "telemetry" in message[0] else rest).append(message)
    worker = Worker(database, shop.gateways, shop.clock)
    for begin in range(0, len(rest), 200):
        shop.hear(*rest[begin : begin + 200])
    while worker._apply_waiting() or worker._make_payments():
        pass
    shop.hear(last[-1])
    database.close()


def settle_all(url: str, barrier: Any, used: Any) -> None:
    """One worker process."""
    database = Database(url)
    worker = Worker(database, {"wallet": Wallet(database, standing_clock)}, standing_clock)
    leave_what_is_loaded()
    with database.read():
        barrier.wait()
    began_s = time.process_time()
    idle = 0
    while idle < 2:
        # Another worker may have had what was left.
        idle = 0 if worker._settle_over() else idle + 1
    used.put(time.process_time() - began_s)
    database.close()


def together(target: Callable[..., None], arguments: list[tuple[Any, ...]]) -> Run:
    """Run a process for each of `arguments`, all from one moment on."""
    context = multiprocessing.get_context("spawn")
    barrier, used = context.Barrier(len(arguments) + 1), context.Queue()
    processes = [context.Process(target=target, args=(*each, barrier, used)) for each in arguments]
    for process in processes:
        process.start()
    barrier.wait()
    began_s = time.perf_counter()
    for process in processes:
        process.join()
    took_s = time.perf_counter() - began_s
    return Run(took_s, sum(used.get() for _ in processes))


Statement = tuple[str, tuple[Any, ...]]


def rows_made(before: str, after: str) -> list[list[Statement]]:
    """By visit: the statements that make the database `after` of `before`, with values as the driver takes them."""
    was, now = Database(before), Database(after)
    mark = "?" if now.engine.dialect.name == "sqlite" else "%s"
    found: defaultdict[str, list[Statement]] = defaultdict(list)
    of_entry: dict[Any, str] = {}
    with was.read() as old, now.read() as new:
        for name in INSERTED:
            table: Table = tables.metadata.tables[name]
            key = [column.name for column in table.primary_key]
            known = {tuple(row[k] for k in key) for row in _raw(old, table)}
            marks = ", ".join([mark] * len(table.columns))
            insert = f"INSERT INTO {name} ({_names(table)}) VALUES ({marks})"
            for row in _raw(new, table):
                if tuple(row[k] for k in key) in known:
                    continue
                if name == "ledger_entries":
                    of_entry[row["entry_id"]] = _visit(row["visit_id"])
                visit = of_entry[row["entry_id"]] if name == "ledger_postings" else _owner(row)
                found[visit].append((insert, tuple(_adapted(table, k, v, mark) for k, v in row.items())))
        for row in _raw(new, tables.visits):
            change = (
                f"UPDATE visits SET state = {mark}, horizon_seq = {mark} WHERE store_id = {mark} AND visit_id = {mark}"
            )
            values = (row["state"], row["horizon_seq"], row["store_id"], row["visit_id"])
            found[_visit(row["visit_id"])].append((change, values))
        for row in _raw(new, tables.wallet_holds):
            visit = _owner({"key": row["hold_key"]})
            where = f"WHERE store_id = {mark} AND "
            values = (row["open"], row["captured_minor"], row["store_id"], row["hold_key"])
            held = f"UPDATE wallet_holds SET open = {mark}, captured_minor = {mark} {where}hold_key = {mark}"
            found[visit].append((held, values))
            less = f"balance_minor = balance_minor - {mark}, held_minor = held_minor - {mark}"
            paid = (row["captured_minor"], row["held_minor"], row["store_id"], row["account_id"])
            found[visit].append((f"UPDATE wallets SET {less} {where}account_id = {mark}", paid))
    was.close()
    now.close()
    return [found[visit] for visit in sorted(found)]


def _raw(connection: Any, table: Table) -> Iterator[dict[str, Any]]:
    names = [column.name for column in table.columns]
    for row in connection.exec_driver_sql(f"SELECT {_names(table)} FROM {table.name}"):
        yield dict(zip(names, row, strict=True))


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _visit(value: Any) -> str:
    return UUID(str(value)).hex


def _owner(row: dict[str, Any]) -> str:
    return _visit(row["visit_id"]) if "visit_id" in row else UUID(str(row["key"]).split("/")[1]).hex


def _adapted(table: Table, name: str, value: Any, mark: str) -> Any:
    if mark == "%s" and isinstance(table.columns[name].type, JSON) and value is not None:
        return json.dumps(value)
    return value


def write_bare(url: str, visits: list[list[Statement]], together_: int, copy: bool, barrier: Any, used: Any) -> None:
    """One process that writes rows with the driver, `together_` visits a transaction."""
    with _bare(url) as (cursor, commit):
        barrier.wait()
        began_s = time.process_time()
        for begin in range(0, len(visits), together_):
            by_statement: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
            for visit in visits[begin : begin + together_]:
                for statement, values in visit:
                    by_statement[statement].append(values)
            for statement, rows in by_statement.items():
                if copy and statement.startswith("INSERT INTO "):
                    _copy_in(cursor, statement, rows)
                elif copy:
                    _change_at_once(cursor, statement, rows)
                else:
                    # In one order, so that no two processes wait for each other.
                    cursor.executemany(statement, sorted(rows, key=_last) if "UPDATE wallets" in statement else rows)
            commit()
        used.put(time.process_time() - began_s)


def _copy_in(cursor: Any, insert: str, rows: list[tuple[Any, ...]]) -> None:
    where = insert.removeprefix("INSERT INTO ").split(" VALUES ")[0]
    with cursor.copy(f"COPY {where} FROM STDIN") as copied:
        for row in rows:
            copied.write_row(row)


AT_ONCE = {
    "visits": "UPDATE visits t SET state = n.a, horizon_seq = n.b "
    "FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::uuid[]) n(a, b, s, k) "
    "WHERE t.store_id = n.s AND t.visit_id = n.k",
    "wallet_holds": "UPDATE wallet_holds t SET open = n.a, captured_minor = n.b "
    "FROM unnest(%s::boolean[], %s::bigint[], %s::text[], %s::text[]) n(a, b, s, k) "
    "WHERE t.store_id = n.s AND t.hold_key = n.k",
    "wallets": "UPDATE wallets t SET balance_minor = balance_minor - n.a, held_minor = held_minor - n.b "
    "FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) n(a, b, s, k) "
    "WHERE t.store_id = n.s AND t.account_id = n.k",
}


def _change_at_once(cursor: Any, update: str, rows: list[tuple[Any, ...]]) -> None:
    table = update.split()[1]
    if table == "wallets":
        taken: Counter[tuple[str, str]] = Counter()
        freed: Counter[tuple[str, str]] = Counter()
        for captured, held, store, account in rows:
            taken[store, account] += captured
            freed[store, account] += held
        rows = [(taken[whose], freed[whose], *whose) for whose in sorted(freed)]
        # Two processes that change them in no order would wait for each other.
        locking = "SELECT FROM wallets WHERE store_id = %s AND account_id = ANY (%s) ORDER BY account_id FOR UPDATE"
        cursor.execute(locking, (rows[0][2], [row[3] for row in rows]))
    cursor.execute(AT_ONCE[table], [list(column) for column in zip(*rows, strict=True)])


def _last(row: tuple[Any, ...]) -> str:
    return str(row[-1])


@contextmanager
def _bare(url: str) -> Iterator[tuple[Any, Callable[[], None]]]:
    if url.startswith("sqlite"):
        import sqlite3

        connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=60)
        connection.execute("PRAGMA synchronous=FULL")
    else:
        import psycopg
        from sqlalchemy import make_url

        where = make_url(url)
        connection = psycopg.connect(host=str(where.query["host"]), user=where.username, dbname=where.database)
    yield connection.cursor(), connection.commit
    connection.close()


def bench(kind: Any, visits: int, rounds: int, workers: tuple[int, ...]) -> None:
    """All runs on one kind of database."""
    prepare(kind.new("ready"), visits)
    say(f"{kind.name}: {visits} simulated visits, load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors")
    ready = kind.copy("untouched", "ready")
    bares = {"INSERT": (VISITS_TOGETHER, False), "INSERT of 1": (1, False)}
    if kind.name == "postgresql":
        bares["at once"] = (VISITS_TOGETHER, True)
    for count in workers:
        runs: defaultdict[str, list[Run]] = defaultdict(list)
        rows = 0
        for round_ in range(rounds):
            url = kind.copy(f"ours_{count}_{round_}", "ready")
            runs["ours"].append(together(settle_all, [(url,)] * count))
            made = rows_made(ready, url)
            rows = sum(map(len, made))
            parts = [made[n::count] for n in range(count)]
            for name, (size, copy) in bares.items():
                if size == 1 and round_:
                    continue
                bare_url = kind.copy(f"{name.replace(' ', '_').lower()}_{count}_{round_}", "ready")
                runs[name].append(together(write_bare, [(bare_url, part, size, copy) for part in parts]))
        report(count, visits, rows, runs)


def report(workers: int, visits: int, rows: int, runs: Mapping[str, list[Run]]) -> None:
    """Print what came of it."""
    rate = {name: visits / median(run.seconds for run in of) for name, of in runs.items()}
    spent = {name: 1000 * median(run.processor_s for run in of) / visits for name, of in runs.items()}
    say(f"  {workers} worker(s): {rate['ours']:.0f} settlements/s, processor {spent['ours']:.2f} ms each; {rows} rows")
    for name in runs:
        if name != "ours":
            ratios = [bare.seconds / ours.seconds for ours, bare in zip(runs["ours"], runs[name], strict=False)]
            say(
                f"    bare {name}: {rate[name]:.0f}/s, {spent[name]:.2f} ms; "
                f"ratio {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            )


def main() -> int:
    """Both kinds, or the one that is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--visits", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", default="1,2,4")
    asked = parser.parse_args()
    workers = tuple(map(int, asked.workers.split(",")))
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.kinds:
            kind = SqliteFiles(Path(folder)) if name == "sqlite" else PostgresDatabases()
            try:
                bench(kind, asked.visits, asked.rounds, (1,) if name == "sqlite" else workers)
            finally:
                kind.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
