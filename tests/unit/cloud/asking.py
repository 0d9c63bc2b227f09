"""Asking an ASGI application over HTTP, without a network."""

import asyncio
from typing import Any

import httpx
from starlette.applications import Starlette


class Http:
    """A client of `app`; errors of the application come back as answers, as they do over a network."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://cloud") as client:
                return await client.request(method, path, **how)

        return asyncio.run(ask())

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.request("GET", path, **how)

    def put(self, path: str, **how: Any) -> httpx.Response:
        return self.request("PUT", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self.request("POST", path, **how)
