"""deploy/mosquitto/certificates.sh: safe to run again, and clear about what it will not do."""

import stat
import subprocess
from pathlib import Path

import pytest

from tests.integration.deploy.authority import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "made")


def text_of(certificate: Path) -> str:
    command = ["openssl", "x509", "-in", str(certificate), "-noout", "-text"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_second_call_changes_nothing(authority: Authority) -> None:
    first_call = [authority.make("server", "broker.example.com"), authority.make("device", "hub")]
    before = {path: path.read_bytes() for path in authority.folder.iterdir() if path.is_file()}
    second_call = [authority.make("server", "broker.example.com"), authority.make("device", "hub")]
    assert all("made for" in said for said in first_call)
    assert all("good as it is" in said for said in second_call)
    assert {path: path.read_bytes() for path in before} == before


def test_another_name_of_the_broker_and_a_revoked_device_get_a_certificate_anew(authority: Authority) -> None:
    authority.make("server", "broker.example.com")
    assert "made for" in authority.make("server", "broker.example.com", "10.0.0.5", "fd00::5")
    named = text_of(authority.folder / "server.crt")
    assert "DNS:broker.example.com, IP Address:10.0.0.5, IP Address:FD00:0:0:0:0:0:0:5" in named
    authority.make("device", "hub")
    authority.make("revoke", "hub")
    assert "made for hub" in authority.make("device", "hub")
    listed = [line.split()[:2] for line in authority.make("list").splitlines()]
    assert listed.count(["valid", "hub"]) == listed.count(["revoked", "hub"]) == 1


def test_keys_are_for_their_owner_alone(authority: Authority) -> None:
    authority.make("server", "localhost")
    authority.make("device", "hub")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in authority.folder.iterdir()}
    assert modes == {
        "authority": 0o700,
        "ca.crt": 0o644,
        "crl.pem": 0o644,
        "hub.crt": 0o644,
        "hub.key": 0o600,
        "server.crt": 0o644,
        "server.key": 0o600,
    }
    assert stat.S_IMODE((authority.folder / "authority" / "ca.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["device", "cloud"], "'cloud' is taken"),
        (["device", "hub/+"], "cannot be a device"),
        (["device", "#"], "cannot be a device"),
        (["device"], "say which device"),
        (["server", "a name"], "no host name"),
        (["server"], "say by which names"),
        (["revoke", "stranger"], "no certificate that could be revoked"),
        (["cloud", "hub"], "the cloud's name is cloud"),
        (["renew", "hub"], "'renew' is none of server, cloud, device, revoke, list"),
    ],
)
def test_what_cannot_be_done_is_said(authority: Authority, arguments: list[str], complaint: str) -> None:
    done = authority.run(*arguments)
    assert (done.returncode, complaint in done.stderr) == (1, True), done.stderr
    assert not list(authority.folder.glob("*.key"))
