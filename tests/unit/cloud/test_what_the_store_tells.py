"""What the operator is told, what lanes that wait are answered, and clips that a reviewer needs."""

from datetime import timedelta
from typing import Any

import pytest

from cloud.adapters.database import tables
from cloud.adapters.evidence_seal import EvidenceSeal, EvidenceSealError, evidence_key
from cloud.service.commanding import Commander, DueCommand
from cloud.service.evidencing import erase_clips, expire_clips
from cloud.service.ingest import Ingester
from protocol.commands import Admit, EraseEvidence, FetchClip, order_of
from protocol.evidence import ClipSent, digest_of
from protocol.messages import encode
from protocol.model import rfc3339
from protocol.topics import Topic
from tests.unit.cloud.corner_shop import HUB, STORE, Hub, Shop, at

CLIP = b"a hand takes something, said as a film"
SHA = digest_of(CLIP)


@pytest.fixture
def hub() -> Hub:
    return Hub()


def alerts(shop: Shop, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in shop.rows(tables.alerts)]


def commanded(shop: Shop) -> list[DueCommand]:
    return list(Commander(shop.database, shop.clock).due())


def test_a_device_that_fails_is_an_alert_until_it_works_again(shop: Shop, hub: Hub) -> None:
    shop.hear(hub.say("faulted", None, 1, {"part": "camera shelf", "reason": "no pictures; look at the cable"}))
    shop.hear(hub.say("faulted", None, 2, {"part": "camera shelf", "reason": "no pictures; look at the cable"}))
    shop.work()
    assert alerts(shop, "kind", "subject", "times", "until") == [("fault", "camera shelf", 2, None)]
    shop.hear(hub.say("recovered", None, 30, {"part": "camera shelf"}))
    shop.work()
    assert alerts(shop, "since", "until") == [(at(1), at(30))]


def test_a_fault_that_comes_after_its_end_is_not_said_to_last(shop: Shop, hub: Hub) -> None:
    said = hub.say("faulted", None, 1, {"part": "camera shelf", "reason": "no pictures"})
    again = hub.say("faulted", None, 5, {"part": "camera shelf", "reason": "no pictures"})
    over = hub.say("recovered", None, 9, {"part": "camera shelf"})
    shop.hear(said, over)
    shop.work()
    shop.hear(again)
    shop.work()
    assert alerts(shop, "times", "until") == [(1, at(9))]


def test_refused_tokens_are_counted_by_lane_and_reason(shop: Shop, hub: Hub) -> None:
    for at_s, reason, times in ((1, "expired", 1), (60, "expired", 4), (61, "used already", 1), (2000, "expired", 1)):
        shop.hear(hub.say("refused", None, at_s, {"lane": "gate", "reason": reason, "times": times}))
    shop.work()
    told = sorted(alerts(shop, "subject", "times", "until"), key=str)
    assert told == [("gate: expired", 1, at(2000)), ("gate: expired", 5, at(60)), ("gate: used already", 1, at(61))]


def test_more_people_than_the_store_allows_is_said_while_it_lasts(shop: Shop, hub: Hub) -> None:
    shop.hear(hub.say("crowded", None, 1, {"people": 7, "people_max": 6}))
    shop.work()
    assert alerts(shop, "kind", "until") == [("crowded", None)]
    shop.hear(hub.say("crowded", None, 5, {"people": 6, "people_max": 6}))
    shop.work()
    assert alerts(shop, "kind", "until") == [("crowded", at(5))]


def test_who_followed_another_in_has_a_visit_that_is_never_charged(shop: Shop, hub: Hub) -> None:
    visit = hub.visit()
    shop.hear(hub.pick(visit, 20, "water", p=0.99))
    shop.hear(hub.say("followed_in", visit, 30, {"person": 4, "since": rfc3339(at(12))}))
    shop.hear(hub.leave(visit, 60), hub.watermark(61))
    shop.work()
    found = shop.visit(visit)
    assert (found["state"], found["refused_reason"], found["entered_at"]) == ("refused", "no_token", at(12))
    assert alerts(shop, "kind", "subject") == [("followed_in", "person 4")]
    assert shop.receipt(visit) is None
    assert shop.charged() == 0


