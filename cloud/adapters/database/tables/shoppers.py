"""Accounts, what opens the gate for them, and how they pay."""

from sqlalchemy import Boolean, Column, String, Table, false

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

accounts = Table(
    "accounts",
    metadata,
    store_column(),
    Column("account_id", String(63), primary_key=True),
    Column("name", String(200)),
    Column("created_at", Moment, nullable=False),
    # Gets the prices and promotions for members.
    Column("member", Boolean, nullable=False, server_default=false()),
    # A pseudonym stands where the account was.
    Column("erased_at", Moment),
)

tokens = Table(
    "tokens",
    metadata,
    store_column(),
    Column("token_sha256", String(64), primary_key=True),
    Column("account_id", String(63), nullable=False),
    Column("created_at", Moment, nullable=False),
)

payment_methods = Table(
    "payment_methods",
    metadata,
    store_column(),
    # An account without one pays from its wallet.
    Column("account_id", String(63), primary_key=True),
    Column("gateway", String(16), nullable=False),
    Column("payer", String(200), nullable=False),
    Column("changed_at", Moment, nullable=False),
)
