"""What was done with the books as a whole: people forgotten, gateways compared."""

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, Uuid

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

erasures = Table(
    "erasures",
    metadata,
    store_column(),
    Column("erasure_id", Uuid, primary_key=True),
    # account, visit or retention.
    Column("kind", String(16), nullable=False),
    Column("pseudonym", String(63), nullable=False),
    Column("visit_id", Uuid),
    Column("by", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    # How many rows of each table were changed.
    Column("changed", JSON, nullable=False),
    # SHA-256 of the evidence that is gone, so that nobody takes it in again.
    Column("evidence", JSON, nullable=False),
)

reconciliations = Table(
    "reconciliations",
    metadata,
    store_column(),
    Column("reconciliation_id", Uuid, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("agrees", Boolean, nullable=False),
    Column("in_flight", Integer, nullable=False),
    Column("movements", JSON, nullable=False),
    Column("unreachable", JSON, nullable=False),
    # The first of them; `differing` counts all.
    Column("differences", JSON, nullable=False),
    Column("differing", Integer, nullable=False),
)
