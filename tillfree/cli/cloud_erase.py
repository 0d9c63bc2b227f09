"""`tillfree cloud erase`: forgetting an account or a visit, where there is nobody at the API."""

from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer

from cloud.domain.errors import CloudError
from cloud.settings import default_database

if TYPE_CHECKING:
    from cloud.service.erasing import Erasure

WHO = "command-line"
"""Who did it, in the log of changes: whoever may write the database's file."""


def erase(
    *,
    store: Annotated[str, typer.Option(help="Whose account or visit it is.")],
    account: Annotated[str | None, typer.Option(help="Forget this account with all of its visits.")] = None,
    visit: Annotated[UUID | None, typer.Option(help="Forget whose this visit was and what was seen of it.")] = None,
    remaining: Annotated[
        Literal["paid_out", "forfeited"] | None, typer.Option(help="What became of money left in the wallet.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be undone.")] = False,
    database: Annotated[str | None, typer.Option(envvar="TILLFREE_DATABASE", help="As for serve.")] = None,
) -> None:
    """Forget a person, for good. The books stay, with a pseudonym in the person's place."""
    if (account is None) == (visit is None):
        raise CloudError("say either --account or --visit")
    if not yes:
        typer.confirm(f"Forget {account or visit} in {store}? It cannot be undone.", abort=True)
    made = _erase(database or default_database(), store, account, visit, remaining)
    if made is None:
        typer.echo(f"visit {visit} was forgotten before")
        return
    rows = ", ".join(f"{count} {table}" for table, count in made.changed.items()) or "nothing"
    typer.echo(f"forgotten: {rows}; clips: {len(made.evidence)}; in the books: {made.pseudonym}")


def _erase(
    url: str, store: str, account: str | None, visit: UUID | None, remaining: Literal["paid_out", "forfeited"] | None
) -> "Erasure | None":
    from sqlalchemy import insert, select

    from cloud.adapters.database.engine import Database
    from cloud.adapters.database.migrating import require_schema
    from cloud.adapters.database.tables import accounts, audit
    from cloud.adapters.database.visits import find_visit
    from cloud.clock import wall_clock
    from cloud.service.erasing import erase_account, erase_visit
    from protocol.ids import uuid7

    opened = Database(url)
    try:
        require_schema(opened)
        with opened.write() as connection:
            now, made = wall_clock(), None
            if visit is not None:
                if find_visit(connection, store, visit) is None:
                    raise CloudError(f"visit {visit} is not known in store {store!r}")
                made = erase_visit(connection, store, visit, by=WHO, now=now)
            elif account is not None:
                mine = (accounts.c.store_id == store, accounts.c.account_id == account, accounts.c.erased_at.is_(None))
                if connection.execute(select(accounts.c.account_id).where(*mine)).first() is None:
                    raise CloudError(f"account {account!r} is not known in store {store!r}")
                made = erase_account(connection, store, account, remaining, by=WHO, now=now)
            if made is not None:
                of = f"visits/{visit}" if visit is not None else f"accounts/{made.pseudonym}"
                said = {"kind": "machine", "by": WHO, "action": "tillfree cloud erase"}
                row = {**said, "store_id": store, "at": now, "target": f"/v1/stores/{store}/{of}"}
                name = uuid7(now, store, str(made.erasure))
                connection.execute(insert(audit).values(**row, audit_id=name, before=None, after=str(made.erasure)))
            return made
    finally:
        opened.close()
