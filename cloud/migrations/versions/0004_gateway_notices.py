"""Webhooks of gateways, each once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "gateway_notices",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("gateway", sa.String(length=16), nullable=False),
        sa.Column("notice_id", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "gateway", "notice_id", name=op.f("pk_gateway_notices")),
    )
    waiting = sa.text("heeded_at IS NULL")
    op.create_index(
        "ix_gateway_notices_waiting",
        "gateway_notices",
        ["received_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
