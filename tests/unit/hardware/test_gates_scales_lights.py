"""The devices that are not cameras."""

import io
import logging
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import DeviceError
from hardware.gates.lines import LINE_MAX, TOKEN_MAX, LineGate
from hardware.gates.recorded import RecordedGate
from hardware.lights.logged import LoggedLight
from hardware.ports import Pass, Weight
from hardware.scales.file import ScaleFile
from protocol.events import Entered


def ticking() -> Callable[[], float]:
    ticks = iter(range(1_000_000))
    return lambda: float(next(ticks))


def typed(text: str) -> list[tuple[str, str]]:
    return [(seen.event, seen.token) for seen in LineGate(io.StringIO(text), "door", ticking()).passes()]


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("anna\n", [("enter", "anna")]),
        ("anna\nexit anna\n", [("enter", "anna"), ("exit", "anna")]),
        ("  anna  \r\n", [("enter", "anna")]),
        ("anna", [("enter", "anna")]),
        ("\n\n \n", []),
        ("exit\n", []),
        ("anna bert\n", []),
        ("exit anna bert\n", []),
        ("exit exit\n", [("exit", "exit")]),
        ("a" * TOKEN_MAX + "\n", [("enter", "a" * TOKEN_MAX)]),
        ("a" * (TOKEN_MAX + 1) + "\nbert\n", [("enter", "bert")]),
        ("a" * (9 * LINE_MAX) + "\nbert\n", [("enter", "bert")]),
        ("an\x00na\nbert\n", [("enter", "bert")]),
        ("an\x07na\nbert\n", [("enter", "bert")]),
        ("\udce9anna\nbert\n", [("enter", "bert")]),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_code_reader_types(text: str, passes: list[tuple[str, str]]) -> None:
    assert typed(text) == passes


@given(st.text(max_size=2000))
def test_whatever_is_typed_an_event_can_carry(text: str) -> None:
    for _, token in typed(text):
        Entered(lane="door", token=token)


def test_a_pass_has_the_time_at_which_its_line_was_complete() -> None:
    gate = LineGate(io.StringIO("anna\nbert\n"), "door", ticking())
    assert list(gate.passes()) == [Pass(0.0, "door", "enter", "anna"), Pass(1.0, "door", "enter", "bert")]
    gate.open("door")


def test_a_reader_that_is_pulled_out_is_a_device_that_broke() -> None:
    stream = io.StringIO("anna\n")
    stream.close()
    with pytest.raises(DeviceError, match="lane 'door': cannot be read any more"):
        list(LineGate(stream, "door", ticking()).passes())
    garbled = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8")
    with pytest.raises(DeviceError, match="lane 'door'"):
        list(LineGate(garbled, "door", ticking()).passes())


def test_a_recorded_gate_says_its_passes_by_time() -> None:
    late, early = Pass(2, "door", "exit", "anna"), Pass(1, "door", "enter", "anna")
    gate = RecordedGate([late, early])
    gate.open("door")
    assert list(gate.passes()) == [early, late]


def test_a_light_says_each_change_once(caplog: pytest.LogCaptureFixture) -> None:
    light = LoggedLight()
    with caplog.at_level(logging.INFO):
        for state in ("green", "green", "amber", "green"):
            light.show(state)
    assert len(caplog.records) == 3


def weights(path: Path, text: str | bytes) -> Iterator[Weight]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return ScaleFile(path).weights()


def test_plates_weigh(tmp_path: Path) -> None:
    text = "t_s,plate,grams\n0,p1,500.5\n0,p2,-3\n0.016,p1,499\n"
    assert list(weights(tmp_path / "scales.csv", text)) == [
        Weight(0.0, "p1", 500.5),
        Weight(0.0, "p2", -3.0),
        Weight(0.016, "p1", 499.0),
    ]


def test_a_broken_plate_s_samples_are_heard_too(tmp_path: Path) -> None:
    """It is told that the plate is broken; the others go on."""
    samples = list(weights(tmp_path / "scales.csv", "t_s,plate,grams\n0,p1,nan\n1,p1,\n2,p1,-inf\n3,p2,5\n"))
    assert [math.isfinite(sample.grams) for sample in samples] == [False, False, False, True]


def test_plates_that_were_written_one_after_the_other_weigh_together(tmp_path: Path) -> None:
    lines = "".join(f"{t_s},{plate},1\n" for plate in ("p1", "p2") for t_s in range(60))
    assert [w.t_s for w in weights(tmp_path / "scales.csv", f"t_s,plate,grams\n{lines}")] == sorted([*range(60)] * 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("plate,grams\np1,3\n", r"scales\.csv:2: not a sample; the columns are t_s, plate, grams"),
        ("t_s,plate,grams\n0,p1,heavy\n", r"scales\.csv:2: not a sample"),
        ("t_s,plate,grams\n0,p1,1\n1\n", r"scales\.csv:3: not a sample"),
        ("t_s,plate,grams\ninf,p1,1\n", r"scales\.csv:2: t_s is a number"),
        (b"t_s,plate,grams\n0,\xff,1\n", r"scales\.csv: "),
    ],
)
def test_a_bad_sample_is_named(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(DeviceError, match=says):
        list(weights(tmp_path / "scales.csv", text))


def test_what_was_weighed_before_a_bad_sample_counts(tmp_path: Path) -> None:
    samples = weights(tmp_path / "scales.csv", "t_s,plate,grams\n0,p1,5\nx,p1,5\n")
    assert next(samples) == Weight(0.0, "p1", 5.0)
    with pytest.raises(DeviceError):
        next(samples)


def test_scales_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"scales\.csv"):
        list(ScaleFile(tmp_path / "scales.csv").weights())
