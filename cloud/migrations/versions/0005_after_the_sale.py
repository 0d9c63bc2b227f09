"""Refunds, disputes and reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; lines that wait since before get a review that lapses three days from their settlement."""
    moment, whole, number = sa.DateTime(timezone=True), sa.BigInteger(), sa.Integer()
    op.create_table(
        "refunds",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("charge_number", number, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("resolved_at", moment, nullable=True),
        sa.Column("declined", sa.String(length=64), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount")),
        sa.PrimaryKeyConstraint("store_id", "refund_id", name=op.f("pk_refunds")),
    )
    op.create_index(op.f("ix_refunds_store_id_visit_id"), "refunds", ["store_id", "visit_id"])
    op.create_table(
        "refund_parts",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("position", number, nullable=False),
        sa.Column("qty", number, nullable=False),
        sa.Column("amount_minor", whole, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "refund_id", "position", name=op.f("pk_refund_parts")),
    )
    op.create_table(
        "disputes",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("lapses_at", moment, nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("decision_note", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "dispute_id", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_store_id_visit_id"), "disputes", ["store_id", "visit_id"])
    op.create_table(
        "reviews",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("position", number, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("lapses_at", moment, nullable=False),
        sa.Column("claimed_by", sa.String(length=200), nullable=True),
        sa.Column("claimed_until", moment, nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("charge_number", number, nullable=True),
        sa.Column("decided", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "visit_id", "position", name=op.f("pk_reviews")),
    )
    for name, table, where in (
        ("ix_disputes_open", "disputes", "state = 'open'"),
        ("ix_reviews_waiting", "reviews", "state IN ('open', 'claimed')"),
    ):
        condition = sa.text(where)
        op.create_index(name, table, ["lapses_at"], sqlite_where=condition, postgresql_where=condition)
    later = "datetime(s.decided_at, '+3 days')"
    if op.get_bind().dialect.name == "postgresql":
        later = "s.decided_at + interval '3 days'"
    op.execute(
        "INSERT INTO reviews (store_id, visit_id, position, state, opened_at, lapses_at) "  # noqa: S608 - no input
        f"SELECT l.store_id, l.visit_id, l.position, 'open', s.decided_at, {later} FROM settlement_lines l "
        "JOIN settlements s ON s.store_id = l.store_id AND s.visit_id = l.visit_id "
        "WHERE l.revision = 1 AND l.decision = 'review'"
    )
