"""The embedded gateway's own tables."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, String, Table

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

wallets = Table(
    "wallets",
    metadata,
    store_column(),
    Column("account_id", String(63), primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("balance_minor", BigInteger, CheckConstraint("balance_minor >= 0", name="balance"), nullable=False),
    Column("held_minor", BigInteger, nullable=False),
    CheckConstraint("held_minor >= 0 AND held_minor <= balance_minor", name="held"),
)

wallet_calls = Table(
    "wallet_calls",
    metadata,
    store_column(),
    Column("key", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    # What the call is about: an account for a hold, a hold's key for its capture or release, a capture's for a refund.
    Column("subject", String(200), nullable=False),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor >= 0", name="amount"), nullable=False),
    Column("currency", String(3)),
    # None: done.
    Column("declined", String(64)),
    Column("called_at", Moment, nullable=False),
)

wallet_holds = Table(
    "wallet_holds",
    metadata,
    store_column(),
    Column("hold_key", String(200), primary_key=True),
    Column("account_id", String(63), nullable=False),
    Column("held_minor", BigInteger, CheckConstraint("held_minor >= 0", name="held"), nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("open", Boolean, nullable=False),
    CheckConstraint("refunded_minor >= 0 AND refunded_minor <= captured_minor", name="refunded"),
    CheckConstraint("captured_minor >= 0 AND captured_minor <= held_minor", name="captured"),
)
