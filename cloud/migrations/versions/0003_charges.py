"""Charges with their debts, ways to pay, holds that lapse, and receipts that say why they were revised."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CHARGES_OF_BEFORE = """
INSERT INTO charges (store_id, visit_id, number, account_id, state, amount_minor, currency, gateway, hold_number,
    capture_key, capture_reference, captured_minor, created_at)
SELECT store_id, visit_id, 1, account_id, CASE state WHEN 'done' THEN 'captured' ELSE 'capturing' END, amount_minor,
    currency, 'wallet', 1, key, reference, CASE state WHEN 'done' THEN amount_minor ELSE 0 END, intended_at
FROM payments WHERE kind = 'capture' AND state IN ('done', 'pending') AND amount_minor > 0
"""


def _column(kind: sa.types.TypeEngine[Any], name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=default is None, server_default=default)


def upgrade() -> None:
    """Add the tables and columns; what was captured before becomes its visit's first charge."""
    moment, whole, number = sa.DateTime(timezone=True), sa.BigInteger(), sa.Integer()
    op.create_table(
        "payment_methods",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("gateway", sa.String(length=16), nullable=False),
        sa.Column("payer", sa.String(length=200), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "account_id", name=op.f("pk_payment_methods")),
    )
    op.create_table(
        "charges",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("number", number, nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("gateway", sa.String(length=16), nullable=False),
        sa.Column("hold_number", number, nullable=False),
        sa.Column("capture_key", sa.String(length=200), nullable=True),
        sa.Column("capture_reference", sa.String(length=200), nullable=True),
        sa.Column("captured_minor", whole, nullable=False, server_default="0"),
        sa.Column("refunded_minor", whole, nullable=False, server_default="0"),
        sa.Column("charged_back_minor", whole, nullable=False, server_default="0"),
        sa.Column("indebted", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("refusals", number, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_charges_amount")),
        sa.CheckConstraint("refunded_minor >= 0 AND refunded_minor <= amount_minor", name=op.f("ck_charges_refunded")),
        sa.CheckConstraint("captured_minor >= 0 AND captured_minor <= amount_minor", name=op.f("ck_charges_captured")),
        sa.PrimaryKeyConstraint("store_id", "visit_id", "number", name=op.f("pk_charges")),
    )
    for table, column in (
        ("stores", _column(sa.Float(), "visit_limit_s", "43200")),
        ("stores", _column(sa.Float(), "review_within_s", "259200")),
        ("visits", _column(number, "hold_number", "1")),
        ("payments", _column(number, "number", "1")),
        ("payments", _column(sa.String(length=16), "gateway", "wallet")),
        ("payments", _column(sa.String(length=200), "subject")),
        ("payments", _column(number, "charge_number")),
        ("payments", _column(sa.Uuid(), "refund_id")),
        ("payments", _column(moment, "expires_at")),
        ("settlement_lines", _column(number, "charge_number")),
        ("settlement_lines", _column(whole, "refunded_minor", "0")),
        ("settlement_lines", _column(number, "refunded_qty", "0")),
        ("receipts", _column(sa.String(length=32), "cause", "settled")),
        ("receipts", _column(whole, "refunded_minor", "0")),
        ("receipts", _column(whole, "owed_minor", "0")),
        ("receipts", _column(whole, "charged_back_minor", "0")),
    ):
        op.add_column(table, column)
    for name, table, columns, where in (
        ("ix_visits_open", "visits", ["store_id", "created_at"], "state = 'open'"),
        ("ix_payments_expiring", "payments", ["expires_at"], "expires_at IS NOT NULL"),
        ("ix_charges_indebted", "charges", ["store_id", "account_id"], "indebted"),
        ("ix_charges_due", "charges", ["next_attempt_at"], "next_attempt_at IS NOT NULL"),
    ):
        condition = sa.text(where)
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
    op.execute(_CHARGES_OF_BEFORE)
    op.execute("UPDATE payments SET charge_number = 1 WHERE kind = 'capture'")
    op.execute("UPDATE settlement_lines SET charge_number = 1 WHERE decision = 'charge'")
