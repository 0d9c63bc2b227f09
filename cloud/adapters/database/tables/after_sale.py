"""What happens to a receipt later: refunds, disputes, reviews."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Integer, String, Table, Uuid, text

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

refunds = Table(
    "refunds",
    metadata,
    store_column(),
    Column("refund_id", Uuid, primary_key=True),
    Column("visit_id", Uuid, nullable=False),
    Column("charge_number", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor > 0", name="amount"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("note", String(200)),
    Column("by", String(200), nullable=False),
    Column("dispute_id", Uuid),
    Column("created_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("declined", String(64)),
    Index(None, "store_id", "visit_id"),
)

refund_parts = Table(
    "refund_parts",
    metadata,
    store_column(),
    Column("refund_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("qty", Integer, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
)

disputes = Table(
    "disputes",
    metadata,
    store_column(),
    Column("dispute_id", Uuid, primary_key=True),
    Column("visit_id", Uuid, nullable=False),
    Column("account_id", String(63), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("note", String(200)),
    # [{position, qty}]; empty: the whole receipt.
    Column("wishes", JSON, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("lapses_at", Moment, nullable=False),
    Column("decided_by", String(200)),
    Column("decided_at", Moment),
    Column("decision_note", String(200)),
    Index(None, "store_id", "visit_id"),
)
Index(
    "ix_disputes_open",
    disputes.c.lapses_at,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

reviews = Table(
    "reviews",
    metadata,
    store_column(),
    Column("visit_id", Uuid, primary_key=True),
    # The line of the visit's revisions.
    Column("position", Integer, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("lapses_at", Moment, nullable=False),
    Column("claimed_by", String(200)),
    Column("claimed_until", Moment),
    Column("decided_by", String(200)),
    Column("decided_at", Moment),
    Column("note", String(200)),
    Column("charge_number", Integer),
    Column("decided", JSON(none_as_null=True)),
)
Index(
    "ix_reviews_waiting",
    reviews.c.lapses_at,
    sqlite_where=text("state IN ('open', 'claimed')"),
    postgresql_where=text("state IN ('open', 'claimed')"),
)
