"""What the command line refuses, and how a process speaks."""

import json
import logging
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloud.adapters.database.engine import Database
from cloud.adapters.database.migrating import require_schema
from cloud.adapters.mqtt.intake import Intake
from cloud.adapters.mqtt.session import BrokerSession
from cloud.logs import JsonLines
from cloud.serving import is_loopback
from protocol.broker import BrokerAddressError
from tillfree.cli.cloud import app
from tillfree.cli.cloud_owner import has_owner


@pytest.fixture(autouse=True)
def _this_process_keeps_its_log_and_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tillfree.cli.cloud.log_to_stderr", lambda _level: None)
    monkeypatch.setattr("cloud.signals.stop_on_signals", lambda _stop: None)


def test_migrate_makes_a_database_that_can_be_used(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    for says in ("migrated", "nothing to do"):
        result = CliRunner().invoke(app, ["migrate", "--database", url])
        assert (result.exit_code, says in result.output) == (0, True)
    database = Database(url)
    require_schema(database)
    database.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serve", "--port", "0", "--database", "sqlite:///{folder}/no.db"], "run tillfree cloud migrate"),
        (
            ["serve", "--port", "0", "--database", "sqlite:///{folder}/text.db"],
            "cannot be used: file is not a database",
        ),
        (["serve", "--port", "0", "--host", "0.0.0.0"], "TILLFREE_API_KEY"),
        (["serve", "--port", "0", "--host", "192.0.2.1"], "TILLFREE_API_KEY"),
        (["work", "--database", "mysql://x"], "mysql"),
        (["ingest", "--database", "sqlite:///{folder}/no.db"], "run tillfree cloud migrate"),
    ],
)
def test_what_cannot_start_says_why(tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "text.db").write_text("this is no database" * 100)
    result = CliRunner().invoke(app, [argument.replace("{folder}", str(tmp_path)) for argument in arguments])
    assert result.exit_code == 1
    assert says in str(result.exception)


def test_a_brokers_address_that_makes_no_sense() -> None:
    with pytest.raises(BrokerAddressError):
        BrokerSession("127.0.0.1:1883", "test", Intake())


def test_where_the_broker_is_can_be_said_without_its_password() -> None:
    session = BrokerSession("mqtts://shop:s3cret@broker.example", "test", Intake())
    assert session.where == "mqtts://shop@broker.example:8883"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("shop", False)],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_a_log_line_is_json_with_what_it_is_about() -> None:
    record = logging.makeLogRecord({"name": "cloud", "levelname": "INFO", "msg": "event %s", "args": ("applied",)})
    record.visit = "018f"
    line = json.loads(JsonLines().format(record))
    assert (line["level"], line["message"], line["visit"]) == ("info", "event applied", "018f")
    try:
        json.loads("what went wrong")
    except ValueError:
        record.exc_info = sys.exc_info()
    assert "JSONDecodeError" in json.loads(JsonLines().format(record))["exception"]


def test_the_first_owner_is_made_on_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert not has_owner(url)
    refused = CliRunner().invoke(app, ["owner", "create", "olga", "--database", url], input="short\nshort\n")
    assert (refused.exit_code, "12 to 200" in str(refused.exception)) == (1, True)
    for name, says in (("Olga!", "no name"), ("olga", None), ("olga", None)):
        monkeypatch.setenv("TILLFREE_OWNER_PASSWORD", "correct horse battery")
        result = CliRunner().invoke(app, ["owner", "create", name, "--database", url])
        assert (result.exit_code == 0) == (says is None), result.output
        assert says is None or says in str(result.exception)
    assert has_owner(url)
    assert "password" not in str(result.exception)
