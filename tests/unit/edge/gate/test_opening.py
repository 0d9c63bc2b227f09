"""Lanes that wait for the money, modes that the cloud asks for, and what the operator is told."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from edge.gate.claims import ClaimsInMemory
from edge.gate.gatekeeper import Gatekeeper
from edge.gate.holding import NOBODY_ANSWERS, TOO_LATE, Waiting
from edge.gate.opening import Opening
from edge.gate.refusals import EVERY_S
from edge.modes import Modes
from hardware.lights.logged import LoggedLight
from hardware.ports import Asked, Fault, Frame, Notice, Observation, Pass, Reading, Restored
from protocol.commands import Admit, Command, Order, SetMode, data_of_order
from protocol.events import Commanded, Event, Refused, Traded
from protocol.messages import Envelope
from protocol.store import Store
from tests.unit.edge.gate.keyed import CHECKER, EDDSA_KEY, HMAC_KEY, NOW_S, content, token

START = datetime.fromtimestamp(NOW_S, UTC)
VISIT = UUID("01a0fd88-e438-7000-8000-000000000001")
CAMERA = "camera eye"


def shop(people_max: int | None = None, **gate: Any) -> Store:
    said = {
        "format": 1, "store": "corner", "name": "Corner", "currency": "EUR",
        "cameras": [{"id": "eye", "role": "shelf", "size": [640, 480]}],
        "gate": {"lanes": ["left"], **gate}, "policies": {"people_max": people_max},
    }  # fmt: skip
    return Store.model_validate(said)


class Door:
    """A gate that counts how often it opened."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def passes(self) -> Iterator[Pass]:
        return iter(())

    def open(self, lane: str) -> None:
        self.opened.append(lane)


class Entrance:
    """A store's way in, with what it told and who was turned away."""

    def __init__(self, store: Store, *, up: bool = True, people: int = 0, waiting: Iterable[Waiting] = ()) -> None:
        self.door = Door()
        self.opening = Opening(self.door, LoggedLight(), store.gate, waiting=waiting)
        self.modes = Modes([CAMERA])
        if up:
            self.modes.well(CAMERA)
        from edge.modes import Mode

        self.modes.ask(Mode.UP)
        self.keeper = Gatekeeper(
            store, START, CHECKER, ClaimsInMemory(), tell=self.opening.refused, modes=self.modes, people=lambda: people
        )
        self.told: list[Event] = []
        self.turned_away: list[str] = []
        self._entered = 0
        self._say = self.opening.saying(lambda _envelope, _at: None)

    def take(self, *readings: Reading) -> None:
        """What the node would do with the readings: entries come to the disk, and are said."""
        for reading in self.opening.showing(self.keeper, readings):
            match reading:
                case Pass(event="enter"):
                    self._entered += 1
                    self._say(entered(reading), 0.0)
                case Pass(event="turned_away"):
                    self.turned_away.append(reading.token)
                case Notice(event=event):
                    self.told.append(event)
                case _:
                    pass

    def answers(self) -> list[Commanded]:
        return [event for event in self.told if isinstance(event, Commanded)]


def entered(seen: Pass) -> Envelope:
    data: dict[str, Any] = {"lane": seen.lane, "token": seen.token, "staff": seen.staff, "waits": seen.waits}
    return Envelope(id=VISIT, type="entered", device="hub", epoch=1, seq=1, ts=START, visit=VISIT, data=data)


def asks(order: Order, t_s: float = 1.0, number: int = 7) -> Asked:
    command = Command(
        id=UUID(int=number), type=order.type, expires=START + timedelta(minutes=1), data=data_of_order(order)
    )
    return Asked(t_s, command)


def scan(t_s: float = 0.0, key: Any = HMAC_KEY, nonce: int = 0, **said: Any) -> Pass:
    return Pass(t_s, "left", "enter", token(key=key, said=content(key, nonce=nonce.to_bytes(4, "big"), **said)))


def tick(t_s: float) -> Observation:
    return Observation(t_s, "floor", 1, 0.0, 0.0, 0.1, ())


WHEN_HELD: dict[str, Any] = {"open": "when_held", "held_within_s": 5.0}


def test_without_the_policy_the_lane_opens_at_once() -> None:
    way = Entrance(shop())
    way.take(scan())
    assert way.door.opened == ["left"]


def test_a_lane_that_waits_opens_when_the_money_is_held_and_once() -> None:
    way = Entrance(shop(**WHEN_HELD))
    way.take(scan(), tick(1.0))
    assert way.door.opened == []
    way.take(asks(Admit(visit=VISIT, held=True), 1.2), asks(Admit(visit=VISIT, held=True), 2.2), tick(9.0))
    assert way.door.opened == ["left"]
    assert [answer.done for answer in way.answers()] == [True, True], "said again, it is answered again"
    assert way.turned_away == []


def test_a_refused_hold_keeps_it_shut_and_ends_the_visit() -> None:
    way = Entrance(shop(**WHEN_HELD))
    way.take(scan(), asks(Admit(visit=VISIT, held=False, reason="insufficient_funds")), tick(2.0))
    assert way.door.opened == []
    assert way.turned_away == ["tf:MFXG4YJO"]
    assert Refused(lane="left", reason="insufficient_funds") in way.told
    assert way.keeper.light(2.0) == "red"


