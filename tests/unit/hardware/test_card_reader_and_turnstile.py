"""Cards on a serial line, and a turnstile on a relay: what they say, and what they do when something breaks."""

import io
import os
import pty
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import DeviceError
from hardware.gates.card_reader import AGAIN_S, PART_MAX, CardLine, CardReader, open_serial
from hardware.gates.pin import PinRelay, parse_pin
from hardware.gates.turnstile import TRIES_MAX, SimulatedRelay, Turnstile
from hardware.ports import Pass
from protocol.events import Entered

FRAME = b"\x020A00123456" + b"7A" + b"\x03"
"""0A ^ 00 ^ 12 ^ 34 ^ 56 = 7A."""


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        (b"04A1B2C3\r\n", ["04A1B2C3"]),
        (b"04a1b2c3d4e5f6\n", ["04A1B2C3D4E5F6"]),
        (b"  04A1B2C3 \r04A1B2C4\r", ["04A1B2C3", "04A1B2C4"]),
        (b"04A1B2C3", []),
        (b"04A1B2C\n", []),
        (b"0123456789ABCDEF01234\n", []),
        (b"hello there\n04A1B2C3\n", ["04A1B2C3"]),
        (b"\r\n\r\n", []),
        (FRAME, ["0A00123456"]),
        (FRAME * 2, ["0A00123456"] * 2),
        (b"\x020A001234567B\x03", []),
        (b"\x020A00123456\x03", []),
        (b"\x020A0012" + FRAME, ["0A00123456"]),
        (b"A" * 1000 + b"\n04A1B2C3\n", ["04A1B2C3"]),
        (b"\x00\xff\x00\n04A1B2C3\n", ["04A1B2C3"]),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_reader_says(said: bytes, numbers: list[str]) -> None:
    assert list(CardLine().take(said)) == numbers
    byte_by_byte = CardLine()
    assert [number for byte in said for number in byte_by_byte.take(bytes([byte]))] == numbers


@given(st.binary(max_size=400))
def test_whatever_a_reader_says_an_event_can_carry(said: bytes) -> None:
    for number in CardLine().take(said):
        Entered(lane="door", token=f"card:{number}")


class Chunks:
    """Bytes as they come, each at a time of its own; then the reader is unplugged."""

    def __init__(self, *chunks: tuple[float, bytes]) -> None:
        self._chunks = list(chunks)
        self.t_s = 0.0

    def read(self, size: int, /) -> bytes:
        assert size <= PART_MAX
        if not self._chunks:
            raise OSError(5, "Input/output error")
        self.t_s, data = self._chunks.pop(0)
        return data


def passes(source: Chunks) -> list[Pass]:
    """What a reader passes on before it is unplugged."""
    found: list[Pass] = []
    reader = CardReader("/dev/ttyUSB0", source, "door", lambda: source.t_s)
    with pytest.raises(DeviceError, match="plugged in"):
        list(_kept(reader.passes(), found))
    return found


def _kept(each_of: Iterable[Pass], found: list[Pass]) -> Iterable[Pass]:
    for each in each_of:
        found.append(each)
        yield from ()


def test_a_card_that_is_held_to_the_reader_is_one_pass_and_again_later_another() -> None:
    held = [(0.065 * tick, FRAME) for tick in range(100)]
    seen = passes(Chunks(*held, (6.5 + AGAIN_S, FRAME), (9.0, b"04A1B2C3\n"), (9.1, FRAME)))
    assert [each.token for each in seen] == ["card:0A00123456", "card:0A00123456", "card:04A1B2C3", "card:0A00123456"]


def test_noise_is_told_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    assert passes(Chunks(*((0.1 * tick, b"noise\n") for tick in range(25)))) == []
    assert len(caplog.records) == 3


def test_a_serial_line_is_opened_raw_and_what_is_none_is_told(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    line = open_serial(Path(os.ttyname(slave)))
    os.write(master, b"\x0204")
    assert line.read(PART_MAX) == b"\x0204", "as it comes, without waiting for the end of a line"
    assert isinstance(line, io.IOBase)
    line.close()
    os.close(master)
    os.close(slave)
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "nothing"):
        with pytest.raises(DeviceError, match="serial line"):
            open_serial(path)


