"""The door: who asks is found out, and whether they may, before anything of the request is read.

A program shows `Authorization: Bearer …`: TILLFREE_API_KEY, a key of ours, or a short token. A browser shows the cookie
of its session, and with whatever changes something the header `X-CSRF-Token` too, which no other site can know. Nothing
under /v1 that the table of permissions does not name is passed on at all.
"""

import hmac
from http.cookies import CookieError, SimpleCookie
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cloud.adapters.database.engine import trouble
from cloud.adapters.database.staff import (
    KEY_PREFIX,
    anybody_known,
    digest,
    key_principal,
    session_operator,
)
from cloud.adapters.database.visits import find_visit
from cloud.api.permissions import V1, Place, Rule, place_of
from cloud.api.problems import ApiError, problem
from cloud.api.rim import Rim
from cloud.domain.access import SETTING_KEY, SETTING_UP, Principal
from cloud.domain.pace import Buckets, Pace
from cloud.service.signing_in import token_operator

COOKIE = "tillfree_session"
CREDENTIAL_CHARACTERS_MAX = 4_096
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

SIGNING_IN = Pace(rate_per_s=1, burst=60)
"""By address, and so is whoever cannot say who they are; everybody else by who they are, in each process."""
STRANGERS = Pace(rate_per_s=20, burst=300)
VISITORS = Pace(rate_per_s=50, burst=1_000)
PAGES = ("/console", "/docs", "/openapi.json", "/readyz")
SHOPPERS = Pace(rate_per_s=20, burst=300)
STAFF = Pace(rate_per_s=1_000, burst=5_000)


def csrf_token(cookie: str) -> str:
    """What a page of ours shows beside its session's cookie."""
    return digest(f"csrf:{cookie}")


class Door:
    """Lets through who may; everybody else is answered here."""

    def __init__(self, app: ASGIApp, api_key: str | None) -> None:
        self._app = app
        self._api_key = api_key.encode() if api_key else None
        self._somebody = False
        self._buckets = Buckets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its principal, or say why not."""
        path = scope.get("path", "")
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        rim: Rim = scope["app"].state.rim
        if not (path == V1 or path.startswith(f"{V1}/")):
            await (self._too_many_pages(rim, scope, path) or self._app)(scope, receive, send)
            return
        place = place_of(path)
        if place is not None:
            scope.setdefault("state", {})["template"] = place.template
        rule = place.rules.get(scope["method"]) if place else None
        try:
            if place is not None and all(each.public for each in place.rules.values()):
                self._pace(rim, f"signing in {_address(scope)}", SIGNING_IN)
            else:
                principal = await run_in_threadpool(self._who, rim, scope)
                self._pace(rim, *_asker(principal))
                await run_in_threadpool(_require, rim, principal, place, rule)
                scope.setdefault("state", {})["principal"] = principal
            refusal = self._unserved(scope, place)
        except _TooFast as error:
            headers = {"Retry-After": str(error.wait_s)}
            refusal = problem(
                429, "too-many-requests", f"more than may be asked: wait {error.wait_s} s", headers=headers
            )
        except ApiError as error:
            refusal = self._refused(rim, scope, error)
        except SQLAlchemyError as error:
            detail = f"the database cannot answer now ({trouble(error)}); nothing was changed: try again"
            refusal = problem(503, "database-unavailable", detail, headers={"Retry-After": "2"})
        await (refusal or self._app)(scope, receive, send)

    def _too_many_pages(self, rim: Rim, scope: Scope, path: str) -> Response | None:
        """Pages cost something before anybody has said who they are; a probe and a gateway's webhook never wait."""
        if not path.startswith(PAGES):
            return None
        try:
            self._pace(rim, f"pages {_address(scope)}", VISITORS)
        except _TooFast as fast:
            return problem(429, "too-many-requests", f"wait {fast.wait_s} s", headers={"Retry-After": str(fast.wait_s)})
        return None

    @staticmethod
    def _unserved(scope: Scope, place: Place | None) -> Response | None:
        if place is None:
            return problem(404, "not-found", "Not Found: nothing is served under this path")
        if scope["method"] not in place.rules:
            allowed = ", ".join(sorted(place.rules))
            detail = f"Method Not Allowed: here there is {allowed}"
            return problem(405, "method-not-allowed", detail, headers={"Allow": allowed})
        return None

    def _pace(self, rim: Rim, asker: str, pace: Pace) -> None:
        wait_s = self._buckets.take(asker, pace, rim.seconds())
        if wait_s:
            raise _TooFast(int(wait_s) + 1)

    def _refused(self, rim: Rim, scope: Scope, error: ApiError) -> Response:
        if error.status == 401:
            try:
                self._pace(rim, f"stranger {_address(scope)}", STRANGERS)
            except _TooFast as fast:
                headers = {"Retry-After": str(fast.wait_s)}
                return problem(429, "too-many-requests", f"wait {fast.wait_s} s", headers=headers)
            return problem(401, error.code, error.detail, headers={"WWW-Authenticate": "Bearer"})
        return problem(error.status, error.code, error.detail)

    def _who(self, rim: Rim, scope: Scope) -> Principal:
        headers = dict(scope["headers"])
        given = headers.get(b"authorization")
        if given is not None:
            return self._bearer(rim, given)
        cookie = _cookie(headers.get(b"cookie", b""))
        if cookie is not None:
            return _browser(rim, cookie, scope["method"], headers.get(b"x-csrf-token", b"").decode("latin-1"))
        if self._api_key is None and not self._anybody(rim):
            return SETTING_UP
        raise ApiError(401, "unauthorized", "say who you are: Authorization: Bearer KEY, or sign in (POST /v1/login)")

    def _bearer(self, rim: Rim, given: bytes) -> Principal:
        scheme, _, value = given.partition(b" ")
        if scheme.lower() == b"bearer" and len(value) <= CREDENTIAL_CHARACTERS_MAX:
            if self._api_key is not None and hmac.compare_digest(value, self._api_key):
                return SETTING_KEY
            text, now = value.decode("latin-1"), rim.clock()
            with rim.database.read() as connection:
                if text.startswith(f"{KEY_PREFIX}."):
                    principal = key_principal(connection, text, now)
                else:
                    operator = token_operator(connection, text, now)
                    principal = operator.principal if operator else None
            if principal is not None:
                return principal
        raise ApiError(401, "unauthorized", "this key or token is not known, or no longer good")

    def _anybody(self, rim: Rim) -> bool:
        if not self._somebody:
            with rim.database.read() as connection:
                self._somebody = anybody_known(connection)
        return self._somebody


