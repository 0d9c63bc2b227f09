"""One connection to a broker, from CONNECT to its end: a thin coat over paho-mqtt.

A session is never mended: when it is lost, another one is made, with a client of its own. So nothing that paho kept for
sending again outlives the connection, and the relay alone decides what is sent. Only MQTT 3.1.1 is used, with clean
sessions: the outbox is the memory, and the broker needs none.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.delivery.relay import WINDOW_COUNT
from edge.delivery.sealing import Owner
from protocol.broker import BrokerAddress
from protocol.evidence import ClipSent
from protocol.messages import Status, Watermark, encode
from protocol.topics import Topic

CONNECT_TIMEOUT_S = 5.0
"""For each of: the TCP connection, the broker's welcome, its answer to the subscription."""
KEEPALIVE_S = 15
"""A peer that is silently gone (a cable pulled) is noticed within one and a half of this."""
GOODBYE_S = 1.0
"""How long closing waits for the broker to take the last message."""


class SessionLost(Exception):
    """The connection could not be made, or is gone; the message says why."""


class Session:
    """A connection that is up: its ack topic and its commands subscribed, its birth said, its last will left.

    `on_ack` and `on_command` get the bytes of each, and `on_lost` is called once when the connection ends by itself;
    all from paho's thread, and so they must return at once. Leaving the block says goodbye.
    """

    def __init__(
        self,
        address: BrokerAddress,
        owner: Owner,
        *,
        on_ack: Callable[[bytes], None],
        on_command: Callable[[bytes], None],
        on_lost: Callable[[], None],
    ) -> None:
        self.lost: str | None = None
        """Why the connection is gone; None while it is up."""
        self._on_ack, self._on_command, self._on_lost = on_ack, on_command, on_lost
        self._device = owner.device
        self._events, self._status, self._telemetry, self._clips, self._acks, self._commands = (
            str(Topic(owner.store, owner.device, kind))
            for kind in ("ev", "status", "telemetry", "evidence", "ack", "do")
        )
        self._step = threading.Event()
        self._client = self._made_client(address, owner)
        try:
            self._client.connect(address.host, address.port, KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise SessionLost(f"{address}: {error}") from error
        self._client.loop_start()
        try:
            self._await(f"{address}: no welcome")
            self._subscribe(address)
            self._client.publish(self._status, self._state("online"), qos=1, retain=True)
        except BaseException:
            self._client.disconnect()
            self._client.loop_stop()
            raise

    def publish_event(self, body: bytes) -> None:
        """Send an event's envelope, QoS 1. Raises SessionLost."""
        # QoS 1 so that a broker under load pushes back; what it acknowledges with it means nothing to the outbox.
        if self._client.publish(self._events, body, qos=1).rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise SessionLost(self.lost or "the broker takes no more messages")

    def publish_watermark(self, watermark: Watermark) -> None:
        """Send how far was observed, QoS 0: the next one says more. Raises SessionLost."""
        if self._client.publish(self._telemetry, encode(watermark), qos=0).rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise SessionLost(self.lost or "the broker takes no more messages")

    def publish_clip(self, clip: ClipSent) -> None:
        """Send a clip that the cloud has asked for, QoS 1: it asks again until it has it. Raises SessionLost."""
        if self._client.publish(self._clips, encode(clip), qos=1).rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise SessionLost(self.lost or "the broker takes no more messages")

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.lost is None and kind is None:
            # A clean goodbye withdraws the last will, so what it would have said is said here.
            last = self._client.publish(self._status, self._state("offline"), qos=1, retain=True)
            if last.rc is MQTTErrorCode.MQTT_ERR_SUCCESS:
                last.wait_for_publish(GOODBYE_S)
        self._client.disconnect()
        self._client.loop_stop()

    def _made_client(self, address: BrokerAddress, owner: Owner) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            # No id of ours has a colon, so no two devices share this; nats-server takes no dot here.
            client_id=f"{owner.store}:{owner.device}",
            clean_session=True,
            protocol=MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(WINDOW_COUNT)
        # Where a broker takes messages and acknowledges none, each going back would add a window to paho's queue.
        client.max_queued_messages_set(4 * WINDOW_COUNT)
        client.will_set(self._status, self._state("offline"), qos=1, retain=True)
        if address.user:
            client.username_pw_set(address.user, address.password)
        if address.tls:
            ca, cert, key = (str(file) if file else None for file in (address.ca, address.cert, address.key))
            try:
                client.tls_set(ca_certs=ca, certfile=cert, keyfile=key)
            except (OSError, ValueError) as error:
                raise SessionLost(f"{address}: its certificates cannot be used: {error}") from error
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        return client

    def _state(self, state: Any) -> bytes:
        return encode(Status(device=self._device, state=state))

    def _subscribe(self, address: BrokerAddress) -> None:
        self._step.clear()
        wanted = [(self._acks, 1), (self._commands, 1)]
        if self._client.subscribe(wanted)[0] is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise SessionLost(self.lost or "the connection ended")
        self._await(f"{address}: no answer to the subscription of {self._acks}")

    def _await(self, otherwise: str) -> None:
        if not self._step.wait(CONNECT_TIMEOUT_S):
            raise SessionLost(f"{otherwise} within {CONNECT_TIMEOUT_S:g} s")
        if self.lost is not None:
            raise SessionLost(self.lost)

    def _lose(self, why: str) -> None:
        if self.lost is None:
            self.lost = why
        self._step.set()
        self._on_lost()

    def _connected(
        self, _client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.is_failure:
            self._lose(f"the broker refused the connection: {code}")
        self._step.set()

    def _subscribed(
        self, _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _properties: Properties | None
    ) -> None:
        if any(code.is_failure for code in codes):
            self._lose(f"the broker refused the subscription of {self._acks}: {codes[0]}")
        self._step.set()

    def _disconnected(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._lose(f"the connection ended: {code}")

    def _received(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        heard = self._on_command if message.topic == self._commands else self._on_ack
        heard(bytes(message.payload))
