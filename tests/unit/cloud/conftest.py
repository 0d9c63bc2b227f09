import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud.adapters.database.engine import Database
from cloud.adapters.database.migrating import migrate
from tests.unit.cloud.corner_shop import Shop


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at this version's schema, to copy."""
    file = tmp_path_factory.mktemp("schema") / "empty.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    return file


@pytest.fixture
def database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    file = tmp_path / "cloud.db"
    shutil.copy(migrated_file, file)
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database).furnish()
