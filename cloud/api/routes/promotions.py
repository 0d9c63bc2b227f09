"""Promotions: what the store gives away, and to whom."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import ConfigDict, Field, model_validator
from sqlalchemy import Connection, func, insert, select, update

from cloud.adapters.database.promotions import IN_FORCE_MAX
from cloud.adapters.database.tables import promotions
from cloud.api.paging import Cursor, decode_cursor, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import (
    AS_WHOLE,
    Body,
    PageSize,
    Resource,
    RimOf,
    SaidInstant,
    StorePath,
    WholeMinor,
    Words,
    require_store,
)
from cloud.api.versions import IfMatch, edit, tag
from protocol.model import ID_PATTERN, Instant, Sku

router = APIRouter(tags=["Promotions"])

PromotionPath = Annotated[
    str, Path(pattern=ID_PATTERN, description="The promotion's id, of your choice.", examples=["three-for-two"])
]
Skus = Annotated[list[Sku], Field(min_length=1, max_length=200)]
PIECES_MAX = 12


class PercentTerms(Body):
    """So much off each piece."""

    kind: Literal["percent"]
    skus: Skus
    off_bps: Annotated[int, Field(strict=True, ge=1, le=10_000, description="Basis points: 1000 is 10 %."), AS_WHOLE]


class PriceTerms(Body):
    """Each piece for one price, where that is less; with `members_only` the member price."""

    kind: Literal["price"]
    skus: Skus
    amount_minor: WholeMinor


class TakeAndPayTerms(Body):
    """Of `take` pieces only the `pay` dearest are paid."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"take": {"const": take}, "pay": {"maximum": take - 1}}}
                for take in range(2, PIECES_MAX + 1)
            ]
        }
    )

    kind: Literal["n_for_m"]
    skus: Skus
    take: Annotated[int, Field(strict=True, ge=2, le=PIECES_MAX), AS_WHOLE]
    pay: Annotated[int, Field(strict=True, ge=1, lt=PIECES_MAX), AS_WHOLE]

    @model_validator(mode="after")
    def _something_is_free(self) -> "TakeAndPayTerms":
        if self.pay >= self.take:
            raise ValueError(f"pay ({self.pay}) must be less than take ({self.take})")
        return self


class BundleTerms(Body):
    """Certain pieces together for one price, where that is less."""

    kind: Literal["bundle"]
    pieces: Annotated[
        dict[Sku, Annotated[int, Field(strict=True, ge=1, le=PIECES_MAX), AS_WHOLE]],
        Field(min_length=1, max_length=PIECES_MAX, description="How many of which SKU."),
    ]
    amount_minor: WholeMinor


Terms = Annotated[PercentTerms | PriceTerms | TakeAndPayTerms | BundleTerms, Field(discriminator="kind")]


class PromotionBody(Body):
    """A promotion. Each piece takes part in one at most; the combination that is best for the shopper counts."""

    name: Annotated[Words, Field(examples=["Three waters for two"])]
    terms: Terms
    members_only: Annotated[bool, Field(strict=True)] = False
    valid_from: SaidInstant
    valid_until: SaidInstant | None = None


class PromotionResource(Resource):
    """A promotion."""

    store: str
    promotion: str
    name: str
    terms: Terms
    members_only: bool
    valid_from: Instant
    valid_until: Instant | None
    created_at: Instant


class Promotions(Resource):
    """A page of promotions, in order of their ids."""

    items: list[PromotionResource]
    next: str | None


@router.put(
    "/stores/{store}/promotions/{promotion}", responses={201: {"model": PromotionResource}, **documented(404, 409, 412)}
)
def put_promotion(
    *,
    store: StorePath,
    promotion: PromotionPath,
    body: PromotionBody,
    rim: RimOf,
    response: Response,
    if_match: IfMatch = None,
) -> PromotionResource:
    """Set a promotion, or change it from now on; visits that are settled stay as they are."""
    values = {
        "name": body.name,
        "kind": body.terms.kind,
        "members_only": body.members_only,
        "terms": body.terms.model_dump(mode="json"),
        "valid_from": body.valid_from,
        "valid_until": body.valid_until,
    }
    with rim.database.write() as connection:
        require_store(connection, store)
        mine = (promotions.c.store_id == store, promotions.c.promotion_id == promotion)
        before = None
        if connection.execute(select(promotions.c.promotion_id).where(*mine)).first() is not None:
            before = _find(connection, store, promotion)
            connection.execute(update(promotions).where(*mine).values(**values))
        else:
            count = select(func.count()).select_from(promotions).where(promotions.c.store_id == store)
            if connection.execute(count).scalar_one() >= IN_FORCE_MAX:
                raise conflict("promotion-limit", f"a store has at most {IN_FORCE_MAX} promotions: change one instead")
            response.status_code = 201
            row = {"store_id": store, "promotion_id": promotion, "created_at": rim.clock(), **values}
            connection.execute(insert(promotions).values(**row))
        after = _find(connection, store, promotion)
        edit(rim, if_match, before, after, response)
        return after


@router.get("/stores/{store}/promotions", responses=documented(404))
def list_promotions(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Promotions:
    """The store's promotions."""
    query = select(promotions).where(promotions.c.store_id == store)
    if cursor is not None:
        query = query.where(promotions.c.promotion_id > decode_cursor(cursor, 1)[0])
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(promotions.c.promotion_id).limit(limit + 1)).all()
    items = [_promotion(row) for row in rows[:limit]]
    return Promotions(items=items, next=encode_cursor(items[-1].promotion) if len(rows) > limit else None)


@router.get("/stores/{store}/promotions/{promotion}", responses=documented(404))
def get_promotion(store: StorePath, promotion: PromotionPath, rim: RimOf, response: Response) -> PromotionResource:
    """One promotion."""
    with rim.database.read() as connection:
        require_store(connection, store)
        found = _find(connection, store, promotion)
    tag(response, found)
    return found


def _find(connection: Connection, store: str, promotion: str) -> PromotionResource:
    mine = (promotions.c.store_id == store, promotions.c.promotion_id == promotion)
    row = connection.execute(select(promotions).where(*mine)).first()
    if row is None:
        raise not_found(f"promotion {promotion!r}")
    return _promotion(row)


def _promotion(row: Any) -> PromotionResource:
    return PromotionResource(
        store=row.store_id,
        promotion=row.promotion_id,
        name=row.name,
        terms=row.terms,
        members_only=row.members_only,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        created_at=row.created_at,
    )
