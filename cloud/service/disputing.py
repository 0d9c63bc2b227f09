"""A shopper's complaint about a receipt, and what is decided about it."""

from datetime import datetime

from sqlalchemy import Connection

from cloud.adapters.database.erasing import is_forgotten
from cloud.adapters.database.refunds import Dispute, change_dispute, keep_dispute, open_dispute_of
from cloud.adapters.database.visits import Visit
from cloud.domain.errors import CloudError
from cloud.domain.refund import RefundError, refund_of
from cloud.domain.review import DisputeState
from cloud.domain.settlement import State
from cloud.service.refunding import Ask, ask_refund
from cloud.service.revising import current_lines


class DisputeError(CloudError):
    """A dispute that cannot be opened or decided so."""


def open_dispute(connection: Connection, visit: Visit, dispute: Dispute) -> None:
    """Keep a dispute that fits the latest receipt; a visit has one open dispute at a time."""
    if visit.state is not State.SETTLED:
        raise DisputeError(f"visit {visit.visit} is {visit.state}: only a receipt can be disputed")
    if is_forgotten(connection, visit.store, visit.visit):
        raise DisputeError(f"visit {visit.visit} was erased: nobody can say any more what was taken")
    known = open_dispute_of(connection, visit.store, visit.visit)
    if known is not None:
        raise DisputeError(f"dispute {known} about this visit is open: it is decided first")
    try:
        refund_of(current_lines(connection, visit), dispute.wishes, {})
    except RefundError as error:
        raise DisputeError(str(error)) from error
    keep_dispute(connection, dispute)


def uphold(
    connection: Connection,
    visit: Visit,
    dispute: Dispute,
    state: DisputeState,
    *,
    by: str,
    note: str | None,
    now: datetime,
) -> None:
    """The shopper is right, or nobody looked in time: what was disputed is given back, as far as it still can be."""
    _require_open(dispute)
    ask = Ask(f"dispute/{dispute.dispute}", dispute.wishes, "dispute", by, dispute.note, dispute.dispute)
    try:
        ask_refund(connection, visit, ask, now)
    except RefundError as error:
        if state is not DisputeState.LAPSED:
            raise
        note = f"nothing was given back: {error}"[:200]
    change_dispute(connection, dispute, state=state, decided_by=by, decided_at=now, decision_note=note)


def reject(connection: Connection, dispute: Dispute, by: str, note: str | None, now: datetime) -> None:
    """The receipt is right."""
    _require_open(dispute)
    values = {"state": DisputeState.REJECTED, "decided_by": by, "decided_at": now, "decision_note": note}
    change_dispute(connection, dispute, **values)


def _require_open(dispute: Dispute) -> None:
    if dispute.state is not DisputeState.OPEN:
        raise DisputeError(f"dispute {dispute.dispute} is {dispute.state} already")
