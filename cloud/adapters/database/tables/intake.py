"""What devices said: how far, what waits, what is missing, what was put aside."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

progress = Table(
    "progress",
    metadata,
    store_column(),
    Column("device_id", String(63), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("contiguous", BigInteger, nullable=False),
    Column("ahead", JSON, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("observed_until", Moment),
)

gaps = Table(
    "gaps",
    metadata,
    store_column(),
    Column("device_id", String(63), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("first_seq", BigInteger, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("noticed_at", Moment, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    store_column(),
    Column("device_id", String(63), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("type", String(64), nullable=False),
    Column("ts", Moment, nullable=False),
    Column("visit_id", Uuid),
    Column("data", JSON, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("processed_at", Moment),
    UniqueConstraint("store_id", "event_id"),
)
# In the order that workers take them in.
Index(
    "ix_inbox_waiting",
    inbox.c.received_at,
    inbox.c.store_id,
    inbox.c.device_id,
    inbox.c.epoch,
    inbox.c.seq,
    sqlite_where=text("processed_at IS NULL"),
    postgresql_where=text("processed_at IS NULL"),
)
# Which of a device's comes first: its visits do not settle before that is applied.
Index(
    "ix_inbox_waiting_of_device",
    inbox.c.store_id,
    inbox.c.device_id,
    inbox.c.epoch,
    inbox.c.seq,
    sqlite_where=text("processed_at IS NULL"),
    postgresql_where=text("processed_at IS NULL"),
)

quarantine = Table(
    "quarantine",
    metadata,
    # Empty where the device is not registered.
    store_column(),
    Column("digest", String(64), primary_key=True),
    Column("received_at", Moment, nullable=False),
    Column("reason", String(2000), nullable=False),
    Column("topic", String(400), nullable=False),
    Column("device_id", String(63)),
    Column("epoch", BigInteger),
    Column("seq", BigInteger),
    Column("payload", LargeBinary, nullable=False),
    # How often it came, and when last: a device repeats what is not acked.
    Column("times", Integer, nullable=False, server_default="1"),
    Column("last_at", Moment),
    Index(None, "store_id", "received_at"),
    Index(None, "received_at"),
)
# What a device repeats and nobody can read the number of.
Index(
    "ix_quarantine_unnumbered",
    quarantine.c.store_id,
    quarantine.c.device_id,
    sqlite_where=text("seq IS NULL"),
    postgresql_where=text("seq IS NULL"),
)
