"""Clips of doubtful interactions: fetched when a person has to decide, opened for a reviewer, erased with the visit.

The store keeps its clips; the cloud knows them by their hashes and asks for those of a visit with reviews. What is
erased is gone here at once, and in the store as soon as it hears of it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from cloud.adapters.database.commands import ask, note_answered
from cloud.adapters.database.engine import Database
from cloud.adapters.database.evidence import clips_of, expired_clips, find_clip, keep_clip, note_gone
from cloud.adapters.evidence_seal import EvidenceSeal
from protocol.commands import ERASE_MAX, EraseEvidence, FetchClip
from protocol.evidence import ClipSent
from protocol.ids import uuid7

FETCH_WITHIN, ERASE_WITHIN = timedelta(days=3), timedelta(days=30)
"""A review lapses by then; a store that was away so long has let its clips expire itself."""
EXPIRED_AT_A_TIME = 100


def fetch_clips(connection: Connection, store: str, visit: UUID, *, by: str, now: datetime) -> None:
    """Ask the store for the clips of a visit that somebody will have to decide about."""
    for clip in clips_of(connection, store, visit):
        if clip.kept_at is None and clip.gone_at is None:
            command = _fetching(store, clip.sha256, clip.noted_at)
            order = FetchClip(sha256=clip.sha256)
            ask(connection, store, clip.device_id, command, order, by=by, now=now, within=FETCH_WITHIN)


def take_in(connection: Connection, store: str, sent: ClipSent, seal: EvidenceSeal, now: datetime) -> bool:
    """Keep a clip that the store sent, sealed; False where none of its events named it, or it is gone."""
    sealed = seal.seal(store, sent.sha256, sent.clip)
    if not keep_clip(connection, store, sent.device, sent.sha256, sealed=sealed, now=now):
        return False
    clip = find_clip(connection, store, sent.sha256)
    note_answered(connection, store, _fetching(store, sent.sha256, clip.noted_at), done=True, reason=None, now=now)
    return True


def erase_clips(connection: Connection, store: str, visits: Sequence[UUID], *, by: str, now: datetime) -> list[str]:
    """Erase every clip of `visits`, here now and in the store when it hears of it; their hashes."""
    erased: list[str] = []
    devices: dict[str, list[UUID]] = {}
    for visit in visits:
        for clip in clips_of(connection, store, visit):
            note_gone(connection, store, clip.sha256, f"erased by {by}", now)
            erased.append(clip.sha256)
            of_device = devices.setdefault(clip.device_id, [])
            if visit not in of_device:
                of_device.append(visit)
    for device, theirs in sorted(devices.items()):
        for begin in range(0, len(theirs), ERASE_MAX):
            part = tuple(theirs[begin : begin + ERASE_MAX])
            command = uuid7(now, store, device, "erase_evidence", *map(str, part))
            ask(connection, store, device, command, EraseEvidence(visits=part), by=by, now=now, within=ERASE_WITHIN)
    return erased


def expire_clips(database: Database, now: datetime) -> bool:
    """Let go of what is too old; whether there was anything."""
    with database.read() as connection:
        expired = expired_clips(connection, now, EXPIRED_AT_A_TIME)
    if expired:
        with database.write() as connection:
            for store, sha256 in expired:
                note_gone(connection, store, sha256, "expired", now)
    return bool(expired)


def _fetching(store: str, sha256: str, noted_at: datetime) -> UUID:
    return uuid7(noted_at, store, sha256, "fetch_clip")
