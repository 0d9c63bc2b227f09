"""What the retailer is told, and what became of it. It is written in the transaction of what it tells of."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from cloud.adapters.database.tables import hook_deliveries, hooks
from protocol.ids import uuid7

LEASE = timedelta(minutes=1)
"""How long a delivery is one sender's; far more than it waits for an answer."""


def announce(
    connection: Connection, store: str, kind: str, name: str, *, said: Mapping[str, Any], now: datetime
) -> None:
    """Tell every hook of the store what happened once; `name` is what it is told once for."""
    rows = delivery_rows(hooks_of(connection, store), store, kind, name, said=said, now=now)
    if rows:
        connection.execute(insert(hook_deliveries), rows)


# It is said for every batch: to make it takes longer than it does.
_TOLD = select(hooks.c.hook_id).where(hooks.c.store_id == bindparam("store"), hooks.c.disabled.is_(False))


def hooks_of(connection: Connection, store: str) -> list[str]:
    """The hooks of the store that are told anything."""
    return list(connection.execute(_TOLD, {"store": store}).scalars())


def delivery_rows(
    to: Iterable[str], store: str, kind: str, name: str, *, said: Mapping[str, Any], now: datetime
) -> list[dict[str, Any]]:
    """The rows that tell each of these hooks."""
    waiting = {"state": "waiting", "tries": 0, "due_at": now, "created_at": now}
    return [
        {
            "store_id": store,
            "hook_id": hook,
            "delivery_id": uuid7(now, store, hook, kind, name),
            "kind": kind,
            "body": dict(said),
            **waiting,
        }
        for hook in to
    ]


def due_deliveries(connection: Connection, now: datetime, limit: int) -> list[Any]:
    """Deliveries that are due, with their hook's url and secret, the longest due first."""
    query = select(hook_deliveries, hooks.c.url, hooks.c.secret).join(
        hooks, (hooks.c.store_id == hook_deliveries.c.store_id) & (hooks.c.hook_id == hook_deliveries.c.hook_id)
    )
    due = hook_deliveries.c.due_at
    return list(
        connection.execute(
            query.where(due.is_not(None), due <= now, hooks.c.disabled.is_(False)).order_by(due).limit(limit)
        )
    )


def lease(connection: Connection, row: Any, now: datetime) -> datetime | None:
    """Take a delivery for this sender until the moment that is given; None where another has it."""
    until = now + LEASE
    return until if change(connection, row, due_at=until, if_due_at=row.due_at) else None


def put_off(connection: Connection, row: Any, now: datetime, until: datetime) -> None:
    """Let all that is due for the same hook wait `until` then, without having tried it."""
    of = hook_deliveries.c
    mine = (of.store_id == row.store_id, of.hook_id == row.hook_id, of.due_at.is_not(None), of.due_at <= now)
    connection.execute(update(hook_deliveries).where(*mine).values(due_at=until))


def change(connection: Connection, row: Any, *, if_due_at: datetime | None = None, **values: Any) -> bool:
    """Change a delivery, if it is still due when it was; whether it was."""
    of = hook_deliveries.c
    mine = [of.store_id == row.store_id, of.hook_id == row.hook_id, of.delivery_id == row.delivery_id]
    if if_due_at is not None:
        mine.append(of.due_at == if_due_at)
    statement = update(hook_deliveries).where(*mine).values(**values)
    return bool(connection.execute(statement).rowcount)
