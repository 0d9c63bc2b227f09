"""Asking the API for a page, as the person whose browser asked for the page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from starlette.requests import Request
from starlette.types import ASGIApp

_PASSED_ON = ("cookie", "x-request-id")
_TIMEOUT_S = 30.0


class Refused(Exception):
    """The API's refusal: its status, and what it says."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Asker:
    """One request's way to the API, without a network between."""

    api: ASGIApp
    request: Request

    async def get(self, *parts: str, **query: str | int | None) -> Any:
        """What is under the path of `parts` (each escaped); Refused where it is refused."""
        wanted = {name: value for name, value in query.items() if value not in (None, "")}
        return (await self.send("GET", *parts, params=wanted)).json()

    async def maybe(self, *parts: str, **query: str | int | None) -> Any:
        """The same; None where the asker may not, or there is none."""
        try:
            return await self.get(*parts, **query)
        except Refused as refused:
            if refused.status in (403, 404):
                return None
            raise

    async def send(
        self, method: str, *parts: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Send a request; Refused where it is refused."""
        passed = {name: value for name in _PASSED_ON if (value := self.request.headers.get(name)) is not None}
        client = self.request.client
        transport = httpx.ASGITransport(
            self.api, raise_app_exceptions=False, client=(client.host if client else "", client.port if client else 0)
        )
        # The scheme decides whether a cookie may travel without TLS.
        base = f"{self.request.url.scheme}://{self.request.headers.get('host', 'console')}"
        path = "/v1/" + "/".join(quote(part, safe="") for part in parts)
        try:
            async with httpx.AsyncClient(transport=transport, base_url=base, timeout=_TIMEOUT_S) as asked:
                answer = await asked.request(method, path, headers={**passed, **(headers or {})}, **more)
        except httpx.InvalidURL:
            raise Refused(404, "nothing is known under this path") from None
        if answer.is_success:
            return answer
        raise Refused(answer.status_code, _detail(answer))


def _detail(answer: httpx.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        return answer.reason_phrase
    errors = said.get("errors") or []
    where = "; ".join(f"{each['where'].removeprefix('body.')}: {each['message']}" for each in errors)
    return where or str(said.get("detail", answer.reason_phrase))
