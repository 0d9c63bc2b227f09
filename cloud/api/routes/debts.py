"""Debts: what was taken and not paid."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from sqlalchemy import Connection

from cloud.adapters.database.charges import Charge, change_charge, debts_of, find_charge
from cloud.adapters.database.visits import Visit, find_visit
from cloud.api.once import once
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import Body, IdempotencyKey, Resource, RimOf, StorePath, VisitPath, Words, require_store
from cloud.domain.charging import ChargeState
from cloud.service.charging import write_off
from protocol.model import ID_PATTERN, Instant

router = APIRouter(tags=["Debts"])

SHOWN_MAX = 200
NumberPath = Annotated[int, Path(ge=1, le=10_000, description="The charge's number within its visit.")]


class DebtResource(Resource):
    """A charge that is not paid. While there is one the account enters nowhere in this store."""

    store: str
    visit: UUID
    number: int
    account: str
    state: ChargeState
    owed_minor: Annotated[int, Field(description="0 once it is paid, cleared by refunds or written off.")]
    currency: str
    refusals: Annotated[int, Field(description="How often no money came.")]
    next_attempt_at: Annotated[
        Instant | None, Field(description="None: not by itself any more; a top-up or another way to pay tries it.")
    ]


class Debts(Resource):
    """Debts, the oldest visits first; at most 200."""

    items: list[DebtResource]


class AttemptBody(Body):
    """Nothing needs to be said."""


class WriteOffBody(Body):
    """Why nobody pays any more."""

    note: Words


@router.get("/stores/{store}/debts", responses=documented(404))
def list_debts(
    store: StorePath,
    rim: RimOf,
    account: Annotated[str | None, Query(pattern=ID_PATTERN, description="Only this account's.")] = None,
) -> Debts:
    """What is owed to the store."""
    with rim.database.read() as connection:
        require_store(connection, store)
        return Debts(items=[_debt(charge) for charge in debts_of(connection, store, account, SHOWN_MAX)])


@router.post(
    "/stores/{store}/debts/{visit}/{number}/attempts",
    status_code=201,
    response_model=DebtResource,
    responses=documented(404, 409),
)
def post_attempt(
    *, store: StorePath, visit: VisitPath, number: NumberPath, body: AttemptBody, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Try to be paid now."""
    with rim.database.write() as connection:
        require_store(connection, store)
        _, charge = _find(connection, store, visit, number)
        now = rim.clock()

        def create() -> DebtResource:
            _require_owed(charge)
            change_charge(connection, charge, next_attempt_at=now)
            return _debt(_find(connection, store, visit, number)[1])

        return once(connection, store, key, route=f"debts/{visit}/{number}/try", body=body, now=now, create=create)


@router.post(
    "/stores/{store}/debts/{visit}/{number}/write-off",
    status_code=201,
    response_model=DebtResource,
    responses=documented(404, 409),
)
def post_write_off(
    *, store: StorePath, visit: VisitPath, number: NumberPath, body: WriteOffBody, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Give a debt up. It is a loss in the ledger, and the account may enter again."""
    with rim.database.write() as connection:
        require_store(connection, store)
        of, charge = _find(connection, store, visit, number)
        now = rim.clock()

        def create() -> DebtResource:
            _require_owed(charge)
            write_off(connection, of, charge, now)
            return _debt(_find(connection, store, visit, number)[1])

        return once(connection, store, key, route=f"debts/{visit}/{number}/off", body=body, now=now, create=create)


def _find(connection: Connection, store: str, visit: UUID, number: int) -> tuple[Visit, Charge]:
    of = find_visit(connection, store, visit, lock=True)
    charge = find_charge(connection, store, visit, number, lock=True)
    if of is None or charge is None:
        raise not_found(f"charge {number} of visit {visit}")
    return of, charge


def _require_owed(charge: Charge) -> None:
    if charge.state is not ChargeState.OWED:
        raise conflict("not-owed", f"charge {charge.number} of visit {charge.visit} is {charge.state}")


def _debt(charge: Charge) -> DebtResource:
    return DebtResource(
        store=charge.store,
        visit=charge.visit,
        number=charge.number,
        account=charge.account,
        state=charge.state,
        owed_minor=charge.due.minor if charge.indebted else 0,
        currency=charge.amount.currency,
        refusals=charge.refusals,
        next_attempt_at=charge.next_attempt_at,
    )
