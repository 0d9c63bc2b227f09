"""Forgetting people while the books stay, what each reconciliation found, and a ledger that only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Where a person was, a pseudonym may be put; nothing else of these tables ever changes.
_UNCHANGED = {
    "ledger_entries": (
        "{same:store_id,entry_id,kind,visit_id,occurred_at,recorded_at} AND OLD.kind = 'top_up' "
        "AND NEW.key LIKE '%/top-up/erased-%'"
    ),
    "ledger_postings": (
        "{same:store_id,entry_id,position,amount_minor,currency} AND ("
        "(OLD.account LIKE 'wallet:%' AND NEW.account LIKE 'wallet:erased-%') OR "
        "(OLD.account LIKE 'debt:%' AND NEW.account LIKE 'debt:erased-%'))"
    ),
    "audit": (
        "{same:store_id,audit_id,at,kind,action,before,after} "
        "AND (NEW.target = OLD.target OR NEW.target LIKE '%/accounts/erased-%') "
        "AND (NEW.by = OLD.by OR (OLD.kind = 'shopper' AND NEW.by LIKE 'erased-%'))"
    ),
}
_SAYS = {
    "ledger_entries": "the ledger is append-only",
    "ledger_postings": "the ledger is append-only",
    "audit": "the audit log is append-only",
}


def upgrade() -> None:
    """Add the columns and tables, and let nobody change the ledger."""
    moment, text = sa.DateTime(timezone=True), sa.String
    op.add_column("stores", sa.Column("keep_visits_days", sa.Integer(), nullable=True))
    op.add_column("accounts", sa.Column("erased_at", moment, nullable=True))
    op.add_column("visits", sa.Column("erased_at", moment, nullable=True))
    known = sa.text("erased_at IS NULL AND state IN ('settled', 'refused')")
    op.create_index("ix_visits_known", "visits", ["store_id", "created_at"], sqlite_where=known, postgresql_where=known)
    op.create_table(
        "erasures",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("kind", text(length=16), nullable=False),
        sa.Column("pseudonym", text(length=63), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("by", text(length=200), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "erasure_id", name=op.f("pk_erasures")),
    )
    op.create_table(
        "reconciliations",
        sa.Column("store_id", text(length=63), nullable=False),
        sa.Column("reconciliation_id", sa.Uuid(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("in_flight", sa.Integer(), nullable=False),
        sa.Column("movements", sa.JSON(), nullable=False),
        sa.Column("unreachable", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "reconciliation_id", name=op.f("pk_reconciliations")),
    )
    dialect = op.get_bind().dialect.name
    for table, allowed in _UNCHANGED.items():
        if table == "audit":
            op.execute("DROP TRIGGER audit_kept_update" + (" ON audit" if dialect == "postgresql" else ""))
        else:
            _trigger(dialect, table, "delete", "1 = 1")
        _trigger(dialect, table, "update", f"NOT ({_spelled(allowed, dialect)})")


def _spelled(condition: str, dialect: str) -> str:
    """`{same:a,b}` as a comparison that also knows NULL; % as op.execute wants it."""
    names = condition[condition.index("{same:") + 6 : condition.index("}")]
    equal = "IS" if dialect == "sqlite" else "IS NOT DISTINCT FROM"
    same = " AND ".join(f'NEW."{name}" {equal} OLD."{name}"' for name in names.split(","))
    return condition.replace(f"{{same:{names}}}", same)


def _trigger(dialect: str, table: str, event: str, refused: str) -> None:
    name, says = f"{table}_kept_{event}", _SAYS[table]
    if dialect == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} WHEN {refused} "
            f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{says}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} FOR EACH ROW WHEN ({refused}) "
        f"EXECUTE FUNCTION {name}()"
    )
