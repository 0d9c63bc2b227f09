"""Telling a lane that waits whether the money is held.

The lane's entry says that it waits; the command is prepared with it and is said when the gateway has answered. What
comes later than `ANSWER_WITHIN` nobody waits for any more: the edge has ended the visit by then, or let the shopper in
by its own rule, and says so by events like any other.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection

from cloud.adapters.database.commands import answer_prepared, prepare, prepared_among
from cloud.adapters.database.visits import Visit
from protocol.commands import Admit
from protocol.ids import uuid7

ANSWER_WITHIN = timedelta(seconds=60)
WHO = "settlement"


def await_answer(connection: Connection, visit: Visit, device: str, entered_at: datetime, now: datetime) -> None:
    """`device` has a lane that waits for the hold of `visit`."""
    prepare(
        connection,
        visit.store,
        device,
        _command(visit, entered_at),
        "admit",
        by=WHO,
        now=now,
        within=ANSWER_WITHIN,
    )


def answer_lane(
    connection: Connection, visit: Visit, entered_at: datetime | None, *, refused: str | None, now: datetime
) -> None:
    """The hold stands, or was `refused` for a reason; nothing where no lane waits."""
    if entered_at is not None:
        order = Admit(visit=visit.visit, held=refused is None, reason=refused and refused[:200])
        answer_prepared(connection, visit.store, _command(visit, entered_at), order, now)


def answer_lanes(
    connection: Connection, answers: Sequence[tuple[Visit, datetime | None, str | None]], now: datetime
) -> None:
    """`answer_lane` for many visits, with when each was entered and why it was refused; few of them have lanes."""
    named = {_command(visit, at): (visit, at, refused) for visit, at, refused in answers if at is not None}
    by_store = sorted(named, key=lambda command: named[command][0].store)
    for store, mine in groupby(by_store, key=lambda command: named[command][0].store):
        for command in sorted(prepared_among(connection, store, mine)):
            visit, at, refused = named[command]
            answer_lane(connection, visit, at, refused=refused, now=now)


def _command(visit: Visit, entered_at: datetime) -> UUID:
    return uuid7(entered_at, visit.store, str(visit.visit), "admit")
