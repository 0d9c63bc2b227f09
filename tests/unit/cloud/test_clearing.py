"""What was done long ago is cleared away, and what still waits for something is not."""

from cloud.adapters.database import tables
from cloud.service.clearing import INBOX_KEPT, clear_inbox
from tests.unit.cloud.corner_shop import Hub, Shop


def test_applied_events_go_after_their_time_and_their_visit_stays(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5), hub.leave(visit)
    shop.hear(*hub.said, hub.watermark(61))
    shop.work()
    shop.clock.pass_s(INBOX_KEPT.total_seconds())
    assert not clear_inbox(shop.database, shop.clock())
    shop.clock.pass_s(1)
    waiting = hub.enter(hub.visit(2))
    shop.hear(waiting)
    assert clear_inbox(shop.database, shop.clock())
    assert [row["seq"] for row in shop.rows(tables.inbox)] == [4], "what waits is not cleared away"
    assert shop.bought(visit) == {"water": 1}
    shop.hear(*hub.said)
    shop.work()
    assert len(shop.rows(tables.receipts)) == 1, "said again after all that time it changes nothing"
    assert shop.visit(visit)["late_events"] == 0


def test_what_waits_behind_an_old_event_is_not_cleared_away(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5))
    shop.clock.pass_s(2 * INBOX_KEPT.total_seconds())
    assert not clear_inbox(shop.database, shop.clock())
    assert len(shop.rows(tables.inbox)) == 2
