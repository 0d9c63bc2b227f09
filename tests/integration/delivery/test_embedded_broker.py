"""The embedded broker: started, guarded, stopped; and what it says when it cannot be."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from protocol.broker import BrokerAddressError
from tillfree.broker import BrokerError, EmbeddedBroker, open_broker
from tillfree.broker.open_broker import GivenBroker
from tillfree.broker.probe import accepts, answers, free_port
from tillfree.broker.programs import Program, find_program

NATS = find_program("nats")


def test_a_broker_is_started_on_a_free_loopback_port_and_stopped(tmp_path: Path) -> None:
    with open_broker(tmp_path, kind="nats") as broker:
        port = int(broker.url.rpartition(":")[2])
        assert broker.url == f"mqtt://127.0.0.1:{port}"
        assert answers("127.0.0.1", port)
    assert not accepts("127.0.0.1", port)


def test_a_killed_broker_is_started_again_where_it_was(tmp_path: Path) -> None:
    with EmbeddedBroker(NATS, tmp_path) as broker:
        url, first = broker.url, broker.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        broker.restart()
        assert broker.url == url
        assert broker.pid not in (None, first)
        assert answers("127.0.0.1", broker.port)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerError, match=f"port {port} is taken"):
            EmbeddedBroker(NATS, tmp_path, port)
    with EmbeddedBroker(NATS, tmp_path, port) as broker:
        assert broker.port == port


def test_a_broker_that_dies_at_its_start_is_said_with_the_last_lines_of_its_log(tmp_path: Path) -> None:
    program = tmp_path / "broken-broker"
    program.write_text("#!/bin/sh\necho 'the data are from a later version' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(BrokerError, match=r"ended with status 3; .*broker\.log ends with:\nthe data are from a later"):
        EmbeddedBroker(Program("mosquitto", program), tmp_path / "data")


def test_a_folder_has_one_broker(tmp_path: Path) -> None:
    with (
        EmbeddedBroker(NATS, tmp_path),
        pytest.raises(BrokerError, match="another Tillfree runs its broker here"),
    ):
        EmbeddedBroker(NATS, tmp_path)


def test_a_broker_whose_owner_was_killed_is_ended_by_the_next_one(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tillfree.broker import open_broker\n"
        "print(open_broker(Path(sys.argv[1]), kind='nats').url, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    orphan_port = int(owner.stdout.readline().rpartition(":")[2])
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert answers("127.0.0.1", orphan_port)
    with open_broker(tmp_path, kind="nats") as broker:
        assert broker.url != f"mqtt://127.0.0.1:{orphan_port}"
        assert not accepts("127.0.0.1", orphan_port)


def test_a_given_broker_is_neither_started_nor_stopped(tmp_path: Path) -> None:
    with EmbeddedBroker(NATS, tmp_path / "theirs") as theirs:
        with open_broker(tmp_path / "ours", theirs.url) as given:
            assert given.url == theirs.url
        assert answers("127.0.0.1", theirs.port)
    assert not (tmp_path / "ours").exists()


@pytest.mark.parametrize("url", ["broker:1883", "http://broker", "mqtt://broker:port", "mqtt://"])
def test_a_url_that_is_no_brokers_is_refused(url: str) -> None:
    with pytest.raises(BrokerAddressError, match="mqtt://HOST:PORT"):
        GivenBroker(url)


def test_a_given_broker_that_is_not_there_is_said_in_bounded_time() -> None:
    port, began_s = free_port(), time.monotonic()
    with pytest.raises(BrokerError, match=f"no broker accepts connections at mqtt://127.0.0.1:{port}"):
        GivenBroker(f"mqtt://127.0.0.1:{port}", within_s=0.2)
    assert time.monotonic() - began_s < 5
