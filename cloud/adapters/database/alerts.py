"""What the operator is told of a store: what lasts until it ends, and what happened and is over.

Of one subject (a device, a lane, a person) one alert of a kind lasts at a time. What happens again within `TOGETHER`
is counted and not told anew. Ended alerts go after `KEPT`, so the table grows with what is wrong and not with time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import alerts

AlertKind = Literal["fault", "refused", "followed_in", "crowded", "not_trading"]

TOGETHER = timedelta(minutes=10)
KEPT = timedelta(days=90)
SWEPT_MAX = 100
"""Old ones that a new one takes away with it: more than come, so that a pile shrinks."""


@dataclass(frozen=True, slots=True)
class News:
    """What an event tells of `subject`; `event` is its id."""

    store: str
    kind: AlertKind
    subject: str
    device: str
    text: str
    at: datetime
    event: UUID
    times: int = 1


def begin(connection: Connection, news: News, now: datetime) -> None:
    """Something is wrong from now on, until `end`. Said again, it is counted."""
    latest = _latest(connection, news.store, news.kind, news.subject)
    if latest is not None and latest.until is None:
        _count(connection, latest, news)
    elif latest is None or latest.until <= news.at:
        _add(connection, news, None, now)
    # Otherwise it came late: it has ended since.


def end(connection: Connection, news: News) -> None:
    """What was wrong with the subject is so no more; nothing where nothing was."""
    latest = _latest(connection, news.store, news.kind, news.subject)
    if latest is not None and latest.until is None and latest.since <= news.at:
        connection.execute(update(alerts).where(*_mine(latest)).values(until=news.at))


def happened(connection: Connection, news: News, now: datetime) -> None:
    """Something happened that is over already."""
    latest = _latest(connection, news.store, news.kind, news.subject)
    if latest is not None and abs(news.at - latest.last_at) <= TOGETHER:
        _count(connection, latest, news)
    else:
        _add(connection, news, news.at, now)


def mark_seen(connection: Connection, store: str, alert: UUID, by: str, now: datetime) -> bool:
    """Somebody has seen it; False where there is no such alert. Who saw it first stays."""
    mine = (alerts.c.store_id == store, alerts.c.alert_id == alert)
    if connection.execute(select(alerts.c.alert_id).where(*mine)).first() is None:
        return False
    connection.execute(update(alerts).where(*mine, alerts.c.seen_at.is_(None)).values(seen_by=by, seen_at=now))
    return True


def alerts_of(
    connection: Connection, store: str, *, lasting: bool | None, before: UUID | None, limit: int
) -> Sequence[Any]:
    """The store's alerts, the newest first: those that last, those that are over, or (None) all of them."""
    query = select(alerts).where(alerts.c.store_id == store)
    if lasting is not None:
        query = query.where(alerts.c.until.is_(None) if lasting else alerts.c.until.is_not(None))
    if before is not None:
        query = query.where(alerts.c.alert_id < before)
    return connection.execute(query.order_by(alerts.c.alert_id.desc()).limit(limit)).all()


def _latest(connection: Connection, store: str, kind: str, subject: str) -> Any:
    mine = (alerts.c.store_id == store, alerts.c.kind == kind, alerts.c.subject == subject)
    return connection.execute(select(alerts).where(*mine).order_by(alerts.c.last_at.desc()).limit(1)).first()


def _mine(row: Any) -> tuple[Any, Any]:
    return alerts.c.store_id == row.store_id, alerts.c.alert_id == row.alert_id


def _count(connection: Connection, row: Any, news: News) -> None:
    values: dict[str, Any] = {"times": row.times + news.times, "text": news.text}
    if news.at > row.last_at:
        values["last_at"] = news.at
        if row.until is not None:
            values["until"] = news.at
    connection.execute(update(alerts).where(*_mine(row)).values(**values))


def _add(connection: Connection, news: News, until: datetime | None, now: datetime) -> None:
    row = {
        "store_id": news.store,
        "alert_id": news.event,
        "kind": news.kind,
        "subject": news.subject,
        "device_id": news.device,
        "text": news.text[:2000],
        "times": news.times,
        "since": news.at,
        "last_at": news.at,
        "noted_at": now,
        "until": until,
    }
    insert_new(connection, alerts, [row])
    ended = (alerts.c.store_id == news.store, alerts.c.noted_at < now - KEPT, alerts.c.until.is_not(None))
    old = select(alerts.c.alert_id).where(*ended).limit(SWEPT_MAX)
    connection.execute(delete(alerts).where(*ended, alerts.c.alert_id.in_(old)))
