"""Whether an MQTT broker answers at an address."""

import socket
from typing import Final

# CONNECT of MQTT 3.1.1 (section 3.1): clean session, no client id, keep-alive 10 s; and DISCONNECT (3.14).
_CONNECT: Final = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00"
_DISCONNECT: Final = b"\xe0\x00"
_CONNACK: Final = 0x20


def answers(host: str, port: int, timeout_s: float = 1.0) -> bool:
    """Whether something at `host`:`port` welcomes (or refuses) an MQTT 3.1.1 client within `timeout_s` a step."""
    try:
        with socket.create_connection((host, port), timeout_s) as connection:
            connection.settimeout(timeout_s)
            connection.sendall(_CONNECT)
            answer = connection.recv(4)
            connection.sendall(_DISCONNECT)
    except OSError:
        return False
    return answer[:1] == bytes([_CONNACK])


def accepts(host: str, port: int, timeout_s: float = 1.0) -> bool:
    """Whether anything at `host`:`port` accepts a connection within `timeout_s`."""
    try:
        socket.create_connection((host, port), timeout_s).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
