"""Events that cannot be taken, with the reason, for a person to look at."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import quarantine
from protocol.topics import PAYLOAD_BYTES_MAX

UNREGISTERED = ""
"""Stands for the store of a device that is not registered."""

REPEATED = 3
"""How often a message without a readable number must have come before it is taken for the one that is missing."""

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
        "digest": hashlib.sha256(topic.encode(errors="replace") + b"\0" + payload).hexdigest(),
        "received_at": at,
        "reason": _keepable(reason)[:2000],
        "topic": _keepable(topic)[:400],
        "device_id": device,
        "epoch": epoch,
        "seq": seq,
        "payload": payload[:PAYLOAD_BYTES_MAX],
    }
    fresh = insert_new(connection, quarantine, [row]) == 1
    if not fresh:
        mine = (quarantine.c.store_id == store, quarantine.c.digest == row["digest"])
        connection.execute(update(quarantine).where(*mine).values(times=quarantine.c.times + 1, last_at=at))
    elif store == UNREGISTERED:
        _drop_oldest_strangers(connection)
    return fresh


def _keepable(text: str) -> str:
    """`text` without what no text of a PostgreSQL database can hold."""
    return text.replace("\0", "\\0").encode(errors="replace").decode()


def take_for(connection: Connection, store: str, device: str, *, epoch: int, seq: int, since: datetime) -> bool:
    """Take a message of the device whose number nobody could read, and which it repeats since then, for that number.

    False where there is none. A device repeats its oldest event until it is acked, so what has come REPEATED times is
    no accident of the way.
    """
    of = quarantine.c
    repeated = (of.store_id == store, of.device_id == device, of.seq.is_(None), of.times >= REPEATED)
    query = select(of.digest).where(*repeated, of.last_at >= since).order_by(of.received_at).limit(1)
    digest = connection.execute(query).scalar()
    if digest is None:
        return False
    mine = (of.store_id == store, of.digest == digest)
    connection.execute(update(quarantine).where(*mine).values(epoch=epoch, seq=seq))
    return True


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
