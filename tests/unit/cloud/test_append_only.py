"""The ledger and the audit log only grow; the database itself refuses anything else, but a pseudonym for a person."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cloud.adapters.database import tables
from tests.unit.cloud.corner_shop import Hub, Shop


def sell(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.leave(visit), hub.watermark(61))
    shop.work()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger_entries",
        "DELETE FROM ledger_postings",
        "UPDATE ledger_entries SET kind = 'refund'",
        "UPDATE ledger_entries SET visit_id = NULL WHERE visit_id IS NOT NULL",
        "UPDATE ledger_entries SET key = 'corner/top-up/erased-1' WHERE kind = 'capture'",
        "UPDATE ledger_entries SET key = 'something' WHERE kind = 'top_up'",
        "UPDATE ledger_postings SET amount_minor = amount_minor + 1",
        "UPDATE ledger_postings SET currency = 'USD'",
        "UPDATE ledger_postings SET account = 'cash'",
        "UPDATE ledger_postings SET account = 'wallet:erased-1' WHERE account = 'sales'",
        "UPDATE ledger_postings SET account = 'debt:erased-1' WHERE account LIKE 'wallet:%'",
        "UPDATE ledger_postings SET account = 'wallet:erased-1', amount_minor = 0 WHERE account LIKE 'wallet:%'",
    ],
)
def test_the_ledger_only_grows(shop: Shop, statement: str) -> None:
    sell(shop)
    before = (shop.rows(tables.ledger_entries), shop.rows(tables.ledger_postings))
    with pytest.raises(DBAPIError, match="the ledger is append-only"), shop.database.write() as connection:
        connection.execute(text(statement.replace(":", "\\:")))
    assert (shop.rows(tables.ledger_entries), shop.rows(tables.ledger_postings)) == before


def test_a_pseudonym_may_stand_where_a_person_was(shop: Shop) -> None:
    sell(shop)
    with shop.database.write() as connection:
        pseudonym = "UPDATE ledger_postings SET account = 'wallet\\:erased-1' WHERE account = 'wallet\\:alice'"
        assert connection.execute(text(pseudonym)).rowcount == 2
    assert shop.ledger_left_over() == {"EUR": 0}
