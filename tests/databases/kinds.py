"""Databases of either kind, durable as in a shop, for benches and faults."""

import shutil
from pathlib import Path

from cloud.adapters.database.engine import Database
from cloud.adapters.database.migrating import migrate
from tests.databases.postgres_server import PostgresServer


class SqliteFiles:
    """Each database is a file."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, name: str) -> str:
        """The URL of a database at this version's schema."""
        url = f"sqlite:///{self._folder / name}.db"
        database = Database(url)
        migrate(database)
        database.close()
        return url

    def copy(self, name: str, of: str) -> str:
        """The URL of a copy of the database `of`, which nobody has open."""
        shutil.copy(self._folder / f"{of}.db", self._folder / f"{name}.db")
        return f"sqlite:///{self._folder / name}.db"

    def close(self) -> None:
        """The folder's owner takes them away."""


class PostgresDatabases:
    """Databases of one server of our own."""

    name = "postgresql"

    def __init__(self) -> None:
        self.server = PostgresServer(durable=True)

    def new(self, name: str) -> str:
        """The URL of a database at this version's schema."""
        self.server.create(name)
        database = Database(self.server.url(name))
        migrate(database)
        database.close()
        return self.server.url(name)

    def copy(self, name: str, of: str) -> str:
        """The URL of a copy of the database `of`, which nobody has open."""
        self.server.create(name, template=of)
        return self.server.url(name)

    def close(self) -> None:
        """End the server."""
        self.server.close()
