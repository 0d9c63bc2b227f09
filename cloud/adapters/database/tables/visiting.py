"""Visits, and what was seen of them."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Uuid, text

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

visits = Table(
    "visits",
    metadata,
    store_column(),
    Column("visit_id", Uuid, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("account_id", String(63)),
    Column("entered_at", Moment),
    Column("exited_at", Moment),
    Column("exit_device", String(63)),
    Column("exit_epoch", BigInteger),
    Column("exit_seq", BigInteger),
    Column("exit_received_at", Moment),
    Column("horizon_seq", BigInteger),
    Column("refused_reason", String(64)),
    Column("late_events", Integer, nullable=False),
    # How many of them the receipt was held against.
    Column("late_heeded", Integer, nullable=False, server_default="0"),
    # The hold that stands behind the visit; it rises when one is taken anew.
    Column("hold_number", Integer, nullable=False, server_default="1"),
    # Nobody can tell any more whose visit it was, nor what was seen of it.
    Column("erased_at", Moment),
    Index(None, "store_id", "state", "visit_id"),
    Index(None, "store_id", "account_id", "visit_id"),
)
Index(
    "ix_visits_known",
    visits.c.store_id,
    visits.c.created_at,
    sqlite_where=text("erased_at IS NULL AND state IN ('settled', 'refused')"),
    postgresql_where=text("erased_at IS NULL AND state IN ('settled', 'refused')"),
)
Index(
    "ix_visits_open",
    visits.c.store_id,
    visits.c.created_at,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)
Index(
    "ix_visits_late",
    visits.c.store_id,
    visits.c.visit_id,
    sqlite_where=text("late_events > late_heeded AND state = 'settled'"),
    postgresql_where=text("late_events > late_heeded AND state = 'settled'"),
)
Index(
    "ix_visits_leaving",
    visits.c.state,
    visits.c.exited_at,
    sqlite_where=text("state IN ('exited', 'awaited')"),
    postgresql_where=text("state IN ('exited', 'awaited')"),
)

interactions = Table(
    "interactions",
    metadata,
    store_column(),
    Column("interaction_id", Uuid, primary_key=True),
    Column("visit_id", Uuid),
    Column("revision", Integer, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("ts", Moment, nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "store_id", "visit_id"),
)
