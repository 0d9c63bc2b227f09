"""The tables. `store_id` leads every primary key, so that a cluster can split by store.

Amounts are whole minor units, moments are UTC with milliseconds, ids of events, visits and interactions are version 7
UUIDs and therefore in order of time.
"""

from cloud.adapters.database.tables.access import (
    audit,
    idempotency,
    keys,
    login_failures,
    operators,
    sessions,
    signing_secrets,
)
from cloud.adapters.database.tables.after_sale import disputes, refund_parts, refunds, reviews
from cloud.adapters.database.tables.bookkeeping import erasures, reconciliations
from cloud.adapters.database.tables.catalogue import prices, products, promotions, tax_rates
from cloud.adapters.database.tables.columns import Moment, metadata
from cloud.adapters.database.tables.hooks import hook_deliveries, hooks
from cloud.adapters.database.tables.intake import gaps, inbox, progress, quarantine
from cloud.adapters.database.tables.ledger import ledger_entries, ledger_postings
from cloud.adapters.database.tables.paying import charges, gateway_notices, payments
from cloud.adapters.database.tables.registry import devices, stores
from cloud.adapters.database.tables.settling import receipts, settlement_lines, settlements
from cloud.adapters.database.tables.shoppers import accounts, payment_methods, tokens
from cloud.adapters.database.tables.store_side import alerts, commands, evidence, trading
from cloud.adapters.database.tables.visiting import interactions, visits
from cloud.adapters.database.tables.wallet import wallet_calls, wallet_holds, wallets

__all__ = [
    "Moment",
    "accounts",
    "alerts",
    "audit",
    "charges",
    "commands",
    "devices",
    "disputes",
    "erasures",
    "evidence",
    "gaps",
    "gateway_notices",
    "hook_deliveries",
    "hooks",
    "idempotency",
    "inbox",
    "interactions",
    "keys",
    "ledger_entries",
    "ledger_postings",
    "login_failures",
    "metadata",
    "operators",
    "payment_methods",
    "payments",
    "prices",
    "products",
    "progress",
    "promotions",
    "quarantine",
    "receipts",
    "reconciliations",
    "refund_parts",
    "refunds",
    "reviews",
    "sessions",
    "settlement_lines",
    "settlements",
    "signing_secrets",
    "stores",
    "tax_rates",
    "tokens",
    "trading",
    "visits",
    "wallet_calls",
    "wallet_holds",
    "wallets",
]
