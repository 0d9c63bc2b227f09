"""Events that cannot be taken, with the reason, for a person to look at."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import quarantine
from protocol.topics import PAYLOAD_BYTES_MAX

UNREGISTERED = ""
"""Stands for the store of a device that is not registered."""

UNREGISTERED_ROWS_MAX = 10_000
"""A stranger can send without end, so of strangers' events the oldest go; those of registered devices stay."""


def put_aside(
    connection: Connection,
    store: str,
    *,
    topic: str,
    payload: bytes,
    reason: str,
    at: datetime,
    device: str | None = None,
    epoch: int | None = None,
    seq: int | None = None,
) -> bool:
    """Keep the message; False where the same one is kept already (devices repeat until they are acked)."""
    row = {
        "store_id": store,
        "digest": hashlib.sha256(topic.encode() + b"\0" + payload).hexdigest(),
        "received_at": at,
        # No text of a PostgreSQL database can hold these.
        "reason": reason.replace("\0", "\\0").encode(errors="replace").decode()[:2000],
        "topic": topic[:400],
        "device_id": device,
        "epoch": epoch,
        "seq": seq,
        "payload": payload[:PAYLOAD_BYTES_MAX],
    }
    fresh = insert_new(connection, quarantine, [row]) == 1
    if fresh and store == UNREGISTERED:
        _drop_oldest_strangers(connection)
    return fresh


def _drop_oldest_strangers(connection: Connection) -> None:
    strangers = quarantine.c.store_id == UNREGISTERED
    count = connection.execute(select(func.count()).select_from(quarantine).where(strangers)).scalar_one()
    if count <= UNREGISTERED_ROWS_MAX:
        return
    oldest = (
        select(quarantine.c.digest)
        .where(strangers)
        .order_by(quarantine.c.received_at)
        .limit(count - UNREGISTERED_ROWS_MAX)
    )
    connection.execute(delete(quarantine).where(strangers, quarantine.c.digest.in_(oldest)))
