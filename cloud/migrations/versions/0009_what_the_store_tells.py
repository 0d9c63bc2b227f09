"""What the operator is told, what stores are asked to do, whether they trade, and clips of doubtful interactions."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    moment, text = sa.DateTime(timezone=True), sa.String
    op.create_table(
        "alerts",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("kind", text(length=32), nullable=False),
        sa.Column("subject", text(length=200), nullable=False),
        sa.Column("device_id", text(length=63), nullable=False),
        sa.Column("text", text(length=2000), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.Column("noted_at", moment, nullable=False),
        sa.Column("until", moment, nullable=True),
        sa.Column("seen_by", text(length=200), nullable=True),
        sa.Column("seen_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("store_id", "alert_id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_subject", "alerts", ["store_id", "kind", "subject", "last_at"])
    op.create_index("ix_alerts_noted", "alerts", ["store_id", "noted_at"])
    op.create_table(
        "trading",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("device_id", text(length=63), nullable=False),
        sa.Column("mode", text(length=16), nullable=False),
        sa.Column("wants_up", sa.Boolean(), nullable=False),
        sa.Column("in_the_way", sa.JSON(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "device_id", name=op.f("pk_trading")),
    )
    op.create_table(
        "commands",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", text(length=63), nullable=False),
        sa.Column("type", text(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("by", text(length=200), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("done", sa.Boolean(), nullable=True),
        sa.Column("reason", text(length=2000), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "command_id", name=op.f("pk_commands")),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_commands_due", "commands", ["due_at"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "evidence",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("sha256", text(length=64), nullable=False),
        sa.Column("device_id", text(length=63), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("camera", text(length=63), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("noted_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("kept_at", moment, nullable=True),
        sa.Column("gone_at", moment, nullable=True),
        sa.Column("gone_because", text(length=200), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "sha256", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_visit", "evidence", ["store_id", "visit_id"])
    op.create_index("ix_evidence_interaction", "evidence", ["store_id", "interaction_id"])
    there = sa.text("gone_at IS NULL")
    op.create_index("ix_evidence_expires", "evidence", ["expires_at"], sqlite_where=there, postgresql_where=there)
