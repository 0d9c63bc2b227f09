"""Webhooks of gateways as they are kept: each once, and which of them still wait to be heeded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import gateway_notices
from cloud.domain.money import Money
from cloud.domain.notice import Notice, NoticeKind


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice, the gateway that gave it, and when it came."""

    gateway: str
    notice: Notice
    received_at: datetime


def keep_notice(connection: Connection, gateway: str, notice: Notice, now: datetime) -> bool:
    """Keep a notice; False where it is known. One that asks for nothing is kept as heeded."""
    row = {
        "store_id": notice.store,
        "gateway": gateway,
        "notice_id": notice.id,
        "kind": notice.kind,
        "key": notice.key,
        "reference": notice.reference,
        "amount_minor": notice.amount.minor,
        "currency": notice.amount.currency,
        "occurred_at": notice.occurred_at,
        "received_at": now,
        "heeded_at": now if notice.kind is NoticeKind.OTHER else None,
    }
    return insert_new(connection, gateway_notices, [row]) == 1


def waiting_notices(connection: Connection, limit: int) -> Sequence[KeptNotice]:
    """Notices that wait, the oldest first."""
    query = select(gateway_notices).where(gateway_notices.c.heeded_at.is_(None))
    rows = connection.execute(query.order_by(gateway_notices.c.received_at, gateway_notices.c.notice_id).limit(limit))
    return [_kept(row) for row in rows]


def heeded(connection: Connection, kept: KeptNotice, now: datetime, failed: str | None = None) -> bool:
    """Take the notice off the waiting ones, with the reason where nothing could be done; False where it was off."""
    mine = (
        gateway_notices.c.store_id == kept.notice.store,
        gateway_notices.c.gateway == kept.gateway,
        gateway_notices.c.notice_id == kept.notice.id,
        gateway_notices.c.heeded_at.is_(None),
    )
    statement = update(gateway_notices).where(*mine).values(heeded_at=now, failed=failed)
    return bool(connection.execute(statement).rowcount)


def _kept(row: Any) -> KeptNotice:
    notice = Notice(
        row.notice_id,
        row.store_id,
        NoticeKind(row.kind),
        row.key,
        row.reference,
        Money(row.amount_minor, row.currency),
        row.occurred_at,
    )
    return KeptNotice(row.gateway, notice, row.received_at)