def test_staff_are_never_charged_even_with_a_token_that_an_account_knows(shop: Shop, hub: Hub) -> None:
    visit = hub.visit()
    shop.hear(hub.say("entered", visit, 0, {"lane": "gate", "token": "alice's token", "staff": True}))
    shop.hear(hub.pick(visit, 20, "water", p=0.99), hub.leave(visit), hub.watermark(61))
    shop.work()
    assert (shop.visit(visit)["state"], shop.visit(visit)["refused_reason"]) == ("refused", "staff")
    assert shop.charged() == 0
    assert shop.wallet() == (10_000, 0)


@pytest.mark.parametrize(
    ("token", "balance_minor", "held", "reason"),
    [
        ("alice's token", 10_000, True, None),
        ("alice's token", 100, False, "insufficient_funds"),
        ("nobody's", 10_000, False, "unknown_token"),
    ],
)
def test_a_lane_that_waits_is_told_whether_the_money_is_held(
    database: Any, hub: Hub, token: str, balance_minor: int, held: bool, reason: str | None
) -> None:
    shop = Shop(database).furnish(balance_minor=balance_minor)
    visit = hub.visit()
    shop.hear(hub.say("entered", visit, 0, {"lane": "gate", "token": token, "waits": True}))
    assert commanded(shop) == [], "nothing is said before the gateway has answered"
    shop.work()
    (due,) = commanded(shop)
    assert str(due.topic) == f"tf/1/{STORE}/cmd/{HUB}/do"
    assert order_of(due.command) == Admit(visit=visit, held=held, reason=reason)
    assert commanded(shop) == [], "it is said again later, not at once"
    shop.clock.pass_s(1)
    assert [again.command.id for again in commanded(shop)] == [due.command.id]
    shop.hear(hub.say("commanded", None, 1, {"command": str(due.command.id), "done": True}))
    shop.work()
    shop.clock.pass_s(30)
    assert commanded(shop) == [], "an answered command is not said again"


def test_a_lane_that_does_not_wait_is_told_nothing(shop: Shop, hub: Hub) -> None:
    shop.hear(hub.enter(hub.visit()))
    shop.work()
    assert shop.rows(tables.commands) == []


def test_nobody_is_told_after_the_lane_has_stopped_waiting(shop: Shop, hub: Hub) -> None:
    shop.hear(hub.say("entered", hub.visit(), 0, {"lane": "gate", "token": "alice's token", "waits": True}))
    shop.work()
    shop.clock.pass_s(61)
    assert commanded(shop) == []
    (row,) = shop.rows(tables.commands)
    assert (row["due_at"], row["answered_at"]) == (None, None)


def test_a_store_that_cannot_go_up_says_what_is_in_the_way(shop: Shop, hub: Hub) -> None:
    down = {"mode": "down", "wants_up": True, "in_the_way": {"camera shelf": "nothing has been heard of it yet"}}
    shop.hear(hub.say("traded", None, 1, down))
    shop.work()
    assert [row["in_the_way"] for row in shop.rows(tables.trading)] == [down["in_the_way"]]
    ((text, until),) = alerts(shop, "text", "until")
    assert "camera shelf" in text
    assert until is None
    shop.hear(hub.say("traded", None, 9, {"mode": "up"}))
    shop.work()
    assert [row["mode"] for row in shop.rows(tables.trading)] == ["up"]
    assert alerts(shop, "until") == [(at(9),)]


def doubtful(hub: Hub, visit: Any, at_s: float = 20) -> tuple[str, bytes]:
    _, payload = hub.pick(visit, at_s, "water", p=0.4)
    hub.seq -= 1
    import json

    data = json.loads(payload)["data"]
    return hub.say(
        "interaction",
        visit,
        at_s,
        {**data, "evidence": [{"sha256": SHA, "camera": "shelf", "size_bytes": len(CLIP)}]},
    )


def sent(device: str = HUB, store: str = STORE, clip: bytes = CLIP) -> tuple[str, bytes]:
    return str(Topic(store, device, "evidence")), encode(ClipSent(device=device, sha256=digest_of(clip), clip=clip))


def in_review(shop: Shop, hub: Hub) -> Any:
    visit = hub.visit()
    shop.hear(hub.enter(visit), doubtful(hub, visit), hub.leave(visit), hub.watermark(61))
    shop.work()
    return visit


