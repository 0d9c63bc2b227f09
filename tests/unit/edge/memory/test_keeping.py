"""Keeping a live hub's memory: when, what is said when it cannot be used, and where the next one goes on."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest

from edge.delivery.delivery import Delivery
from edge.delivery.errors import OutboxFull
from edge.events import NewEvent
from edge.gate.holding import Waiting
from edge.memory.keeping import EVERY_S, Keeping
from edge.memory.resuming import Moment
from edge.node import Node
from edge.perception.networks import Networks
from hardware.ports import Pass
from protocol.store import Store

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
SHOP = Store.model_validate(
    {
        "format": 1, "store": "corner", "name": "Corner", "currency": "EUR",
        "cameras": [{"id": "shelf", "role": "shelf", "size": [640, 360],
                     "views": [{"slot": "wall.top.a", "box": [10, 10, 100, 200]}]}],
        "gondolas": [{"id": "wall", "origin": [2, 4], "width": 1, "depth": 0.4, "shelves": [
            {"id": "top", "height": 1.2, "slots": [{"id": "a", "span": [0, 1]}]}]}],
    }
)  # fmt: skip
THEN = Moment(1_800_000_000.0, 500.0, "boot")


class Disk:
    """What is left of a delivery."""

    def __init__(self, kept: bytes | None = None) -> None:
        self.kept = kept
        self.times = 0
        self.full = False

    def remember(self, memory: bytes) -> None:
        if self.full:
            raise OutboxFull("the disk is full")
        self.kept, self.times = memory, self.times + 1

    def remembered(self) -> bytes | None:
        return self.kept


def keeping(disk: Disk, now: Moment = THEN, store: Store = SHOP) -> Keeping:
    return Keeping(cast("Delivery", disk), store, lambda: now)


def node(store: Store = SHOP) -> Node:
    return Node(store, Path(), Networks(None, None), "run", START)


def in_the_store(t_s: float = 40.0) -> tuple[Node, Sequence[NewEvent]]:
    knows = node()
    return knows, knows.take(Pass(t_s, "gate", "enter", "anna"))


def test_nothing_is_kept_and_it_begins_now() -> None:
    resumed = keeping(Disk()).resume()
    assert (resumed.start, resumed.t_s, resumed.memory) == (datetime.fromtimestamp(THEN.wall_s, UTC), 0.0, None)


@pytest.mark.parametrize(("away_s", "doubted"), [(0.5, False), (60.0, True)])
def test_it_goes_on_at_the_time_that_it_is_now(away_s: float, doubted: bool) -> None:
    disk, (knows, _) = Disk(), in_the_store()
    keeping(disk).keep(knows, 40.0)
    later = Moment(THEN.wall_s + away_s, THEN.since_boot_s + away_s, "boot")
    other = keeping(disk, later)
    resumed = other.resume()
    assert resumed.t_s == pytest.approx(40.0 + away_s)
    assert resumed.start == START
    assert resumed.away.doubtful is doubted
    again = Node(SHOP, Path(), Networks(None, None), "other run", resumed.start, memory=resumed.memory)
    assert list(other.begin(again)) == [], "nothing was taken yet, so nothing is in doubt"
    (left,) = again.take(Pass(resumed.t_s + 1.0, "gate", "exit", "anna"))
    assert left.event.type == "exited"
    assert left.ts == START + timedelta(seconds=41.0 + away_s)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda kept: kept[:-1], "damaged"),
        (lambda kept: b"", "none"),
        (lambda kept: kept[:40] + bytes([kept[40] ^ 1]) + kept[41:], "store file"),
    ],
)
def test_what_cannot_be_used_is_said_and_not_used(spoil: object, why: str, caplog: pytest.LogCaptureFixture) -> None:
    disk, (knows, _) = Disk(), in_the_store()
    keeping(disk).keep(knows, 40.0)
    assert disk.kept is not None
    assert callable(spoil)
    disk.kept = spoil(disk.kept)
    with caplog.at_level(logging.WARNING):
        resumed = keeping(disk).resume()
    assert resumed.memory is None
    assert why in caplog.text
    assert "time limit" in caplog.text


@pytest.mark.parametrize("now", [Moment(THEN.wall_s + 90_000.0, 9.0, "other"), Moment(THEN.wall_s - 5.0, 9.0, "other")])
def test_after_too_long_or_with_a_clock_that_went_back_visits_are_over(
    now: Moment, caplog: pytest.LogCaptureFixture
) -> None:
    disk, (knows, _) = Disk(), in_the_store()
    keeping(disk).keep(knows, 40.0)
    other = keeping(disk, now)
    with caplog.at_level(logging.WARNING):
        resumed = other.resume()
    assert (resumed.memory, resumed.t_s) == (None, 0.0)
    assert "visits of then are over" in caplog.text
    fresh = node()
    assert list(other.begin(fresh)) == []
    assert fresh.take(Pass(1.0, "gate", "exit", "anna")) == (), "anna's visit is over"


def test_it_is_kept_now_and_then_while_somebody_is_there_and_not_for_nobody() -> None:
    disk, (knows, _) = Disk(), in_the_store()
    keeps = keeping(disk)
    for step in range(101):
        keeps.keep(knows, 40.0 + step / 10)
    assert disk.times == int(10.0 / EVERY_S) + 1
    nobody = Disk()
    keeping(nobody).keep(node(), 40.0)
    assert nobody.times == 0
    keeping(nobody).keep(node(), 40.0, now=True)
    assert nobody.times == 1


def test_who_waits_at_a_lane_is_kept() -> None:
    disk = Disk()
    keeps = keeping(disk)
    waiting = Waiting(UUID(int=7), "gate", "anna", 39.0, may_offline=False)
    keeps.waiting = lambda: (waiting,)
    keeps.keep(node(), 40.0)
    assert keeping(disk).resume().waiting == (waiting,)


def test_a_disk_that_refuses_stops_nothing_and_is_said(caplog: pytest.LogCaptureFixture) -> None:
    disk, (knows, _) = Disk(), in_the_store()
    disk.full = True
    with caplog.at_level(logging.WARNING):
        keeping(disk).keep(knows, 40.0)
    assert "the disk is full" in caplog.text
