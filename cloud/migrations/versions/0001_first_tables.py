"""Every table of the first path: registry, inbox, catalogue, wallet, visits, settlement and ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "accounts",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "account_id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "devices",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("device_id", sa.String(length=63), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "device_id", name=op.f("pk_devices")),
        sa.UniqueConstraint("device_id", name=op.f("uq_devices_device_id")),
    )
    op.create_table(
        "gaps",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("device_id", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "device_id", "epoch", "first_seq", name=op.f("pk_gaps")),
    )
    op.create_table(
        "idempotency",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "inbox",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("device_id", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("ts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "device_id", "epoch", "seq", name=op.f("pk_inbox")),
        sa.UniqueConstraint("store_id", "event_id", name=op.f("uq_inbox_store_id_event_id")),
    )
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["store_id", "received_at"],
        unique=False,
        sqlite_where=sa.text("processed_at IS NULL"),
        postgresql_where=sa.text("processed_at IS NULL"),
    )
    op.create_table(
        "interactions",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("ts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "interaction_id", name=op.f("pk_interactions")),
    )
    op.create_index(op.f("ix_interactions_store_id_visit_id"), "interactions", ["store_id", "visit_id"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "entry_id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_ledger_entries_store_id_key")),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "entry_id", "position", name=op.f("pk_ledger_postings")),
    )
    op.create_index(
        op.f("ix_ledger_postings_store_id_account"), "ledger_postings", ["store_id", "account"], unique=False
    )
    op.create_table(
        "payments",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "key", name=op.f("pk_payments")),
    )
    op.create_index(
        "ix_payments_pending",
        "payments",
        ["store_id", "intended_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(op.f("ix_payments_store_id_visit_id"), "payments", ["store_id", "visit_id"], unique=False)
    op.create_table(
        "prices",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "sku", "valid_from", name=op.f("pk_prices")),
    )
    op.create_table(
        "products",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "sku", name=op.f("pk_products")),
    )
    op.create_table(
        "progress",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("device_id", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("contiguous", sa.BigInteger(), nullable=False),
        sa.Column("ahead", sa.JSON(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("observed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "device_id", "epoch", name=op.f("pk_progress")),
    )
    op.create_table(
        "quarantine",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("topic", sa.String(length=400), nullable=False),
        sa.Column("device_id", sa.String(length=63), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "digest", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_store_id_received_at"), "quarantine", ["store_id", "received_at"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("in_review", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "visit_id", "revision", name=op.f("pk_receipts")),
    )
    op.create_table(
        "settlement_lines",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("qty", sa.Integer(), nullable=False),
        sa.Column("p", sa.Float(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("interactions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "visit_id", "revision", "position", name=op.f("pk_settlement_lines")),
    )
    op.create_table(
        "settlements",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("charged_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "visit_id", name=op.f("pk_settlements")),
    )
    op.create_table(
        "stores",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("hold_minor", sa.BigInteger(), nullable=False),
        sa.Column("charge_threshold", sa.Float(), nullable=False),
        sa.Column("settle_within_s", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_stores")),
    )
    op.create_table(
        "tokens",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "token_sha256", name=op.f("pk_tokens")),
    )
    op.create_table(
        "visits",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exit_device", sa.String(length=63), nullable=True),
        sa.Column("exit_epoch", sa.BigInteger(), nullable=True),
        sa.Column("exit_seq", sa.BigInteger(), nullable=True),
        sa.Column("exit_received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("horizon_seq", sa.BigInteger(), nullable=True),
        sa.Column("refused_reason", sa.String(length=64), nullable=True),
        sa.Column("late_events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "visit_id", name=op.f("pk_visits")),
    )
    op.create_index(
        "ix_visits_leaving",
        "visits",
        ["state", "exited_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('exited', 'awaited')"),
        postgresql_where=sa.text("state IN ('exited', 'awaited')"),
    )
    op.create_index(
        op.f("ix_visits_store_id_state_visit_id"), "visits", ["store_id", "state", "visit_id"], unique=False
    )
    op.create_table(
        "wallet_calls",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("declined", sa.String(length=64), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "key", name=op.f("pk_wallet_calls")),
    )
    op.create_table(
        "wallet_holds",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("hold_key", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("held_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "captured_minor >= 0 AND captured_minor <= held_minor", name=op.f("ck_wallet_holds_captured")
        ),
        sa.CheckConstraint(
            "refunded_minor >= 0 AND refunded_minor <= captured_minor", name=op.f("ck_wallet_holds_refunded")
        ),
        sa.PrimaryKeyConstraint("store_id", "hold_key", name=op.f("pk_wallet_holds")),
    )
    op.create_table(
        "wallets",
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("held_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("held_minor >= 0 AND held_minor <= balance_minor", name=op.f("ck_wallets_held")),
        sa.PrimaryKeyConstraint("store_id", "account_id", name=op.f("pk_wallets")),
    )
