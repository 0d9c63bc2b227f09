"""`tillfree cloud owner`: the first person who may decide who else may."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cloud.domain.errors import CloudError
from cloud.settings import default_database

if TYPE_CHECKING:
    from sqlalchemy import Connection

owner = typer.Typer(help="Owners: who decides who may do what.", no_args_is_help=True)


@owner.callback()
def _group() -> None:
    """Keep `owner create` two words, though it is the only one."""


@owner.command()
def create(
    name: Annotated[str, typer.Argument(help="The owner's name: small letters, digits, - and _.")],
    store: Annotated[str | None, typer.Option(help="An owner of this store alone; by default of every store.")] = None,
    database: Annotated[str | None, typer.Option(envvar="TILLFREE_DATABASE", help="As for serve.")] = None,
) -> None:
    """Make an owner, or give one another password. It is asked for, or taken from TILLFREE_OWNER_PASSWORD."""
    from pydantic import TypeAdapter, ValidationError

    from cloud.adapters.database.engine import Database
    from cloud.adapters.database.migrating import migrate
    from cloud.adapters.database.staff import keep_operator
    from cloud.clock import wall_clock
    from cloud.domain.access import EVERY_STORE, Role
    from cloud.service.passwords import CHARACTERS_MAX, CHARACTERS_MIN, Passwords
    from protocol.model import Id

    try:
        TypeAdapter(Id).validate_python(name)
    except ValidationError:
        raise CloudError(f"{name!r} is no name for an owner: small letters, digits, - and _, at most 63") from None
    password = os.environ.get("TILLFREE_OWNER_PASSWORD")
    if password is None:
        password = typer.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True)
    if not CHARACTERS_MIN <= len(password) <= CHARACTERS_MAX:
        raise CloudError(f"a password has {CHARACTERS_MIN} to {CHARACTERS_MAX} characters")
    hashed = Passwords().hashed(password)
    opened = Database(database or default_database())
    try:
        migrate(opened)
        with opened.write() as connection:
            if store is not None:
                _require_known(connection, store)
            values: dict[str, Any] = {"role": Role.OWNER, "password_hash": hashed, "disabled": False}
            fresh = keep_operator(connection, store or EVERY_STORE, name, **values, now=wall_clock())
    finally:
        opened.close()
    where = f"store {store}" if store else "every store"
    typer.echo(f"{name} is {'now an' if fresh else 'still an'} owner of {where}, with this password")


def _require_known(connection: "Connection", store: str) -> None:
    from sqlalchemy import select

    from cloud.adapters.database.tables import stores

    if connection.execute(select(stores.c.store_id).where(stores.c.store_id == store)).first() is None:
        raise CloudError(f"store {store!r} is not known: register it first (PUT /v1/stores/{store})")


def has_owner(database_url: str) -> bool:
    """Whether somebody can sign in there; a database that is not there yet has nobody."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from cloud.adapters.database.engine import Database
    from cloud.adapters.database.staff import anybody_known

    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return False
    opened = Database(database_url)
    try:
        with opened.read() as connection:
            return anybody_known(connection)
    except SQLAlchemyError:
        # No table yet: it is from an earlier version, and migrated later.
        return False
    finally:
        opened.close()
