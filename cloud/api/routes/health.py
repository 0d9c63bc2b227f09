"""Whether the process lives, and whether it can do its work."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from cloud.api.rim import Resource, RimOf
from cloud.observing.wellness import look, ready

router = APIRouter(tags=["Health"])


class Live(Resource):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Check(Resource):
    """One part, and what is wrong with it."""

    ok: bool
    needed: Annotated[bool, Field(description="Whether the process is not ready where this is not ok.")] = True
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
    """Look at the database, what waits, the devices and, where this process has them, the broker and the threads."""
    found = look(rim.database, rim.clock, rim.probes)
    if not ready(found):
        response.status_code = 503
    checks = {name: Check(ok=each.ok, needed=each.needed, detail=each.detail) for name, each in found.items()}
    return Ready(ready=ready(found), checks=checks)
