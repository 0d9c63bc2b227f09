"""Who may ask, what they asked once, and what they changed. An empty store means all of them."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Uuid, false

from cloud.adapters.database.tables.columns import Moment, metadata, store_column

operators = Table(
    "operators",
    metadata,
    store_column(),
    Column("operator_id", String(63), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(200), nullable=False),
    # Whatever was signed or opened before is void: the password was changed.
    Column("valid_since", Moment, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("created_at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    store_column(),
    Column("secret_sha256", String(64), primary_key=True),
    Column("operator_id", String(63), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index(None, "expires_at"),
)

keys = Table(
    "keys",
    metadata,
    store_column(),
    Column("key_id", String(32), primary_key=True),
    Column("secret_sha256", String(64), nullable=False),
    # The secret before the last rotation, which is good for a while yet.
    Column("former_sha256", String(64)),
    Column("former_until", Moment),
    Column("name", String(200), nullable=False),
    Column("scopes", JSON, nullable=False),
    # The shopper whose key it is; None: a machine's.
    Column("account_id", String(63)),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
)

login_failures = Table(
    "login_failures",
    metadata,
    store_column(),
    # SHA-256 of name and address.
    Column("pair_sha256", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)

signing_secrets = Table(
    "signing_secrets",
    metadata,
    store_column(),
    Column("name", String(32), primary_key=True),
    Column("secret", String(100), nullable=False),
    Column("created_at", Moment, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    store_column(),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index(None, "created_at"),
)

# Rows are only ever added: triggers of the migration refuse anything else.
audit = Table(
    "audit",
    metadata,
    store_column(),
    Column("audit_id", Uuid, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(200), nullable=False),
    Column("action", String(200), nullable=False),
    Column("target", String(500), nullable=False),
    Column("before", String(200)),
    Column("after", String(200)),
)
