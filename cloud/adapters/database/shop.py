"""What a store decides and sells by: its policy, products, prices, taxes and entry tokens."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from cloud.adapters.database.tables import accounts, prices, products, stores, tax_rates, tokens
from cloud.domain.decision import Policy
from cloud.domain.money import Money
from cloud.domain.pricing import Offer, Price, in_force


@dataclass(frozen=True, slots=True)
class StoreTerms:
    """How a store trades."""

    store: str
    currency: str
    hold: Money
    policy: Policy
    settle_within_s: float
    review_within: timedelta
    """How long reviews and disputes wait for a person."""


def load_terms(connection: Connection, store: str) -> StoreTerms:
    """The terms of a registered store."""
    row: Row[Any] = connection.execute(select(stores).where(stores.c.store_id == store)).one()
    return StoreTerms(
        store,
        row.currency,
        Money(row.hold_minor, row.currency),
        Policy(row.charge_threshold, row.drop_below),
        row.settle_within_s,
        timedelta(seconds=row.review_within_s),
    )


def load_offers(connection: Connection, terms: StoreTerms, skus: Iterable[str], at: datetime) -> dict[str, Offer]:
    """Those of `skus` that the store knows, with the price in force at `at`."""
    wanted = sorted(set(skus))
    known = select(products.c.sku, products.c.name, products.c.tax_category).where(
        products.c.store_id == terms.store, products.c.sku.in_(wanted)
    )
    rows = connection.execute(known).all()
    rates = {row.tax_category: _rate(connection, terms, row.tax_category, at) for row in rows if row.tax_category}
    return {
        row.sku: Offer(
            row.name,
            _unit(connection, terms, row.sku, at),
            rates.get(row.tax_category),
            tax_missing=row.tax_category is not None and rates[row.tax_category] is None,
        )
        for row in rows
    }


def _rate(connection: Connection, terms: StoreTerms, category: str, at: datetime) -> int | None:
    mine = (tax_rates.c.store_id == terms.store, tax_rates.c.category == category, tax_rates.c.valid_from <= at)
    query = select(tax_rates.c.rate_bps).where(*mine).order_by(tax_rates.c.valid_from.desc()).limit(1)
    return connection.execute(query).scalar()


def _unit(connection: Connection, terms: StoreTerms, sku: str, at: datetime) -> Money | None:
    mine = (prices.c.store_id == terms.store, prices.c.sku == sku)
    begun = select(func.max(prices.c.valid_from)).where(*mine, prices.c.valid_from <= at).scalar_subquery()
    query = select(prices.c.amount_minor, prices.c.valid_from).where(*mine, prices.c.valid_from == begun)
    found = in_force((Price(Money(amount, terms.currency), since) for amount, since in connection.execute(query)), at)
    return found.amount if found else None


def token_digest(token: str) -> str:
    """What is kept of an entry token: enough to know it again, not enough to enter with."""
    return hashlib.sha256(token.encode()).hexdigest()


def account_of(connection: Connection, store: str, digest: str) -> str | None:
    """The account that an entry token stands for."""
    query = select(tokens.c.account_id).where(tokens.c.store_id == store, tokens.c.token_sha256 == digest)
    return connection.execute(query).scalar()


def is_member(connection: Connection, store: str, account: str | None) -> bool:
    """Whether the account gets what is for members."""
    query = select(accounts.c.member).where(accounts.c.store_id == store, accounts.c.account_id == account)
    return bool(connection.execute(query).scalar())


def store_name(connection: Connection, store: str) -> str:
    """What people call a store that is known."""
    return str(connection.execute(select(stores.c.name).where(stores.c.store_id == store)).scalar_one())
