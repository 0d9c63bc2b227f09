"""How an account pays: from its wallet, or through a payment gateway."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import Connection, delete, insert

from cloud.adapters.database.charges import method_of, try_debts_now
from cloud.adapters.database.tables import payment_methods
from cloud.api.problems import conflict, documented
from cloud.api.rim import Body, Resource, RimOf, StorePath, require_account, require_store
from cloud.api.routes.accounts import AccountPath
from cloud.api.versions import IfMatch, edit, tag
from cloud.domain.ledger import WALLET

router = APIRouter(tags=["Accounts"])


class MethodBody(Body):
    """Which gateway, and what it calls the payer; the wallet needs no name."""

    gateway: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$", examples=["wallet", "stripe"])]
    payer: Annotated[
        str,
        Field(
            max_length=200,
            pattern=r"^[\x21-\x7e]*$",
            description="The gateway's name of the payer, never a card number; empty for the wallet.",
            examples=["cus_123:pm_456"],
        ),
    ] = ""


class MethodResource(Resource):
    """How an account pays."""

    store: str
    account: str
    gateway: str
    payer: str


@router.put("/stores/{store}/accounts/{account}/payment-method", responses=documented(404, 409, 412))
def put_payment_method(
    *,
    store: StorePath,
    account: AccountPath,
    body: MethodBody,
    rim: RimOf,
    response: Response,
    if_match: IfMatch = None,
) -> MethodResource:
    """Change how the account pays from its next entry on. What it owes is tried at once by the new way."""
    if body.gateway not in rim.gateways:
        known = ", ".join(sorted(rim.gateways))
        raise conflict("gateway-unknown", f"gateway {body.gateway!r} is not set up here; there is: {known}")
    if bool(body.payer) == (body.gateway == WALLET):
        raise conflict("payer-missing", "a gateway needs the name of the payer; the wallet has the account's own")
    with rim.database.write() as connection:
        require_store(connection, store)
        require_account(connection, store, account, live=True)
        before = _method(connection, store, account)
        mine = (payment_methods.c.store_id == store, payment_methods.c.account_id == account)
        connection.execute(delete(payment_methods).where(*mine))
        now = rim.clock()
        if body.gateway != WALLET:
            row = {"store_id": store, "account_id": account, "gateway": body.gateway, "payer": body.payer}
            connection.execute(insert(payment_methods).values(**row, changed_at=now))
        try_debts_now(connection, store, account, now)
        after = _method(connection, store, account)
        edit(rim, if_match, before, after, response)
        return after


@router.get("/stores/{store}/accounts/{account}/payment-method", responses=documented(404))
def get_payment_method(store: StorePath, account: AccountPath, rim: RimOf, response: Response) -> MethodResource:
    """How the account pays."""
    with rim.database.read() as connection:
        require_store(connection, store)
        require_account(connection, store, account)
        found = _method(connection, store, account)
    tag(response, found)
    return found


def _method(connection: Connection, store: str, account: str) -> MethodResource:
    method = method_of(connection, store, account)
    return MethodResource(store=store, account=account, gateway=method.gateway, payer=method.payer)
