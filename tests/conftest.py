"""What tests need of the machine: the measuring data beside the checkout, and the networks that a pull brings.

Without them a test skips and says why; with TILLFREE_REQUIRE_DATA=1, as where everything is checked, it fails.
"""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from models.cache import onnx_path
from models.errors import ModelNotPulled

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"


def _lack(reason: str) -> NoReturn:
    if os.environ.get("TILLFREE_REQUIRE_DATA") == "1":
        pytest.fail(f"{reason} (TILLFREE_REQUIRE_DATA is 1)", pytrace=False)
    pytest.skip(reason)


def _not_pulled(name: str) -> str | None:
    try:
        onnx_path(name)
    except ModelNotPulled as error:
        return str(error)
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests marked `data(FOLDER, …)` or `networks(NAME, …)` run where those are there."""
    for marker in item.iter_markers("data"):
        for folder in marker.args or ("",):
            if not (DATA / folder).is_dir():
                _lack(f"needs the measuring data ../shared/data/{folder} beside the checkout")
    for marker in item.iter_markers("networks"):
        for name in marker.args:
            if (reason := _not_pulled(name)) is not None:
                _lack(reason)


@pytest.fixture
def data() -> Path:
    """The folder of measuring data, for a test that is marked `data`."""
    return DATA.resolve()
