"""docs/calibrating.md types what the command line knows, and lists what calibration really says."""

import re
import shlex

import pytest

from tests.unit.docs.commands import complaint
from tests.unit.docs.pages import ROOT, page

_COMMAND = re.compile(r"^    tillfree (.*?)(?:  +.*)?$", re.MULTILINE)
_SAID = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


@pytest.mark.parametrize("command", _COMMAND.findall(page("calibrating.md")))
def test_every_command_on_the_page_is_known(command: str) -> None:
    # `calibrate STORE` stands for `calibrate camera STORE`; --help must come to that one.
    words = shlex.split(command)
    if words[1] not in {"board", "lens", "reference", "together"}:
        words.insert(1, "camera")
    assert complaint(words) is None


def test_every_message_on_the_page_is_one_that_is_said() -> None:
    said = _SAID.findall(page("calibrating.md"))
    assert len(said) > 10
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("edge/calibration", "edge/tracking", "tillfree/calibrate", "protocol")
        for path in (ROOT / folder).rglob("*.py")
    )
    # A message may run over two lines of code.
    joined = re.sub(r'"\s*\n\s*f?"', "", code)
    assert [words for words in said if words not in joined] == []
