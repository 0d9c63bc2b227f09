"""Every request counted and timed by its route, and named: what is logged meanwhile carries its id.

The id is the asker's own (`X-Request-Id`), where they give a plain one, so that their logs and ours can be laid side by
side; else one of ours. The answer has it too.
"""

import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud.logs import about
from cloud.observing.counting import REQUEST_SECONDS, REQUESTS

_HEADER = b"x-request-id"
_PLAIN = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class Watched:
    """Outermost of all, so that it sees what the guards refuse as well."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        request = (given if _PLAIN.fullmatch(given) else secrets.token_hex(8).encode()).decode()
        begun_s, answered = time.perf_counter(), False
        # Anything may be asked for; only what is served becomes a label.
        method = scope["method"] if scope["method"] in _METHODS else "other"

        async def sending(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                message = {**message, "headers": [*message["headers"], (_HEADER, request.encode())]}
                route = _route(scope)
                REQUESTS.labels(method, route, message["status"]).inc()
                REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - begun_s)
            await send(message)

        with about(request=request):
            try:
                await self._app(scope, receive, sending)
            finally:
                if not answered:
                    REQUESTS.labels(method, _route(scope), "none").inc()


def _route(scope: Scope) -> str:
    """The template of the route, as the door or the router found it."""
    template = scope.get("state", {}).get("template")
    if template is None:
        template = getattr(scope.get("route"), "path", None)
    return str(template or "other")
