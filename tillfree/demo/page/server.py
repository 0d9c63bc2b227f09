"""The page's HTTP, on the loopback address: its three files, the plan, and what edge and cloud say now."""

import json
import re
import sys
import threading
from collections import deque
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any

import httpx

from protocol.store import Store
from tillfree.demo.page.plan import plan_of
from tillfree.errors import DemoError

TIMEOUT_S = 2.0
VISITS_SHOWN = 4
SAID_MAX = 9
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
_PICTURE = re.compile(r"^/cameras/[a-z0-9][a-z0-9_-]*\.jpg$")


class Page:
    """Serves the page for `store`. `cloud` is the API's address; the edge's window may open later (`look_through`).

    `accounts` are the names that people know accounts by.
    """

    def __init__(self, store: Store, cloud: str, accounts: Mapping[str, str], port: int = 0) -> None:
        self._plan = json.dumps(plan_of(store, accounts)).encode()
        self._said: deque[tuple[str, str]] = deque(maxlen=SAID_MAX)
        self._over = False
        self._visits = f"{cloud}/v1/stores/{store.store}/visits"
        self._window: str | None = None
        self.client = httpx.Client(timeout=TIMEOUT_S)
        """Asks edge and cloud."""
        try:
            self._server = _Server(("127.0.0.1", port), _handler(self))
        except OSError as error:
            raise DemoError(f"the page cannot open on 127.0.0.1:{port}: {error.strerror}") from error
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="page", daemon=True).start()

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def look_through(self, window: str) -> None:
        """The edge's window is at the address `window`."""
        self._window = window

    def tell(self, at: str, what: str) -> None:
        """Something happened: when, and what, as a person reads it. The latest `SAID_MAX` are shown."""
        self._said.append((at, what))

    def end(self) -> None:
        """The show is over: nothing will happen any more."""
        self._over = True

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self.client.close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body for `path`."""
        if path in FILES:
            name, kind = FILES[path]
            return 200, kind, files(__package__).joinpath(name).read_bytes()
        if path == "/plan.json":
            return 200, "application/json", self._plan
        if path == "/now.json":
            now = {
                "edge": self._edge_json("/now.json"),
                "visits": self._carts(),
                "said": list(self._said),
                "over": self._over,
            }
            return 200, "application/json", json.dumps(now).encode()
        if _PICTURE.match(path):
            picture = self._ask(f"{self._window}{path}") if self._window else None
            if picture is not None:
                return 200, "image/jpeg", picture.content
        return 404, "text/plain", b"there is nothing here\n"

    def _edge_json(self, path: str) -> Any:
        found = self._ask(f"{self._window}{path}") if self._window else None
        return None if found is None else found.json()

    def _carts(self) -> list[dict[str, Any]]:
        """The newest visits with their carts; none while the cloud is away."""
        listed = self._ask(f"{self._visits}?limit={VISITS_SHOWN}")
        if listed is None:
            return []
        details = (self._ask(f"{self._visits}/{visit['visit']}") for visit in listed.json()["items"])
        shown = ("visit", "state", "account", "entered_at", "exited_at", "refused_reason")
        kept = ("sku", "name", "qty", "p", "decision", "amount_minor")
        return [
            {
                **{key: detail[key] for key in shown},
                "lines": [{key: line[key] for key in kept} for line in detail["lines"]],
            }
            for detail in (found.json() for found in details if found is not None)
        ]

    def _ask(self, url: str) -> httpx.Response | None:
        try:
            answer = self.client.get(url)
        except httpx.TransportError:
            return None
        return answer if answer.is_success else None


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away amid an answer is no error; what else goes wrong is told as ever."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # as the base class was given it


def _handler(page: Page) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, kind, body = page.answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", "default-src 'self'")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            """Say nothing: a page asks several times a second."""

    return Handler
