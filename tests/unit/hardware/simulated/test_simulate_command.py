"""`tillfree simulate`: what it writes, and what it says when it is asked for what cannot be, or stopped."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hardware.simulated.errors import SimulationError
from protocol.recording import read_recording
from tillfree.cli.main import app


def test_signals_are_written_and_counted(tmp_path: Path) -> None:
    out, told = tmp_path / "out", tmp_path / "told.json"
    asked = ["simulate", "pick-and-put-back", "--signals", "--out", str(out), "--json", str(told)]
    assert CliRunner().invoke(app, asked, catch_exceptions=False).exit_code == 0
    result = json.loads(told.read_text())
    assert result["duration_s"] == read_recording(out).file.duration_s
    assert result["events"]["pick"] >= 1
    assert result["bytes"] == sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([], "give --out DIR"),
        (["--out", "x", "--size", "320"], "--size 320: write WIDTHxHEIGHT"),
        (["--out", "x", "--size", "321x192"], "even pixels"),
        (["--out", "x", "--sensor", "awful"], "no sensor is called 'awful'; there are: clean, good, worn, bad"),
        (["--out", "x", "--cameras", "roof"], "no camera 'roof'"),
        (
            ["--contact-sheet", "sheet.txt", "--cameras", "gate", "--size", "64x48", "--moments", "1"],
            "not a kind of picture",
        ),
        (["nobody-wrote-this", "--out", "x"], "no scene of the library"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(
    asked: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SimulationError, match=message):
        CliRunner().invoke(app, ["simulate", "--minutes", "0.2", "--shoppers", "1", *asked], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_says_that_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hardware.simulated.recording.signals.write_scales", stopped)
    run = CliRunner().invoke(app, ["simulate", "hiding", "--signals", "--out", str(tmp_path / "out")])
    assert run.exit_code == 130
    assert "what was written is removed" in run.output
    assert not (tmp_path / "out").exists()
