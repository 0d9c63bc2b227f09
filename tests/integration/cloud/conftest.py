import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases.quick import QUICK
from tests.integration.cloud.corner_street import MOSQUITTO, Broker, CloudProcess


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    if MOSQUITTO is None:
        if os.environ.get("TILLFREE_REQUIRE_DATA"):
            pytest.fail("mosquitto is required here and not installed")
        pytest.skip("mosquitto is not installed (Debian: apt-get install mosquitto)")
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder for a database: processes are killed here, the machine is not."""
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        yield Path(folder)


@pytest.fixture
def cloud(quick_path: Path, broker: Broker) -> Iterator[CloudProcess]:
    cloud = CloudProcess(quick_path, broker.url)
    cloud.start()
    cloud.furnish()
    yield cloud
    if cloud.process is not None and cloud.process.poll() is None:
        cloud.kill()
    cloud.http.close()
