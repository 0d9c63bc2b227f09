"""deploy/mosquitto/tls.conf: a device is who its certificate says, and speaks for nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.topics import PAYLOAD_BYTES_MAX
from tests.integration.deploy.authority import Authority
from tests.integration.deploy.client import Peer, Refused
from tests.integration.deploy.mosquitto import Mosquitto, eventually

EVENTS = "tf/1/corner/dev/{}/ev"
ACKS = "tf/1/corner/cmd/{}/ack"


def peer(broker: Mosquitto, authority: Authority, name: str, client_id: str = "") -> Peer:
    folder = authority.folder
    return Peer(broker.port, trust=folder / "ca.crt", certificate=folder / name, client_id=client_id)


@pytest.fixture
def cloud(broker: Mosquitto, authority: Authority) -> Iterator[Peer]:
    with peer(broker, authority, "cloud", client_id="tillfree-ingest") as listening:
        listening.hear("tf/1/+/dev/+/ev")
        yield listening


def test_a_device_writes_its_own_events_and_no_other_device_s(
    broker: Mosquitto, authority: Authority, cloud: Peer
) -> None:
    with peer(broker, authority, "a-hub") as a:
        a.say(EVENTS.format("b-hub"), b"in b's name")
        a.say(ACKS.format("b-hub"), b"in the cloud's name")
        a.say(EVENTS.format("a-hub"), b"mine")
        assert cloud.next() == (EVENTS.format("a-hub"), b"mine")


def test_a_device_hears_its_own_acks_and_no_other_device_s(
    broker: Mosquitto, authority: Authority, cloud: Peer
) -> None:
    with peer(broker, authority, "a-hub") as a:
        a.hear("tf/1/+/cmd/+/ack")
        a.hear("tf/1/+/dev/+/ev")
        with peer(broker, authority, "b-hub") as b:
            b.say(EVENTS.format("b-hub"), b"b's events")
        assert cloud.next() == (EVENTS.format("b-hub"), b"b's events")
        cloud.say(ACKS.format("b-hub"), b"for b")
        cloud.say(ACKS.format("a-hub"), b"for a")
        assert a.next() == (ACKS.format("a-hub"), b"for a")


def test_the_cloud_says_nothing_in_a_device_s_name(cloud: Peer) -> None:
    cloud.hear("tf/1/+/dev/+/status")
    cloud.say("tf/1/corner/dev/a-hub/status", b"never said")
    cloud.say("tf/1/corner/dev/cloud/status", b"its own")
    assert cloud.next() == ("tf/1/corner/dev/cloud/status", b"its own")


def test_a_device_cannot_take_over_another_s_session_by_its_client_id(broker: Mosquitto, authority: Authority) -> None:
    with peer(broker, authority, "b-hub", client_id="b-hub") as b:
        b.hear(ACKS.format("b-hub"))
        with (
            peer(broker, authority, "a-hub", client_id="b-hub"),
            peer(broker, authority, "cloud", client_id="b-hub") as cloud,
        ):
            cloud.say(ACKS.format("b-hub"), b"still here")
            assert b.next() == (ACKS.format("b-hub"), b"still here")
        assert not b.lost


@pytest.mark.parametrize("name", ["old", "stolen"])
def test_an_expired_and_a_revoked_certificate_are_refused(broker: Mosquitto, authority: Authority, name: str) -> None:
    with pytest.raises(Refused):
        peer(broker, authority, name)


def test_a_foreign_certificate_of_the_same_name_is_refused(
    broker: Mosquitto, authority: Authority, tmp_path: Path
) -> None:
    foreign = Authority(tmp_path / "foreign")
    foreign.make("device", "a-hub")
    with pytest.raises(Refused):
        Peer(broker.port, trust=authority.folder / "ca.crt", certificate=foreign.folder / "a-hub")


def test_the_server_s_certificate_is_no_device_s(broker: Mosquitto, authority: Authority) -> None:
    with pytest.raises(Refused):
        peer(broker, authority, "server")


@pytest.mark.parametrize("password", [None, ("cloud", ""), ("a-hub", "guessed")])
def test_without_a_certificate_nobody_comes_in(
    broker: Mosquitto, authority: Authority, password: tuple[str, str] | None
) -> None:
    with pytest.raises(Refused):
        Peer(broker.port, trust=authority.folder / "ca.crt", password=password)
    with pytest.raises(Refused):
        Peer(broker.port, password=password)


def test_a_device_that_is_revoked_while_the_broker_runs_is_refused_after_a_reload(
    broker: Mosquitto, authority: Authority
) -> None:
    peer(broker, authority, "left").__exit__(None, None, None)
    authority.make("revoke", "left")
    broker.reload()

    def refused() -> bool:
        try:
            peer(broker, authority, "left").__exit__(None, None, None)
        except Refused:
            return True
        return False

    eventually(refused)
    with peer(broker, authority, "a-hub") as other:
        assert not other.lost


def test_the_largest_message_of_ours_passes_and_a_larger_one_does_not(
    broker: Mosquitto, authority: Authority, cloud: Peer
) -> None:
    with peer(broker, authority, "a-hub") as a:
        for size in (PAYLOAD_BYTES_MAX + 1, PAYLOAD_BYTES_MAX):
            a.say(EVENTS.format("a-hub"), bytes(size))
        assert len(cloud.next()[1]) == PAYLOAD_BYTES_MAX
