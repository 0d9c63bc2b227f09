"""A real broker and a real cloud process, and a device that speaks to them as an edge would."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol.messages import Ack, decode
from tests.unit.cloud.corner_shop import HUB, STORE, TOKEN, Hub

DEADLINE_S = 20.0
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
T = TypeVar("T")


def eventually(ask: Callable[[], T | None], what: str, deadline_s: float = DEADLINE_S) -> T:
    """What `ask` answers as soon as that is something."""
    until = time.monotonic() + deadline_s
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < until, f"{what} did not come within {deadline_s} s"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Broker:
    """mosquitto on a free port of this machine."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self, more: str = "") -> None:
        assert MOSQUITTO
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n{more}"
        )
        with (self.folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stdout=log, stderr=log)
        eventually(self._answers, "the broker")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass
class CloudProcess:
    """`tillfree cloud …` in a process of its own."""

    folder: Path
    broker: str
    process: subprocess.Popen[str] | None = None
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10))
    url: str | None = None

    @property
    def database(self) -> str:
        return self.url or f"sqlite:///{self.folder / 'cloud.db'}"

    def run(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        code = "from tillfree.cli.cloud import app; app()"
        with (self.folder / "cloud.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-c", code, *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "TILLFREE_DATABASE": self.database, "TILLFREE_BROKER": self.broker, **environment},
            )

    def start(self, *arguments: str, **environment: str) -> dict[str, Any]:
        self.process = self.run("serve", *(arguments or ("--all-in-one",)), "--port", "0", **environment)
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, (self.folder / "cloud.log").read_text()
        ready: dict[str, Any] = json.loads(line)
        self.http.base_url = httpx.URL(ready["api"])
        return ready

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self.process
        assert self.process.stdout
        self.process.send_signal(how)
        status = self.process.wait(timeout=10)
        self.process.stdout.close()
        return status

    def furnish(self, balance_minor: int = 100_000) -> None:
        def put(path: str, body: Any = None) -> None:
            self.http.put(f"/v1/stores/{STORE}{path}", json=body).raise_for_status()

        def post(path: str, body: Any) -> None:
            headers = {"Idempotency-Key": path}
            self.http.post(f"/v1/stores/{STORE}{path}", json=body, headers=headers).raise_for_status()

        put("", {"name": "Corner", "currency": "EUR"})
        put(f"/devices/{HUB}")
        put("/products/water", {"name": "Water"})
        post("/products/water/prices", {"amount_minor": 150, "valid_from": "2020-01-01T00:00:00Z"})
        post("/accounts", {"account": "alice"})
        post("/accounts/alice/tokens", {"token": TOKEN})
        post("/accounts/alice/top-ups", {"amount_minor": balance_minor})

    def get(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.get(f"/v1/stores/{STORE}{path}").raise_for_status().json()
        return answer

    def receipt(self, visit: UUID) -> dict[str, Any] | None:
        answer = self.http.get(f"/v1/stores/{STORE}/visits/{visit}/receipt")
        return answer.json() if answer.status_code == 200 else None

    def balanced(self) -> bool:
        return bool(self.get("/ledger/balance")["balanced"])


class Device:
    """Sends what its hub said until the cloud has acked it; says its watermark; connects again by itself."""

    def __init__(self, broker_port: int, hub: Hub) -> None:
        self.hub = hub
        self.acked = 0
        self.until_s = 0.0
        self._stop = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=hub.device)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(f"tf/1/{hub.store}/cmd/{hub.device}/ack", 1)
        self._client.on_message = self._on_ack
        self._client.connect("127.0.0.1", broker_port)
        self._client.loop_start()
        self._relay = threading.Thread(target=self._send)
        self._relay.start()

    def close(self) -> None:
        self._stop.set()
        self._relay.join()
        self._client.disconnect()
        self._client.loop_stop()

    def _on_ack(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        ack = decode(Ack, bytes(message.payload))
        if ack.epoch == self.hub.epoch:
            self.acked = max(self.acked, ack.seq)

    def _send(self) -> None:
        while not self._stop.is_set():
            if self._client.is_connected():
                for topic, payload in list(self.hub.said)[self.acked :][:20]:
                    self._client.publish(topic, payload, qos=1)
                last_seq = len(self.hub.said)
                topic, payload = self.hub.watermark(self.until_s, self.acked + 1, last_seq)
                self._client.publish(topic, payload, qos=0)
            self._stop.wait(0.1)
