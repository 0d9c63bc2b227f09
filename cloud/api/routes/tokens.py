"""What opens the gate for an account: registered, looked at, and taken back when a phone or a card is lost."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import delete, select

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.shop import token_digest
from cloud.adapters.database.tables import tokens
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_cursor, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import Body, IdempotencyKey, PageSize, Resource, RimOf, StorePath
from cloud.api.routes.accounts import AccountPath, find_account, find_live_account
from protocol.model import Instant, Token
from protocol.tokens import STAFF_PREFIX

router = APIRouter(tags=["Accounts"])

DigestPath = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="The SHA-256 of the token, in hexadecimal.")]


class NewToken(Body):
    """What the gate will read."""

    token: Annotated[Token, Field(description="Kept as its SHA-256 only.")]


class TokenResource(Resource):
    """A token that opens a visit on this account."""

    store: str
    account: str
    token_sha256: str
    created_at: Instant


class Tokens(Resource):
    """A page of tokens, in order of their digests."""

    items: list[TokenResource]
    next: str | None


@router.post(
    "/stores/{store}/accounts/{account}/tokens",
    status_code=201,
    response_model=TokenResource,
    responses=documented(404, 409),
)
def post_token(store: StorePath, account: AccountPath, body: NewToken, key: IdempotencyKey, rim: RimOf) -> Response:
    """Let a token open visits on this account."""
    digest = token_digest(body.token)
    with rim.database.write() as connection:
        find_live_account(connection, store, account)
        now = rim.clock()

        if body.token.startswith(STAFF_PREFIX):
            # A gate says so of a token that names one of the staff; who works here is never charged for it.
            raise conflict("staff-token", f"{STAFF_PREFIX}… stands for staff at the gate and opens no account")

        def create() -> TokenResource:
            row = {"store_id": store, "token_sha256": digest, "account_id": account, "created_at": now}
            if not insert_new(connection, tokens, [row]):
                raise conflict("token-exists", "this token is registered already")
            return TokenResource(store=store, account=account, token_sha256=digest, created_at=now)

        return once(connection, store, key, route=f"accounts/{account}/tokens", body=body, now=now, create=create)


@router.get("/stores/{store}/accounts/{account}/tokens", responses=documented(404))
def list_tokens(
    store: StorePath, account: AccountPath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50
) -> Tokens:
    """What opens visits on this account. Nobody knows the tokens themselves any more."""
    query = select(tokens).where(*_of(store, account)).order_by(tokens.c.token_sha256).limit(limit + 1)
    if cursor is not None:
        query = query.where(tokens.c.token_sha256 > decode_cursor(cursor, 1)[0])
    with rim.database.read() as connection:
        find_account(connection, store, account)
        rows = connection.execute(query).all()
    items = [
        TokenResource(store=store, account=account, token_sha256=row.token_sha256, created_at=row.created_at)
        for row in rows[:limit]
    ]
    return Tokens(items=items, next=encode_cursor(items[-1].token_sha256) if len(rows) > limit else None)


@router.delete(
    "/stores/{store}/accounts/{account}/tokens/{token_sha256}",
    status_code=204,
    response_class=Response,
    responses=documented(404),
)
def delete_token(store: StorePath, account: AccountPath, token_sha256: DigestPath, rim: RimOf) -> Response:
    """Let a token open nothing any more, at once. A visit that it opened goes on."""
    with rim.database.write() as connection:
        find_account(connection, store, account)
        mine = (*_of(store, account), tokens.c.token_sha256 == token_sha256)
        if not connection.execute(delete(tokens).where(*mine)).rowcount:
            raise not_found(f"token {token_sha256}")
        # Whoever has the token can make its digest, so the log must not name it when the account is forgotten.
        rim.audit(target=f"/v1/stores/{store}/accounts/{account}/tokens")
    return Response(status_code=204)


def _of(store: str, account: str) -> tuple[Any, Any]:
    return tokens.c.store_id == store, tokens.c.account_id == account
