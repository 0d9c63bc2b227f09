"""Freeing holds that nothing needs any more."""

from datetime import datetime

from sqlalchemy import Connection

from cloud.adapters.database.payments import find_hold, intend
from cloud.adapters.database.visits import Visit


def release_hold(connection: Connection, visit: Visit, number: int, now: datetime) -> None:
    """Commit to freeing a hold that the gateway confirmed."""
    held = find_hold(connection, visit.store, visit.visit, number)
    assert held is not None
    assert visit.account is not None
    intend(
        connection,
        visit.store,
        visit.visit,
        "release",
        number,
        account=visit.account,
        amount=held.amount,
        gateway=held.gateway,
        subject=held.reference,
        now=now,
    )
