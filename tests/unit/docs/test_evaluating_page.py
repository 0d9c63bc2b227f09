"""docs/evaluating.md names every figure that is written, and every option that there is."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tests.unit.docs.pages import page
from tests.unit.evaluate.test_html_report import said, score_with, true
from tillfree.cli.evaluate import app
from tillfree.evaluate.delay import ExitDelay, delays_json
from tillfree.evaluate.summary import report

TEXT = page("evaluating.md")


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for each in value.values() for key in keys(each)}
    return {key for each in value for key in keys(each)} if isinstance(value, list) else set()


def test_every_key_of_the_report_is_told() -> None:
    result = report([score_with([said(5)], [said(9)], [true(20)])])
    told = set(re.findall(r"[a-z_0-9]+", TEXT.replace("_*_s", "_p50_s")))
    plain = {"from", "to", "recordings", "video_s", "pick", "put_back", "touch", "enter", "exit"}
    assert keys(result) - told - plain == set()
    assert set(delays_json([ExitDelay(1.0, 0.1, 0.0)]) or {}) - told <= {
        f"{what}_{which}_s" for what in ("waited", "processing", "total") for which in ("p50", "max")
    }


@pytest.mark.parametrize("command", ["recording", "scenarios", "library", "tracks", "persons"])
def test_every_option_is_told(command: str) -> None:
    group: Any = get_command(app)
    options = {name for each in group.commands[command].params for name in (*each.opts, *each.secondary_opts)}
    told = set(re.findall(r"--[a-z-]+", TEXT))
    undone = {"--no-excuse-unscored", "--scales", "--swaps", "--fps"}
    assert {name for name in options if name.startswith("--")} - told - undone == set()


def test_the_files_that_it_names_are_there() -> None:
    root = Path(__file__).parents[3]
    for name in re.findall(r"`((?:tests|tillfree)/[\w/.]+)`", TEXT):
        assert (root / name).exists(), name
