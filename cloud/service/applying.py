"""What a committed event does to the visit it belongs to. Any order and any repetition lead to the same visit."""

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from cloud.adapters.database.charges import debts_of, method_of
from cloud.adapters.database.inbox import InboxRow
from cloud.adapters.database.payments import intend
from cloud.adapters.database.shop import account_of, load_terms
from cloud.adapters.database.visits import (
    Visit,
    change_visit,
    ensure_visit,
    find_saying,
    find_visit,
    keep_saying,
)
from cloud.domain.cart import Saying
from cloud.domain.settlement import CLOSED, Happening, State, after
from cloud.logs import about
from cloud.observing.counting import APPLIED, INGEST_LAG
from cloud.observing.tracing import span
from cloud.service.admitting import answer_lane, await_answer
from cloud.service.noticing import notice
from protocol.events import Entered, Exited, Faulted, Interaction, Recovered, event_from

log = logging.getLogger(__name__)


def apply(connection: Connection, row: InboxRow, now: datetime) -> None:
    """Let `row` have its effect. Raises an error of ours where it can have none."""
    ids = {"store": row.store, "event": row.event, "visit": row.visit}
    with about(**ids), span("apply", row.visit or row.event, **ids, type=row.type):
        _apply(connection, row, now)
    APPLIED.labels(row.type).inc()
    INGEST_LAG.observe(max(0.0, (now - row.received_at).total_seconds()))


def _apply(connection: Connection, row: InboxRow, now: datetime) -> None:
    event = event_from(row.type, row.data)
    context = {"type": row.type}
    match event:
        case Entered():
            assert row.visit is not None
            _enter(connection, ensure_visit(connection, row.store, row.visit, now), row, event, now)
        case Exited():
            assert row.visit is not None
            _leave(connection, ensure_visit(connection, row.store, row.visit, now), row)
        case Interaction():
            _interact(connection, row, event, now)
        case Faulted() | Recovered():
            context["part"] = event.part
    notice(connection, row, event, now)
    log.info("event applied", extra=context)


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


def _interact(connection: Connection, row: InboxRow, said: Interaction, now: datetime) -> None:
    saying = Saying(said.interaction, said.revision, row.event, row.visit, said.changes)
    # Locked first, so that no worker decides the visit's cart while it changes.
    if row.visit is not None:
        ensure_visit(connection, row.store, row.visit, now)
    known = find_saying(connection, row.store, said.interaction)
    if known is not None and saying.rank <= known.rank:
        return
    keep_saying(connection, row.store, saying, said, row.ts)
    owners: set[UUID] = {visit for visit in (row.visit, known.visit if known else None) if visit is not None}
    for owner in sorted(owners):
        visit = find_visit(connection, row.store, owner, lock=True)
        if visit is not None and visit.state in CLOSED:
            change_visit(connection, visit, late_events=visit.late_events + 1)
            log.warning("said too late for the cart", extra={"visit": str(owner)})
