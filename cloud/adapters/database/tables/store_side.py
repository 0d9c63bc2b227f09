"""What a store tells of itself, what it is asked, and the clips that it keeps."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, LargeBinary, String, Table, Uuid, text

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

alerts = Table(
    "alerts",
    metadata,
    store_column(),
    # The event that told of it first.
    Column("alert_id", Uuid, primary_key=True),
    Column("kind", String(32), nullable=False),
    # The device, lane or person that it is about.
    Column("subject", String(200), nullable=False),
    Column("device_id", String(63), nullable=False),
    Column("text", String(2000), nullable=False),
    Column("times", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    # By the cloud's clock: how long it is kept must not hang on a device's.
    Column("noted_at", Moment, nullable=False),
    # None while it lasts; what lasts not at all ends as it begins.
    Column("until", Moment),
    Column("seen_by", String(200)),
    Column("seen_at", Moment),
)
Index("ix_alerts_subject", alerts.c.store_id, alerts.c.kind, alerts.c.subject, alerts.c.last_at)
Index("ix_alerts_noted", alerts.c.store_id, alerts.c.noted_at)

trading = Table(
    "trading",
    metadata,
    store_column(),
    Column("device_id", String(63), primary_key=True),
    Column("mode", String(16), nullable=False),
    Column("wants_up", Boolean, nullable=False),
    Column("in_the_way", JSON, nullable=False),
    Column("since", Moment, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    store_column(),
    Column("command_id", Uuid, primary_key=True),
    Column("device_id", String(63), nullable=False),
    Column("type", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    Column("by", String(200), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    # None: it is not to be said any more.
    Column("due_at", Moment),
    Column("answered_at", Moment),
    Column("done", Boolean),
    Column("reason", String(2000)),
)
Index(
    "ix_commands_due",
    commands.c.due_at,
    sqlite_where=text("due_at IS NOT NULL"),
    postgresql_where=text("due_at IS NOT NULL"),
)

evidence = Table(
    "evidence",
    metadata,
    store_column(),
    Column("sha256", String(64), primary_key=True),
    Column("device_id", String(63), nullable=False),
    Column("visit_id", Uuid),
    Column("interaction_id", Uuid, nullable=False),
    Column("camera", String(63), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("noted_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    # The clip, sealed with the cloud's key; None while it lies in the store, or when it is gone.
    Column("sealed", LargeBinary),
    Column("kept_at", Moment),
    Column("gone_at", Moment),
    Column("gone_because", String(200)),
)
Index("ix_evidence_visit", evidence.c.store_id, evidence.c.visit_id)
Index("ix_evidence_interaction", evidence.c.store_id, evidence.c.interaction_id)
Index(
    "ix_evidence_expires",
    evidence.c.expires_at,
    sqlite_where=text("gone_at IS NULL"),
    postgresql_where=text("gone_at IS NULL"),
)
