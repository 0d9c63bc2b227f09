"""The address that machines watch a process at: its metrics, whether it lives, and whether it is well.

It is apart from the API, so that what Prometheus may read nobody else can, and so that roles without an API have one.
On loopback it asks for nothing; elsewhere for `Authorization: Bearer TOKEN`.
"""

import hmac
import json
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cloud.adapters.database.engine import Database
from cloud.clock import Clock
from cloud.observing.metrics_page import CONTENT_TYPE, metrics_page
from cloud.observing.wellness import Probe, look, ready


def watched(database: Database, clock: Clock, probes: Mapping[str, Probe], token: str | None) -> Starlette:
    """The application: GET /metrics and /readyz (with `token`, where there is one), and /healthz."""
    expected = f"Bearer {token}".encode() if token else None

    def refused(request: Request) -> Response | None:
        given = request.headers.get("authorization", "").encode("latin-1")
        if expected is None or hmac.compare_digest(given, expected):
            return None
        says = "send TILLFREE_METRICS_TOKEN as Authorization: Bearer TOKEN\n"
        return Response(says, 401, {"WWW-Authenticate": "Bearer"}, "text/plain")

    # Plain functions: they wait for the database, and are run beside the loop.
    def metrics(request: Request) -> Response:
        return refused(request) or Response(metrics_page(database, clock), headers={"Content-Type": CONTENT_TYPE})

    def readyz(request: Request) -> Response:
        denied = refused(request)
        if denied is not None:
            return denied
        found = look(database, clock, probes)
        said = {name: {"ok": each.ok, "needed": each.needed, "detail": each.detail} for name, each in found.items()}
        body = json.dumps({"ready": ready(found), "checks": said})
        return Response(body, 200 if ready(found) else 503, media_type="application/json")

    def healthz(_request: Request) -> Response:
        return Response('{"status": "ok"}', media_type="application/json")

    return Starlette(routes=[Route("/metrics", metrics), Route("/readyz", readyz), Route("/healthz", healthz)])
