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
    """Drop up to AT_A_TIME events in one transaction, however many outboxes there have ever been; whether any was."""
    dropped = 0
    with database.write() as connection:
        for store, device, epoch in outboxes(connection):
            if dropped >= AT_A_TIME:
                break
            left = AT_A_TIME - dropped
            dropped += drop_applied(connection, store, device, epoch, before=now - INBOX_KEPT, limit=left)
    return dropped > 0
