"""The window's HTTP: /now.json, /health.json, /cameras.json and /cameras/NAME.jpg, on the loopback address."""

import json
import threading
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from edge.errors import EdgeError
from edge.window.view import View


class WindowServer:
    """Serves `view` on loopback `port` (0: a free one) from a thread of its own until `close`."""

    def __init__(self, view: View, port: int = 0) -> None:
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(view))
        except OSError as error:
            raise EdgeError(
                f"the window cannot open on 127.0.0.1:{port}: {error.strerror}; choose another port"
            ) from error
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="window", daemon=True).start()

    @property
    def address(self) -> str:
        """Where to look."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


def _now(view: View) -> dict[str, object]:
    return {**view.now().to_json(), "plates": {plate: round(grams) for plate, grams in view.grams().items()}}


def _handler(view: View) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/now.json":
                self._answer(200, "application/json", json.dumps(_now(view)).encode())
            elif self.path == "/health.json":
                health = {
                    "cameras": [asdict(camera) for camera in view.health()],
                    "networks": [asdict(network) for network in view.networks()],
                    "views": [asdict(each) for each in view.views()],
                }
                self._answer(200, "application/json", json.dumps(health).encode())
            elif self.path == "/cameras.json":
                self._answer(200, "application/json", json.dumps(view.cameras()).encode())
            else:
                name = self.path.removeprefix("/cameras/").removesuffix(".jpg")
                picture = view.jpeg(name) if self.path == f"/cameras/{name}.jpg" else None
                if picture is None:
                    self._answer(404, "text/plain", b"no such camera, or it has shown nothing yet\n")
                else:
                    self._answer(200, "image/jpeg", picture)

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            """Say nothing: a page asks several times a second."""

    return Handler
