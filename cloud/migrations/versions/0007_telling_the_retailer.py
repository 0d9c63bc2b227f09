"""Webhooks to the retailer: where to, and what is on its way."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    moment, text = sa.DateTime(timezone=True), sa.String
    op.create_table(
        "hooks",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("hook_id", text(length=63), nullable=False),
        sa.Column("url", text(length=1000), nullable=False),
        sa.Column("secret", text(length=100), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "hook_id", name=op.f("pk_hooks")),
    )
    op.create_table(
        "hook_deliveries",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("hook_id", text(length=63), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("kind", text(length=32), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", text(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("answer", text(length=200), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "hook_id", "delivery_id", name=op.f("pk_hook_deliveries")),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_hook_deliveries_due", "hook_deliveries", ["due_at"], sqlite_where=due, postgresql_where=due)
