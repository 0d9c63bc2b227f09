"""Who comes in: shoppers with good tokens while the store trades, staff at any time, nobody else."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from edge.gate.check import Reason
from edge.gate.claims import Claim, Claims, ClaimsInMemory
from edge.gate.gatekeeper import Gatekeeper, Refusal
from edge.gate.keys import Checker
from edge.gate.lanes import SHOWN_S
from edge.gate.opening import Opening
from edge.modes import Mode, Modes
from hardware.errors import DeviceError
from hardware.lights.logged import LoggedLight
from hardware.ports import Fault, Frame, Pass, Reading
from protocol.messages import Envelope
from protocol.store import Store
from tests.unit.edge.gate.keyed import CHECKER, EDDSA_KEY, NOW_S, content, token
from tests.unit.edge.gate.test_codes import shown

START = datetime.fromtimestamp(NOW_S, UTC)
SHOP = Store.model_validate(
    {
        "format": 1, "store": "corner", "name": "Corner", "currency": "EUR",
        "cameras": [{"id": name, "role": "gate", "size": [640, 480]} for name in ("eye", "two")],
        "gate": {"lanes": ["left", "two"]},
    }
)  # fmt: skip


class Broken:
    def claim(self, token: bytes, until_s: float, now_s: float) -> Claim:
        return Claim.UNAVAILABLE


class Gate:
    """A gatekeeper and everything it told."""

    def __init__(self, claims: Claims | None = None, mode: Mode = Mode.UP, checker: Checker | None = CHECKER) -> None:
        self.refused: list[Refusal] = []
        modes = Modes(())
        modes.ask(mode)
        self.keeper = Gatekeeper(
            SHOP, START, checker, claims or ClaimsInMemory(), tell=self.refused.append, modes=modes
        )

    def passes(self, *readings: Reading) -> list[Pass]:
        return [reading for reading in self.keeper.readings(readings) if isinstance(reading, Pass)]

    @property
    def reasons(self) -> list[Reason]:
        return [refusal.reason for refusal in self.refused]


def enter(text: str, t_s: float = 0.0, lane: str = "left") -> Pass:
    return Pass(t_s, lane, "enter", text)


def test_a_phone_before_the_camera_enters_once_with_its_party(tmp_path: Path) -> None:
    gate = Gate()
    picture = shown(token(content(party=3)), tmp_path)
    frames = [Frame(0.1 * index, "eye", index, picture) for index in range(20)]
    assert gate.passes(*frames) == [Pass(0.0, "left", "enter", "tf:MFXG4YJO", 3, sealed="hmac")]
    assert gate.reasons == []


def test_the_camera_named_like_a_lane_watches_it(tmp_path: Path) -> None:
    (seen,) = Gate().passes(Frame(0.0, "two", 0, shown(token(key=EDDSA_KEY, said=content(EDDSA_KEY)), tmp_path)))
    assert seen.lane == "two"


def test_the_same_token_at_two_gates_at_once_opens_one(tmp_path: Path) -> None:
    claims = ClaimsInMemory()
    one, other = Gate(claims), Gate(claims)
    assert len(one.passes(enter(token())) + other.passes(enter(token(), lane="two"))) == 1
    assert one.reasons + other.reasons == [Reason.USED]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (token(content(from_s=NOW_S - 1000)), Reason.EXPIRED),
        (token(content(from_s=NOW_S + 1000)), Reason.NOT_YET),
        (token(store="other"), Reason.OTHER_STORE),
        (token()[:-1] + "A", Reason.FORGED),
        ("tf:MFXG4YJO", Reason.RESERVED),
        ("staff:MFXG4YJO", Reason.RESERVED),
        ("x" * 513, Reason.MALFORMED),
        ("an\x00na", Reason.MALFORMED),
        ("", Reason.MALFORMED),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(text: str, reason: Reason) -> None:
    gate = Gate()
    assert gate.passes(enter(text)) == []
    assert gate.reasons == [reason]


def test_a_code_that_is_no_token_opens_nothing_but_a_card_is_its_own_token(tmp_path: Path) -> None:
    gate = Gate()
    assert gate.passes(Frame(0.0, "eye", 0, shown("card:04A1B2C3", tmp_path))) == []
    assert gate.reasons == [Reason.MALFORMED]
    assert gate.passes(enter("card:04A1B2C3")) == [enter("card:04A1B2C3")]


def test_without_keys_codes_are_taken_as_they_are(tmp_path: Path) -> None:
    gate = Gate(checker=None)
    assert gate.passes(Frame(0.0, "eye", 0, shown("anna", tmp_path))) == [enter("anna")]
    assert gate.passes(enter("staff:MFXG4YJO")) == []


@pytest.mark.parametrize("mode", [Mode.DOWN, Mode.STOCKING])
def test_only_staff_come_in_while_the_store_does_not_trade_and_everybody_may_leave(mode: Mode) -> None:
    gate = Gate(mode=mode)
    assert gate.passes(enter(token())) == []
    assert gate.passes(enter("card:04A1B2C3")) == []
    assert gate.reasons == [Reason.NOT_TRADING] * 2
    assert gate.passes(enter(token(content(staff=True)))) == [
        Pass(0.0, "left", "enter", "staff:MFXG4YJO", staff=True, sealed="hmac")
    ]
    assert len(gate.passes(Pass(1.0, "left", "exit", token()))) == 1


def test_a_token_that_came_too_early_for_the_store_is_not_used_up() -> None:
    gate = Gate(mode=Mode.DOWN)
    assert gate.passes(enter(token())) == []
    gate.keeper.modes.ask(Mode.UP)
    assert len(gate.passes(enter(token(), 5.0))) == 1


def test_a_store_goes_up_when_its_cameras_give_pictures(tmp_path: Path) -> None:
    picture = shown(token(), tmp_path)
    refused: list[Refusal] = []
    keeper = Gatekeeper(SHOP, START, CHECKER, ClaimsInMemory(), tell=refused.append)
    keeper.modes.ask(Mode.UP)
    readings: Iterable[Reading] = (
        Fault(0.0, "camera two", "it is unplugged"), Frame(0.1, "eye", 0, picture), Frame(9.0, "two", 0, picture),
    )  # fmt: skip
    seen = [reading for reading in keeper.readings(readings) if isinstance(reading, Pass)]
    assert [refusal.reason for refusal in refused] == [Reason.NOT_TRADING]
    assert [(each.t_s, each.lane) for each in seen] == [(9.0, "two")]


def test_the_light_says_how_things_stand() -> None:
    gate = Gate()
    keeper = gate.keeper
    assert keeper.light(0.0) == "green"
    gate.passes(enter("staff:ME", 1.0))
    assert [keeper.light(t_s) for t_s in (1.0, 1.0 + SHOWN_S)] == ["red", "green"]
    gate.passes(enter("staff:ME", 5.0), enter(token(), 5.5))
    assert keeper.light(5.5) == "green", "the last answer counts"
    helpless = Gate(Broken())
    assert helpless.passes(enter(token(), 1.0)) == []
    assert helpless.reasons == [Reason.UNAVAILABLE]
    assert [helpless.keeper.light(t_s) for t_s in (1.0, 1.0 + SHOWN_S)] == ["amber", "green"]
    gate.keeper.modes.ask(Mode.DOWN)
    assert gate.keeper.light(20.0) == "red"


class Door:
    def __init__(self, *, broken: bool = False) -> None:
        self.opened: list[str] = []
        self.broken = broken

    def passes(self) -> Iterable[Pass]:
        return iter(())

    def open(self, lane: str) -> None:
        if self.broken:
            raise DeviceError("lane left: its relay cannot be switched")
        self.opened.append(lane)


def entered(kind: str = "entered") -> Envelope:
    return Envelope.model_validate(
        {
            "v": 1, "id": UUID(int=7 << 76 | 2 << 62), "type": kind, "device": "hub", "epoch": 1, "seq": 1,
            "ts": START, "visit": UUID(int=7 << 76 | 2 << 62), "data": {"lane": "left", "token": "a"},
        }
    )  # fmt: skip


def test_a_lane_opens_when_the_entry_was_said_and_a_broken_one_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    door, heard = Door(), list[str]()
    say = Opening(door, LoggedLight()).saying(lambda envelope, _: heard.append(envelope.type))  # type: ignore[arg-type]  # passes() is enough
    say(entered("exited"), 0.0)
    assert door.opened == []
    say(entered(), 0.0)
    assert door.opened == ["left"]
    Opening(Door(broken=True), LoggedLight()).saying(lambda envelope, _: heard.append(envelope.type))(entered(), 0.0)  # type: ignore[arg-type]  # as above
    assert heard == ["exited", "entered", "entered"]
    assert "by hand" in caplog.text


def test_refusals_reach_the_log_but_do_not_fill_it(caplog: pytest.LogCaptureFixture) -> None:
    opening = Opening(None, LoggedLight())
    with caplog.at_level(logging.WARNING):
        for tick in range(100):
            opening.refused(Refusal(tick / 50.0, "left", Reason.FORGED))
    assert [record.message for record in caplog.records] == [
        "lane left: refused: its seal is wrong: altered or forged",
        "lane left: refused: its seal is wrong: altered or forged (49 more before)",
    ]


def test_the_light_follows_the_readings(caplog: pytest.LogCaptureFixture) -> None:
    gate, light = Gate(mode=Mode.DOWN), LoggedLight()
    with caplog.at_level(logging.INFO):
        list(Opening(None, light).showing(gate.keeper, [Fault(0.0, "scales", "gone")]))
        assert light.state == "red"
    assert "the store is DOWN" in caplog.text
