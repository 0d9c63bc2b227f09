"""Many rows written together are what each alone would be, whatever stands in them, on either database."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from cloud.adapters.database.among import among
from cloud.adapters.database.at_once import AT_ONCE_FROM
from cloud.adapters.database.changing import change_all
from cloud.adapters.database.engine import Database
from cloud.adapters.database.inserting import insert_all, insert_new, put
from cloud.adapters.database.many_rows import for_each
from cloud.adapters.database.savepoint import savepoint
from cloud.adapters.database.tables import accounts, interactions, visits

NOON = datetime(2026, 11, 22, 12, 0, 0, 123_456, tzinfo=UTC)
TRICKY = ["it's", 'a "quote"', "100 %s %(x)s ?", "back\\slash\\n", "tab\there", "two\nlines", "\\N", "", "ä€😀", "NULL"]
MANY = [1, AT_ONCE_FROM - 1, AT_ONCE_FROM, 5 * AT_ONCE_FROM]


def saying(number: int) -> dict[str, Any]:
    word = TRICKY[number % len(TRICKY)]
    return {
        "store_id": f"store {word}",
        "interaction_id": UUID(int=number + 1),
        "visit_id": UUID(int=1_000 + number) if number % 3 else None,
        "revision": number,
        "event_id": UUID(int=2_000 + number),
        "ts": NOON.astimezone(timezone(timedelta(hours=number % 5))) + timedelta(seconds=number % 2),
        "data": {"word": word, "none": None, "list": [number, 0.1, True], word: {"deep": word}},
    }


@pytest.mark.parametrize("count", MANY)
def test_rows_are_kept_as_they_are_one_by_one(database: Database, count: int) -> None:
    rows = [saying(number) for number in range(count)]
    with database.write() as connection:
        insert_all(connection, interactions, rows)
        together = sorted(map(str, connection.execute(select(interactions))))
        connection.execute(interactions.delete())
        for row in rows:
            connection.execute(insert(interactions).values(**row))
        assert sorted(map(str, connection.execute(select(interactions)))) == together
    assert len(together) == count


@pytest.mark.parametrize("count", MANY)
def test_one_that_is_there_already_takes_all_back_and_no_more(database: Database, count: int) -> None:
    rows = [saying(number) for number in range(count)]
    with database.write() as connection:
        insert_all(connection, interactions, rows[-1:])
        with pytest.raises(IntegrityError), savepoint(connection):
            insert_all(connection, interactions, rows)
        assert len(connection.execute(select(interactions)).all()) == 1
        assert insert_new(connection, interactions, rows) == count - 1
        assert insert_new(connection, interactions, rows) == 0
        put(connection, interactions, [{**row, "revision": 7} for row in rows])
        assert set(connection.execute(select(interactions.c.revision)).scalars()) == {7}


def test_what_a_column_cannot_hold_is_told_apart(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite holds a name of any length")
    rows = [{"store_id": "s" * 64, "account_id": f"a{n}", "created_at": NOON} for n in range(2 * AT_ONCE_FROM)]
    for write in (insert_all, insert_new, put):
        with database.write() as connection, pytest.raises(DataError), savepoint(connection):
            write(connection, accounts, rows)


def test_a_statement_is_done_for_each_row_with_what_that_row_says(database: Database) -> None:
    change = (
        update(visits)
        .where(visits.c.visit_id == bindparam("of_visit"))
        .values(state=bindparam("state"), entered_at=bindparam("entered_at"))
    )
    beginning = {"store_id": "s", "state": "awaited", "created_at": NOON, "late_events": 0}
    rows = [
        {"of_visit": UUID(int=n), "state": f"state {n}", "entered_at": NOON + timedelta(hours=n) if n else None}
        for n in range(4)
    ]
    with database.write() as connection:
        insert_all(connection, visits, [{**beginning, "visit_id": UUID(int=n)} for n in range(5)])
        assert for_each(connection, change, []) == 0
        assert for_each(connection, change, rows) == 4
        found = connection.execute(select(visits.c.visit_id, visits.c.state, visits.c.entered_at)).all()
    said = {(row["of_visit"], row["state"], row["entered_at"]) for row in rows}
    assert set(map(tuple, found)) == said | {(UUID(int=4), "awaited", None)}


@pytest.mark.parametrize("asked", [[], ["it's"], TRICKY, [*TRICKY, "nobody"] * 50])
def test_those_that_are_asked_for_are_found(database: Database, asked: list[str]) -> None:
    kept = [f"{word}" for word in TRICKY]
    which = select(accounts.c.account_id).where(accounts.c.store_id == "s", among(accounts.c.account_id, "those"))
    with database.write() as connection:
        rows = [{"store_id": "s", "account_id": word, "created_at": NOON} for word in kept]
        insert_all(connection, accounts, rows)
        assert set(connection.execute(which, {"those": asked}).scalars()) == set(asked) & set(kept)


@pytest.mark.parametrize("count", [0, *MANY])
def test_each_row_is_changed_to_what_it_is_to_be_and_no_other(database: Database, count: int) -> None:
    beginning = {"store_id": "s", "state": "awaited", "created_at": NOON, "late_events": 0}
    everybody = [{**beginning, "visit_id": UUID(int=n)} for n in range(count + 1)]
    changes = [
        {
            "of_store_id": "s" if n % 4 else "another",
            "of_visit_id": UUID(int=n),
            "state": f"state {n}",
            "entered_at": NOON + timedelta(hours=n) if n % 3 else None,
            "horizon_seq": n if n % 2 else None,
        }
        for n in range(count)
    ]
    with database.write() as connection:
        insert_all(connection, visits, everybody)
        theirs = [n for n in range(count) if n % 4]
        assert change_all(connection, visits, ("store_id", "visit_id"), changes) == len(theirs)
        query = select(visits.c.visit_id, visits.c.state, visits.c.entered_at, visits.c.horizon_seq)
        found = {row.visit_id.int: tuple(row)[1:] for row in connection.execute(query)}
    as_before = ("awaited", None, None)
    for n in range(count + 1):
        change = changes[n] if n in theirs else None
        assert found[n] == ((change["state"], change["entered_at"], change["horizon_seq"]) if change else as_before)


@pytest.mark.parametrize("write", [insert_all, insert_new, put])
def test_a_server_that_is_gone_is_trouble_and_the_next_transaction_is_well(database: Database, write: Any) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server")
    rows = [saying(number) for number in range(3 * AT_ONCE_FROM)]

    def write_while_it_goes() -> None:
        with database.write() as connection:
            mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with database.write() as other:
                other.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
            write(connection, interactions, rows)

    with pytest.raises(OperationalError):
        write_while_it_goes()
    with database.write() as connection:
        write(connection, interactions, rows)
    with database.read() as connection:
        assert len(connection.execute(select(interactions)).all()) == len(rows)
