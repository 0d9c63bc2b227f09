"""Making a new revision of a visit's lines: lines, ledger entry and receipt, in one transaction or not at all."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from cloud.adapters.database.ledger import write_entry
from cloud.adapters.database.receipts import issue_receipt, latest_revision, lines_of, write_lines
from cloud.adapters.database.visits import Visit
from cloud.domain.ledger import Entry, Gross
from cloud.domain.receipt import Cause, SettledLine, gross_of

FIRST_REVISION = 1

Booking = Callable[[Gross, Gross], Entry | None]
"""The ledger entry for what was sold before and after; None where no money is concerned."""


def current_lines(connection: Connection, visit: Visit) -> tuple[SettledLine, ...]:
    """The lines of the latest receipt."""
    return lines_of(connection, visit.store, visit.visit, latest_revision(connection, visit.store, visit.visit))


def revise(
    connection: Connection,
    visit: Visit,
    lines: Sequence[SettledLine],
    cause: Cause,
    book: Booking,
    *,
    currency: str,
    now: datetime,
) -> int:
    """Make `lines` the visit's latest revision and book the difference. The visit's charges are already as they are.

    The first revision's lines were written when they were decided; nothing of them was sold before.
    """
    assert visit.account is not None
    last = latest_revision(connection, visit.store, visit.visit)
    before = gross_of(lines_of(connection, visit.store, visit.visit, last)) if last else {}
    revision = last + 1
    if revision > FIRST_REVISION:
        write_lines(connection, visit.store, visit.visit, revision, lines)
    entry = book(before, gross_of(lines))
    if entry is not None:
        occurred_at = visit.leaving.ts if visit.leaving and revision == FIRST_REVISION else now
        write_entry(connection, visit.store, entry, visit=visit.visit, occurred_at=occurred_at, now=now)
    issue_receipt(
        connection,
        visit.store,
        visit.visit,
        revision,
        lines,
        account=visit.account,
        currency=currency,
        cause=cause,
        now=now,
    )
    return revision
