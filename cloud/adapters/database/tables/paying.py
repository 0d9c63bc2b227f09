"""Calls to payment gateways, what they pay for, and what gateways tell of themselves."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table, Uuid, false, text

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

payments = Table(
    "payments",
    metadata,
    store_column(),
    Column("key", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("account_id", String(63), nullable=False),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor >= 0", name="amount"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reference", String(200)),
    Column("reason", String(64)),
    Column("intended_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("number", Integer, nullable=False, server_default="1"),
    Column("gateway", String(16), nullable=False, server_default="wallet"),
    # Whom the call concerns: the payer of a hold, the gateway's reference of the hold or capture for the others.
    Column("subject", String(200)),
    # The charge that it pays for; None: the hold of an entry, or its release.
    Column("charge_number", Integer),
    Column("refund_id", Uuid),
    # When a hold lapses; None once it is used or freed.
    Column("expires_at", Moment),
    Index(None, "store_id", "visit_id"),
)
Index(
    "ix_payments_expiring",
    payments.c.expires_at,
    sqlite_where=text("expires_at IS NOT NULL"),
    postgresql_where=text("expires_at IS NOT NULL"),
)
Index(
    "ix_payments_pending",
    payments.c.store_id,
    payments.c.intended_at,
    sqlite_where=text("state = 'pending'"),
    postgresql_where=text("state = 'pending'"),
)

charges = Table(
    "charges",
    metadata,
    store_column(),
    Column("visit_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("account_id", String(63), nullable=False),
    Column("state", String(16), nullable=False),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor > 0", name="amount"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("gateway", String(16), nullable=False),
    Column("hold_number", Integer, nullable=False),
    Column("capture_key", String(200)),
    Column("capture_reference", String(200)),
    Column("captured_minor", BigInteger, nullable=False, server_default="0"),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    Column("charged_back_minor", BigInteger, nullable=False, server_default="0"),
    # Whether the ledger has a debt for it that is neither paid nor written off.
    Column("indebted", Boolean, nullable=False, server_default=false()),
    Column("refusals", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Moment),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("refunded_minor >= 0 AND refunded_minor <= amount_minor", name="refunded"),
    CheckConstraint("captured_minor >= 0 AND captured_minor <= amount_minor", name="captured"),
)
Index(
    "ix_charges_indebted",
    charges.c.store_id,
    charges.c.account_id,
    sqlite_where=text("indebted"),
    postgresql_where=text("indebted"),
)
Index(
    "ix_charges_due",
    charges.c.next_attempt_at,
    sqlite_where=text("next_attempt_at IS NOT NULL"),
    postgresql_where=text("next_attempt_at IS NOT NULL"),
)

gateway_notices = Table(
    "gateway_notices",
    metadata,
    store_column(),
    Column("gateway", String(16), primary_key=True),
    Column("notice_id", String(100), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("key", String(200), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("occurred_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("heeded_at", Moment),
    # Why nothing could be done about it.
    Column("failed", String(200)),
)
Index(
    "ix_gateway_notices_waiting",
    gateway_notices.c.received_at,
    sqlite_where=text("heeded_at IS NULL"),
    postgresql_where=text("heeded_at IS NULL"),
)
