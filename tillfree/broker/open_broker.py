"""The broker to use: the one given by URL, else one of our own."""

import time
from pathlib import Path
from types import TracebackType
from typing import Protocol

from protocol.broker import BrokerAddress
from tillfree.broker.embedded import EmbeddedBroker
from tillfree.broker.errors import BrokerError
from tillfree.broker.probe import accepts
from tillfree.broker.programs import Kind, find_program

GIVEN_S = 10.0
"""How long to wait for a broker that is given by URL: it may be starting beside us."""
_POLL_S = 0.1


class Broker(Protocol):
    """A broker that clients can connect to, until `stop`."""

    @property
    def url(self) -> str:
        """Where clients connect; with user and password where the broker was given with them."""

    @property
    def name(self) -> str:
        """Which program it is, as far as we know."""

    def stop(self) -> None:
        """End it where we started it."""

    def __enter__(self) -> "Broker": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None: ...


class GivenBroker:
    """A broker that somebody else runs. Nothing is started, and `stop` does nothing."""

    name = "given"

    def __init__(self, url: str, within_s: float = GIVEN_S) -> None:
        """Wait until it accepts connections; BrokerError where it does not, BrokerAddressError for a URL of none."""
        address = BrokerAddress.parse(url)
        give_up_s = time.monotonic() + within_s
        while not accepts(address.host, address.port):
            if time.monotonic() >= give_up_s:
                raise BrokerError(f"no broker accepts connections at {address}: start it, or correct the URL")
            time.sleep(_POLL_S)
        self.url = url

    def stop(self) -> None:
        """Nothing: it is not ours."""

    def __enter__(self) -> "GivenBroker":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()


def open_broker(data: Path, url: str | None = None, *, kind: Kind | None = None, port: int | None = None) -> Broker:
    """The broker at `url`, or an embedded one (of `kind`, else mosquitto or nats) with its data in `data`/kind.

    Raises BrokerError. A context manager; an embedded broker is stopped at the end of its block.
    """
    if url is not None:
        return GivenBroker(url)
    program = find_program(kind)
    # Each kind has a folder of its own: neither reads the other's files.
    return EmbeddedBroker(program, data / program.kind, port)
