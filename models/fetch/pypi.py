"""Packages of PyPI, by the pip of the Python that runs this."""

import importlib.util
import sys
from pathlib import Path

from models.errors import FetchFailed
from models.fetch.client import run_client
from models.fetch.port import Advance


def fetch_wheel(name: str, version: str, folder: Path, advance: Advance) -> Path:
    """The wheel of `name` at `version` for this machine, in `folder`. Errors as `run_client`."""
    if importlib.util.find_spec("pip") is None:
        raise FetchFailed(f"{sys.executable} has no pip, which fetches {name}; run: {sys.executable} -m ensurepip")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--no-input", "--dest", ".", f"{name}=={version}"]
    run_client(command, folder, advance)
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise FetchFailed(f"pip said that it fetched {name}=={version}, and left {len(wheels)} wheels in {folder}")
    return wheels[0]
