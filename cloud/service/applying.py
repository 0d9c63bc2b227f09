"""What a committed event does to the visit it belongs to. Any order and any repetition lead to the same visit."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from cloud.adapters.database.inbox import InboxRow
from cloud.adapters.database.savepoint import savepoint
from cloud.adapters.database.visits import (
    Visit,
    VisitKey,
    change_visit,
    ensure_visits,
    keep_sayings,
    known_sayings,
    lock_visits,
)
from cloud.domain.cart import Saying
from cloud.domain.settlement import CLOSED
from cloud.logs import about
from cloud.observing.counting import APPLIED, INGEST_LAG
from cloud.observing.tracing import span
from cloud.service.entering import Visits, enter, leave
from cloud.service.erasing import forget_again
from cloud.service.noticing import notice
from cloud.service.poison import POISON
from protocol.events import Entered, Event, Exited, Faulted, Interaction, Recovered, event_from

log = logging.getLogger(__name__)

_Read = Sequence[tuple[InboxRow, Any]]
_OF_VISITS = (Entered, Interaction, Exited)


def apply_all(connection: Connection, rows: Sequence[InboxRow], now: datetime) -> list[tuple[InboxRow, Exception]]:
    """Let each of `rows` have its effect; those that can have none, with the reason.

    Entries, interactions and exits, nearly all that comes, are applied together. Where one of them is wrong nothing of
    that counts, and each is applied alone, so that the others are applied all the same.
    """
    failed: list[tuple[InboxRow, Exception]] = []
    read: list[tuple[InboxRow, Event]] = []
    for row in rows:
        try:
            event = event_from(row.type, row.data)
            assert row.visit is not None or not isinstance(event, Entered | Exited)
            read.append((row, event))
        except POISON as error:
            failed.append((row, error))
    # All at once and in order, so that two workers never wait for each other.
    named = [(row.store, row.visit) for row, event in read if row.visit is not None and isinstance(event, _OF_VISITS)]
    visits = ensure_visits(connection, named, now)
    for kind in _OF_VISITS:
        failed += _together(connection, [each for each in read if isinstance(each[1], kind)], visits, now)
    for row, event in read:
        if not isinstance(event, _OF_VISITS):
            failed += _together(connection, [(row, event)], visits, now)
    forget_again(connection, named, now)
    return failed


def _together(
    connection: Connection, some: _Read, visits: dict[VisitKey, Visit], now: datetime
) -> list[tuple[InboxRow, Exception]]:
    """Apply events of one kind; where that fails, each alone; those that failed alone. `visits` go with it."""
    if not some:
        return []
    try:
        with savepoint(connection):
            changed = _apply(connection, some, visits, now)
    except POISON as error:
        if len(some) == 1:
            return [(some[0][0], error)]
        log.warning("something is wrong with one of these: each is applied alone", extra={"events": len(some)})
        return [failed for each in some for failed in _together(connection, [each], visits, now)]
    visits.update(changed)
    return []


def _apply(connection: Connection, some: _Read, visits: Visits, now: datetime) -> Visits:
    """The visits that this changed, as they are then."""
    changed: Visits = {}
    match some[0][1]:
        case Entered():
            changed = enter(connection, some, visits, now)
        case Interaction():
            changed = _interact(connection, some, visits)
        case Exited():
            changed = leave(connection, some, visits)
    for row, event in some:
        ids = {"store": row.store, "event": row.event, "visit": row.visit}
        with about(**ids), span("apply", row.visit or row.event, **ids, type=row.type):
            notice(connection, row, event, now)
            part = {"part": event.part} if isinstance(event, Faulted | Recovered) else {}
            log.info("event applied", extra={"type": row.type, **part})
        INGEST_LAG.observe(max(0.0, (now - row.received_at).total_seconds()))
    for kind, times in Counter(row.type for row, _ in some).items():
        APPLIED.labels(kind).inc(times)
    return changed


def _interact(connection: Connection, rows: Sequence[tuple[InboxRow, Interaction]], visits: Visits) -> Visits:
    """Keep of each interaction what counts. The visits that `rows` name are among `visits`; those that are closed."""
    counting: dict[tuple[str, UUID], tuple[Saying, Interaction, InboxRow]] = {}
    for row, said in rows:
        saying = Saying(said.interaction, said.revision, row.event, row.visit, said.changes)
        other = counting.get((row.store, said.interaction))
        if other is None or other[0].rank < saying.rank:
            counting[row.store, said.interaction] = (saying, said, row)
    known = known_sayings(connection, counting)
    newer = {key: each for key, each in counting.items() if key not in known or known[key].rank < each[0].rank}
    keep_sayings(connection, [(key[0], saying, said, row.ts) for key, (saying, said, row) in newer.items()])
    late: Counter[VisitKey] = Counter()
    for key, (saying, _, _) in newer.items():
        whose = {saying.visit, known[key].visit if key in known else None}
        late.update((key[0], visit) for visit in whose if visit is not None)
    others = lock_visits(connection, [key for key in late if key not in visits])
    closed: dict[VisitKey, Visit] = {}
    for key in sorted(late):
        visit = others.get(key) or visits.get(key)
        if visit is not None and visit.state in CLOSED:
            closed[key] = replace(visit, late_events=visit.late_events + late[key])
            change_visit(connection, visit, late_events=closed[key].late_events)
            log.warning("said too late for the cart", extra={"visit": str(visit.visit)})
    return closed
