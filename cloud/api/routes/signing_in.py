"""Signing in and out, and who one is."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from cloud.adapters.database.staff import SESSION_FOR, Operator, close_session, open_session
from cloud.api.door import COOKIE, csrf_token
from cloud.api.problems import documented, problem
from cloud.api.rim import Body, Resource, Rim, RimOf
from cloud.domain.access import EVERY_STORE, Role, Scope
from cloud.service.passwords import CHARACTERS_MAX
from cloud.service.signing_in import TOKEN_FOR, SignInError, issue_token, sign_in
from protocol.model import Id

router = APIRouter(tags=["Signing in"])
open_router = APIRouter(tags=["Signing in"])
"""For whoever has not yet said who they are."""


class SignInBody(Body):
    """An operator's name and password."""

    operator: Annotated[Id, Field(examples=["olga"])]
    password: Annotated[str, Field(min_length=1, max_length=CHARACTERS_MAX)]
    store: Annotated[Id | None, Field(description="None: an operator of every store.")] = None


class SessionResource(Resource):
    """A session has begun; its cookie came with the answer."""

    operator: str
    store: str | None
    role: Role
    csrf_token: Annotated[str, Field(description="For the header X-CSRF-Token of whatever changes something.")]
    expires_in_s: int


class TokenResource(Resource):
    """A short token: `Authorization: Bearer ACCESS_TOKEN`."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the scheme's name
    expires_in_s: int


class MeResource(Resource):
    """Who asks, and what they may."""

    kind: Literal["operator", "machine", "shopper"]
    id: str
    store: Annotated[str | None, Field(description="None: every store.")]
    scopes: list[Scope]


@open_router.post("/login", response_model=SessionResource, responses=documented(429))
def post_login(body: SignInBody, request: Request, rim: RimOf) -> Response:
    """Begin a session, for a browser."""
    known = _sign_in(body, request, rim)
    if isinstance(known, Response):
        return known
    with rim.database.write() as connection:
        cookie = open_session(connection, known, rim.clock())
    session = SessionResource(
        operator=known.name,
        store=known.store or None,
        role=known.role,
        csrf_token=csrf_token(cookie),
        expires_in_s=int(SESSION_FOR.total_seconds()),
    )
    answer = JSONResponse(session.model_dump(mode="json"))
    # Over plain HTTP (a console on the same machine) a Secure cookie would never come back.
    secure = request.url.scheme == "https"
    seconds = int(SESSION_FOR.total_seconds())
    answer.set_cookie(COOKIE, cookie, max_age=seconds, path="/", httponly=True, samesite="strict", secure=secure)
    return answer


@router.post("/logout", status_code=204, response_class=Response)
def post_logout(request: Request, rim: RimOf) -> Response:
    """End the browser's session."""
    cookie = request.cookies.get(COOKIE)
    if cookie is not None:
        with rim.database.write() as connection:
            close_session(connection, cookie)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@open_router.post("/token", response_model=TokenResource, responses=documented(429))
def post_token(body: SignInBody, request: Request, rim: RimOf) -> Response:
    """Get a token for a quarter of an hour, for a program."""
    known = _sign_in(body, request, rim)
    if isinstance(known, Response):
        return known
    with rim.database.write() as connection:
        token = issue_token(connection, known, rim.clock())
    made = TokenResource(access_token=token, expires_in_s=int(TOKEN_FOR.total_seconds()))
    return JSONResponse(made.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


@router.get("/me")
def get_me(rim: RimOf) -> MeResource:
    """Who asks, and what they may."""
    who = rim.principal
    return MeResource(kind=who.kind, id=who.id, store=who.store or None, scopes=sorted(who.scopes))


def _sign_in(body: SignInBody, request: Request, rim: Rim) -> Operator | Response:
    address = request.client.host if request.client else ""
    store = EVERY_STORE if body.store is None else body.store
    try:
        who = (store, body.operator)
        return sign_in(rim.database, rim.passwords, who, body.password, address=address, now=rim.clock())
    except SignInError as error:
        if error.wait_s:
            return problem(429, "too-many-failures", str(error), headers={"Retry-After": str(error.wait_s)})
        return problem(401, "unauthorized", str(error), headers={"WWW-Authenticate": "Bearer"})
