"""The console as one application, which is mounted beside the API."""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from cloud.api.door import COOKIE, csrf_token
from cloud.console.actions import ACTIONS, DONE, Action
from cloud.console.asking import Asker, Refused
from cloud.console.forms import BadForm, form_of
from cloud.console.pages import HEADERS, page
from cloud.console.views import PAGES, View

ROOT = "/console"
_STORE = "/stores/{store}"
_Handler = Callable[[Request], Awaitable[Response]]


def create_console(api: ASGIApp) -> Starlette:
    """The pages of the console for `api`."""

    def signing_in(problem: str | None, request: Request, status: int = 200) -> Response:
        said = {"problem": problem, "operator": request.query_params.get("operator", ""), "root": ROOT}
        return page("sign_in", status, **said)

    async def get_sign_in(request: Request) -> Response:
        return signing_in(None, request)

    async def post_sign_in(request: Request) -> Response:
        form = await form_of(request)
        body = {name: form[name] for name in ("operator", "password", "store") if form.get(name)}
        try:
            answer = await Asker(api, request).send("POST", "login", json=body)
        except Refused as refused:
            status = refused.status if refused.status in (401, 429) else 401
            problem = refused.detail if status == 429 else "No operator has this name and password here."
            return signing_in(problem, request, status)
        response = RedirectResponse(f"{ROOT}/", 303, HEADERS)
        response.headers["set-cookie"] = answer.headers["set-cookie"]
        return response

    async def post_sign_out(request: Request) -> Response:
        form = await form_of(request)
        answer = await Asker(api, request).send("POST", "logout", headers=_shown(form))
        response = RedirectResponse(f"{ROOT}/sign-in", 303, HEADERS)
        response.headers["set-cookie"] = answer.headers["set-cookie"]
        return response

    def showing(view: View) -> _Handler:
        async def show(request: Request) -> Response:
            if COOKIE not in request.cookies:
                return RedirectResponse(f"{ROOT}/sign-in", 303, HEADERS)
            asker = Asker(api, request)
            me = await asker.get("me")
            shown = await view.load(asker, dict(request.path_params), dict(request.query_params))
            return page(view.template, **await _frame(asker, request, me), **shown)

        return show

    def acting(action: Action) -> _Handler:
        async def act(request: Request) -> Response:
            form = await form_of(request)
            names = dict(request.path_params)
            parts = ["stores", names["store"], *(part.format(**names) for part in action.api.split("/"))]
            body = action.body(form)
            headers = {**_shown(form), "Idempotency-Key": form.get("key") or secrets.token_hex(16)}
            more: dict[str, Any] = {} if body is None else {"json": body}
            await Asker(api, request).send(action.method, *parts, headers=headers, **more)
            escaped = {name: quote(value, safe="") for name, value in names.items()}
            below = action.back.format(**escaped)
            return RedirectResponse(f"{ROOT}/stores/{escaped['store']}/{below}?done={action.done}", 303, HEADERS)

        return act

    async def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        if error.status == 401:
            return RedirectResponse(f"{ROOT}/sign-in", 303, HEADERS)
        return page("refused", error.status, root=ROOT, code=error.status, detail=error.detail)

    async def bad_form(_request: Request, error: Exception) -> Response:
        assert isinstance(error, BadForm)
        return page("refused", error.status, root=ROOT, code=error.status, detail=str(error))

    async def unknown(_request: Request, _error: Exception) -> Response:
        return page("refused", 404, root=ROOT, code=404, detail="There is no such page.")

    async def other_method(_request: Request, _error: Exception) -> Response:
        return page("refused", 405, root=ROOT, code=405, detail="This page is read, or this form sent; not both.")

    static = StaticFiles(directory=Path(__file__).with_name("static"))
    routes = [
        Route("/sign-in", get_sign_in),
        Route("/sign-in", post_sign_in, methods=["POST"]),
        Route("/sign-out", post_sign_out, methods=["POST"]),
        *(Route(view.path, showing(view)) for view in PAGES),
        *(Route(f"{_STORE}/{each.path}", acting(each), methods=["POST"]) for each in ACTIONS),
        Mount("/static", static),
    ]
    handlers: dict[Any, Any] = {Refused: refused, BadForm: bad_form, 404: unknown, 405: other_method}
    return Starlette(routes=routes, exception_handlers=handlers)


def _shown(form: dict[str, str]) -> dict[str, str]:
    token = form.get("csrf", "")
    return {"X-CSRF-Token": token if token.isascii() and token.isprintable() else ""}


async def _frame(asker: Asker, request: Request, me: Any) -> dict[str, Any]:
    """What every page has around it: who is signed in, what they may, and where they are."""
    store = request.path_params.get("store")
    named = await asker.get("stores", store) if store is not None else None
    cookie = request.cookies.get(COOKIE, "")
    return {
        "root": ROOT,
        "me": me,
        "scopes": frozenset(me["scopes"]),
        "store": named,
        "csrf": csrf_token(cookie),
        "key": secrets.token_hex(16),
        "done": DONE.get(request.query_params.get("done", "")),
        "here": request.url.path,
    }
