"""The tables. `store_id` leads every primary key, so that a cluster can split by store.

Amounts are whole minor units, moments are UTC with milliseconds, ids of events, visits and interactions are version 7
UUIDs and therefore in order of time.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    false,
    text,
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, on databases that keep offsets and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say it in UTC, without the offset where the database cannot keep one."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the offset back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _store() -> Column[Any]:
    return Column("store_id", String(63), primary_key=True)


stores = Table(
    "stores",
    metadata,
    _store(),
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
    _store(),
    Column("device_id", String(63), primary_key=True),
    Column("registered_at", Moment, nullable=False),
    # A broker and a certificate know a device by this name alone, so it decides the store.
    UniqueConstraint("device_id"),
)

progress = Table(
    "progress",
    metadata,
    _store(),
    Column("device_id", String(63), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("contiguous", BigInteger, nullable=False),
    Column("ahead", JSON, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("observed_until", Moment),
)

gaps = Table(
    "gaps",
    metadata,
    _store(),
    Column("device_id", String(63), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("first_seq", BigInteger, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("noticed_at", Moment, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    _store(),
    Column("device_id", String(63), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("type", String(64), nullable=False),
    Column("ts", Moment, nullable=False),
    Column("visit_id", Uuid),
    Column("data", JSON, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("processed_at", Moment),
    UniqueConstraint("store_id", "event_id"),
)
Index(
    "ix_inbox_waiting",
    inbox.c.store_id,
    inbox.c.received_at,
    sqlite_where=text("processed_at IS NULL"),
    postgresql_where=text("processed_at IS NULL"),
)

quarantine = Table(
    "quarantine",
    metadata,
    # Empty where the device is not registered.
    _store(),
    Column("digest", String(64), primary_key=True),
    Column("received_at", Moment, nullable=False),
    Column("reason", String(2000), nullable=False),
    Column("topic", String(400), nullable=False),
    Column("device_id", String(63)),
    Column("epoch", BigInteger),
    Column("seq", BigInteger),
    Column("payload", LargeBinary, nullable=False),
    Index(None, "store_id", "received_at"),
)

products = Table(
    "products",
    metadata,
    _store(),
    Column("sku", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    # None: sold without tax.
    Column("tax_category", String(32)),
)

tax_rates = Table(
    "tax_rates",
    metadata,
    _store(),
    Column("category", String(32), primary_key=True),
    Column("valid_from", Moment, primary_key=True),
    Column("rate_bps", Integer, CheckConstraint("rate_bps >= 0 AND rate_bps <= 10000", name="rate"), nullable=False),
    Column("created_at", Moment, nullable=False),
)

promotions = Table(
    "promotions",
    metadata,
    _store(),
    Column("promotion_id", String(63), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("members_only", Boolean, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("valid_from", Moment, nullable=False),
    Column("valid_until", Moment),
    Column("created_at", Moment, nullable=False),
)

prices = Table(
    "prices",
    metadata,
    _store(),
    Column("sku", String(64), primary_key=True),
    Column("valid_from", Moment, primary_key=True),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor >= 0", name="amount"), nullable=False),
    Column("created_at", Moment, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    _store(),
    Column("account_id", String(63), primary_key=True),
    Column("name", String(200)),
    Column("created_at", Moment, nullable=False),
    # Gets the prices and promotions for members.
    Column("member", Boolean, nullable=False, server_default=false()),
    # A pseudonym stands where the account was.
    Column("erased_at", Moment),
)

tokens = Table(
    "tokens",
    metadata,
    _store(),
    Column("token_sha256", String(64), primary_key=True),
    Column("account_id", String(63), nullable=False),
    Column("created_at", Moment, nullable=False),
)

wallets = Table(
    "wallets",
    metadata,
    _store(),
    Column("account_id", String(63), primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("balance_minor", BigInteger, CheckConstraint("balance_minor >= 0", name="balance"), nullable=False),
    Column("held_minor", BigInteger, nullable=False),
    CheckConstraint("held_minor >= 0 AND held_minor <= balance_minor", name="held"),
)

wallet_calls = Table(
    "wallet_calls",
    metadata,
    _store(),
    Column("key", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    # What the call is about: an account for a hold, a hold's key for its capture or release, a capture's for a refund.
    Column("subject", String(200), nullable=False),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor >= 0", name="amount"), nullable=False),
    Column("currency", String(3)),
    # None: done.
    Column("declined", String(64)),
    Column("called_at", Moment, nullable=False),
)

wallet_holds = Table(
    "wallet_holds",
    metadata,
    _store(),
    Column("hold_key", String(200), primary_key=True),
    Column("account_id", String(63), nullable=False),
    Column("held_minor", BigInteger, CheckConstraint("held_minor >= 0", name="held"), nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("open", Boolean, nullable=False),
    CheckConstraint("refunded_minor >= 0 AND refunded_minor <= captured_minor", name="refunded"),
    CheckConstraint("captured_minor >= 0 AND captured_minor <= held_minor", name="captured"),
)

visits = Table(
    "visits",
    metadata,
    _store(),
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
    "ix_visits_leaving",
    visits.c.state,
    visits.c.exited_at,
    sqlite_where=text("state IN ('exited', 'awaited')"),
    postgresql_where=text("state IN ('exited', 'awaited')"),
)

interactions = Table(
    "interactions",
    metadata,
    _store(),
    Column("interaction_id", Uuid, primary_key=True),
    Column("visit_id", Uuid),
    Column("revision", Integer, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("ts", Moment, nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "store_id", "visit_id"),
)

payments = Table(
    "payments",
    metadata,
    _store(),
    Column("key", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("account_id", String(63), nullable=False),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor >= 0", name="amount"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reference", String(200)),
    Column("reason", String(64)),
    Column("intended_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("number", Integer, nullable=False, server_default="1"),
    Column("gateway", String(16), nullable=False, server_default="wallet"),
    # Whom the call concerns: the payer of a hold, the gateway's reference of the hold or capture for the others.
    Column("subject", String(200)),
    # The charge that it pays for; None: the hold of an entry, or its release.
    Column("charge_number", Integer),
    Column("refund_id", Uuid),
    # When a hold lapses; None once it is used or freed.
    Column("expires_at", Moment),
    Index(None, "store_id", "visit_id"),
)
Index(
    "ix_payments_expiring",
    payments.c.expires_at,
    sqlite_where=text("expires_at IS NOT NULL"),
    postgresql_where=text("expires_at IS NOT NULL"),
)
Index(
    "ix_payments_pending",
    payments.c.store_id,
    payments.c.intended_at,
    sqlite_where=text("state = 'pending'"),
    postgresql_where=text("state = 'pending'"),
)

settlements = Table(
    "settlements",
    metadata,
    _store(),
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
    _store(),
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

payment_methods = Table(
    "payment_methods",
    metadata,
    _store(),
    # An account without one pays from its wallet.
    Column("account_id", String(63), primary_key=True),
    Column("gateway", String(16), nullable=False),
    Column("payer", String(200), nullable=False),
    Column("changed_at", Moment, nullable=False),
)

charges = Table(
    "charges",
    metadata,
    _store(),
    Column("visit_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("account_id", String(63), nullable=False),
    Column("state", String(16), nullable=False),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor > 0", name="amount"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("gateway", String(16), nullable=False),
    Column("hold_number", Integer, nullable=False),
    Column("capture_key", String(200)),
    Column("capture_reference", String(200)),
    Column("captured_minor", BigInteger, nullable=False, server_default="0"),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    Column("charged_back_minor", BigInteger, nullable=False, server_default="0"),
    # Whether the ledger has a debt for it that is neither paid nor written off.
    Column("indebted", Boolean, nullable=False, server_default=false()),
    Column("refusals", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Moment),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("refunded_minor >= 0 AND refunded_minor <= amount_minor", name="refunded"),
    CheckConstraint("captured_minor >= 0 AND captured_minor <= amount_minor", name="captured"),
)
Index(
    "ix_charges_indebted",
    charges.c.store_id,
    charges.c.account_id,
    sqlite_where=text("indebted"),
    postgresql_where=text("indebted"),
)
Index(
    "ix_charges_due",
    charges.c.next_attempt_at,
    sqlite_where=text("next_attempt_at IS NOT NULL"),
    postgresql_where=text("next_attempt_at IS NOT NULL"),
)

receipts = Table(
    "receipts",
    metadata,
    _store(),
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

ledger_entries = Table(
    "ledger_entries",
    metadata,
    _store(),
    Column("entry_id", Uuid, primary_key=True),
    Column("key", String(400), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("visit_id", Uuid),
    Column("occurred_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    UniqueConstraint("store_id", "key"),
)

ledger_postings = Table(
    "ledger_postings",
    metadata,
    _store(),
    Column("entry_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("account", String(100), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Index(None, "store_id", "account"),
)

refunds = Table(
    "refunds",
    metadata,
    _store(),
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
    _store(),
    Column("refund_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("qty", Integer, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
)

disputes = Table(
    "disputes",
    metadata,
    _store(),
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
    _store(),
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

gateway_notices = Table(
    "gateway_notices",
    metadata,
    _store(),
    Column("gateway", String(16), primary_key=True),
    Column("notice_id", String(100), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("key", String(200), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("occurred_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("heeded_at", Moment),
    # Why nothing could be done about it.
    Column("failed", String(200)),
)
Index(
    "ix_gateway_notices_waiting",
    gateway_notices.c.received_at,
    sqlite_where=text("heeded_at IS NULL"),
    postgresql_where=text("heeded_at IS NULL"),
)

idempotency = Table(
    "idempotency",
    metadata,
    _store(),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Of the tables below an empty store means all of them.
operators = Table(
    "operators",
    metadata,
    _store(),
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
    _store(),
    Column("secret_sha256", String(64), primary_key=True),
    Column("operator_id", String(63), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index(None, "expires_at"),
)

keys = Table(
    "keys",
    metadata,
    _store(),
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
    _store(),
    # SHA-256 of name and address.
    Column("pair_sha256", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)

signing_secrets = Table(
    "signing_secrets",
    metadata,
    _store(),
    Column("name", String(32), primary_key=True),
    Column("secret", String(100), nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Rows are only ever added: triggers of the migration refuse anything else.
audit = Table(
    "audit",
    metadata,
    _store(),
    Column("audit_id", Uuid, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(200), nullable=False),
    Column("action", String(200), nullable=False),
    Column("target", String(500), nullable=False),
    Column("before", String(200)),
    Column("after", String(200)),
)

hooks = Table(
    "hooks",
    metadata,
    _store(),
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
    _store(),
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

erasures = Table(
    "erasures",
    metadata,
    _store(),
    Column("erasure_id", Uuid, primary_key=True),
    # account, visit or retention.
    Column("kind", String(16), nullable=False),
    Column("pseudonym", String(63), nullable=False),
    Column("visit_id", Uuid),
    Column("by", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    # How many rows of each table were changed.
    Column("changed", JSON, nullable=False),
    # SHA-256 of the evidence that is gone, so that nobody takes it in again.
    Column("evidence", JSON, nullable=False),
)

reconciliations = Table(
    "reconciliations",
    metadata,
    _store(),
    Column("reconciliation_id", Uuid, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("agrees", Boolean, nullable=False),
    Column("in_flight", Integer, nullable=False),
    Column("movements", JSON, nullable=False),
    Column("unreachable", JSON, nullable=False),
    # The first of them; `differing` counts all.
    Column("differences", JSON, nullable=False),
    Column("differing", Integer, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    _store(),
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
    # None while it lasts; what lasts not at all ends as it begins.
    Column("until", Moment),
    Column("seen_by", String(200)),
    Column("seen_at", Moment),
)
Index("ix_alerts_subject", alerts.c.store_id, alerts.c.kind, alerts.c.subject, alerts.c.last_at)
Index("ix_alerts_ended", alerts.c.store_id, alerts.c.until)

trading = Table(
    "trading",
    metadata,
    _store(),
    Column("device_id", String(63), primary_key=True),
    Column("mode", String(16), nullable=False),
    Column("wants_up", Boolean, nullable=False),
    Column("in_the_way", JSON, nullable=False),
    Column("since", Moment, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    _store(),
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
    _store(),
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