class Time:
    """Calls what was asked for when its time has come."""

    def __init__(self) -> None:
        self.t_s = 0.0
        self._due: list[tuple[float, Callable[[], None], Plan]] = []

    def after(self, delay_s: float, call: Callable[[], None]) -> "Plan":
        plan = Plan()
        self._due.append((self.t_s + delay_s, call, plan))
        return plan

    def pass_s(self, seconds: float) -> None:
        until_s = self.t_s + seconds
        while self._due and min(self._due, key=lambda due: due[0])[0] <= until_s:
            due = min(self._due, key=lambda due: due[0])
            self._due.remove(due)
            self.t_s = due[0]
            if not due[2].cancelled:
                due[1]()
        self.t_s = until_s


class Plan:
    cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


def is_on(relay: SimulatedRelay) -> bool:
    return relay.on


def turnstile() -> tuple[Turnstile, SimulatedRelay, Time]:
    relay, time = SimulatedRelay(), Time()
    return Turnstile(None, {"left": relay}, time.after), relay, time


def test_a_lane_opens_for_one_pulse() -> None:
    gate, relay, time = turnstile()
    gate.open("left")
    assert is_on(relay)
    time.pass_s(0.49)
    assert is_on(relay)
    time.pass_s(0.02)
    assert not is_on(relay)
    assert list(gate.passes()) == []


def test_opening_again_begins_the_pulse_anew_and_another_lane_moves_nothing() -> None:
    gate, relay, time = turnstile()
    gate.open("left")
    time.pass_s(0.4)
    gate.open("left")
    time.pass_s(0.4)
    assert is_on(relay)
    time.pass_s(0.2)
    assert not is_on(relay)
    gate.open("elsewhere")
    assert relay.opened == 1


def test_a_relay_that_was_left_on_is_set_off_at_the_start_and_every_relay_at_the_end() -> None:
    relay = SimulatedRelay()
    relay.set(True)
    gate = Turnstile(None, {"left": relay}, Time().after)
    assert not is_on(relay)
    gate.open("left")
    gate.close()
    gate.close()
    assert not is_on(relay)
    with pytest.raises(DeviceError, match="relay cannot be switched"):
        gate.open("left")


def test_a_relay_that_cannot_be_switched_off_is_tried_again_and_told(caplog: pytest.LogCaptureFixture) -> None:
    gate, relay, time = turnstile()
    gate.open("left")
    relay.broken = True
    time.pass_s(2.0)
    assert is_on(relay)
    assert "still on" in caplog.text
    relay.broken = False
    time.pass_s(1.0)
    assert not is_on(relay)
    gate.open("left")
    relay.broken = True
    caplog.clear()
    time.pass_s(1000.0)
    assert len(caplog.records) == TRIES_MAX


def test_a_relay_that_cannot_be_switched_on_is_told() -> None:
    gate, relay, _ = turnstile()
    relay.broken = True
    with pytest.raises(DeviceError, match="lane left"):
        gate.open("left")


def test_the_pulse_ends_by_the_clock_of_the_machine_too() -> None:
    relay = SimulatedRelay()
    gate = Turnstile(None, {"left": relay}, None)
    gate.open("left")
    pulse = gate._pulses["left"]
    pulse.join(30.0)  # type: ignore[attr-defined]  # a timer is a thread
    assert not is_on(relay)
    assert relay.opened == 1


@pytest.mark.parametrize(
    ("written", "pin"),
    [
        ("/dev/gpiochip0:17", ("/dev/gpiochip0", 17, False)), ("/dev/gpiochip4:5:low", ("/dev/gpiochip4", 5, True)),
        ("gpiochip0:17", None), ("/dev/gpiochip0", None), ("/dev/gpiochip0:x", None), ("/dev/gpiochip0:1:high", None),
        ("/dev/gpiochip0:17\n", None), ("", None),
    ],
)  # fmt: skip
def test_how_a_pin_is_written(written: str, pin: tuple[str, int, bool] | None) -> None:
    if pin is not None:
        assert parse_pin(written) == pin
        return
    with pytest.raises(DeviceError, match="no relay's pin"):
        parse_pin(written)


def test_a_pin_that_this_machine_has_not_is_told() -> None:
    pytest.importorskip("gpiod", reason="needs tillfree[gpio]")
    with pytest.raises(DeviceError, match="cannot be had"):
        PinRelay("/dev/gpiochip999:17")
