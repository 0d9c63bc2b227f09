"""`tillfree models` as a person sees it."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from models.errors import UnknownModel
from models.progress_bar import PullProgress
from tillfree.cli.models import app
from tillfree.cli.output import OutputError


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLFREE_HOME", str(tmp_path / "home"))


def test_the_cards_say_what_a_person_needs() -> None:
    result = CliRunner().invoke(app, ["list"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    for text in ("nanodet", "efficientnet-lite0", "Apache-2.0", "1 x 3 x 416 x 416", "no; run: tillfree models pull"):
        assert text in result.stdout


def test_the_cards_as_json(tmp_path: Path) -> None:
    target = tmp_path / "cards.json"
    assert CliRunner().invoke(app, ["list", "--json", str(target)]).stdout == ""
    written = json.loads(target.read_text())
    assert written == json.loads(CliRunner().invoke(app, ["list", "--json", "-"]).stdout)
    nanodet = written["networks"][0]
    assert (nanodet["name"], nanodet["licence"], nanodet["path"]) == ("nanodet", "Apache-2.0", None)
    assert nanodet["outputs"][0]["shape"] == [1, 2704, 80]
    assert nanodet["measured"][0].keys() == {"what", "value", "measured_on"}


def test_json_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere/cards\.json: No such file"):
        CliRunner().invoke(app, ["list", "--json", str(tmp_path / "nowhere/cards.json")], catch_exceptions=False)


def test_pulling_a_network_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="no network 'yolo'; there are: nanodet, movenet-lightning, effic"):
        CliRunner().invoke(app, ["pull", "yolo"], catch_exceptions=False)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_is_a_line_for_each_step(terminal: bool) -> None:
    screen = io.StringIO()
    with PullProgress(Console(file=screen, force_terminal=terminal, width=100)) as progress:
        progress.enter("tiny@1.0.0", "fetch", 144_000_000)
        progress.advance(72_000_000)
        progress.enter("tiny@1.0.0", "verify")
        progress.enter("doubler", "ready")
    lines = screen.getvalue()
    assert "tiny@1.0.0: fetching (144 MB)\n" in lines
    assert "doubler: ready\n" in lines
    if not terminal:
        assert lines.splitlines() == ["tiny@1.0.0: fetching (144 MB)", "tiny@1.0.0: verifying", "doubler: ready"]
