"""Promotions as they are kept, and those in force at a moment."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from cloud.adapters.database.tables import promotions
from cloud.domain.promotion import Bundle, FixedPrice, Percent, Promotion, TakeAndPay

IN_FORCE_MAX = 500
"""Promotions of a store that are looked at for one cart; the API lets no more be in force."""


# It is said for every batch: to make it takes longer than it does.
_IN_FORCE = (
    select(promotions)
    .where(
        promotions.c.store_id == bindparam("store"),
        promotions.c.valid_from <= bindparam("at"),
        or_(promotions.c.valid_until.is_(None), promotions.c.valid_until > bindparam("at")),
    )
    .order_by(promotions.c.promotion_id)
    .limit(IN_FORCE_MAX)
)


def load_promotions(connection: Connection, store: str, at: datetime) -> tuple[Promotion, ...]:
    """The store's promotions that are in force at `at`."""
    return tuple(_promotion(row) for row in connection.execute(_IN_FORCE, {"store": store, "at": at}))


def promotion_names(connection: Connection, store: str, ids: Iterable[str]) -> dict[str, str]:
    """What promotions are called now, by id."""
    query = select(promotions.c.promotion_id, promotions.c.name).where(
        promotions.c.store_id == store, promotions.c.promotion_id.in_(sorted(ids))
    )
    return {row.promotion_id: row.name for row in connection.execute(query)}


def _promotion(row: Any) -> Promotion:
    terms = row.terms
    match row.kind:
        case "percent":
            return Percent(row.promotion_id, frozenset(terms["skus"]), terms["off_bps"], row.members_only)
        case "price":
            return FixedPrice(row.promotion_id, frozenset(terms["skus"]), terms["amount_minor"], row.members_only)
        case "n_for_m":
            skus = frozenset(terms["skus"])
            return TakeAndPay(row.promotion_id, skus, terms["take"], terms["pay"], row.members_only)
        case "bundle":
            pieces = tuple(sorted((str(sku), int(qty)) for sku, qty in terms["pieces"].items()))
            return Bundle(row.promotion_id, pieces, terms["amount_minor"], row.members_only)
    raise ValueError(f"promotion {row.promotion_id!r} is of the unknown kind {row.kind!r}")
