"""What shares a transaction does not share its faults: one event that is wrong goes aside, the others count."""

import pytest
from sqlalchemy import text

from cloud.adapters.database import tables
from tests.unit.cloud.corner_shop import Hub, Shop


def refuse(shop: Shop, table: str, when: str) -> None:
    """The database itself takes no such row."""
    with shop.database.write() as connection:
        connection.execute(
            text(
                f"CREATE TRIGGER spoiled BEFORE INSERT ON {table} WHEN {when} "
                "BEGIN SELECT RAISE(ABORT, 'it is spoiled'); END"
            )
        )


@pytest.mark.sqlite
def test_an_event_that_the_database_cannot_keep_goes_aside_and_the_batch_is_committed(shop: Shop) -> None:
    refuse(shop, "inbox", "NEW.seq = 2")
    hub = Hub()
    visit = hub.visit()
    committed = shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.pick(visit, 6), hub.leave(visit))
    assert [due.ack.seq for due in committed.acks] == [4], "it counts as received, so that the device goes on"
    assert committed.fresh == 3
    assert sorted(row["seq"] for row in shop.rows(tables.inbox)) == [1, 3, 4]
    (aside,) = shop.rows(tables.quarantine)
    assert (aside["device_id"], aside["seq"]) == ("corner-hub", 2)
    assert "it is spoiled" in aside["reason"]


@pytest.mark.sqlite
def test_an_interaction_that_cannot_be_applied_goes_aside_and_the_others_of_its_batch_count(shop: Shop) -> None:
    refuse(shop, "interactions", "NEW.data LIKE '%bread%'")
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5), hub.pick(visit, 6, "bread"), hub.pick(visit, 7), hub.leave(visit)
    shop.hear(*hub.said, hub.watermark(61))
    shop.work()
    assert shop.bought(visit) == {"water": 2}
    (aside,) = shop.rows(tables.quarantine)
    assert (aside["topic"], aside["seq"]) == ("inbox", 3)
    assert all(row["processed_at"] for row in shop.rows(tables.inbox))


def test_of_an_interaction_said_several_times_in_one_batch_the_latest_counts(shop: Shop) -> None:
    hub = Hub()
    visit, other = hub.visit(1), hub.visit(2)
    shop.hear(hub.enter(visit))
    pick = hub.visit(77)
    hub.interact(visit, 5, ("pick", "water", 3, 0.99), interaction=pick, revision=3)
    hub.interact(other, 5, ("pick", "water", 1, 0.99), interaction=pick, revision=1)
    hub.interact(visit, 5, ("pick", "water", 2, 0.99), interaction=pick, revision=2)
    hub.leave(visit)
    shop.hear(*hub.said[1:], hub.watermark(61))
    shop.work()
    assert shop.bought(visit) == {"water": 3}
