"""Tax rates, promotions, members, and what of both a settled line had."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; what was settled before had neither tax nor promotion."""
    op.create_table(
        "tax_rates",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rate_bps", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rate_bps >= 0 AND rate_bps <= 10000", name=op.f("ck_tax_rates_rate")),
        sa.PrimaryKeyConstraint("store_id", "category", "valid_from", name=op.f("pk_tax_rates")),
    )
    op.create_table(
        "promotions",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("promotion_id", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("members_only", sa.Boolean(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "promotion_id", name=op.f("pk_promotions")),
    )
    op.add_column("stores", sa.Column("drop_below", sa.Float(), nullable=False, server_default="0"))
    op.add_column("products", sa.Column("tax_category", sa.String(length=32), nullable=True))
    op.add_column("accounts", sa.Column("member", sa.Boolean(), nullable=False, server_default=sa.false()))
    for column in (
        sa.Column("discount_minor", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("promotions", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("tax_bps", sa.Integer(), nullable=True),
    ):
        op.add_column("settlement_lines", column)
