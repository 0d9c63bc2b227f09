"""What a committed event does to the visit it belongs to. Any order and any repetition lead to the same visit."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from cloud.adapters.database.charges import debts_of, method_of
from cloud.adapters.database.inbox import InboxRow
from cloud.adapters.database.payments import intend
from cloud.adapters.database.savepoint import savepoint
from cloud.adapters.database.shop import account_of, load_terms
from cloud.adapters.database.visits import (
    Visit,
    VisitKey,
    change_visit,
    ensure_visit,
    ensure_visits,
    keep_sayings,
    known_sayings,
    lock_visits,
)
from cloud.domain.cart import Saying
from cloud.domain.settlement import CLOSED, Happening, State, after
from cloud.logs import about
from cloud.observing.counting import APPLIED, INGEST_LAG
from cloud.observing.tracing import span
from cloud.service.admitting import answer_lane, await_answer
from cloud.service.noticing import notice
from cloud.service.poison import POISON
from protocol.events import Entered, Event, Exited, Faulted, Interaction, Recovered, event_from

log = logging.getLogger(__name__)


_OF_VISITS = (Entered, Exited, Interaction)


def apply_all(connection: Connection, rows: Sequence[InboxRow], now: datetime) -> list[tuple[InboxRow, Exception]]:
    """Let each of `rows` have its effect; those that can have none, with the reason.

    Interactions, most of what comes, are applied together. Where one of them is wrong nothing of that counts, and each
    is applied alone, so that the others are applied all the same.
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
    ensure_visits(connection, named, now)
    said = [(row, event) for row, event in read if isinstance(event, Interaction)]
    if len(said) > 1:
        try:
            with savepoint(connection):
                _interact(connection, said, now)
            read = [each for each in read if not isinstance(each[1], Interaction)]
        except POISON:
            log.warning("something is wrong with one of these: each is applied alone", extra={"events": len(said)})
    for row, event in read:
        try:
            with savepoint(connection):
                _apply(connection, row, event, now)
        except POISON as error:
            failed.append((row, error))
    return failed


def _apply(connection: Connection, row: InboxRow, event: Event, now: datetime) -> None:
    if isinstance(event, Interaction):
        _interact(connection, [(row, event)], now)
        return
    with _applied(row, now, part=event.part if isinstance(event, Faulted | Recovered) else None):
        match event:
            case Entered():
                assert row.visit is not None
                _enter(connection, ensure_visit(connection, row.store, row.visit, now), row, event, now)
            case Exited():
                assert row.visit is not None
                _leave(connection, ensure_visit(connection, row.store, row.visit, now), row)
        notice(connection, row, event, now)


@contextmanager
def _applied(row: InboxRow, now: datetime, **context: str | None) -> Iterator[None]:
    ids = {"store": row.store, "event": row.event, "visit": row.visit}
    with about(**ids), span("apply", row.visit or row.event, **ids, type=row.type):
        yield
        log.info("event applied", extra={"type": row.type, **{key: said for key, said in context.items() if said}})
    APPLIED.labels(row.type).inc()
    INGEST_LAG.observe(max(0.0, (now - row.received_at).total_seconds()))


STAFF, UNKNOWN_TOKEN, DEBT = "staff", "unknown_token", "debt"
"""Why no money is held, and so nothing ever charged."""


def _enter(connection: Connection, visit: Visit, row: InboxRow, said: Entered, now: datetime) -> None:
    if visit.state is not State.AWAITED:
        return
    state = after(visit.state, Happening.ENTERED)
    if said.waits:
        await_answer(connection, visit, row.device, row.ts, now)
    # Whoever works here is not charged, though an account of theirs may know the token.
    account = None if said.staff else account_of(connection, visit.store, said.token)
    if account is None:
        state = after(state, Happening.HOLD_REFUSED)
        why = STAFF if said.staff else UNKNOWN_TOKEN
        change_visit(connection, visit, state=state, entered_at=row.ts, refused_reason=why)
        answer_lane(connection, visit, row.ts, refused=why, now=now)
        return
    change_visit(connection, visit, state=state, entered_at=row.ts, account_id=account)
    if debts_of(connection, visit.store, account, limit=1):
        state = after(state, Happening.HOLD_REFUSED)
        change_visit(connection, visit, state=state, refused_reason=DEBT)
        answer_lane(connection, visit, row.ts, refused=DEBT, now=now)
        return
    method = method_of(connection, visit.store, account)
    intend(
        connection,
        visit.store,
        visit.visit,
        "hold",
        visit.hold_number,
        account=account,
        amount=load_terms(connection, visit.store).hold,
        gateway=method.gateway,
        subject=method.payer,
        now=now,
    )


def _leave(connection: Connection, visit: Visit, row: InboxRow) -> None:
    if visit.leaving is not None:
        return
    change_visit(
        connection,
        visit,
        state=after(visit.state, Happening.EXITED),
        exited_at=row.ts,
        exit_device=row.device,
        exit_epoch=row.epoch,
        exit_seq=row.seq,
        exit_received_at=row.received_at,
    )


def _interact(connection: Connection, rows: Sequence[tuple[InboxRow, Interaction]], now: datetime) -> None:
    """Keep of each interaction what counts. The visits that `rows` name are locked already."""
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
    for visit in lock_visits(connection, late).values():
        if visit.state in CLOSED:
            change_visit(connection, visit, late_events=visit.late_events + late[visit.store, visit.visit])
            log.warning("said too late for the cart", extra={"visit": str(visit.visit)})
    for row, said in rows:
        with _applied(row, now):
            if said.evidence:
                notice(connection, row, said, now)
