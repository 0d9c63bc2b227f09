"""A recording's folder: checked as a whole, before anything is played."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from protocol.document import FileError
from protocol.recording import read_recording, read_truth

STORE = """\
format: 1
store: corner
name: The corner shop
currency: EUR
cameras:
  - {id: area-1, role: area, size: [64, 48]}
  - {id: area-2, role: area, size: [64, 48]}
gate: {lanes: [door, side-door]}
"""
RECORDING = """\
format: 1
start: 2026-03-02T11:00:00+01:00
duration_s: 10
cameras:
  - {id: area-1, file: cameras/area-1.mp4}
  - {id: area-2, file: cameras/area-2, fps: 5}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording of a film and a folder of images."""
    (tmp_path / "store.yaml").write_text(STORE)
    (tmp_path / "recording.yaml").write_text(RECORDING)
    (tmp_path / "cameras" / "area-2").mkdir(parents=True)
    (tmp_path / "cameras" / "area-1.mp4").touch()
    return tmp_path


def write_lines(path: Path, *lines: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))


def problem_of(folder: Path) -> str:
    with pytest.raises(FileError) as caught:
        read_recording(folder)
    return str(caught.value).replace(str(folder), "")


def test_a_whole_recording_is_read(folder: Path) -> None:
    write_lines(
        folder / "gate.jsonl",
        {"t_s": 9, "lane": "door", "event": "exit", "token": "anna"},
        "",
        {"t_s": 1, "lane": "door", "event": "enter", "token": "anna", "reader": "a newer field"},
    )
    recording = read_recording(folder)
    assert recording.file.start == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert [line.t_s for line in recording.gate] == [1, 9]
    assert recording.store.store == "corner"


def test_a_recording_without_a_gate_or_cameras_is_one(folder: Path) -> None:
    (folder / "recording.yaml").write_text("format: 1\nstart: 2026-03-02T10:00:00Z\nduration_s: 1\n")
    assert read_recording(folder).gate == ()


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        (
            "cameras/area-1.mp4",
            "cameras/gone.mp4",
            "/recording.yaml:5: cameras[0].file: /cameras/gone.mp4 does not exist",
        ),
        (
            "id: area-1",
            "id: area-9",
            "/recording.yaml:5: cameras[0].id: the store has no camera 'area-9'; known: area-1",
        ),
        ("id: area-2", "id: area-1", "/recording.yaml:6: cameras[1].id: a second camera 'area-1'"),
        (", fps: 5", "", "/recording.yaml:6: cameras[1].file: a folder of images needs `fps` or `times`"),
        ("fps: 5", "fps: 5, times: t.csv", "/recording.yaml:6: cameras[1]: give `fps` or `times`, not both"),
        ("fps: 5", "times: t.csv", "/recording.yaml:6: cameras[1].times: /t.csv does not exist"),
        ("fps: 5", "fps: 0", "/recording.yaml:6: cameras[1].fps: "),
        ("duration_s: 10", "duration_s: 0", "/recording.yaml:3: duration_s: "),
        ("duration_s: 10", "duration_s: .inf", "/recording.yaml:3: duration_s: "),
        ("+01:00", "", "/recording.yaml:2: start: a time needs an offset"),
        ("2026-03-02T11:00:00+01:00", "1969-12-31T23:59:59Z", "/recording.yaml:2: start: a time lies in the years"),
        ("2026-03-02T11:00:00+01:00", "9999-12-31T23:59:59Z", "/recording.yaml:2: start: a time lies in the years"),
        ("duration_s", "duration", "/recording.yaml:3: duration: unknown key; did you mean 'duration_s'?"),
        ("format: 1", "format: 1\nstore: other.yaml", "/other.yaml: No such file"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(folder: Path, was: str, becomes: str, says: str) -> None:
    assert RECORDING.count(was) == 1
    (folder / "recording.yaml").write_text(RECORDING.replace(was, becomes))
    assert says in problem_of(folder)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "/gate.jsonl:2: Invalid JSON"),
        ({"t_s": -1, "lane": "door", "event": "enter", "token": "a"}, "/gate.jsonl:2: t_s: "),
        ({"t_s": float("nan"), "lane": "door", "event": "enter", "token": "a"}, "/gate.jsonl:2: t_s: "),
        (
            {"t_s": 1, "lane": "window", "event": "enter", "token": "a"},
            "/gate.jsonl:2: lane: the store's gate has no lane",
        ),
        ({"t_s": 1, "lane": "door", "event": "sneak", "token": "a"}, "/gate.jsonl:2: event: "),
        ({"t_s": 1, "lane": "door", "event": "enter", "token": ""}, "/gate.jsonl:2: token: "),
        ({"t_s": 1, "lane": "door", "event": "enter", "token": "a\x00"}, "/gate.jsonl:2: token: "),
        ({"t_s": 1, "lane": "door", "event": "enter"}, "/gate.jsonl:2: token: "),
        ("[]", "/gate.jsonl:2: "),
    ],
)
def test_a_bad_gate_line_is_named(folder: Path, line: object, says: str) -> None:
    write_lines(folder / "gate.jsonl", {"t_s": 0, "lane": "door", "event": "enter", "token": "bert"}, line)
    assert says in problem_of(folder)


def test_a_token_may_hold_what_unicode_calls_a_lines_end(folder: Path) -> None:
    write_lines(folder / "gate.jsonl", '{"t_s": 1, "lane": "door", "event": "enter", "token": "an\u2028na"}')
    assert read_recording(folder).gate[0].token == "an\u2028na"


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    assert "no such folder" in problem_of(tmp_path / "gone")
    assert "/recording.yaml: No such file" in problem_of(tmp_path)


def test_truth_is_read_by_time(folder: Path) -> None:
    write_lines(
        folder / "truth" / "events.jsonl",
        {"t_s": 5, "shopper": "anna", "type": "pick", "sku": "water", "window_s": [4, 6]},
        {"t_s": 1, "shopper": "anna", "type": "enter"},
    )
    write_lines(folder / "truth" / "receipts.json", {"anna": {"water": 1}, "bert": {}})
    events, receipts = read_truth(folder)
    assert [event.type for event in events] == ["enter", "pick"]
    assert receipts == {"anna": {"water": 1}, "bert": {}}


@pytest.mark.parametrize("missing", ["events.jsonl", "receipts.json"])
def test_a_recording_cannot_be_scored_without_all_of_its_truth(folder: Path, missing: str) -> None:
    write_lines(folder / "truth" / "events.jsonl")
    write_lines(folder / "truth" / "receipts.json", {})
    (folder / "truth" / missing).unlink()
    with pytest.raises(FileError, match=f"{missing}: missing; the recording cannot be scored"):
        read_truth(folder)


@pytest.mark.parametrize(
    ("event", "receipts", "says"),
    [
        ({"t_s": 1, "shopper": "anna", "type": "pick"}, {}, r"events\.jsonl:1: .*a pick needs its sku"),
        (
            {"t_s": 1, "shopper": "a", "type": "touch", "window_s": [2, 1]},
            {},
            r"events\.jsonl:1: .*ends before it begins",
        ),
        ({"t_s": 1, "shopper": "a", "type": "pick", "sku": "w", "qty": 0}, {}, r"events\.jsonl:1: qty"),
        ({"t_s": 1, "shopper": "a", "type": "enter"}, {"a": {"w": 0}}, r"receipts\.json:1: a\.w: "),
        ({"t_s": 1, "shopper": "a", "type": "enter"}, {"a": 5}, r"receipts\.json:1: a: "),
        ({"t_s": 1, "shopper": "a", "type": "enter"}, [], r"receipts\.json:1: the file should be a mapping"),
    ],
)
def test_truth_that_says_nothing_sensible_is_refused(folder: Path, event: object, receipts: object, says: str) -> None:
    write_lines(folder / "truth" / "events.jsonl", event)
    write_lines(folder / "truth" / "receipts.json", receipts)
    with pytest.raises(FileError, match=says):
        read_truth(folder)
