"""What a store decides and sells by: its policy, products, prices, taxes and entry tokens."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, exists, or_, select

from cloud.adapters.database.among import among
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


# Statements that are said for every batch stand beside what says them: to make one takes longer than it does.
_STORE = select(stores).where(stores.c.store_id == bindparam("store"))


def load_terms(connection: Connection, store: str) -> StoreTerms:
    """The terms of a registered store."""
    row: Row[Any] = connection.execute(_STORE, {"store": store}).one()
    return StoreTerms(
        store,
        row.currency,
        Money(row.hold_minor, row.currency),
        Policy(row.charge_threshold, row.drop_below),
        row.settle_within_s,
        timedelta(seconds=row.review_within_s),
    )


_UNIT = (
    select(prices.c.amount_minor)
    .where(
        prices.c.store_id == products.c.store_id,
        prices.c.sku == products.c.sku,
        prices.c.valid_from <= bindparam("at"),
    )
    .order_by(prices.c.valid_from.desc())
    .limit(1)
    .scalar_subquery()
)
_RATE = (
    select(tax_rates.c.rate_bps)
    .where(
        tax_rates.c.store_id == products.c.store_id,
        tax_rates.c.category == products.c.tax_category,
        tax_rates.c.valid_from <= bindparam("at"),
    )
    .order_by(tax_rates.c.valid_from.desc())
    .limit(1)
    .scalar_subquery()
)
_OFFERED = select(
    products.c.sku, products.c.name, products.c.tax_category, _UNIT.label("unit"), _RATE.label("rate")
).where(products.c.store_id == bindparam("store"), among(products.c.sku, "skus"))


def load_offers(connection: Connection, terms: StoreTerms, skus: Iterable[str], at: datetime) -> dict[str, Offer]:
    """Those of `skus` that the store knows, with the price and tax rate in force at `at`."""
    asked = {"store": terms.store, "skus": sorted(set(skus)), "at": at}
    return {
        row.sku: Offer(
            row.name,
            None if row.unit is None else Money(row.unit, terms.currency),
            row.rate,
            tax_missing=row.tax_category is not None and row.rate is None,
        )
        for row in connection.execute(_OFFERED, asked)
    }


_MINE: BindParameter[str] = bindparam("store")
_SINCE: BindParameter[datetime] = bindparam("since")
_UNTIL: BindParameter[datetime] = bindparam("until")
_CHANGED = select(
    or_(
        exists().where(
            prices.c.store_id == _MINE,
            among(prices.c.sku, "skus"),
            prices.c.valid_from > _SINCE,
            prices.c.valid_from <= _UNTIL,
        ),
        exists().where(
            tax_rates.c.store_id == _MINE, tax_rates.c.valid_from > _SINCE, tax_rates.c.valid_from <= _UNTIL
        ),
        exists().where(
            promotions.c.store_id == _MINE, promotions.c.valid_from > _SINCE, promotions.c.valid_from <= _UNTIL
        ),
        exists().where(
            promotions.c.store_id == _MINE, promotions.c.valid_until > _SINCE, promotions.c.valid_until <= _UNTIL
        ),
    )
)


def steady(connection: Connection, store: str, skus: Iterable[str], since: datetime, until: datetime) -> bool:
    """Whether no price of `skus`, no tax rate and no promotion of the store begins or ends after `since` to `until`."""
    asked = {"store": store, "skus": sorted(set(skus)), "since": since, "until": until}
    return not connection.execute(_CHANGED, asked).scalar_one()


def token_digest(token: str) -> str:
    """What is kept of an entry token: enough to know it again, not enough to enter with."""
    return hashlib.sha256(token.encode()).hexdigest()


_ACCOUNTS = select(tokens.c.token_sha256, tokens.c.account_id).where(
    tokens.c.store_id == bindparam("store"), among(tokens.c.token_sha256, "those")
)
_MEMBERS = select(accounts.c.account_id).where(
    accounts.c.store_id == bindparam("store"),
    among(accounts.c.account_id, "those"),
    accounts.c.member,
)


def accounts_of(connection: Connection, store: str, digests: Iterable[str]) -> dict[str, str]:
    """The accounts that entry tokens stand for, by digest."""
    rows = connection.execute(_ACCOUNTS, {"store": store, "those": sorted(set(digests))})
    return {row.token_sha256: row.account_id for row in rows}


def is_member(connection: Connection, store: str, account: str | None) -> bool:
    """Whether the account gets what is for members."""
    return account is not None and account in members_of(connection, store, [account])


def members_of(connection: Connection, store: str, among: Iterable[str]) -> frozenset[str]:
    """Those accounts that get what is for members."""
    return frozenset(connection.execute(_MEMBERS, {"store": store, "those": sorted(set(among))}).scalars())


def store_name(connection: Connection, store: str) -> str:
    """What people call a store that is known."""
    return str(connection.execute(select(stores.c.name).where(stores.c.store_id == store)).scalar_one())
