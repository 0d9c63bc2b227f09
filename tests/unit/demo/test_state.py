"""Each run of the demo has a folder of its own, and leaves those that are in use alone."""

from pathlib import Path

import pytest

from tillfree.demo.state import KEPT, StateFolder
from tillfree.errors import DemoError


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    first = StateFolder(tmp_path / "state")
    with pytest.raises(DemoError, match="another demo runs here"):
        StateFolder(tmp_path / "state")
    first.close()
    StateFolder(tmp_path / "state").close()


def test_of_runs_that_are_over_the_latest_stay_and_of_those_that_go_on_all(tmp_path: Path) -> None:
    running = StateFolder(tmp_path / "20200101-000000-1")
    for day in range(2, 9):
        StateFolder(tmp_path / f"2020010{day}-000000-1").close()
    StateFolder.fresh(tmp_path).close()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left[: KEPT + 1] == ["20200101-000000-1", "20200106-000000-1", "20200107-000000-1", "20200108-000000-1"]
    assert len(left) == KEPT + 2
    running.close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DemoError, match="needs a folder that it may write to"):
        StateFolder(tmp_path / "file")
