"""Asking a device to do something while it runs, and what became of it."""

import secrets
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import Connection, select

from cloud.adapters.database.commands import ask, find_command
from cloud.adapters.database.tables import devices
from cloud.api.once import once
from cloud.api.problems import documented, not_found
from cloud.api.rim import Body, IdempotencyKey, Resource, RimOf, StorePath, require_store
from cloud.api.routes.stores import DevicePath
from protocol.commands import SetMode
from protocol.events import TradingMode
from protocol.ids import uuid7
from protocol.model import Instant

router = APIRouter(tags=["Commands"])

WITHIN = timedelta(minutes=2)
"""A store that was away so long may have another operator by then: ask again."""
CommandPath = Annotated[UUID, Path(description="The command's id.")]


class NewCommand(Body):
    """Trade (`up`), close (`down`), or let staff only in (`stocking`)."""

    type: Literal["mode"]
    mode: TradingMode


class CommandResource(Resource):
    """A command. `done` is null until the device has answered; `over` says that it will not be said any more."""

    store: str
    device: str
    command: UUID
    type: str
    by: str
    asked_at: Instant
    expires_at: Instant
    over: bool
    answered_at: Instant | None
    done: bool | None
    reason: Annotated[str | None, Field(description="Why it was not done, as the device says.")]


@router.post(
    "/stores/{store}/devices/{device}/commands",
    status_code=201,
    response_model=CommandResource,
    responses=documented(404, 409),
)
def post_command(store: StorePath, device: DevicePath, body: NewCommand, key: IdempotencyKey, rim: RimOf) -> Response:
    """Ask a hub for a mode. It is refused up while a camera is not well, with the reason."""
    with rim.database.write() as connection:
        require_store(connection, store)
        known = (devices.c.store_id == store, devices.c.device_id == device)
        if connection.execute(select(devices.c.device_id).where(*known)).first() is None:
            raise not_found(f"device {device!r}")
        now = rim.clock()

        def create() -> CommandResource:
            command = uuid7(now, secrets.token_hex(16))
            order = SetMode(mode=body.mode)
            ask(connection, store, device, command, order, by=rim.principal.id, now=now, within=WITHIN)
            return _find(connection, store, device, command)

        return once(connection, store, key, route=f"devices/{device}/commands", body=body, now=now, create=create)


@router.get("/stores/{store}/devices/{device}/commands/{command}", responses=documented(404))
def get_command(store: StorePath, device: DevicePath, command: CommandPath, rim: RimOf) -> CommandResource:
    """What became of a command."""
    with rim.database.read() as connection:
        require_store(connection, store)
        return _find(connection, store, device, command)


def _find(connection: Connection, store: str, device: str, command: UUID) -> CommandResource:
    row: Any = find_command(connection, store, command)
    if row is None or row.device_id != device:
        raise not_found(f"command {str(command)!r}")
    return CommandResource(
        store=store,
        device=device,
        command=row.command_id,
        type=row.type,
        by=row.by,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        over=row.due_at is None,
        answered_at=row.answered_at,
        done=row.done,
        reason=row.reason,
    )