def test_clips_of_doubtful_lines_are_fetched_kept_sealed_and_open_only_with_the_key(shop: Shop, hub: Hub) -> None:
    visit = in_review(shop, hub)
    (due,) = commanded(shop)
    assert order_of(due.command) == FetchClip(sha256=SHA)
    seal = EvidenceSeal(bytes(range(32)))
    ingester = Ingester(shop.database, shop.clock, lambda: seal)
    ingester.commit([sent()])
    (row,) = shop.rows(tables.evidence)
    assert row["visit_id"] == visit
    assert CLIP not in row["sealed"]
    assert seal.open(STORE, SHA, row["sealed"]) == CLIP
    with pytest.raises(EvidenceSealError, match="does not open"):
        EvidenceSeal(bytes(32)).open(STORE, SHA, row["sealed"])
    with pytest.raises(EvidenceSealError, match="does not open"):
        seal.open("another", SHA, row["sealed"])
    shop.clock.pass_s(60)
    assert commanded(shop) == [], "what has come is not asked for again"


def test_a_clip_that_got_lost_on_its_way_is_asked_for_again(shop: Shop, hub: Hub) -> None:
    in_review(shop, hub)
    (due,) = commanded(shop)
    shop.hear(hub.say("commanded", None, 61, {"command": str(due.command.id), "done": True}))
    shop.work()
    shop.clock.pass_s(2)
    assert [again.command.id for again in commanded(shop)] == [due.command.id]


def test_a_clip_that_the_store_no_longer_has_is_said_to_be_gone(shop: Shop, hub: Hub) -> None:
    in_review(shop, hub)
    (due,) = commanded(shop)
    answer = {"command": str(due.command.id), "done": False, "reason": "it has expired"}
    shop.hear(hub.say("commanded", None, 61, answer))
    shop.work()
    shop.clock.pass_s(60)
    assert commanded(shop) == []
    (row,) = shop.rows(tables.evidence)
    assert (row["gone_because"], row["sealed"]) == ("it has expired", None)


@pytest.mark.parametrize(
    "message", [sent(device="stranger"), sent(store="another"), sent(clip=b"nobody asked for this one")]
)
def test_a_clip_that_nobody_waits_for_is_not_kept(shop: Shop, hub: Hub, message: tuple[str, bytes]) -> None:
    in_review(shop, hub)
    seal = EvidenceSeal(bytes(32))
    Ingester(shop.database, shop.clock, lambda: seal).commit([message])
    assert [row["sealed"] for row in shop.rows(tables.evidence)] == [None]


def test_erasing_a_visit_erases_its_clips_here_and_in_the_store_and_they_do_not_come_back(shop: Shop, hub: Hub) -> None:
    visit = in_review(shop, hub)
    seal = EvidenceSeal(bytes(32))
    ingester = Ingester(shop.database, shop.clock, lambda: seal)
    ingester.commit([sent()])
    with shop.database.write() as connection:
        assert erase_clips(connection, STORE, [visit], by="olga", now=shop.clock()) == [SHA]
    orders = [order_of(due.command) for due in commanded(shop)]
    assert EraseEvidence(visits=(visit,)) in orders
    ingester.commit([sent()])
    assert [(row["sealed"], row["gone_because"]) for row in shop.rows(tables.evidence)] == [(None, "erased by olga")]


def test_clips_expire(shop: Shop, hub: Hub) -> None:
    in_review(shop, hub)
    assert not expire_clips(shop.database, shop.clock())
    assert expire_clips(shop.database, shop.clock() + timedelta(days=31))
    assert [row["gone_because"] for row in shop.rows(tables.evidence)] == ["expired"]


def test_a_key_is_made_once_and_is_nobody_else_s_to_read(tmp_path: Any) -> None:
    file = tmp_path / "home" / "evidence.key"
    first = evidence_key(None, file)
    assert evidence_key(None, file) == first
    assert file.stat().st_mode & 0o077 == 0
    assert evidence_key("ab" * 32, file) == bytes([0xAB]) * 32
    file.write_text("short\n", encoding="ascii")
    with pytest.raises(EvidenceSealError, match="64 hex digits"):
        evidence_key(None, file)
