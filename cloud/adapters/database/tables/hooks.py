"""Whom the retailer wants to be told, and what is on its way."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Uuid, false, text

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

hooks = Table(
    "hooks",
    metadata,
    store_column(),
    Column("hook_id", String(63), primary_key=True),
    Column("url", String(1000), nullable=False),
    # What is sent is signed with it, so it cannot be a digest.
    Column("secret", String(100), nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("created_at", Moment, nullable=False),
)

hook_deliveries = Table(
    "hook_deliveries",
    metadata,
    store_column(),
    Column("hook_id", String(63), primary_key=True),
    Column("delivery_id", Uuid, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("body", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    # None: nothing is to be done any more.
    Column("due_at", Moment),
    Column("answer", String(200)),
    Column("created_at", Moment, nullable=False),
)
Index(
    "ix_hook_deliveries_due",
    hook_deliveries.c.due_at,
    sqlite_where=text("due_at IS NOT NULL"),
    postgresql_where=text("due_at IS NOT NULL"),
)
Index(
    "ix_hook_deliveries_over",
    hook_deliveries.c.created_at,
    sqlite_where=text("due_at IS NULL"),
    postgresql_where=text("due_at IS NULL"),
)
