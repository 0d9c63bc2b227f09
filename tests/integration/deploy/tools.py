"""The tools that parse what is deployed: where they are, and what a test does without them."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"


def tool(name: str, package: str) -> str:
    """The path of the program `name`; without it the test skips, or fails where everything is required."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    return found or absent(f"{name} is not installed (Debian package {package})")


def absent(why: str) -> str:
    """Skip for `why`, or fail where everything is required."""
    if os.environ.get("TILLFREE_REQUIRE_DATA"):
        pytest.fail(why)
    pytest.skip(why)
