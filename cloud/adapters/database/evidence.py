"""Clips of interactions: which there are, and those that were fetched, sealed. What is gone stays named as gone."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from cloud.adapters.database.among import among
from cloud.adapters.database.by_store import by_store
from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import evidence
from protocol.events import Clip


def note_clips(
    connection: Connection,
    store: str,
    device: str,
    clips: Iterable[Clip],
    *,
    interaction: UUID,
    visit: UUID | None,
    now: datetime,
    expires_at: datetime,
) -> None:
    """An interaction of `visit` (whose it is may change while it is said anew) has these clips."""
    for clip in clips:
        row = {
            "store_id": store,
            "sha256": clip.sha256,
            "device_id": device,
            "visit_id": visit,
            "interaction_id": interaction,
            "camera": clip.camera,
            "size_bytes": clip.size_bytes,
            "noted_at": now,
            "expires_at": expires_at,
        }
        insert_new(connection, evidence, [row])
    mine = (evidence.c.store_id == store, evidence.c.interaction_id == interaction)
    connection.execute(update(evidence).where(*mine).values(visit_id=visit))


# It is said for every batch: to make it takes longer than it does.
_WITH_CLIPS = (
    select(evidence.c.visit_id)
    .distinct()
    .where(evidence.c.store_id == bindparam("store"), among(evidence.c.visit_id, "those"))
)


def visits_with_clips(connection: Connection, keys: Iterable[tuple[str, UUID]]) -> list[tuple[str, UUID]]:
    """Those of the (store, visit) that have clips."""
    found: list[tuple[str, UUID]] = []
    for store, mine in by_store(keys):
        those = {"store": store, "those": mine}
        found += [(store, visit) for visit in sorted(connection.execute(_WITH_CLIPS, those).scalars())]
    return found


def clips_of(connection: Connection, store: str, visit: UUID) -> Sequence[Any]:
    """Every clip of a visit, without the clips themselves."""
    columns = [column for column in evidence.c if column.name != "sealed"]
    mine = (evidence.c.store_id == store, evidence.c.visit_id == visit)
    return connection.execute(select(*columns).where(*mine).order_by(evidence.c.noted_at, evidence.c.sha256)).all()


def find_clip(connection: Connection, store: str, sha256: str) -> Any:
    """The clip, with its sealed bytes where they are here; None where no event named it."""
    mine = (evidence.c.store_id == store, evidence.c.sha256 == sha256)
    return connection.execute(select(evidence).where(*mine)).first()


def keep_clip(connection: Connection, store: str, device: str, sha256: str, *, sealed: bytes, now: datetime) -> bool:
    """Keep the bytes of a clip that an event of the device named and that is not gone; whether they were kept."""
    mine = (
        evidence.c.store_id == store,
        evidence.c.sha256 == sha256,
        evidence.c.device_id == device,
        evidence.c.gone_at.is_(None),
        evidence.c.expires_at > now,
    )
    return bool(connection.execute(update(evidence).where(*mine).values(sealed=sealed, kept_at=now)).rowcount)


def note_gone(connection: Connection, store: str, sha256: str, why: str, now: datetime) -> None:
    """There is no such clip any more, here or in the store."""
    mine = (evidence.c.store_id == store, evidence.c.sha256 == sha256, evidence.c.gone_at.is_(None))
    connection.execute(update(evidence).where(*mine).values(sealed=None, gone_at=now, gone_because=why[:200]))


def expired_clips(connection: Connection, now: datetime, limit: int) -> Sequence[Any]:
    """Clips whose time is over and that are not gone yet."""
    query = select(evidence.c.store_id, evidence.c.sha256).where(evidence.c.gone_at.is_(None))
    return connection.execute(query.where(evidence.c.expires_at <= now).limit(limit)).all()
