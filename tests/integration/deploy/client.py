"""An MQTT client that tells what became of it."""

import queue
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from tests.integration.deploy.mosquitto import DEADLINE_S


class Refused(Exception):
    """The broker does not let this client in."""


class Peer:
    """A connection to the broker on loopback `port`; Refused where there is none to be had.

    `certificate` is the path of a certificate without its suffix, its key beside it.
    """

    def __init__(
        self,
        port: int,
        *,
        client_id: str = "",
        trust: Path | None = None,
        certificate: Path | None = None,
        password: tuple[str, str] | None = None,
    ) -> None:
        self._changed = threading.Event()
        self._refused: str | None = None
        self._subscribed: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._messages: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv311, reconnect_on_failure=False
        )
        if trust is not None:
            pair = () if certificate is None else (f"{certificate}.crt", f"{certificate}.key")
            self._client.tls_set(str(trust), *pair)
        if password is not None:
            self._client.username_pw_set(*password)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_subscribe = lambda *_: self._subscribed.put(None)
        self._client.on_message = self._received
        try:
            self._client.connect("127.0.0.1", port, keepalive=30)
        except OSError as error:
            raise Refused(str(error)) from error
        self._client.loop_start()
        assert self._changed.wait(DEADLINE_S), "the broker neither welcomes nor refuses"
        if self.lost:
            self._client.loop_stop()
            raise Refused(self._refused)

    @property
    def lost(self) -> bool:
        """Whether the connection has ended since."""
        return self._refused is not None

    def hear(self, topic: str) -> None:
        """Subscribe, and wait until that is so."""
        self._client.subscribe(topic, qos=1)
        self._subscribed.get(timeout=DEADLINE_S)

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish, and wait for the broker's word."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(DEADLINE_S)

    def next(self) -> tuple[str, bytes]:
        """The next message that came, as topic and payload."""
        return self._messages.get(timeout=DEADLINE_S)

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, _client: Client, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        if code.is_failure:
            self._refused = str(code)
        self._changed.set()

    def _disconnected(self, _client: Client, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        self._refused = str(code)
        self._changed.set()

    def _received(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._messages.put((message.topic, bytes(message.payload)))
