"""What a store sells, for how much, with which tax and promotions."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Integer, String, Table

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

products = Table(
    "products",
    metadata,
    store_column(),
    Column("sku", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    # None: sold without tax.
    Column("tax_category", String(32)),
)

prices = Table(
    "prices",
    metadata,
    store_column(),
    Column("sku", String(64), primary_key=True),
    Column("valid_from", Moment, primary_key=True),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor >= 0", name="amount"), nullable=False),
    Column("created_at", Moment, nullable=False),
)

tax_rates = Table(
    "tax_rates",
    metadata,
    store_column(),
    Column("category", String(32), primary_key=True),
    Column("valid_from", Moment, primary_key=True),
    Column("rate_bps", Integer, CheckConstraint("rate_bps >= 0 AND rate_bps <= 10000", name="rate"), nullable=False),
    Column("created_at", Moment, nullable=False),
)

promotions = Table(
    "promotions",
    metadata,
    store_column(),
    Column("promotion_id", String(63), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("members_only", Boolean, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("valid_from", Moment, nullable=False),
    Column("valid_until", Moment),
    Column("created_at", Moment, nullable=False),
)
