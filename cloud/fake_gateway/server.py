"""Serving the gateway over HTTP, and sending its webhooks."""

import asyncio
import logging
import threading
from datetime import UTC, datetime

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from cloud.fake_gateway.gateway import FakeGateway, Lost
from cloud.fake_gateway.webhooks import Outgoing

log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 5.0
SEND_EVERY_S = 0.2


def create_gateway_app(gateway: FakeGateway, *, hang_s: float) -> FastAPI:
    """The gateway as an ASGI application. An answer that is lost is held back for `hang_s` seconds."""
    app = FastAPI(title="Tillfree's fake gateway", description="It holds no real money.", openapi_url=None)

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def handle(path: str, request: Request) -> Response:
        body = await request.body()
        key = request.headers.get("Idempotency-Key")
        query = dict(request.query_params)
        answer = await run_in_threadpool(gateway.handle, request.method, path, query, key, body)
        if isinstance(answer, Lost):
            await asyncio.sleep(hang_s)
            return Response(status_code=504)
        if isinstance(answer.body, str):
            return HTMLResponse(answer.body, answer.status)
        headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
        return JSONResponse(answer.body, answer.status, headers)

    return app


def send_webhooks(gateway: FakeGateway, url: str, secrets: tuple[str, ...], stop: threading.Event) -> None:
    """Send what happens in `gateway` to `url` until `stop`."""
    outgoing = Outgoing(gateway.plan)
    with httpx.Client(timeout=SEND_TIMEOUT_S) as client:
        while not stop.wait(SEND_EVERY_S):
            now = datetime.now(UTC)
            outgoing.collect(gateway, now)
            for webhook in outgoing.take(now):
                body, headers = webhook.signed(secrets, now)
                try:
                    taken = client.post(url, content=body, headers=headers).is_success
                except httpx.TransportError as error:
                    log.warning("a webhook could not be sent", extra={"url": url, "why": str(error)})
                    taken = False
                if not taken:
                    outgoing.failed(webhook, now)
