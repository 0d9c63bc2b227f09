"""Bringing a database to the schema that this version needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from cloud.adapters.database.engine import Database, DatabaseError, trouble
from cloud.migrations import HEAD


def schema_of(database: Database) -> str | None:
    """The revision that the database is at; None for an empty one, DatabaseError where it cannot be read."""
    with _said_plainly(database), database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def require_schema(database: Database) -> None:
    """Raise DatabaseError, with what to do, where the database is not at this version's schema."""
    found = schema_of(database)
    if found != HEAD:
        raise DatabaseError(
            f"{database.where} is at schema {found or '(empty)'}, this version needs {HEAD}: "
            f"run tillfree cloud migrate --database {database.where}"
        )


def migrate(database: Database) -> bool:
    """Bring the database to HEAD; whether anything was to be done."""
    if schema_of(database) == HEAD:
        return False
    # Only a process that migrates pays for Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "cloud:migrations")
    config.set_main_option("path_separator", "os")
    with _said_plainly(database), database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


@contextmanager
def _said_plainly(database: Database) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise DatabaseError(f"{database.where} cannot be used: {trouble(error)}") from error
