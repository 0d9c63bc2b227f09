"""Networks of our own: they come with Tillfree, whole, and nobody fetches them."""

from pathlib import Path

import pytest

from models.cache import onnx_path, own_path
from models.catalogue import card
from models.errors import ModelNotPulled
from models.lock import LOCK_FILE, LockError, OwnNetwork, built_in, read_lock
from models.pull import pull


@pytest.fixture(params=built_in().own.items(), ids=list(built_in().own))
def own(request: pytest.FixtureRequest) -> tuple[str, OwnNetwork]:
    found: tuple[str, OwnNetwork] = request.param
    return found


def test_its_file_is_the_one_that_the_lock_names_and_small(own: tuple[str, OwnNetwork]) -> None:
    name, network = own
    path = onnx_path(name)
    assert path.stat().st_size == network.bytes <= 4_000_000
    assert card(name).download_bytes == 0


def test_a_damaged_one_is_never_run(own: tuple[str, OwnNetwork], tmp_path: Path) -> None:
    name, network = own
    copy = tmp_path / network.file
    copy.parent.mkdir()
    with pytest.raises(ModelNotPulled, match="install Tillfree anew"):
        own_path(name, network, tmp_path)
    copy.write_bytes(onnx_path(name).read_bytes()[:-1])
    with pytest.raises(ModelNotPulled, match="install Tillfree anew"):
        own_path(name, network, tmp_path)
    copy.write_bytes(onnx_path(name).read_bytes())
    assert own_path(name, network, tmp_path) == copy


def test_there_is_nothing_to_pull(own: tuple[str, OwnNetwork]) -> None:
    assert pull([own[0]]) == ()


def test_a_name_is_fetched_or_our_own(tmp_path: Path) -> None:
    text = LOCK_FILE.read_text(encoding="utf-8")
    (tmp_path / "lock.yaml").write_text(text.replace("\n  shelf:\n", "\n  nanodet:\n"), encoding="utf-8")
    with pytest.raises(LockError, match="both fetched and our own"):
        read_lock(tmp_path / "lock.yaml")
