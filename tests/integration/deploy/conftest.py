import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.deploy.authority import Authority
from tests.integration.deploy.mosquitto import Mosquitto
from tests.integration.deploy.tools import DEPLOY, tool

CLOUD = ("cloud", "a password")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The certificates of a broker and some devices, with what a broker keeps beside them."""
    made = Authority(tmp_path_factory.mktemp("certificates"))
    made.make("server", "localhost", "127.0.0.1")
    made.make("device", "a-hub", "b-hub", "corner-hub", "stolen", "left")
    made.make_expired("old")
    made.make("revoke", "stolen")
    (made.folder / "acl").write_bytes((DEPLOY / "mosquitto" / "acl").read_bytes())
    passwords = made.folder / "passwords"
    subprocess.run(
        [tool("mosquitto_passwd", "mosquitto"), "-b", "-c", str(passwords), *CLOUD], check=True, capture_output=True
    )
    for name in ("acl", "passwords"):
        (made.folder / name).chmod(0o600)
    return made


@pytest.fixture(scope="session")
def broker(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A broker that asks devices for certificates."""
    folder: Path = tmp_path_factory.mktemp("broker")
    with Mosquitto(folder / "tls", ["tls.conf"], authority.folder) as running:
        yield running
