"""Operators: who works here, and as what."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import select

from cloud.adapters.database.staff import Operator, find_operator, keep_operator, operator_from
from cloud.adapters.database.tables import operators
from cloud.api.paging import Cursor, decode_cursor, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import Body, PageSize, Resource, Rim, RimOf, StorePath, require_store
from cloud.api.versions import IfMatch, edit, tag
from cloud.domain.access import EVERY_STORE, Role
from cloud.service.passwords import CHARACTERS_MAX, CHARACTERS_MIN
from protocol.model import ID_PATTERN, Instant

router = APIRouter(tags=["Staff"])

OperatorPath = Annotated[str, Path(pattern=ID_PATTERN, description="The operator's name.", examples=["olga"])]


class OperatorBody(Body):
    """What an operator is. A changed password ends their sessions and tokens."""

    role: Role
    password: Annotated[
        str | None,
        Field(
            min_length=CHARACTERS_MIN,
            max_length=CHARACTERS_MAX,
            description="None: as it is. A new operator needs one.",
        ),
    ] = None
    disabled: Annotated[bool, Field(strict=True)] = False


class OperatorResource(Resource):
    """An operator."""

    store: Annotated[str | None, Field(description="None: every store.")]
    operator: str
    role: Role
    disabled: bool
    created_at: Instant


class Operators(Resource):
    """A page of operators, in order of their names."""

    items: list[OperatorResource]
    next: str | None


@router.put("/operators/{operator}", responses={201: {"model": OperatorResource}, **documented(409, 412)})
def put_operator_of_all(
    operator: OperatorPath, body: OperatorBody, rim: RimOf, response: Response, if_match: IfMatch = None
) -> OperatorResource:
    """Make or change an operator of every store."""
    return _put(rim, (EVERY_STORE, operator), body, response, if_match)


@router.get("/operators/{operator}", responses=documented(404))
def get_operator_of_all(operator: OperatorPath, rim: RimOf, response: Response) -> OperatorResource:
    """One operator of every store."""
    return _get(rim, EVERY_STORE, operator, response)


@router.get("/operators", responses=documented(404))
def list_operators_of_all(rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Operators:
    """The operators of every store."""
    return _list(rim, EVERY_STORE, cursor, limit)


@router.put(
    "/stores/{store}/operators/{operator}", responses={201: {"model": OperatorResource}, **documented(404, 409, 412)}
)
def put_operator(
    *,
    store: StorePath,
    operator: OperatorPath,
    body: OperatorBody,
    rim: RimOf,
    response: Response,
    if_match: IfMatch = None,
) -> OperatorResource:
    """Make or change an operator of this store alone."""
    return _put(rim, (store, operator), body, response, if_match)


@router.get("/stores/{store}/operators/{operator}", responses=documented(404))
def get_operator(store: StorePath, operator: OperatorPath, rim: RimOf, response: Response) -> OperatorResource:
    """One operator of this store alone."""
    return _get(rim, store, operator, response)


@router.get("/stores/{store}/operators", responses=documented(404))
def list_operators(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Operators:
    """The operators of this store alone."""
    return _list(rim, store, cursor, limit)


def _get(rim: Rim, store: str, name: str, response: Response) -> OperatorResource:
    with rim.database.read() as connection:
        if store != EVERY_STORE:
            require_store(connection, store)
        known = find_operator(connection, store, name)
    if known is None:
        raise not_found(f"operator {name!r}")
    found = _operator(known)
    tag(response, found)
    return found


def _put(
    rim: Rim, whom: tuple[str, str], body: OperatorBody, response: Response, if_match: str | None
) -> OperatorResource:
    store, name = whom
    me = rim.principal
    if (me.kind, me.store, me.id) == ("operator", store, name) and (body.role is not Role.OWNER or body.disabled):
        raise conflict("yourself", "an owner cannot take their own rights away: let another owner do it")
    # Hashing takes a while, so it is done before the database is held.
    hashed = rim.passwords.hashed(body.password) if body.password is not None else None
    with rim.database.write() as connection:
        if store != EVERY_STORE:
            require_store(connection, store)
        known = find_operator(connection, store, name)
        if known is None and hashed is None:
            raise conflict("password-missing", f"operator {name!r} is new and needs a password")
        now = rim.clock()
        values: dict[str, Any] = {"role": body.role, "password_hash": hashed, "disabled": body.disabled}
        if keep_operator(connection, store, name, **values, now=now):
            response.status_code = 201
        kept = find_operator(connection, store, name)
        assert kept is not None
        after = _operator(kept)
        edit(rim, if_match, _operator(known) if known else None, after, response)
        rim.audit(before=known.role if known else None, after=f"{body.role}{' disabled' if body.disabled else ''}")
        return after


def _list(rim: Rim, store: str, cursor: str | None, limit: int) -> Operators:
    query = select(operators).where(operators.c.store_id == store).order_by(operators.c.operator_id).limit(limit + 1)
    if cursor is not None:
        query = query.where(operators.c.operator_id > decode_cursor(cursor, 1)[0])
    with rim.database.read() as connection:
        if store != EVERY_STORE:
            require_store(connection, store)
        rows = connection.execute(query).all()
    items = [_operator(operator_from(row)) for row in rows[:limit]]
    return Operators(items=items, next=encode_cursor(items[-1].operator) if len(rows) > limit else None)


def _operator(operator: Operator) -> OperatorResource:
    return OperatorResource(
        store=operator.store or None,
        operator=operator.name,
        role=operator.role,
        disabled=operator.disabled,
        created_at=operator.created_at,
    )
