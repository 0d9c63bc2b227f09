"""Brokers that refuse or keep silent, and acks that cannot be: said in health, and the node works on."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from paho.mqtt.publish import single

from edge.delivery import session
from edge.delivery.delivery import Delivery
from edge.events import NewEvent
from protocol.events import Faulted
from protocol.messages import Ack, encode
from protocol.topics import Topic
from tillfree.broker import EmbeddedBroker
from tillfree.broker.programs import find_program

EVENT = NewEvent(datetime(2026, 11, 22, 12, tzinfo=UTC), None, Faulted(part="camera", reason="dark"))
DEADLINE_S = 30.0


def eventually(holds: Callable[[], bool], what: str) -> None:
    give_up_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < give_up_s, f"not within {DEADLINE_S:g} s: {what}"
        time.sleep(0.01)


@contextmanager
def a_broker_that_says(answer: bytes) -> Iterator[str]:
    """The URL of something that accepts, reads, and says `answer` to whatever comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client, suppress(OSError):
                    client.settimeout(DEADLINE_S)
                    client.recv(1024)
                    client.sendall(answer)
                    client.recv(1024)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"mqtt://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(DEADLINE_S)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"\x20\x02\x00\x05", "refused the connection: Not authorized"),
        (b"", r"no welcome within 0.2 s"),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n" * 10, "the connection ended"),
    ],
    ids=["refuses", "keeps silent", "is no broker"],
)
def test_a_broker_that_cannot_be_used_is_said_and_the_node_works_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, said: str
) -> None:
    monkeypatch.setattr(session, "CONNECT_TIMEOUT_S", 0.2)
    with (
        a_broker_that_says(answer) as url,
        Delivery.open(tmp_path / "hub.db", store="corner", device="hub", broker=url) as delivery,
    ):
        eventually(lambda: said in (delivery.health().problem or ""), said)
        assert delivery.append([EVENT])[0].seq == 1
        health = delivery.health()
        assert (health.connected, health.waiting) == (False, 1)


def test_acks_that_cannot_be_delete_nothing_and_a_restored_outbox_is_found_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with (
        EmbeddedBroker(find_program("nats"), tmp_path / "broker") as broker,
        Delivery.open(tmp_path / "hub.db", store="corner", device="hub", broker=broker.url, epoch=7) as delivery,
    ):
        eventually(lambda: delivery.health().connected, "it is connected")
        delivery.append([EVENT] * 3)
        for ack in (b"\xff", b"{}", encode(Ack(epoch=6, seq=3)), encode(Ack(epoch=7, seq=9))):
            single(str(Topic("corner", "hub", "ack")), ack, qos=1, hostname="127.0.0.1", port=broker.port)
        eventually(lambda: "put back from a copy" in (delivery.health().problem or ""), "the restored copy is said")
        assert delivery.health().waiting == 3
        assert caplog.text.count("an ack that does not read is passed over") == 2
        assert "an ack of epoch 6 is about an earlier outbox" in caplog.text
        single(
            str(Topic("corner", "hub", "ack")),
            encode(Ack(epoch=7, seq=3)),
            qos=1,
            hostname="127.0.0.1",
            port=broker.port,
        )
        assert delivery.drain(DEADLINE_S)
