"""Edge and cloud as they are, through a broker as it is deployed: on one machine, and over the network."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cloud.adapters.mqtt.intake import Intake
from cloud.adapters.mqtt.session import BrokerSession
from cloud.service.ingest import DueAck
from edge.delivery.delivery import Delivery
from edge.events import NewEvent
from protocol.events import Faulted
from protocol.messages import Ack, Envelope, decode
from protocol.topics import Topic
from tests.integration.deploy.authority import Authority
from tests.integration.deploy.mosquitto import DEADLINE_S, Mosquitto
from tillfree.broker.probe import accepts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def assert_an_event_comes_and_its_ack_goes_back(url_of: Callable[[str], str], outbox: Path) -> None:
    """From the outbox of device a-hub to the cloud's intake; `url_of` is the broker's address for the one or other."""
    intake = Intake()
    session = BrokerSession(url_of("cloud"), "tillfree-ingest", intake)
    session.start()
    try:
        assert session.wait_subscribed(DEADLINE_S)
        with Delivery.open(outbox, store="corner", device="a-hub", broker=url_of("a-hub")) as delivery:
            (said,) = delivery.append([NewEvent(NOON, None, Faulted(part="camera shelf", reason="dark"))])
            (came,) = intake.take(1, DEADLINE_S)
            heard = decode(Envelope, came.payload)
            assert heard == said
            session.acknowledge([came])
            session.publish([DueAck(Topic("corner", "a-hub", "ack"), Ack(epoch=heard.epoch, seq=heard.seq))])
            assert delivery.drain(DEADLINE_S), delivery.health()
    finally:
        session.stop()


def test_on_one_machine(authority: Authority, tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "loopback", "loopback.conf", authority.folder) as broker:
        assert_an_event_comes_and_its_ack_goes_back(lambda _: f"mqtt://127.0.0.1:{broker.port}", tmp_path / "outbox")
        # Another of this machine's own addresses: a broker that listened on all of them would answer.
        assert not accepts("127.0.0.2", broker.port)


def test_over_the_network_with_certificates(broker: Mosquitto, authority: Authority, tmp_path: Path) -> None:
    def url_of(name: str) -> str:
        pair = f"cert={authority.folder / name}.crt&key={authority.folder / name}.key"
        return f"mqtts://localhost:{broker.port}?ca={authority.folder}/ca.crt&{pair}"

    assert_an_event_comes_and_its_ack_goes_back(url_of, tmp_path / "outbox")
