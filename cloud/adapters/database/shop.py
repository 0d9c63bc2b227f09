"""What a store decides and sells by: its policy, products, prices, taxes and entry tokens."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from cloud.adapters.database.tables import accounts, prices, products, promotions, stores, tax_rates, tokens
from cloud.domain.decision import Policy
from cloud.domain.money import Money
from cloud.domain.pricing import Offer


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
    """Those of `skus` that the store knows, with the price and tax rate in force at `at`."""
    unit = (
        select(prices.c.amount_minor)
        .where(prices.c.store_id == products.c.store_id, prices.c.sku == products.c.sku, prices.c.valid_from <= at)
        .order_by(prices.c.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    mine = (tax_rates.c.store_id == products.c.store_id, tax_rates.c.category == products.c.tax_category)
    rate = (
        select(tax_rates.c.rate_bps)
        .where(*mine, tax_rates.c.valid_from <= at)
        .order_by(tax_rates.c.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(products.c.sku, products.c.name, products.c.tax_category, unit.label("unit"), rate.label("rate"))
    known = query.where(products.c.store_id == terms.store, products.c.sku.in_(sorted(set(skus))))
    return {
        row.sku: Offer(
            row.name,
            None if row.unit is None else Money(row.unit, terms.currency),
            row.rate,
            tax_missing=row.tax_category is not None and row.rate is None,
        )
        for row in connection.execute(known)
    }


def steady(connection: Connection, store: str, skus: Iterable[str], since: datetime, until: datetime) -> bool:
    """Whether no price of `skus`, no tax rate and no promotion of the store begins or ends after `since` to `until`."""
    ends = promotions.c.valid_until
    changes = (
        select(prices.c.sku).where(
            prices.c.store_id == store,
            prices.c.sku.in_(sorted(set(skus))),
            prices.c.valid_from > since,
            prices.c.valid_from <= until,
        ),
        select(tax_rates.c.category).where(
            tax_rates.c.store_id == store, tax_rates.c.valid_from > since, tax_rates.c.valid_from <= until
        ),
        select(promotions.c.promotion_id).where(
            promotions.c.store_id == store,
            or_(
                and_(promotions.c.valid_from > since, promotions.c.valid_from <= until),
                and_(ends.is_not(None), ends > since, ends <= until),
            ),
        ),
    )
    return all(connection.execute(change.limit(1)).first() is None for change in changes)


def token_digest(token: str) -> str:
    """What is kept of an entry token: enough to know it again, not enough to enter with."""
    return hashlib.sha256(token.encode()).hexdigest()


def accounts_of(connection: Connection, store: str, digests: Iterable[str]) -> dict[str, str]:
    """The accounts that entry tokens stand for, by digest."""
    mine = (tokens.c.store_id == store, tokens.c.token_sha256.in_(sorted(set(digests))))
    rows = connection.execute(select(tokens.c.token_sha256, tokens.c.account_id).where(*mine))
    return {row.token_sha256: row.account_id for row in rows}


def is_member(connection: Connection, store: str, account: str | None) -> bool:
    """Whether the account gets what is for members."""
    return account is not None and account in members_of(connection, store, [account])


def members_of(connection: Connection, store: str, among: Iterable[str]) -> frozenset[str]:
    """Those accounts that get what is for members."""
    mine = (accounts.c.store_id == store, accounts.c.account_id.in_(sorted(set(among))), accounts.c.member)
    return frozenset(connection.execute(select(accounts.c.account_id).where(*mine)).scalars())


def store_name(connection: Connection, store: str) -> str:
    """What people call a store that is known."""
    return str(connection.execute(select(stores.c.name).where(stores.c.store_id == store)).scalar_one())
