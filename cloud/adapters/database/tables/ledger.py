"""The ledger: entries, and the postings they are made of."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, UniqueConstraint, Uuid

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

ledger_entries = Table(
    "ledger_entries",
    metadata,
    store_column(),
    Column("entry_id", Uuid, primary_key=True),
    Column("key", String(400), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("visit_id", Uuid),
    Column("occurred_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    UniqueConstraint("store_id", "key"),
)

ledger_postings = Table(
    "ledger_postings",
    metadata,
    store_column(),
    Column("entry_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("account", String(100), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Index(None, "store_id", "account"),
)
