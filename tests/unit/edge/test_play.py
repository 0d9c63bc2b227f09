"""The node at work: what is said is on disk, and how far was observed is never said beyond it."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest

from edge.delivery.delivery import Delivery
from edge.delivery.errors import OutboxFull, OutboxLocked
from edge.events import NewEvent
from edge.node import Node
from edge.pace import AsFastAsItGoes, OwnPace, anchored
from edge.play import Player
from hardware.ports import Pass, Reading
from protocol.events import data_of
from protocol.messages import Envelope
from tests.unit.edge.drawn_shelf import LEFT, START, Reach, Shelf, networks, open_store


class FakeDelivery:
    """Keeps what it is given, when it has room."""

    def __init__(self, *refusals: Exception) -> None:
        self.refusals = list(refusals)
        self.kept: list[Envelope] = []
        self.marks: list[datetime] = []

    def append(self, events: Sequence[NewEvent], memory: bytes | None = None) -> tuple[Envelope, ...]:
        assert memory is None, "nothing was asked to be remembered"
        if self.refusals:
            raise self.refusals.pop(0)
        new = [
            Envelope(
                id=UUID(int=len(self.kept) + n),
                type=event.event.type,
                device="hub",
                epoch=1,
                seq=len(self.kept) + n + 1,
                ts=event.ts,
                visit=event.visit,
                data=data_of(event.event),
            )
            for n, event in enumerate(events)
        ]
        self.kept += new
        return tuple(new)

    def observed(self, until: datetime) -> None:
        self.marks.append(until)


class NeverWaits(threading.Event):
    """A stop that is set once it has been waited for often enough."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self._waits = waits

    def wait(self, timeout: float | None = None) -> bool:
        self._waits -= 1
        if self._waits < 0:
            self.set()
        return self.is_set()


def play(
    folder: Path, delivery: FakeDelivery, readings: Sequence[Reading], stop: threading.Event
) -> list[tuple[Envelope, float]]:
    said: list[tuple[Envelope, float]] = []
    node = Node(open_store(folder), folder, networks(), "test", START)
    player = Player(cast("Delivery", delivery), START, AsFastAsItGoes(), lambda e, t_s: said.append((e, t_s)), stop)
    player.play_live(node, readings)
    return said


ENTER = Pass(0.5, "gate", "enter", "anna")


def test_everything_is_kept_then_said_then_marked(tmp_path: Path) -> None:
    delivery = FakeDelivery()
    frames = list(Shelf([Reach(LEFT, 1, 2.5, None)]).frames(4))
    said = play(tmp_path, delivery, [ENTER, *frames], threading.Event())
    assert [envelope.type for envelope, _ in said] == ["entered", "interaction"]
    assert [envelope for envelope, _ in said] == delivery.kept
    assert delivery.marks == sorted(delivery.marks)
    assert delivery.marks[-1] == pytest.approx(START + timedelta(seconds=3.9), abs=timedelta(milliseconds=2))


def test_a_full_disk_is_waited_out(tmp_path: Path) -> None:
    delivery = FakeDelivery(OutboxFull("full"), OutboxLocked("locked"), OutboxFull("full"))
    said = play(tmp_path, delivery, [ENTER], NeverWaits(9))
    assert [envelope.type for envelope, _ in said] == ["entered"]


def test_what_could_not_be_kept_is_not_marked_as_observed(tmp_path: Path) -> None:
    delivery = FakeDelivery(*[OutboxFull("full")] * 99)
    frames = list(Shelf().frames(0.3))
    said = play(tmp_path, delivery, [*frames, ENTER], NeverWaits(3))
    assert said == []
    assert all(mark < START + timedelta(seconds=0.5) for mark in delivery.marks)


def test_a_stop_ends_the_play_and_still_says_what_is_open(tmp_path: Path) -> None:
    delivery, stop = FakeDelivery(), threading.Event()
    frames = list(Shelf([Reach(LEFT, 1, 3.5, None)]).frames(5))

    def until_the_hand_is_in() -> list[Reading]:
        return [ENTER, *frames[:22]]

    said = play(tmp_path, delivery, until_the_hand_is_in(), stop)
    assert [envelope.type for envelope, _ in said] == ["entered", "interaction"]
    assert said[-1][0].ts == START + timedelta(seconds=2.1)


def test_a_play_at_its_own_pace_waits_until_each_reading_is_due() -> None:
    now, waited = 100.0, []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout)
            return False

    pace = OwnPace(anchor_s=4e12, stop=Stop(), clock=lambda: now)
    pace.wait(2.0)
    assert waited == [2.0]
    now = 105.0
    pace.wait(3.0)
    assert waited == [2.0, 0.0]
    assert pace.happened_at(2.5) == 4e12 + 2.5


def test_a_run_that_is_taken_up_again_keeps_its_anchor(tmp_path: Path) -> None:
    path = tmp_path / "anchor.json"
    first = anchored(path, "run-1")
    assert anchored(path, "run-1") == first
    assert anchored(path, "run-2") >= first
    path.write_text("{")
    assert anchored(path, "run-2") >= first
    path.write_text('{"identity": "run-2", "anchor_s": 5}')
    assert anchored(path, "run-2") == 5.0
