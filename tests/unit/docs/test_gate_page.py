"""docs/gate.md: its commands are known, and what it says is refused is all that is refused."""

import re
import shlex

import pytest

from edge.gate.check import SKEW_S, Reason
from edge.gate.claims import CLAIMS_MAX
from edge.gate.lanes import SHOWN_S
from tests.unit.docs.commands import complaint
from tests.unit.docs.pages import page

PAGE = page("gate.md")
COMMANDS = re.findall(r"^    tillfree (.+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_are_known(command: str) -> None:
    assert complaint(shlex.split(command, comments=True)) is None


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) >= 4


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_told(reason: Reason) -> None:
    first = re.split("[;:]", reason.value)[0]
    assert first in PAGE


def test_its_limits_are_those_of_the_code() -> None:
    assert f"differ by {SKEW_S:.0f} s either way" in PAGE
    assert f"stay for {SHOWN_S:.0f} s" in PAGE
    assert f"{CLAIMS_MAX:,}" in PAGE