@pytest.mark.parametrize(
    ("key", "offline", "opened"), [(EDDSA_KEY, 2, 2), (EDDSA_KEY, 0, 0), (EDDSA_KEY, 1, 1), (HMAC_KEY, 2, 0)]
)
def test_when_nobody_answers_so_many_come_in_as_the_store_allows_by_a_seal_that_nobody_here_can_make(
    key: Any, offline: int, opened: int
) -> None:
    way = Entrance(shop(**WHEN_HELD, offline_entries=offline))
    way.take(scan(0.0, key), tick(5.1), scan(6.0, key, 1), tick(11.2))
    assert len(way.door.opened) == opened
    assert len(way.turned_away) == 2 - opened


def test_an_answer_lets_as_many_in_offline_again() -> None:
    way = Entrance(shop(**WHEN_HELD, offline_entries=1))
    way.take(scan(0.0, EDDSA_KEY), tick(5.1), asks(Admit(visit=UUID(int=1), held=True), 6.0))
    way.take(scan(7.0, EDDSA_KEY, 1), tick(12.1))
    assert way.door.opened == ["left", "left"]


def test_an_answer_that_comes_too_late_opens_nothing_and_is_told_so() -> None:
    way = Entrance(shop(**WHEN_HELD))
    way.take(scan(), tick(5.1), asks(Admit(visit=VISIT, held=True), 6.0))
    assert way.door.opened == []
    assert Refused(lane="left", reason=NOBODY_ANSWERS) in way.told
    assert [(answer.done, answer.reason) for answer in way.answers()] == [(False, TOO_LATE)]


def test_staff_do_not_wait() -> None:
    way = Entrance(shop(**WHEN_HELD))
    way.take(scan(staff=True))
    assert way.door.opened == ["left"]


def test_who_waited_when_the_edge_was_killed_still_waits_and_no_longer_than_before() -> None:
    way = Entrance(shop(**WHEN_HELD), waiting=[Waiting(VISIT, "left", "tf:MFXG4YJO", 0.0, may_offline=False)])
    way.take(tick(4.0))
    assert way.turned_away == []
    way.take(tick(5.0))
    assert way.turned_away == ["tf:MFXG4YJO"]


def test_up_is_refused_with_the_camera_that_is_not_well_and_comes_by_itself_when_it_is() -> None:
    way = Entrance(shop(), up=False)
    way.take(Fault(1.0, CAMERA, "no pictures; look at the cable"), asks(SetMode(mode="up"), 2.0))
    (answer,) = way.answers()
    assert not answer.done
    assert answer.reason is not None
    assert CAMERA in answer.reason
    assert "cable" in answer.reason
    way.take(scan(3.0))
    assert way.door.opened == []
    way.take(Restored(4.0, CAMERA), scan(5.0, nonce=1))
    assert way.door.opened == ["left"]
    modes = [event for event in way.told if isinstance(event, Traded)]
    assert [(mode.mode, mode.wants_up, CAMERA in mode.in_the_way) for mode in modes] == [
        ("down", True, True),
        ("up", False, False),
    ]


def test_a_mode_can_be_changed_while_the_store_trades() -> None:
    way = Entrance(shop())
    way.take(asks(SetMode(mode="stocking"), 1.0, 1), scan(2.0), scan(3.0, nonce=1, staff=True))
    assert len(way.door.opened) == 1, "staff only"
    way.take(asks(SetMode(mode="up"), 4.0, 2), scan(5.0, nonce=2))
    assert len(way.door.opened) == 2
    assert [answer.done for answer in way.answers()] == [True, True]
    modes = [event.mode for event in way.told if isinstance(event, Traded)]
    assert modes == ["stocking", "up"]


def test_nobody_comes_in_beyond_what_the_store_allows() -> None:
    way = Entrance(shop(people_max=4), people=3)
    way.take(scan(party=2), scan(1.0, nonce=1), scan(2.0, nonce=2, party=3, staff=True))
    assert len(way.door.opened) == 2
    assert Refused(lane="left", reason="the store is full") in way.told


def test_a_command_that_this_edge_does_not_know_is_answered_so() -> None:
    way = Entrance(shop())
    way.take(Asked(1.0, Command(id=VISIT, type="paint", expires=START, data={})))
    (answer,) = way.answers()
    assert not answer.done
    assert answer.reason is not None
    assert "paint" in answer.reason


def test_a_phone_that_shows_wrong_codes_for_ever_says_little() -> None:
    way = Entrance(shop())
    for number in range(1_200):
        way.take(Pass(0.1 * number, "left", "enter", f"{'A' * 47}{'ABCDEFGH'[number % 8]}"))
    told = [event for event in way.told if isinstance(event, Refused)]
    assert sum(event.times for event in told) <= 1_200
    assert len(told) <= (120.0 / EVERY_S + 1) * len({event.reason for event in told})
    assert any(event.times > 100 for event in told)


def test_pictures_go_on_to_the_node() -> None:
    way = Entrance(shop())
    import numpy as np

    frame = Frame(0.0, "eye", 0, np.zeros((480, 640, 3), np.uint8))
    assert frame in list(way.opening.showing(way.keeper, [frame]))
