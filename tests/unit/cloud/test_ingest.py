"""Events on their way from a broker into the inbox, and the acks back."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.mqtt.ingesting import ingest
from cloud.adapters.mqtt.intake import Delivery, Intake
from cloud.service.backoff import Backoff
from cloud.service.ingest import Committed, DueAck, Ingester
from tests.unit.cloud.corner_shop import HUB, STORE, Hub, Shop, changed, file_of

ACK_TOPIC = f"tf/1/{STORE}/cmd/{HUB}/ack"


def acks(committed: Committed) -> list[tuple[str, int, int]]:
    return [(str(due.topic), due.ack.epoch, due.ack.seq) for due in committed.acks]


def test_the_ack_says_up_to_where_everything_is_committed(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    first, second, third = hub.enter(visit), hub.pick(visit, 5), hub.leave(visit)
    assert acks(shop.hear(first)) == [(ACK_TOPIC, 1, 1)]
    assert acks(shop.hear(third)) == [(ACK_TOPIC, 1, 1)]
    assert acks(shop.hear(second)) == [(ACK_TOPIC, 1, 3)]


def test_what_is_said_again_is_acked_again_and_kept_once(shop: Shop) -> None:
    hub = Hub()
    message = hub.enter(hub.visit())
    assert shop.hear(message, message).fresh == 1
    again = shop.hear(message)
    assert (again.fresh, acks(again)) == (0, [(ACK_TOPIC, 1, 1)])
    assert len(shop.rows(tables.inbox)) == 1


def test_a_watermark_that_still_offers_what_we_have_is_acked_too(shop: Shop) -> None:
    hub = Hub()
    shop.hear(hub.enter(hub.visit()))
    assert acks(shop.hear(hub.watermark(1, first_seq=1))) == [(ACK_TOPIC, 1, 1)]
    assert acks(shop.hear(hub.watermark(1, first_seq=2))) == []


def test_after_a_lost_database_the_device_goes_on_where_it_is(shop: Shop) -> None:
    hub = Hub(seq=40)
    visit = hub.visit()
    message = hub.enter(visit)
    assert acks(shop.hear(message)) == []
    assert acks(shop.hear(hub.watermark(1, first_seq=41))) == [(ACK_TOPIC, 1, 41)]
    assert [(row["first_seq"], row["last_seq"]) for row in shop.rows(tables.gaps)] == [(1, 40)]


def test_an_outbox_made_anew_is_a_new_epoch_even_if_it_repeats_old_events(shop: Shop) -> None:
    old, renewed = Hub(epoch=1), Hub(epoch=2)
    message = old.enter(old.visit())
    shop.hear(message)
    renewed.seq = 1
    same_event = changed(message, epoch=2)
    assert acks(shop.hear(same_event)) == [(ACK_TOPIC, 2, 1)]
    assert len(shop.rows(tables.inbox)) == 1, "the event counts once"


@pytest.mark.parametrize("values", [{"v": 2}, {"type": "sneezed"}, {"data": {}}, {"ts": "soon"}])
def test_an_event_that_cannot_be_read_goes_aside_and_holds_nobody_up(shop: Shop, values: dict[str, Any]) -> None:
    hub = Hub()
    visit = hub.visit()
    bad, good = changed(hub.enter(visit), **values), hub.leave(visit)
    assert acks(shop.hear(bad, good)) == [(ACK_TOPIC, 1, 2)]
    assert acks(shop.hear(bad)) == [(ACK_TOPIC, 1, 2)]
    (aside,) = shop.rows(tables.quarantine)
    assert (aside["store_id"], aside["device_id"], aside["seq"], aside["payload"]) == (STORE, HUB, 1, bad[1])
    assert aside["reason"]


def test_an_event_without_a_readable_number_holds_its_device_up_only_until_it_has_come_again_and_again(
    shop: Shop,
) -> None:
    hub = Hub()
    visit = hub.visit()
    entry, _, third, leave = hub.enter(visit), hub.pick(visit, 5), hub.pick(visit, 6), hub.leave(visit)
    garbled = (entry[0], b"\xffnothing that anybody could read")
    shop.hear(entry, hub.watermark(1, last_seq=1))
    for _ in range(2):
        assert acks(shop.hear(garbled, third, leave)) == [(ACK_TOPIC, 1, 1)]
        assert acks(shop.hear(hub.watermark(61, first_seq=2))) == [], "it may come yet"
    shop.hear(garbled, third, leave)
    assert acks(shop.hear(hub.watermark(61, first_seq=2))) == [(ACK_TOPIC, 1, 4)]
    (aside,) = shop.rows(tables.quarantine)
    assert (aside["device_id"], aside["epoch"], aside["seq"], aside["times"]) == (HUB, 1, 2, 3)
    shop.work()
    assert shop.bought(visit) == {"water": 1}
    (settlement,) = shop.rows(tables.settlements)
    assert (settlement["complete"], settlement["missing"]) == (False, [{"epoch": 1, "first": 2, "last": 2}])
    assert shop.visit(visit)["state"] == "settled", "and nothing waited for the time limit"


def test_noise_from_another_time_is_not_taken_for_an_event_that_is_only_late(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    entry, _, third = hub.enter(visit), hub.pick(visit, 5), hub.pick(visit, 6)
    for _ in range(5):
        shop.hear((entry[0], b"noise"))
    shop.clock.pass_s(301)
    shop.hear(entry, third)
    assert acks(shop.hear(hub.watermark(7, first_seq=2))) == []
    shop.hear((entry[0], b"something else"))
    assert acks(shop.hear(hub.watermark(7, first_seq=2))) == [], "once is not again and again"


def test_with_two_events_missing_nobody_knows_which_one_cannot_be_read(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    entry, _, _, leave = hub.enter(visit), hub.pick(visit, 5), hub.pick(visit, 6), hub.leave(visit)
    for _ in range(5):
        shop.hear(entry, (entry[0], b"noise"), leave)
    assert acks(shop.hear(hub.watermark(61, first_seq=2))) == []


def test_a_stranger_is_not_acked_and_nothing_of_it_counts(shop: Shop) -> None:
    stranger = Hub(device="stranger")
    committed = shop.hear(stranger.enter(stranger.visit()), stranger.watermark(1))
    assert (committed.fresh, acks(committed)) == (0, [])
    (aside,) = shop.rows(tables.quarantine)
    assert (aside["store_id"], aside["reason"]) == ("", "device 'stranger' is not registered")


def test_a_device_cannot_speak_for_another_store_or_another_device(shop: Shop) -> None:
    elsewhere = Hub(store="kiosk")
    shop.hear(elsewhere.enter(elsewhere.visit()))
    other = Hub(device="other")
    (_, payload) = other.enter(other.visit())
    shop.hear((f"tf/1/{STORE}/dev/{HUB}/ev", payload))
    assert shop.rows(tables.inbox) == []
    assert [row["reason"] for row in shop.rows(tables.quarantine)] == [
        "device 'corner-hub' belongs to store 'corner', the topic says 'kiosk'",
        "the envelope names device 'other', the topic 'corner-hub'",
    ]


def test_the_entry_token_is_kept_nowhere(shop: Shop) -> None:
    hub = Hub()
    shop.hear(hub.enter(hub.visit(), token="a very secret token"))
    shop.work()
    kept = [shop.rows(table) for table in tables.metadata.sorted_tables]
    assert str(hub.visit()) in repr(kept)
    assert "a very secret token" not in repr(kept)
    if shop.database.engine.dialect.name == "sqlite":
        shop.database.close()
        assert b"a very secret token" not in file_of(shop.database).read_bytes()


@dataclass
class FakeBroker:
    """Keeps a QoS 1 message until it is acked on the connection that delivered it; delivers it again on the next."""

    intake: Intake
    connection: int = 1
    unacked: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    published: list[DueAck] = field(default_factory=list)
    renewals: int = 0
    idle: Callable[[], None] = lambda: None
    _mid: int = 0

    def deliver(self, *messages: tuple[str, bytes]) -> None:
        for message in messages:
            self._mid += 1
            self.unacked[self._mid] = message
            self._offer(self._mid)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.connection == self.connection:
                del self.unacked[delivery.mid]

    def publish(self, acks: Sequence[DueAck]) -> None:
        self.published += acks
        if not self.unacked:
            self.idle()

    def renew(self) -> None:
        self.renewals += 1
        self.connection += 1
        for mid in list(self.unacked):
            self._offer(mid)

    def _offer(self, mid: int) -> None:
        topic, payload = self.unacked[mid]
        self.intake.offer(Delivery(topic, payload, 1, mid, self.connection))


class Stop(threading.Event):
    """Waits in no time, and notes how long it was asked to wait."""

    def __init__(self, waited: Callable[[int], None]) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._waited = waited

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits.append(timeout)
        self._waited(len(self.waits))
        return self.is_set()


def run(shop: Shop, broker: FakeBroker, stop: threading.Event, backoff: Backoff | None = None) -> None:
    broker.idle = stop.set
    ingester = Ingester(shop.database, shop.clock)
    ingest(broker.intake, broker, ingester, shop.database, wake=lambda: None, stop=stop, backoff=backoff)


def test_the_broker_is_acked_after_the_commit_and_the_device_after_that(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    broker = FakeBroker(Intake())
    broker.deliver(hub.enter(visit), hub.pick(visit, 5), hub.leave(visit))
    run(shop, broker, threading.Event())
    assert broker.unacked == {}
    assert [due.ack.seq for due in broker.published] == [3]
    assert len(shop.rows(tables.inbox)) == 3


def test_what_does_not_fit_is_asked_for_again(shop: Shop) -> None:
    hub = Hub()
    visit = hub.visit()
    broker = FakeBroker(Intake(count_max=2))
    broker.deliver(hub.enter(visit), *(hub.pick(visit, 5 + number) for number in range(4)))
    run(shop, broker, threading.Event())
    assert broker.renewals >= 2
    assert len(shop.rows(tables.inbox)) == 5


@contextmanager
def locked(database: Database) -> Iterator[sqlite3.Connection]:
    other = sqlite3.connect(file_of(database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


@pytest.mark.sqlite
def test_while_the_database_is_locked_nothing_is_acked_and_then_nothing_is_lost(database: Database) -> None:
    url = str(database.engine.url)
    shop = Shop(Database(url, busy_timeout_ms=1)).furnish()
    hub = Hub()
    broker = FakeBroker(Intake())
    with locked(shop.database) as other:

        def waited(times: int) -> None:
            assert broker.unacked
            assert not broker.published
            if times == 8:
                other.execute("ROLLBACK")

        stop = Stop(waited)
        broker.deliver(hub.enter(hub.visit()))
        run(shop, broker, stop)
    assert stop.waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert [due.ack.seq for due in broker.published] == [1]
    shop.database.close()


@pytest.mark.sqlite
def test_while_the_disk_is_full_nothing_is_acked_and_then_nothing_is_lost(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    hub = Hub()
    visit = hub.visit()
    pages = {"max": 1}

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages['max']}")

    event.listen(shop.database.engine, "connect", limit)
    shop.database.engine.dispose()
    broker, backoff = FakeBroker(Intake()), Backoff()

    def waited(times: int) -> None:
        assert not broker.published
        assert not shop.rows(tables.inbox)
        assert "full" in str(backoff.why), "whoever asks meanwhile is told"
        if times == 3:
            pages["max"] = 1_000_000
            shop.database.engine.dispose()

    stop = Stop(waited)
    broker.deliver(hub.enter(visit), *(hub.pick(visit, 5 + number) for number in range(100)))
    run(shop, broker, stop, backoff)
    assert backoff.why is None
    assert "full" in caplog.records[0].__dict__["why"]
    assert len(stop.waits) == 3
    assert len(shop.rows(tables.inbox)) == 101


@pytest.mark.sqlite
def test_a_stop_while_the_database_is_in_trouble_leaves_the_messages_with_the_broker(database: Database) -> None:
    shop = Shop(Database(str(database.engine.url), busy_timeout_ms=1)).furnish()
    hub = Hub()
    broker = FakeBroker(Intake())
    with locked(shop.database):
        stop = Stop(lambda _times: stop.set())
        broker.deliver(hub.enter(hub.visit()))
        run(shop, broker, stop)
    assert len(broker.unacked) == 1
    shop.database.close()
