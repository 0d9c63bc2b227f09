"""Drawing pages: templates that escape whatever is data, and headers that let a page run nothing but our own."""

from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from cloud.domain.money import Money
from cloud.domain.spelling import spelled

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def _money(minor: int | None, currency: str) -> str:
    return "–" if minor is None else spelled(Money(minor, currency))


def _moment(text: str | None) -> str:
    """A moment of the API's to the second, in UTC as everywhere here."""
    return "–" if text is None else f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S}"


def _words(text: str) -> str:
    return text.replace("_", " ").replace("-", " ")


def _sure(p: float) -> str:
    # Cut, not rounded: what is not certain is not called so.
    return f"{int(p * 1000) / 10:g} %"


_ENVIRONMENT = Environment(
    loader=PackageLoader("cloud.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(money=_money, moment=_moment, words=_words, sure=_sure)


def page(template: str, status: int = 200, **shown: Any) -> HTMLResponse:
    """The page of `template` with `shown`."""
    return HTMLResponse(_ENVIRONMENT.get_template(f"{template}.html").render(**shown), status, HEADERS)
