"""Serving the API over HTTP until told to stop."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import uvicorn
from starlette.applications import Starlette

from cloud.domain.errors import CloudError

GRACE_S = 2
"""What open requests have to end in after a signal; the whole process has five seconds."""


class ServeError(CloudError):
    """The API cannot be served as asked."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address_of(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `[HOST]:PORT`; ServeError where it is none."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise ServeError(f"{text!r} is no address: write HOST:PORT, such as 127.0.0.1:9464")
    return host.strip("[]"), int(port)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port` (0: any that is free); ServeError says why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it an answer comes 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ServeError(
            f"cannot listen on {host}:{port}: {error.strerror}. Choose another with --port; 0 takes a free one"
        ) from None
    return listener


class _Server(uvicorn.Server):
    """Leaves the signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(app: Starlette, listener: socket.socket, *, stop: threading.Event, ready: Callable[[], None]) -> None:
    """Serve `app` on `listener` until `stop`; `ready` is called once it answers."""
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S, lifespan="off")
    server = _Server(config)

    async def run() -> None:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        if server.started:
            ready()
        while not stop.is_set() and not serving.done():
            await asyncio.sleep(0.05)
        server.should_exit = True
        await serving

    asyncio.run(run())
