"""Late events that receipts are held against, messages without a number, and the order in which the inbox is taken.

Late events of before are taken for heeded: their visits were settled by the rule that nothing late changes a receipt.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WAITING = sa.text("processed_at IS NULL")
_UNNUMBERED = sa.text("seq IS NULL")
_LATE = sa.text("late_events > late_heeded AND state = 'settled'")


def upgrade() -> None:
    """Add the columns and indices."""
    op.drop_index("ix_inbox_waiting", "inbox")
    order = ["received_at", "store_id", "device_id", "epoch", "seq"]
    _index("ix_inbox_waiting", "inbox", order, _WAITING)
    _index("ix_inbox_waiting_of_device", "inbox", order[1:], _WAITING)
    op.add_column("quarantine", sa.Column("times", sa.Integer(), server_default="1", nullable=False))
    op.add_column("quarantine", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
    _index("ix_quarantine_unnumbered", "quarantine", ["store_id", "device_id"], _UNNUMBERED)
    op.create_index("ix_quarantine_received_at", "quarantine", ["received_at"])
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])
    _index("ix_hook_deliveries_over", "hook_deliveries", ["created_at"], sa.text("due_at IS NULL"))
    op.add_column("visits", sa.Column("late_heeded", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE visits SET late_heeded = late_events WHERE late_events > 0")
    _index("ix_visits_late", "visits", ["store_id", "visit_id"], _LATE)


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
