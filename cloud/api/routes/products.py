"""Products and what they cost from when on."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import Connection, insert, select, update

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.shop import load_terms
from cloud.adapters.database.tables import prices, products
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_cursor, decode_moment, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import (
    Body,
    IdempotencyKey,
    PageSize,
    Resource,
    RimOf,
    SaidInstant,
    StorePath,
    WholeMinor,
    Words,
    require_store,
)
from cloud.api.routes.taxes import TAX_CATEGORY_PATTERN
from cloud.api.versions import IfMatch, edit, tag
from protocol.model import Instant, rfc3339

router = APIRouter(tags=["Products"])

SkuPath = Annotated[
    str,
    Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="The product's SKU.", examples=["water-0.5"]),
]


class ProductBody(Body):
    """A product, as a receipt names it."""

    name: Annotated[Words, Field(examples=["Still water 0.5 l"])]
    tax_category: Annotated[
        str | None,
        Field(pattern=TAX_CATEGORY_PATTERN, description="None: sold without tax.", examples=["standard", "food"]),
    ] = None


class ProductResource(Resource):
    """A product."""

    store: str
    sku: str
    name: str
    tax_category: str | None
    created_at: Instant


class Products(Resource):
    """A page of products, in order of their SKUs."""

    items: list[ProductResource]
    next: str | None


class NewPrice(Body):
    """What a piece costs from `valid_from` on, in the store's currency, until the next price begins."""

    amount_minor: Annotated[WholeMinor, Field(examples=[129])]
    valid_from: Annotated[SaidInstant, Field(examples=["2026-01-01T00:00:00Z"])]


class PriceResource(Resource):
    """A price."""

    store: str
    sku: str
    amount_minor: int
    currency: str
    valid_from: Instant
    created_at: Instant


class Prices(Resource):
    """A page of a product's prices, the latest first."""

    items: list[PriceResource]
    next: str | None


@router.put("/stores/{store}/products/{sku}", responses={201: {"model": ProductResource}, **documented(404, 412)})
def put_product(
    *, store: StorePath, sku: SkuPath, body: ProductBody, rim: RimOf, response: Response, if_match: IfMatch = None
) -> ProductResource:
    """Register a product, or change its name and tax category."""
    with rim.database.write() as connection:
        require_store(connection, store)
        row = {"store_id": store, "sku": sku, "created_at": rim.clock(), **body.model_dump()}
        before = None
        if insert_new(connection, products, [row]):
            response.status_code = 201
        else:
            before = _find(connection, store, sku)
            mine = (products.c.store_id == store, products.c.sku == sku)
            connection.execute(update(products).where(*mine).values(**body.model_dump()))
        after = _find(connection, store, sku)
        edit(rim, if_match, before, after, response)
        return after


@router.get("/stores/{store}/products", responses=documented(404))
def list_products(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Products:
    """The store's products."""
    query = select(products).where(products.c.store_id == store).order_by(products.c.sku).limit(limit + 1)
    if cursor is not None:
        query = query.where(products.c.sku > decode_cursor(cursor, 1)[0])
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query).all()
    more = len(rows) > limit
    items = [_product(row) for row in rows[:limit]]
    return Products(items=items, next=encode_cursor(items[-1].sku) if more else None)


@router.get("/stores/{store}/products/{sku}", responses=documented(404))
def get_product(store: StorePath, sku: SkuPath, rim: RimOf, response: Response) -> ProductResource:
    """One product."""
    with rim.database.read() as connection:
        require_store(connection, store)
        found = _find(connection, store, sku)
    tag(response, found)
    return found


@router.post(
    "/stores/{store}/products/{sku}/prices",
    status_code=201,
    response_model=PriceResource,
    responses=documented(404, 409),
)
def post_price(store: StorePath, sku: SkuPath, body: NewPrice, key: IdempotencyKey, rim: RimOf) -> Response:
    """Set what a piece costs from a moment on, which may lie in the past; visits that are settled stay as they are."""
    with rim.database.write() as connection:
        require_store(connection, store)
        _find(connection, store, sku)
        now = rim.clock()
        key_of_price = {"store_id": store, "sku": sku, "valid_from": body.valid_from}

        def create() -> PriceResource:
            mine = (prices.c.store_id == store, prices.c.sku == sku, prices.c.valid_from == body.valid_from)
            if connection.execute(select(prices.c.sku).where(*mine)).first() is not None:
                raise conflict("price-exists", f"{sku} has a price from {rfc3339(body.valid_from)} on already")
            connection.execute(insert(prices).values(**key_of_price, amount_minor=body.amount_minor, created_at=now))
            return _price(connection.execute(select(prices).where(*mine)).one(), load_terms(connection, store).currency)

        return once(connection, store, key, route=f"products/{sku}/prices", body=body, now=now, create=create)


@router.get("/stores/{store}/products/{sku}/prices", responses=documented(404))
def list_prices(store: StorePath, sku: SkuPath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Prices:
    """A product's prices, the latest first."""
    query = select(prices).where(prices.c.store_id == store, prices.c.sku == sku)
    if cursor is not None:
        query = query.where(prices.c.valid_from < decode_moment(decode_cursor(cursor, 1)[0]))
    with rim.database.read() as connection:
        require_store(connection, store)
        _find(connection, store, sku)
        currency = load_terms(connection, store).currency
        rows = connection.execute(query.order_by(prices.c.valid_from.desc()).limit(limit + 1)).all()
    more = len(rows) > limit
    items = [_price(row, currency) for row in rows[:limit]]
    return Prices(items=items, next=encode_cursor(rfc3339(items[-1].valid_from)) if more else None)


def _find(connection: Connection, store: str, sku: str) -> ProductResource:
    row = connection.execute(select(products).where(products.c.store_id == store, products.c.sku == sku)).first()
    if row is None:
        raise not_found(f"product {sku!r}")
    return _product(row)


def _product(row: Any) -> ProductResource:
    return ProductResource(
        store=row.store_id, sku=row.sku, name=row.name, tax_category=row.tax_category, created_at=row.created_at
    )


def _price(row: Any, currency: str) -> PriceResource:
    return PriceResource(
        store=row.store_id,
        sku=row.sku,
        amount_minor=row.amount_minor,
        currency=currency,
        valid_from=row.valid_from,
        created_at=row.created_at,
    )
