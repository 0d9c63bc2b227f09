"""deploy/mosquitto/loopback.conf and bridge.conf: a store's own broker, and its way to a cloud elsewhere."""

from datetime import UTC, datetime
from pathlib import Path

from edge.delivery.delivery import Delivery
from edge.events import NewEvent
from protocol.events import Faulted
from protocol.messages import Ack, Envelope, Status, decode, encode
from tests.integration.deploy.authority import Authority
from tests.integration.deploy.client import Peer
from tests.integration.deploy.conftest import CLOUD
from tests.integration.deploy.mosquitto import DEADLINE_S, Mosquitto, eventually
from tillfree.broker.probe import accepts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WITHOUT_CONTAINERS = {"listener 1884\nuse_username_as_clientid true\n": ""}


def test_a_broker_for_one_machine_lets_its_programs_in_and_no_other_machine(
    authority: Authority, tmp_path: Path
) -> None:
    with (
        Mosquitto(tmp_path / "loopback", ["loopback.conf"], authority.folder, WITHOUT_CONTAINERS) as broker,
        Peer(broker.ports[1883]) as cloud,
        Peer(broker.ports[1883]) as hub,
    ):
        cloud.hear("tf/1/+/dev/+/ev")
        hub.say("tf/1/corner/dev/hub/ev", b"seen")
        assert cloud.next() == ("tf/1/corner/dev/hub/ev", b"seen")
        # Another of this machine's own addresses: a broker that listened on all of them would answer.
        assert not accepts("127.0.0.2", broker.ports[1883])


def test_events_reach_a_cloud_elsewhere_over_the_bridge_and_its_ack_comes_back(
    broker: Mosquitto, authority: Authority, tmp_path: Path
) -> None:
    changes = {**WITHOUT_CONTAINERS, "broker.example.com:8883": f"127.0.0.1:{broker.ports[8883]}"}
    with (
        Peer(broker.ports[1884], password=CLOUD) as cloud,
        Mosquitto(tmp_path / "store", ["loopback.conf", "bridge.conf"], authority.folder, changes) as store,
    ):
        cloud.hear("tf/1/corner/dev/corner-hub/ev")
        url = f"mqtt://127.0.0.1:{store.ports[1883]}"
        with Delivery.open(tmp_path / "outbox", store="corner", device="corner-hub", broker=url) as delivery:
            (said,) = delivery.append([NewEvent(NOON, None, Faulted(part="camera shelf", reason="dark"))])
            delivery.observed(NOON)
            heard = decode(Envelope, cloud.next()[1])
            assert heard == said
            cloud.say("tf/1/corner/cmd/corner-hub/ack", encode(Ack(epoch=heard.epoch, seq=heard.seq)))
            assert delivery.drain(DEADLINE_S), delivery.health()
            cloud.hear("tf/1/corner/dev/corner-hub/status")
            eventually(lambda: decode(Status, cloud.next()[1]).state == "online")
        eventually(lambda: decode(Status, cloud.next()[1]).state == "offline")
