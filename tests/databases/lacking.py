"""Starting a PostgreSQL server for a test, or saying why the test does not run."""

import os

import pytest

from tests.databases.postgres_server import NoPostgres, PostgresServer


def server_or_skip() -> PostgresServer:
    """A server of the test's own; without one the test skips, or fails where everything is checked."""
    try:
        return PostgresServer()
    except NoPostgres as error:
        if os.environ.get("TILLFREE_REQUIRE_DATA") == "1":
            pytest.fail(f"{error} (TILLFREE_REQUIRE_DATA is 1)", pytrace=False)
        pytest.skip(str(error))