class _TooFast(Exception):
    def __init__(self, wait_s: int) -> None:
        super().__init__(f"wait {wait_s} s")
        self.wait_s = wait_s


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _asker(principal: Principal) -> tuple[str, Pace]:
    pace = SHOPPERS if principal.kind == "shopper" else STAFF
    return f"{principal.kind} {principal.store} {principal.id}", pace


def _cookie(header: bytes) -> str | None:
    try:
        jar: SimpleCookie = SimpleCookie(header[:CREDENTIAL_CHARACTERS_MAX].decode("latin-1"))
    except CookieError:
        return None
    return jar[COOKIE].value if COOKIE in jar else None


def _browser(rim: Rim, cookie: str, method: str, shown: str) -> Principal:
    with rim.database.read() as connection:
        operator = session_operator(connection, cookie, rim.clock())
    if operator is None:
        raise ApiError(401, "unauthorized", "this session is over: sign in again (POST /v1/login)")
    if method not in _SAFE and not hmac.compare_digest(shown.encode(), csrf_token(cookie).encode()):
        raise ApiError(403, "csrf", "a change from a browser needs the header X-CSRF-Token that signing in gave")
    return operator.principal


def _require(rim: Rim, principal: Principal, place: Place | None, rule: Rule | None) -> None:
    if place is None or rule is None:
        return
    store = place.values.get("store")
    if (store is not None and not principal.belongs_to(store)) or (rule.all_stores and not principal.all_stores):
        raise ApiError(403, "forbidden", "this belongs to a store that is not yours")
    if rule.scope is None or rule.scope in principal.scopes:
        return
    if principal.account is not None and rule.own is not None:
        if rule.own == "account" and place.values["account"] == principal.account:
            return
        if rule.own == "visit" and _owns_visit(rim, principal, place):
            return
        # The same whether it is another's or nobody's.
        raise ApiError(404, "not-found", f"{rule.own} {place.values[rule.own]} is not known")
    raise ApiError(403, "forbidden", f"this needs the right {rule.scope}, which {principal.id} does not have")


def _owns_visit(rim: Rim, principal: Principal, place: Place) -> bool:
    try:
        visit = UUID(place.values["visit"])
    except ValueError:
        return False
    with rim.database.read() as connection:
        found = find_visit(connection, principal.store, visit)
    return found is not None and found.account == principal.account
