"""Tax rates: what a tax category pays in this store, from when on."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import insert, select

from cloud.adapters.database.tables import tax_rates
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_cursor, decode_moment, encode_cursor
from cloud.api.problems import conflict, documented
from cloud.api.rim import (
    AS_WHOLE,
    Body,
    IdempotencyKey,
    PageSize,
    Resource,
    RimOf,
    SaidInstant,
    StorePath,
    require_store,
)
from protocol.model import Instant, rfc3339

router = APIRouter(tags=["Taxes"])

TAX_CATEGORY_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,31}$"
CategoryPath = Annotated[
    str, Path(pattern=TAX_CATEGORY_PATTERN, description="The tax category.", examples=["standard", "food"])
]


class NewTaxRate(Body):
    """The rate of the tax that prices include, from `valid_from` on, until the next rate begins."""

    rate_bps: Annotated[
        int, Field(strict=True, ge=0, le=10_000, description="Basis points: 1900 is 19 %.", examples=[1900]), AS_WHOLE
    ]
    valid_from: Annotated[SaidInstant, Field(examples=["2026-01-01T00:00:00Z"])]


class TaxRateResource(Resource):
    """A tax rate."""

    store: str
    category: str
    rate_bps: int
    valid_from: Instant
    created_at: Instant


class TaxRates(Resource):
    """A page of tax rates, by category, the latest first."""

    items: list[TaxRateResource]
    next: str | None


@router.post(
    "/stores/{store}/tax-rates/{category}",
    status_code=201,
    response_model=TaxRateResource,
    responses=documented(404, 409),
)
def post_tax_rate(
    store: StorePath, category: CategoryPath, body: NewTaxRate, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Set a category's rate from a moment on, which may lie in the past; visits that are settled stay as they are."""
    with rim.database.write() as connection:
        require_store(connection, store)
        now = rim.clock()
        row = {"store_id": store, "category": category, "valid_from": body.valid_from}

        def create() -> TaxRateResource:
            mine = (
                tax_rates.c.store_id == store,
                tax_rates.c.category == category,
                tax_rates.c.valid_from == body.valid_from,
            )
            if connection.execute(select(tax_rates.c.category).where(*mine)).first() is not None:
                raise conflict("tax-rate-exists", f"{category} has a rate from {rfc3339(body.valid_from)} on already")
            connection.execute(insert(tax_rates).values(**row, rate_bps=body.rate_bps, created_at=now))
            return _rate(connection.execute(select(tax_rates).where(*mine)).one())

        return once(connection, store, key, route=f"tax-rates/{category}", body=body, now=now, create=create)


@router.get("/stores/{store}/tax-rates", responses=documented(404))
def list_tax_rates(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> TaxRates:
    """The store's tax rates, by category, the latest first."""
    query = select(tax_rates).where(tax_rates.c.store_id == store)
    if cursor is not None:
        category, since = decode_cursor(cursor, 2)
        later = (tax_rates.c.category == category) & (tax_rates.c.valid_from < decode_moment(since))
        query = query.where((tax_rates.c.category > category) | later)
    with rim.database.read() as connection:
        require_store(connection, store)
        order = (tax_rates.c.category, tax_rates.c.valid_from.desc())
        rows = connection.execute(query.order_by(*order).limit(limit + 1)).all()
    items = [_rate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return TaxRates(items=items, next=encode_cursor(last.category, rfc3339(last.valid_from)) if last else None)


def _rate(row: Any) -> TaxRateResource:
    return TaxRateResource(
        store=row.store_id,
        category=row.category,
        rate_bps=row.rate_bps,
        valid_from=row.valid_from,
        created_at=row.created_at,
    )
