"""What was decided about visits, revision by revision."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Float, Integer, String, Table, Uuid

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

settlements = Table(
    "settlements",
    metadata,
    store_column(),
    # A visit settles once: its key says so.
    Column("visit_id", Uuid, primary_key=True),
    Column("outcome", String(16)),
    Column("account_id", String(63), nullable=False),
    Column("charged_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("missing", JSON, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("settled_at", Moment),
)

settlement_lines = Table(
    "settlement_lines",
    metadata,
    store_column(),
    Column("visit_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sku", String(64)),
    Column("name", String(200)),
    Column("qty", Integer, CheckConstraint("qty > 0", name="qty"), nullable=False),
    Column("p", Float, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("unit_minor", BigInteger),
    Column("amount_minor", BigInteger),
    Column("interactions", JSON, nullable=False),
    Column("discount_minor", BigInteger, nullable=False, server_default="0"),
    Column("promotions", JSON, nullable=False, server_default="[]"),
    # The tax that the amount includes, in basis points; None where the product has no tax category.
    Column("tax_bps", Integer),
    Column("charge_number", Integer),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    Column("refunded_qty", Integer, nullable=False, server_default="0"),
)

receipts = Table(
    "receipts",
    metadata,
    store_column(),
    Column("visit_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("account_id", String(63), nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("in_review", Integer, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("cause", String(32), nullable=False, server_default="settled"),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    Column("owed_minor", BigInteger, nullable=False, server_default="0"),
    Column("charged_back_minor", BigInteger, nullable=False, server_default="0"),
)
