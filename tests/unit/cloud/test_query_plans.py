"""No statement of the hot paths reads a whole table, on either database.

Everything that is said while a shop trades is written down, and the database is asked how it would go about it.
SQLite's plan without statistics is always the same. PostgreSQL's depends on how much it takes a table to hold, and on
whether its vacuum came by: it is told that every table has grown and only what waits is little, and is forbidden to
read a table whole: what it does all the same it could do in no other way.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from cloud.adapters.database.engine import Database
from cloud.api.rim import Rim
from tests.unit.cloud.asking import api_on
from tests.unit.cloud.corner_shop import STORE, Hub, Shop
from tests.unit.cloud.many_visits import crowd, let_in

SMALL = frozenset(
    {
        "alembic_version",
        "devices",
        "hooks",
        "keys",
        "operators",
        "progress",
        "promotions",
        "sessions",
        "signing_secrets",
        "stores",
        "tax_rates",
    }
)
"""Tables that do not grow with what is sold."""

GIVEN = frozenset({"json_each"})
"""No tables: what was given as a parameter."""

Said = dict[str, tuple[str, Any]]


@contextmanager
def written_down(database: Database) -> Iterator[Said]:
    """Every statement with what it was first said with."""
    said: Said = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT)", statement):
            said.setdefault(re.sub(r"\s+", " ", statement), (statement, parameters[0] if many else parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)


def trade(shop: Shop, visits: int) -> Hub:
    """Many visits, and one whose entry comes from a stranger."""
    let_in(shop.database, 5)
    for message in crowd(visits, 7, 5).messages:
        shop.hear(message)
    shop.work(passes_max=500)
    hub = Hub(epoch=2)
    stray = hub.visit(9_999)
    shop.hear(hub.enter(stray, token="nobody's"), hub.pick(stray, 4), hub.leave(stray), hub.watermark(61))
    shop.work()
    return hub


def look(shop: Shop, hub: Hub) -> None:
    """What a console and a shopper's phone ask for again and again."""
    http = api_on(Rim(shop.database, shop.clock), api_key="key", body_bytes_max=100_000)
    visit, key = hub.visit(3), {"Authorization": "Bearer key"}
    for path in (
        "visits",
        "visits?state=open",
        "accounts/shopper-3/visits",
        f"visits/{visit}",
        f"visits/{visit}/receipt",
        f"visits/{visit}/receipts",
        f"settlements/{visit}",
        "settlements",
        "receipts",
        "accounts/shopper-3",
        "accounts?limit=2",
        "reviews?state=open",
        "disputes",
        "refunds",
        "debts",
        "ledger/entries",
        "products",
        "quarantine",
        "alerts",
    ):
        answer = http.get(f"/v1/stores/{STORE}/{path}", headers=key)
        assert answer.status_code in {200, 404}, (path, answer.text)
        if answer.status_code == 200 and answer.json().get("next"):
            onward = f"{path}{'&' if '?' in path else '?'}cursor={answer.json()['next']}"
            assert http.get(f"/v1/stores/{STORE}/{onward}", headers=key).status_code == 200


def partial_indices(connection: Connection) -> frozenset[str]:
    """Indices that hold only what still waits for something: to read one whole is to read what waits."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
    else:
        query = "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '% WHERE %'"
    return frozenset(connection.execute(text(query)).scalars())


def whole_reads_sqlite(connection: Connection, statement: str, parameters: Any) -> list[str]:
    partial = partial_indices(connection)
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    found = []
    for *_, step in rows:
        read = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
        if (
            read
            and read[1] not in SMALL | GIVEN
            and read[2] not in partial
            and not re.match(r"SCAN (\(|\d|CONSTANT)", step)
        ):
            found.append(step)
        of_store = re.match(r"SEARCH (\w+) .*?INDEX (\w+) \(store_id=\?\)$", step)
        if of_store and of_store[1] not in SMALL and of_store[2] not in partial and "LIMIT" not in statement:
            # All that a store ever sold is as much as the table.
            found.append(step)
    return found


def grow(connection: Connection) -> None:
    """Have PostgreSQL plan, in this transaction, as if each table held a million rows and ten of them waited."""
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    connection.execute(text("DELETE FROM pg_statistic"))
    grown = "UPDATE pg_class SET relpages = 1, reltuples = :rows WHERE relname IN (SELECT {0} FROM {1} WHERE {2})"
    ours = "schemaname = 'public'"
    connection.execute(text(grown.format("tablename", "pg_tables", ours)), {"rows": 1_000_000})
    waiting = f"{ours} AND indexdef LIKE '% WHERE %'"
    connection.execute(text(grown.format("indexname", "pg_indexes", waiting)), {"rows": 10})


def whole_reads_postgresql(connection: Connection, statement: str, parameters: Any) -> list[str]:
    partial = partial_indices(connection)
    rows = connection.execute(text("SELECT indexname, tablename FROM pg_indexes"))
    tables_of: dict[str | None, str] = {row.indexname: row.tablename for row in rows}
    ((plan,),) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).all()
    found = []

    def walk(node: dict[str, Any]) -> None:
        kind, index = node["Node Type"], node.get("Index Name")
        table = node.get("Relation Name") or tables_of.get(index)
        whole = kind == "Seq Scan" or ("Index" in kind and "Index Cond" not in node and index not in partial)
        if whole and table not in SMALL and kind != "Bitmap Heap Scan":
            found.append(f"{kind} of {table} by {index}")
        for below in node.get("Plans", []):
            walk(below)

    walk(plan[0]["Plan"])
    return found


@contextmanager
def planning(database: Database) -> Iterator[Connection]:
    """A transaction to ask for plans in, of which nothing stays."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            grow(connection)
        yield connection
        connection.rollback()


def test_no_statement_of_a_hot_path_reads_a_whole_table(shop: Shop) -> None:
    with written_down(shop.database) as said:
        hub = trade(shop, visits=12)
        look(shop, hub)
    assert len(said) > 60, "it is about what is really said"
    reads = whole_reads_sqlite if shop.database.engine.dialect.name == "sqlite" else whole_reads_postgresql
    wrong = {}
    with planning(shop.database) as connection:
        for short, (statement, parameters) in said.items():
            if "alembic_version" not in short and (found := reads(connection, statement, parameters)):
                wrong[short] = found
    assert not wrong, "\n".join(f"{found}: {short}" for short, found in wrong.items())


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM receipts WHERE total_minor = 3", "SELECT * FROM visits ORDER BY store_id LIMIT 5"],
)
def test_a_whole_read_would_be_found(shop: Shop, statement: str) -> None:
    reads = whole_reads_sqlite if shop.database.engine.dialect.name == "sqlite" else whole_reads_postgresql
    with planning(shop.database) as connection:
        assert reads(connection, statement, ())


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT state FROM visits WHERE store_id = 's' AND (visit_id IN ('a', 'b')) = 1 ORDER BY visit_id",
        "SELECT account_id FROM charges WHERE store_id = 's' AND account_id IN ('a', 'b') AND indebted = 1",
    ],
)
def test_reading_all_that_a_store_sold_would_be_found(shop: Shop, statement: str) -> None:
    with planning(shop.database) as connection:
        assert whole_reads_sqlite(connection, statement, ())
