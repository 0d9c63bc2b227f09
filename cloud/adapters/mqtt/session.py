"""A persistent session at an MQTT 3.1.1 broker, with acks to the broker only when we say so.

The network runs in paho's thread, which connects again by itself with a growing delay.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Sequence
from typing import Any

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from cloud.adapters.mqtt.intake import Delivery, Intake
from cloud.service.commanding import DueCommand
from cloud.service.ingest import DueAck
from protocol.broker import BrokerAddress
from protocol.messages import encode
from protocol.topics import every_store

log = logging.getLogger(__name__)

KEEPALIVE_S = 30
WAIT_FOR_ROOM_S = 10.0
"""How long the connection may be left unread. Within KEEPALIVE_S the broker must hear from us again, or it ends it."""
RECONNECT_DELAY_S = (1, 15)


class BrokerSession:
    """Subscribes to every device's events, watermarks and clips, and offers them to `intake`.

    Raises BrokerAddressError where `url` is no broker's address.
    """

    def __init__(self, url: str, client_id: str, intake: Intake) -> None:
        address = BrokerAddress.parse(url)
        self._host, self._port = address.host, address.port
        self.where = str(address)
        self._intake = intake
        self._connection = 0
        self._subscribed = threading.Event()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            manual_ack=True,
        )
        if address.user:
            self._client.username_pw_set(address.user, address.password)
        if address.tls:
            ca, cert, key = (str(file) if file else None for file in (address.ca, address.cert, address.key))
            self._client.tls_set(ca, cert, key)
        self._client.reconnect_delay_set(*RECONNECT_DELAY_S)
        self._client.on_socket_open = _send_at_once
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Begin to connect; go on trying for as long as it takes."""
        self._intake.be_patient(patient=True)
        self._client.connect_async(self._host, self._port, KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye; the session stays at the broker and keeps what comes."""
        self._intake.be_patient(patient=False)
        self._client.disconnect()
        self._client.loop_stop()
        self._subscribed.clear()

    def renew(self) -> None:
        """Connect anew, so that the broker delivers again what was not acked."""
        self.stop()
        self.start()

    def wait_subscribed(self, timeout_s: float) -> bool:
        """Whether the broker confirmed the subscriptions within `timeout_s`."""
        return self._subscribed.wait(timeout_s)

    @property
    def connected(self) -> bool:
        """Whether messages can come at this moment."""
        return self._subscribed.is_set()

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the broker that these are ours now; those of an earlier connection it delivers again."""
        for delivery in deliveries:
            if delivery.qos > 0 and delivery.connection == self._connection:
                self._client.ack(delivery.mid, delivery.qos)

    def publish(self, acks: Sequence[DueAck]) -> None:
        """Tell the devices what is committed; an ack that gets lost is said again when the device repeats itself."""
        for due in acks:
            self._client.publish(str(due.topic), encode(due.ack), qos=0)

    def say(self, due: Sequence[DueCommand]) -> None:
        """Tell devices what they are asked to do; what gets lost is said again."""
        for each in due:
            self._client.publish(str(each.topic), encode(each.command), qos=1)

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.warning("the broker refuses us", extra={"broker": self.where, "reason": str(reason)})
            return
        self._connection += 1
        client.subscribe([(every_store("ev"), 1), (every_store("telemetry"), 0), (every_store("evidence"), 1)])

    def _on_connect_fail(self, _client: mqtt.Client, _data: Any) -> None:
        log.warning("the broker cannot be reached: trying again", extra={"broker": self.where})

    def _on_disconnect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._subscribed.clear()
        log.warning("disconnected from the broker", extra={"broker": self.where, "reason": str(reason)})

    def _on_subscribe(self, _client: mqtt.Client, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            log.error("the broker refuses our subscriptions", extra={"broker": self.where, "reason": refused[0]})
            return
        self._subscribed.set()
        log.info("listening to the broker", extra={"broker": self.where})

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        delivery = Delivery(message.topic, bytes(message.payload), message.qos, message.mid, self._connection)
        # A watermark that does not fit is not waited for: the next one says more.
        self._intake.offer(delivery, WAIT_FOR_ROOM_S if delivery.qos else 0.0)


def _send_at_once(_client: mqtt.Client, _data: Any, opened: Any) -> None:
    # Otherwise the kernel holds a small ack back until the broker has confirmed the one before it, for up to 40 ms.
    with contextlib.suppress(OSError):
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
