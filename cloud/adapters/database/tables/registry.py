"""Stores, and the devices that speak for them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Float, Integer, String, Table, UniqueConstraint

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

stores = Table(
    "stores",
    metadata,
    store_column(),
    Column("name", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("hold_minor", BigInteger, CheckConstraint("hold_minor >= 0", name="hold"), nullable=False),
    Column("charge_threshold", Float, nullable=False),
    Column("drop_below", Float, nullable=False, server_default="0"),
    Column("settle_within_s", Float, nullable=False),
    Column("visit_limit_s", Float, nullable=False, server_default="43200"),
    Column("review_within_s", Float, nullable=False, server_default="259200"),
    Column("created_at", Moment, nullable=False),
    # After so many days nobody can tell whose visit it was; None: as long as its account is there.
    Column("keep_visits_days", Integer),
)

devices = Table(
    "devices",
    metadata,
    store_column(),
    Column("device_id", String(63), primary_key=True),
    Column("registered_at", Moment, nullable=False),
    # A broker and a certificate know a device by this name alone, so it decides the store.
    UniqueConstraint("device_id"),
)
