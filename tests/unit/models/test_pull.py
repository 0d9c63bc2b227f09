"""Pulling a network, and everything that may go wrong with it: the cache is never left with half of anything."""

import errno
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from models.cache import KEPT_PER_NETWORK, Cache
from models.convert import versions
from models.digest import sha256_of
from models.errors import CheckFailed, FetchFailed, ModelNotPulled, ModelsError, NoSpace, UnknownModel, WrongHash
from models.fetch.port import Advance
from models.lock import NpmCarrier, Package
from models.progress import Stage
from models.pull import pull
from tests.unit.models.shop import Shop, open_shop, sha256, store_run
from tests.unit.models.tiny_graph import f32, run_onnx


@dataclass
class FakeRegistry:
    """Gives out the shop's archive as a package manager would; `spoil` is what goes wrong with what it left."""

    archive: Path
    spoil: Callable[[Path], object] = lambda _: None
    fetched: int = 0

    def fetch(self, package: Package, carrier: NpmCarrier, folder: Path, advance: Advance) -> Path:
        self.fetched += 1
        target = folder / self.archive.name
        shutil.copyfile(self.archive, target)
        advance(target.stat().st_size)
        self.spoil(target)
        return target


@dataclass
class Diary:
    """Progress, written down."""

    stages: list[tuple[str, Stage]] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    waiting: threading.Event = field(default_factory=threading.Event)

    def enter(self, subject: str, stage: Stage, total_bytes: int | None = None) -> None:
        self.stages.append((subject, stage))
        if stage == "wait for another pull":
            self.waiting.set()

    def advance(self, done_bytes: int) -> None:
        self.bytes.append(done_bytes)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path)


def pull_from(shop: Shop, registry: FakeRegistry, diary: Diary | None = None) -> Path:
    (pulled,) = pull(["doubler"], diary, lock=shop.lock, cache=shop.cache, fetcher=registry)
    return pulled.path


def left_behind(cache: Cache) -> list[str]:
    return sorted(str(path.relative_to(cache.root)) for path in cache.root.rglob("*") if path.is_file())


def test_a_pulled_network_runs_and_nothing_else_stays(shop: Shop) -> None:
    diary = Diary()
    path = pull_from(shop, FakeRegistry(shop.archive), diary)
    assert run_onnx(path.read_bytes(), {"number": f32([4])})["twice"].tolist() == [8]
    assert shop.cache.path(shop.lock, "doubler") == path
    key = shop.lock.networks["doubler"].key(versions.VERSIONS["tensorflow-js"])
    kept = [".pull", f"doubler/{key}/{path.name}", "sources/doubler/tiny.bin", "sources/doubler/tiny.json"]
    assert left_behind(shop.cache) == kept
    assert [stage for _, stage in diary.stages] == ["fetch", "verify", "convert", "check", "ready"]
    assert diary.bytes == [shop.archive.stat().st_size]


def test_a_second_pull_fetches_nothing(shop: Shop) -> None:
    registry, diary = FakeRegistry(shop.archive), Diary()
    path = pull_from(shop, registry)
    assert pull_from(shop, registry, diary) == path
    assert registry.fetched == 1
    assert diary.stages == [("doubler", "ready")]


def test_a_network_that_was_not_pulled(shop: Shop) -> None:
    with pytest.raises(ModelNotPulled, match=r"'doubler' is not on this machine .*; run: tillfree models pull doubler"):
        shop.cache.path(shop.lock, "doubler")
    with pytest.raises(UnknownModel, match="there are: doubler"):
        shop.cache.path(shop.lock, "tripler")


def test_a_damaged_network_is_noticed_and_made_anew_without_fetching(shop: Shop) -> None:
    registry = FakeRegistry(shop.archive)
    path = pull_from(shop, registry)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelNotPulled, match=r"is damaged .*; run: tillfree models pull doubler"):
        shop.cache.path(shop.lock, "doubler")
    assert pull_from(shop, registry) == path
    assert sha256_of(path) == path.stem
    assert registry.fetched == 1


def test_damaged_sources_are_fetched_anew(shop: Shop) -> None:
    registry = FakeRegistry(shop.archive)
    path = pull_from(shop, registry)
    path.unlink()
    (shop.cache.root / "sources/doubler/tiny.bin").write_bytes(b"else")
    assert pull_from(shop, registry) == path
    assert registry.fetched == 2


def test_another_edition_of_the_converter_makes_it_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = FakeRegistry(shop.archive)
    paths = [pull_from(shop, registry)]
    for version in range(2, KEPT_PER_NETWORK + 3):
        monkeypatch.setattr("models.cache.VERSIONS", {"tensorflow-js": version})
        with pytest.raises(ModelNotPulled):
            shop.cache.path(shop.lock, "doubler")
        paths.append(pull_from(shop, registry))
    assert registry.fetched == 1
    assert [path.exists() for path in paths] == [False] * (len(paths) - KEPT_PER_NETWORK) + [True] * KEPT_PER_NETWORK


def cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:100])


def forge(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)


def full(_: Path) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fail(_: Path) -> None:
    raise FetchFailed("failed with status 1: npm pack tiny@1.0.0")


FAILURES = [
    pytest.param(cut, WrongHash, r"tiny@1\.0\.0: its SHA-256 is .* it ends after 100 of [\d,]+ bytes", id="cut"),
    pytest.param(forge, WrongHash, "what arrived is not what was published", id="forged"),
    pytest.param(full, NoSpace, r"home/models: the disk is full; free some, or set TILLFREE_HOME", id="disk full"),
    pytest.param(fail, FetchFailed, "failed with status 1", id="client fails"),
]


@pytest.mark.parametrize(("spoil", "error", "complaint"), FAILURES)
def test_a_fetch_that_fails_leaves_nothing(
    shop: Shop, spoil: Callable[[Path], object], error: type[ModelsError], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        pull_from(shop, FakeRegistry(shop.archive, spoil))
    assert left_behind(shop.cache) == [".pull"]
    pull_from(shop, FakeRegistry(shop.archive))


def test_a_disk_that_is_full_at_the_last_moment_leaves_no_network(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("models.disk.os.fsync", fsync)
    with pytest.raises(NoSpace, match="the disk is full"):
        pull_from(shop, FakeRegistry(shop.archive))
    assert not list(shop.cache.root.rglob("*.onnx"))


def test_too_little_space_is_said_before_anything_is_fetched(shop: Shop) -> None:
    size = f"bytes: {shop.archive.stat().st_size},"
    shop.lock_file.write_text(shop.lock_file.read_text().replace(size, "bytes: 9000000000000000,"))
    registry = FakeRegistry(shop.archive)
    with pytest.raises(NoSpace, match=r"pulling needs about 18,000,000,000 MB for a while, and .* MB are free"):
        pull_from(shop, registry)
    assert registry.fetched == 0


def test_a_home_that_cannot_be_written(shop: Shop) -> None:
    shop.cache.root.parent.mkdir()
    shop.cache.root.write_text("a file where the folder should be")
    with pytest.raises(ModelsError, match="home/models"):
        pull_from(shop, FakeRegistry(shop.archive))


def test_a_right_archive_that_holds_a_wrong_file(shop: Shop) -> None:
    tiny = shop.lock.networks["doubler"].files[1]
    shop.lock_file.write_text(shop.lock_file.read_text().replace(tiny.sha256, "f" * 64))
    with pytest.raises(WrongHash, match=r"tiny@1\.0\.0, package/tiny\.bin: its SHA-256 is"):
        pull_from(shop, FakeRegistry(shop.archive))
    assert not list(shop.cache.root.rglob("*.onnx"))


def test_an_archive_without_the_file(shop: Shop) -> None:
    shop.lock_file.write_text(shop.lock_file.read_text().replace("package/tiny.bin", "package/tiny.weights"))
    with pytest.raises(FetchFailed, match=r"tiny-1\.0\.0\.tgz: the archive holds no package/tiny\.weights"):
        pull_from(shop, FakeRegistry(shop.archive))


def test_a_locked_archive_that_is_cut(shop: Shop) -> None:
    """As if the lock file had been written from a cut download."""
    cut(shop.archive)
    whole = shop.lock.packages["tiny"].sha256
    locked = shop.lock_file.read_text().replace(whole, sha256(shop.archive.read_bytes()))
    shop.lock_file.write_text(locked)
    with pytest.raises(FetchFailed, match="the archive cannot be read"):
        pull_from(shop, FakeRegistry(shop.archive))


def test_a_network_that_computes_something_else_is_not_kept(shop: Shop) -> None:
    store_run(shop.folder / "doubler.npz", number=3, twice=7)
    with pytest.raises(CheckFailed, match=r"doubler: .* off by 0\.12, allowed 1e-06 \(arithmetic\); it is not kept"):
        pull_from(shop, FakeRegistry(shop.archive))
    assert not list(shop.cache.root.rglob("*.onnx"))


def test_of_two_pulls_at_once_one_waits_and_finds_the_work_done(shop: Shop) -> None:
    waiting, results = Diary(), []

    def second_comes(_: Path) -> None:
        second.start()
        assert waiting.waiting.wait(10)

    idle = FakeRegistry(shop.archive)
    second = threading.Thread(target=lambda: results.append(pull_from(shop, idle, waiting)))
    path = pull_from(shop, FakeRegistry(shop.archive, second_comes))
    second.join(10)
    assert results == [path]
    assert idle.fetched == 0
    assert [stage for _, stage in waiting.stages] == ["wait for another pull", "ready"]


def test_what_a_killed_pull_left_is_removed_by_the_next(shop: Shop) -> None:
    abandoned = shop.cache.root / ".work-killed"
    abandoned.mkdir(parents=True)
    (abandoned / "half.tgz").write_bytes(b"half")
    pull_from(shop, FakeRegistry(shop.archive))
    assert not abandoned.exists()
