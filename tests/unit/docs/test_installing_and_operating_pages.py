"""What installers and operators are told to write, type and look for is what the code reads, knows and says."""

import re
from pathlib import Path

import pytest

from protocol.recording import read_recording
from tests.unit.docs.commands import complaint
from tests.unit.docs.pages import ROOT, examples, page

_COMMAND = re.compile(r"^    (?:runuser .*?/)?tillfree (.*?)(?: +#.*)?$", re.MULTILINE)
_FILE = re.compile(r"(?:deploy|hardware)/[\w./-]*\w")
_SAID = re.compile(r"^\| `([^`]+)`(?:[^|`]*|[^|`]*`([^`]+)`[^|`]*)\|", re.MULTILINE)


def test_the_example_is_a_recording(tmp_path: Path) -> None:
    for name, text in examples("installing.md").items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "corner" / "cameras").mkdir()
    (tmp_path / "corner" / "cameras" / "shelf.mp4").touch()
    recording = read_recording(tmp_path / "corner")
    assert recording.store.cameras[0].source == "webcam:0"
    assert {line.event for line in recording.gate} == {"enter", "exit"}


@pytest.mark.parametrize("name", ["installing.md", "operating.md"])
def test_every_command_on_the_page_is_known(name: str) -> None:
    commands = _COMMAND.findall(page(name))
    assert commands
    told = {command: complaint(command.split()) for command in commands}
    assert {command: why for command, why in told.items() if why is not None} == {}


@pytest.mark.parametrize("name", ["installing.md", "operating.md"])
def test_every_file_on_the_page_is_there(name: str) -> None:
    assert {path for path in _FILE.findall(page(name)) if not list(ROOT.glob(f"{path}*"))} == set()


def test_every_message_that_an_operator_may_see_is_one_that_is_said() -> None:
    tables = page("operating.md").partition("## What it says, and what to do")[2].partition("| the shopper says")[0]
    messages = [part for parts in _SAID.findall(tables) for part in parts if part]
    assert len(messages) > 15
    packages = ("edge", "hardware", "models", "cloud", "tillfree")
    code = "\n".join(path.read_text(encoding="utf-8") for name in packages for path in (ROOT / name).rglob("*.py"))
    assert [message for message in messages if message not in code] == []
