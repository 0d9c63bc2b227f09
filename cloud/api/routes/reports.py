"""Reports: what was sold, what sells best, and what left the shelves. Visits count where they began in the period."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from cloud.adapters.database.reports import best_sellers, sales_of, taken_from_shelves
from cloud.adapters.database.shop import load_terms
from cloud.api.problems import documented
from cloud.api.rim import PageSize, Resource, RimOf, SaidInstant, StorePath, require_store
from protocol.model import Instant

router = APIRouter(tags=["Reports"])

DAYS_MAX = 400

Since = Annotated[SaidInstant, Query(description="The first moment of the period.")]
Days = Annotated[int, Query(ge=1, le=DAYS_MAX, description="How many days it has.")]


class Sales(Resource):
    """What was sold, by the latest receipts; `total_minor` has refunds taken off."""

    store: str
    since: Instant
    until: Instant
    visits: Annotated[int, Field(description="Visits with a receipt.")]
    total_minor: int
    refunded_minor: int
    owed_minor: int
    charged_back_minor: int
    currency: str


class Seller(Resource):
    """A product, and what was sold of it; what was given back is taken off."""

    sku: str
    name: str
    qty: int
    amount_minor: int


class BestSellers(Resource):
    """The products that sold most, most pieces first."""

    store: str
    currency: str
    items: list[Seller]


class Taken(Resource):
    """A product, and how many pieces of it left the shelves."""

    sku: str
    qty: int


class StockReport(Resource):
    """What was seen to leave the shelves, charged or not: what is to be filled up."""

    store: str
    items: list[Taken]


@router.get("/stores/{store}/reports/sales", responses=documented(404))
def get_sales(store: StorePath, rim: RimOf, since: Since, days: Days = 1) -> Sales:
    """What was sold in a period of at most 400 days."""
    until = since + timedelta(days=days)
    with rim.database.read() as connection:
        require_store(connection, store)
        row = sales_of(connection, store, since, until)
        currency = load_terms(connection, store).currency
    return Sales(
        store=store,
        since=since,
        until=until,
        visits=row.visits,
        total_minor=row.total_minor or 0,
        refunded_minor=row.refunded_minor or 0,
        owed_minor=row.owed_minor or 0,
        charged_back_minor=row.charged_back_minor or 0,
        currency=currency,
    )


@router.get("/stores/{store}/reports/best-sellers", responses=documented(404))
def get_best_sellers(store: StorePath, rim: RimOf, since: Since, days: Days = 1, limit: PageSize = 50) -> BestSellers:
    """The products that sold most in a period of at most 400 days."""
    until = since + timedelta(days=days)
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = best_sellers(connection, store, since, until, limit)
        currency = load_terms(connection, store).currency
    items = [Seller(sku=row.sku, name=row.name, qty=row.qty, amount_minor=row.amount_minor) for row in rows]
    return BestSellers(store=store, currency=currency, items=items)


@router.get("/stores/{store}/reports/stock", responses=documented(404))
def get_stock(store: StorePath, rim: RimOf, since: Since, days: Days = 1, limit: PageSize = 50) -> StockReport:
    """What left the shelves in a period of at most 400 days."""
    until = since + timedelta(days=days)
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = taken_from_shelves(connection, store, since, until, limit)
    return StockReport(store=store, items=[Taken(sku=row.sku, qty=row.qty) for row in rows])
