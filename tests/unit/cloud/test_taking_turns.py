"""Writers of one process take turns at an SQLite database; who waits too long is told so."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from cloud.adapters.database.engine import Database

PATIENCE_S = 30.0
COUNT = "UPDATE stores SET hold_minor = hold_minor + 1"


def database_of(shop_database: Database, busy_timeout_ms: int) -> Database:
    return Database(str(shop_database.engine.url), busy_timeout_ms=busy_timeout_ms)


@pytest.mark.sqlite
def test_who_waits_too_long_is_told_that_it_is_locked_and_may_try_again(database: Database) -> None:
    impatient = database_of(database, busy_timeout_ms=1)
    told: list[Exception | None] = []

    def another() -> None:
        try:
            with impatient.write():
                told.append(None)
        except OperationalError as error:
            told.append(error)

    with impatient.write() as connection:
        connection.execute(text(COUNT))
        thread = threading.Thread(target=another)
        thread.start()
        thread.join(PATIENCE_S)
    assert "locked" in str(told)
    another()
    assert told[1] is None
    impatient.close()


@pytest.mark.sqlite
def test_a_turn_ends_with_its_transaction_however_that_ends(database: Database) -> None:
    patient = database_of(database, busy_timeout_ms=60_000)
    with pytest.raises(ZeroDivisionError), patient.write():
        raise ZeroDivisionError
    done = threading.Event()

    def another() -> None:
        with patient.write() as connection:
            connection.execute(text(COUNT))
        done.set()

    threading.Thread(target=another, daemon=True).start()
    assert done.wait(PATIENCE_S), "it waits for a turn that nobody has"
    patient.close()
