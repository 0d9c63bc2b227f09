"""Clearing applied events out of the inbox.

What an event did stands in its visit. The inbox keeps it a while for whoever wants to know what a device said; a device
that said it again after that would change nothing, as visits know the revisions that count.
"""

from datetime import datetime, timedelta

from cloud.adapters.database.engine import Database
from cloud.adapters.database.inbox import drop_applied
from cloud.adapters.database.progress import outboxes

INBOX_KEPT = timedelta(days=30)
AT_A_TIME = 1_000


def clear_inbox(database: Database, now: datetime) -> bool:
    """Drop up to AT_A_TIME events of each outbox; whether any was dropped."""
    dropped = 0
    with database.read() as connection:
        known = outboxes(connection)
    for store, device, epoch in known:
        with database.write() as connection:
            dropped += drop_applied(connection, store, device, epoch, before=now - INBOX_KEPT, limit=AT_A_TIME)
    return dropped > 0
