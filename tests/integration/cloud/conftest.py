import os
from collections.abc import Iterator
from pathlib import Path

import pytest

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
def cloud(tmp_path: Path, broker: Broker) -> Iterator[CloudProcess]:
    cloud = CloudProcess(tmp_path, broker.url)
    cloud.start()
    cloud.furnish()
    yield cloud
    if cloud.process is not None and cloud.process.poll() is None:
        cloud.kill()
    cloud.http.close()
