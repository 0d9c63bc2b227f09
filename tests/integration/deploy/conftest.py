from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.deploy.authority import Authority
from tests.integration.deploy.mosquitto import Mosquitto
from tests.integration.deploy.tools import DEPLOY


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The certificates of a broker, a cloud and some devices, and the access list beside them."""
    made = Authority(tmp_path_factory.mktemp("certificates"))
    made.make("server", "localhost", "127.0.0.1")
    made.make("cloud")
    made.make("device", "a-hub", "b-hub", "stolen", "left")
    made.make_expired("old")
    made.make("revoke", "stolen")
    acl = made.folder / "acl"
    acl.write_bytes((DEPLOY / "mosquitto" / "acl").read_bytes())
    acl.chmod(0o600)
    return made


@pytest.fixture(scope="session")
def broker(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A broker that asks everybody for a certificate."""
    folder: Path = tmp_path_factory.mktemp("broker")
    with Mosquitto(folder / "tls", "tls.conf", authority.folder) as running:
        yield running
