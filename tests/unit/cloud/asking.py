"""Asking an ASGI application over HTTP, without a network."""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette

from cloud.api.create import create_api
from cloud.api.rim import Rim


class Http:
    """A client of `app`; errors of the application come back as answers, as they do over a network."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        (answer,) = self.request_all([(method, path, how)])
        return answer

    def request_all(self, asked: Sequence[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        """The answers to these requests (method, path, and more), each asked when the one before is answered."""

        async def ask() -> list[httpx.Response]:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://cloud") as client:
                return [await client.request(method, path, **how) for method, path, how in asked]

        return asyncio.run(ask())

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.request("GET", path, **how)

    def put(self, path: str, **how: Any) -> httpx.Response:
        return self.request("PUT", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self.request("POST", path, **how)

    def delete(self, path: str, **how: Any) -> httpx.Response:
        return self.request("DELETE", path, **how)


class ApiHttp(Http):
    """A client of the cloud's API on `rim`, with a door of its own. Clients may take turns, not ask at once."""

    def __init__(self, app: FastAPI, rim: Rim) -> None:
        super().__init__(app)
        self.app, self.rim = app, rim
        self._stack = app.build_middleware_stack()

    def request_all(self, asked: Sequence[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        self.app.state.rim = self.rim
        self.app.middleware_stack = self._stack
        return super().request_all(asked)


def api_on(rim: Rim, *, api_key: str | None = None, body_bytes_max: int = 10_000) -> ApiHttp:
    """A client of the cloud's API on `rim`, as `create_api` makes it."""
    return ApiHttp(_routes(api_key, body_bytes_max), rim)


@cache
def _routes(api_key: str | None, body_bytes_max: int) -> FastAPI:
    """Half a second's work, of which nothing hangs on a rim."""
    # Every client gives it a rim before it asks.
    nothing: Any = None
    return create_api(nothing, api_key=api_key, body_bytes_max=body_bytes_max)
