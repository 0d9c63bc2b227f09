"""Whether the process lives, and whether it can do its work."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from cloud.adapters.database.engine import DatabaseError, trouble
from cloud.adapters.database.inbox import backlog
from cloud.adapters.database.migrating import require_schema
from cloud.api.rim import Resource, Rim, RimOf

router = APIRouter(tags=["Health"])

LAG_S_MAX = 30.0
"""An event that waits longer than this to be applied means that no worker works."""


class Live(Resource):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Check(Resource):
    """One part, and what is wrong with it."""

    ok: bool
    detail: Annotated[str | None, Field(examples=["not connected to 127.0.0.1:1883"])] = None


class Ready(Resource):
    """Whether every part can do its work."""

    ready: bool
    checks: dict[str, Check]


@router.get("/healthz")
def healthz() -> Live:
    """The process answers; nothing else is looked at."""
    return Live()


@router.get("/readyz", responses={503: {"model": Ready}})
def readyz(rim: RimOf, response: Response) -> Ready:
    """Look at the database, the waiting events and, where this process has them, the broker and the threads."""
    checks = {"database": _database(rim)}
    if checks["database"].ok:
        checks["lag"] = _lag(rim)
    for name, probe in rim.probes.items():
        wrong = probe()
        checks[name] = Check(ok=wrong is None, detail=wrong)
    ready = all(check.ok for check in checks.values())
    if not ready:
        response.status_code = 503
    return Ready(ready=ready, checks=checks)


def _database(rim: Rim) -> Check:
    try:
        require_schema(rim.database)
    except (DatabaseError, SQLAlchemyError) as error:
        return Check(ok=False, detail=str(error) if isinstance(error, DatabaseError) else trouble(error))
    return Check(ok=True)


def _lag(rim: Rim) -> Check:
    try:
        with rim.database.read() as connection:
            waiting = backlog(connection)
    except SQLAlchemyError as error:
        return Check(ok=False, detail=trouble(error))
    age_s = (rim.clock() - waiting.oldest).total_seconds() if waiting.oldest else 0.0
    detail = f"{waiting.waiting} events wait, the oldest for {age_s:.1f} s" if waiting.waiting else None
    return Check(ok=age_s <= LAG_S_MAX, detail=detail)
