"""Shoppers' accounts, each with a prepaid wallet that is paid into."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import Connection, Select, select, update

from cloud.adapters.database.charges import try_debts_now
from cloud.adapters.database.erasing import ERASED
from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.ledger import write_entry
from cloud.adapters.database.shop import load_terms
from cloud.adapters.database.tables import accounts, wallets
from cloud.adapters.gateways.wallet import open_wallet, pay_in
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_cursor, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import (
    AmountMinor,
    Body,
    IdempotencyKey,
    PageSize,
    Resource,
    RimOf,
    StorePath,
    Words,
    require_store,
)
from cloud.api.versions import IfMatch, edit, tag
from cloud.domain.ledger import top_up
from cloud.domain.money import Money
from protocol.model import ID_PATTERN, Id, Instant

router = APIRouter(tags=["Accounts"])

AccountPath = Annotated[str, Path(pattern=ID_PATTERN, description="The account's id.", examples=["alice"])]


class NewAccount(Body):
    """An account to open."""

    account: Annotated[Id, Field(description="The account's id, of your choice.", examples=["alice"])]
    name: Annotated[Words | None, Field(examples=["Alice"])] = None
    member: Annotated[bool, Field(strict=True, description="Gets the prices and promotions for members.")] = False


class AccountBody(Body):
    """What may change of an account."""

    name: Words | None = None
    member: Annotated[bool, Field(strict=True)] = False


class AccountResource(Resource):
    """An account. What can be spent is `balance_minor` less `held_minor`."""

    store: str
    account: str
    name: str | None
    member: bool
    currency: str
    balance_minor: int
    held_minor: int
    created_at: Instant
    erased_at: Annotated[Instant | None, Field(description="Since then it is nobody's: a pseudonym in the books.")]


class Accounts(Resource):
    """A page of accounts, in order of their ids."""

    items: list[AccountResource]
    next: str | None


class NewTopUp(Body):
    """Money paid in, in the store's currency."""

    amount_minor: AmountMinor


class TopUpResource(Resource):
    """Money that was paid in, and the balance after it."""

    store: str
    account: str
    amount_minor: int
    currency: str
    balance_minor: int
    paid_at: Instant


@router.post(
    "/stores/{store}/accounts", status_code=201, response_model=AccountResource, responses=documented(404, 409)
)
def post_account(store: StorePath, body: NewAccount, key: IdempotencyKey, rim: RimOf) -> Response:
    """Open an account with an empty wallet."""
    with rim.database.write() as connection:
        require_store(connection, store)
        now = rim.clock()

        def create() -> AccountResource:
            if body.account.startswith(ERASED):
                raise conflict("account-reserved", f"{ERASED}… stands for accounts that were erased: choose another id")
            row = {"store_id": store, "account_id": body.account, "name": body.name, "member": body.member}
            if not insert_new(connection, accounts, [{**row, "created_at": now}]):
                raise conflict("account-exists", f"account {body.account!r} exists already")
            open_wallet(connection, store, body.account, load_terms(connection, store).currency)
            return find_account(connection, store, body.account)

        return once(connection, store, key, route="accounts", body=body, now=now, create=create)


@router.put("/stores/{store}/accounts/{account}", responses=documented(404, 409, 412))
def put_account(
    *,
    store: StorePath,
    account: AccountPath,
    body: AccountBody,
    rim: RimOf,
    response: Response,
    if_match: IfMatch = None,
) -> AccountResource:
    """Change an account's name and membership."""
    with rim.database.write() as connection:
        before = find_live_account(connection, store, account)
        mine = (accounts.c.store_id == store, accounts.c.account_id == account)
        connection.execute(update(accounts).where(*mine).values(**body.model_dump()))
        after = find_account(connection, store, account)
        edit(rim, if_match, before, after, response)
        return after


@router.get("/stores/{store}/accounts", responses=documented(404))
def list_accounts(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Accounts:
    """The store's accounts."""
    query = _query(store).order_by(accounts.c.account_id).limit(limit + 1)
    if cursor is not None:
        query = query.where(accounts.c.account_id > decode_cursor(cursor, 1)[0])
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query).all()
    more = len(rows) > limit
    items = [_account(row) for row in rows[:limit]]
    return Accounts(items=items, next=encode_cursor(items[-1].account) if more else None)


@router.get("/stores/{store}/accounts/{account}", responses=documented(404))
def get_account(store: StorePath, account: AccountPath, rim: RimOf, response: Response) -> AccountResource:
    """One account."""
    with rim.database.read() as connection:
        found = find_account(connection, store, account)
    tag(response, found)
    return found


@router.post(
    "/stores/{store}/accounts/{account}/top-ups",
    status_code=201,
    response_model=TopUpResource,
    responses=documented(404, 409),
)
def post_top_up(store: StorePath, account: AccountPath, body: NewTopUp, key: IdempotencyKey, rim: RimOf) -> Response:
    """Pay into an account's wallet. What the account owes is tried again at once."""
    with rim.database.write() as connection:
        before = find_live_account(connection, store, account)
        now = rim.clock()

        def create() -> TopUpResource:
            amount = Money(body.amount_minor, before.currency)
            if before.balance_minor + amount.minor > BALANCE_MINOR_MAX:
                raise conflict("balance-limit", f"a wallet holds at most {BALANCE_MINOR_MAX} minor units")
            entry = top_up(account, amount, f"{store}/top-up/{key}")
            write_entry(connection, store, entry, visit=None, occurred_at=now, now=now)
            pay_in(connection, store, account, amount)
            try_debts_now(connection, store, account, now)
            return TopUpResource(
                store=store,
                account=account,
                amount_minor=amount.minor,
                currency=amount.currency,
                balance_minor=before.balance_minor + amount.minor,
                paid_at=now,
            )

        return once(connection, store, key, route=f"accounts/{account}/top-ups", body=body, now=now, create=create)


BALANCE_MINOR_MAX = 10**12
"""Far more than anyone prepays, and far less than a database's 64 bits."""


def _query(store: str) -> Select[Any]:
    together = (wallets.c.store_id == accounts.c.store_id) & (wallets.c.account_id == accounts.c.account_id)
    wallet = (wallets.c.currency, wallets.c.balance_minor, wallets.c.held_minor)
    return select(accounts, *wallet).join(wallets, together).where(accounts.c.store_id == store)


def find_account(connection: Connection, store: str, account: str) -> AccountResource:
    """The account; 404 where it, or its store, is not known."""
    require_store(connection, store)
    row = connection.execute(_query(store).where(accounts.c.account_id == account)).first()
    if row is None:
        raise not_found(f"account {account!r}")
    return _account(row)


def find_live_account(connection: Connection, store: str, account: str) -> AccountResource:
    """The account of somebody; 409 where that was erased."""
    found = find_account(connection, store, account)
    if found.erased_at is not None:
        raise conflict("account-erased", f"account {account!r} was erased: it is nobody's any more")
    return found


def _account(row: Any) -> AccountResource:
    return AccountResource(
        store=row.store_id,
        account=row.account_id,
        name=row.name,
        member=row.member,
        currency=row.currency,
        balance_minor=row.balance_minor,
        held_minor=row.held_minor,
        created_at=row.created_at,
        erased_at=row.erased_at,
    )
