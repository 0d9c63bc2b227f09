"""The schema that the revisions make is the one that the code works with."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from cloud.adapters.database.engine import Database, DatabaseError
from cloud.adapters.database.migrating import migrate, require_schema, schema_of
from cloud.adapters.database.tables import metadata
from cloud.migrations import HEAD


def test_the_revisions_make_what_the_tables_say(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.sqlite
def test_the_checks_are_in_the_database_too(database: Database) -> None:
    with database.read() as connection:
        made = "".join(connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").scalars())
    for table in metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                assert str(constraint.sqltext) in made, (table.name, constraint.name)


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert schema_of(database) == HEAD
    assert not migrate(database)


def test_a_database_without_a_schema_says_what_to_do(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/deep/empty.db")
    with pytest.raises(DatabaseError, match="run tillfree cloud migrate"):
        require_schema(database)
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "sqlite:///:memory:", "sqlite:////dev/null/cloud.db"])
def test_a_database_that_cannot_be_opened_says_why(url: str) -> None:
    with pytest.raises(DatabaseError):
        Database(url)


def test_every_primary_key_begins_with_the_store() -> None:
    for table in metadata.tables.values():
        assert next(iter(table.primary_key)).name == "store_id", table.name


def test_the_tables_can_be_said_to_postgresql() -> None:
    dialect = make_url("postgresql+psycopg://").get_dialect()()
    said = [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.tables.values()]
    said += [str(CreateIndex(i).compile(dialect=dialect)) for table in metadata.tables.values() for i in table.indexes]
    assert any("TIMESTAMP WITH TIME ZONE" in statement for statement in said)
    assert any("WHERE processed_at IS NULL" in statement for statement in said)
