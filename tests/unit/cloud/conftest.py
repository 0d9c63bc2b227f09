import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from cloud.adapters.database.engine import Database
from cloud.adapters.database.migrating import migrate
from cloud.api.rim import Rim
from tests.databases.emptied import EmptiedPostgres
from tests.databases.lacking import server_or_skip
from tests.databases.postgres_server import PostgresServer
from tests.databases.quick import QUICK
from tests.unit.cloud.asking import Http, api_on
from tests.unit.cloud.corner_shop import Shop, StandingClock
from tests.unit.cloud.trading import Trade

# How long an example takes is the machine's affair.
settings.register_profile("shop", deadline=None)
settings.load_profile("shop")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a database runs on both kinds, unless it is marked to be about one."""
    if "database" in metafunc.fixturenames:
        one = metafunc.definition.get_closest_marker("sqlite") is not None
        metafunc.parametrize("database", ["sqlite"] if one else ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def migrated_file() -> Iterator[Path]:
    """An empty database at this version's schema, to copy."""
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        file = Path(folder) / "empty.db"
        database = Database(f"sqlite:///{file}")
        migrate(database)
        database.close()
        yield file


@pytest.fixture(scope="module")
def migrated_copy(migrated_file: Path) -> Iterator[Database]:
    """One for all tests of a module."""
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        file = Path(folder) / "cloud.db"
        shutil.copy(migrated_file, file)
        database = Database(f"sqlite:///{file}")
        yield database
        database.close()


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder for databases of this test."""
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the whole session, started by the first test that asks."""
    server = server_or_skip()
    yield server
    server.close()


@pytest.fixture(scope="session")
def emptied_postgres(postgres: PostgresServer) -> Iterator[EmptiedPostgres]:
    emptied = EmptiedPostgres(postgres)
    yield emptied
    emptied.close()


@pytest.fixture
def database(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[Database]:
    """An empty database at this version's schema."""
    if request.param == "postgresql":
        database = request.getfixturevalue("emptied_postgres").open()
    else:
        file = quick_path / "cloud.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        database = Database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database).furnish()


@pytest.fixture
def http(database: Database) -> Http:
    """The API of an empty database."""
    return api_on(Rim(database, StandingClock()))


@pytest.fixture
def trade(database: Database) -> Trade:
    return Trade(database)
