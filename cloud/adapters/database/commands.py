"""What devices are asked to do, and what became of it. Written in the transaction of what it follows from."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from cloud.adapters.database.among import among
from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import commands
from protocol.commands import Order, data_of_order

AGAIN_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 300.0)
"""How long after each saying it is said again; after the last of them, always as long as that."""


def ask(
    connection: Connection,
    store: str,
    device: str,
    command: UUID,
    order: Order,
    *,
    by: str,
    now: datetime,
    within: timedelta,
) -> None:
    """Ask `device` to do something `within` a time; nothing where the command is known already."""
    row = {
        "store_id": store,
        "command_id": command,
        "device_id": device,
        "type": order.type,
        "data": data_of_order(order),
        "by": by[:200],
        "asked_at": now,
        "expires_at": now + within,
        "tries": 0,
        "due_at": now,
    }
    insert_new(connection, commands, [row])


def prepare(
    connection: Connection,
    store: str,
    device: str,
    command: UUID,
    kind: str,
    *,
    by: str,
    now: datetime,
    within: timedelta,
) -> None:
    """Make room for a command whose order is not known yet; `answer_prepared` says it."""
    row = {
        "store_id": store,
        "command_id": command,
        "device_id": device,
        "type": kind,
        "data": {},
        "by": by[:200],
        "asked_at": now,
        "expires_at": now + within,
        "tries": 0,
    }
    insert_new(connection, commands, [row])


_PREPARED = select(commands.c.command_id).where(
    commands.c.store_id == bindparam("store"),
    among(commands.c.command_id, "those"),
    commands.c.due_at.is_(None),
    commands.c.tries == 0,
)


def prepared_among(connection: Connection, store: str, those: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the commands that were prepared and not said yet."""
    return frozenset(connection.execute(_PREPARED, {"store": store, "those": list(those)}).scalars())


def answer_prepared(connection: Connection, store: str, command: UUID, order: Order, now: datetime) -> None:
    """Say what a prepared command orders; nothing where none was prepared, or it was said already."""
    mine = (
        commands.c.store_id == store,
        commands.c.command_id == command,
        commands.c.answered_at.is_(None),
        commands.c.due_at.is_(None),
        commands.c.tries == 0,
        commands.c.expires_at > now,
    )
    connection.execute(update(commands).where(*mine).values(data=data_of_order(order), due_at=now))


def find_command(connection: Connection, store: str, command: UUID) -> Any:
    """The command, or None."""
    mine = (commands.c.store_id == store, commands.c.command_id == command)
    return connection.execute(select(commands).where(*mine)).first()


def due_commands(connection: Connection, now: datetime, limit: int) -> Sequence[Any]:
    """Commands that are to be said now, the longest due first."""
    due = commands.c.due_at
    query = select(commands).where(due.is_not(None), due <= now).order_by(due).limit(limit)
    return connection.execute(query).all()


def note_said(connection: Connection, row: Any, now: datetime) -> None:
    """It was said; say it again later, unless it has expired by then."""
    again = now + timedelta(seconds=AGAIN_S[min(row.tries, len(AGAIN_S) - 1)])
    later = {"tries": row.tries + 1, "due_at": again if again < row.expires_at else None}
    _change(connection, row, **later)


def note_expired(connection: Connection, row: Any) -> None:
    """Nobody answered in time."""
    _change(connection, row, due_at=None)


def note_answered(
    connection: Connection, store: str, command: UUID, *, done: bool, reason: str | None, now: datetime
) -> None:
    """The device has answered; its first answer stays."""
    mine = (commands.c.store_id == store, commands.c.command_id == command, commands.c.answered_at.is_(None))
    values = {"answered_at": now, "done": done, "reason": reason, "due_at": None}
    connection.execute(update(commands).where(*mine).values(**values))


def _change(connection: Connection, row: Any, **values: Any) -> None:
    mine = (
        commands.c.store_id == row.store_id,
        commands.c.command_id == row.command_id,
        commands.c.answered_at.is_(None),
    )
    connection.execute(update(commands).where(*mine).values(**values))
