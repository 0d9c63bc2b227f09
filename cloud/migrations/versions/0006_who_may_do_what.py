"""Operators, their sessions, keys of machines and shoppers, and the log of who changed what."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_kept_{event} BEFORE {upper} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    ),
    "postgresql": (
        "CREATE TRIGGER audit_kept_{event} BEFORE {upper} ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
    ),
}


def upgrade() -> None:
    """Add the tables, and let nobody change what the log says."""
    moment, text = sa.DateTime(timezone=True), sa.String
    op.create_table(
        "operators",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("operator_id", text(length=63), nullable=False),
        sa.Column("role", text(length=16), nullable=False),
        sa.Column("password_hash", text(length=200), nullable=False),
        sa.Column("valid_since", moment, nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "operator_id", name=op.f("pk_operators")),
    )
    op.create_table(
        "sessions",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("secret_sha256", text(length=64), nullable=False),
        sa.Column("operator_id", text(length=63), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "secret_sha256", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"])
    op.create_table(
        "keys",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("key_id", text(length=32), nullable=False),
        sa.Column("secret_sha256", text(length=64), nullable=False),
        sa.Column("former_sha256", text(length=64), nullable=True),
        sa.Column("former_until", moment, nullable=True),
        sa.Column("name", text(length=200), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("account_id", text(length=63), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=True),
        sa.Column("revoked_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("store_id", "key_id", name=op.f("pk_keys")),
    )
    op.create_table(
        "login_failures",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("pair_sha256", text(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "pair_sha256", name=op.f("pk_login_failures")),
    )
    op.create_table(
        "signing_secrets",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("name", text(length=32), nullable=False),
        sa.Column("secret", text(length=100), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "name", name=op.f("pk_signing_secrets")),
    )
    op.create_table(
        "audit",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("kind", text(length=16), nullable=False),
        sa.Column("by", text(length=200), nullable=False),
        sa.Column("action", text(length=200), nullable=False),
        sa.Column("target", text(length=500), nullable=False),
        sa.Column("before", text(length=200), nullable=True),
        sa.Column("after", text(length=200), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "audit_id", name=op.f("pk_audit")),
    )
    columns = ["store_id", "account_id", "visit_id"]
    op.create_index(op.f("ix_visits_store_id_account_id_visit_id"), "visits", columns)
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
    for event in ("update", "delete"):
        op.execute(_APPEND_ONLY[dialect].format(event=event, upper=event.upper()))
