"""What shares a transaction does not share its faults: one event that is wrong goes aside, the others count."""

import pytest
from sqlalchemy import text

from cloud.adapters.database import tables
from cloud.adapters.database.visits import leaving_visits
from cloud.service.worker import Worker
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


@pytest.mark.sqlite
def test_late_events_are_all_counted_though_each_of_their_batch_is_applied_alone(shop: Shop) -> None:
    refuse(shop, "interactions", "NEW.data LIKE '%bread%'")
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5, qty=2), hub.leave(visit)
    shop.hear(*hub.said, hub.watermark(61))
    shop.work()
    shop.hear(hub.pick(visit, 30), hub.pick(visit, 31, "bread"), hub.pick(visit, 32))
    shop.work()
    assert shop.visit(visit)["late_events"] == 2


def test_a_visit_whose_hub_falls_silent_settles_when_its_time_is_over(shop: Shop) -> None:
    hub = Hub()
    visit, later = hub.visit(1), hub.visit(2)
    hub.enter(visit), hub.pick(visit, 5), hub.leave(visit)
    shop.hear(*hub.said)
    shop.work()
    shop.clock.pass_s(30)
    shop.hear(hub.enter(later), hub.leave(later))
    shop.clock.pass_s(29.9)
    shop.work()
    assert shop.receipt(visit) is None
    shop.clock.pass_s(0.1)
    shop.work()
    assert shop.bought(visit) == {"water": 1}
    assert shop.receipt(later) is None, "its own time is not over"
    (settlement,) = shop.rows(tables.settlements)
    assert not settlement["complete"]


def test_nobody_is_looked_at_who_waits_for_a_hub_that_is_away(shop: Shop) -> None:
    hub, away = Hub(), Hub(epoch=2)
    here, there = hub.visit(1), hub.visit(2)
    hub.enter(here), hub.leave(here)
    away.enter(there), away.leave(there)
    shop.hear(*hub.said, *away.said, hub.watermark(61))
    worker = Worker(shop.database, shop.gateways, shop.clock)
    while worker._apply_waiting() or worker._make_payments():
        pass
    with shop.database.read() as connection:
        found = [visit.visit for visit in leaving_visits(connection, shop.clock(), 10)]
        shop.clock.pass_s(60)
        in_the_end = {visit.visit for visit in leaving_visits(connection, shop.clock(), 10)}
    assert found == [here]
    assert in_the_end == {here, there}
