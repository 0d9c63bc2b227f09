"""Commands on their way to whoever does them, and clips on theirs: nothing that comes in can stop delivery."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from edge.delivery.link import CLIPS_MAX, Link
from edge.delivery.outbox import Outbox
from edge.delivery.sealing import Owner
from protocol.broker import BrokerAddress
from protocol.commands import Command
from protocol.evidence import ClipSent, digest_of
from protocol.messages import encode

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox.open(tmp_path / "hub.db", store="corner", device="hub")
    yield outbox
    outbox.close()


def link(outbox: Outbox, heard: list[Command]) -> Link:
    address = BrokerAddress.parse("mqtt://127.0.0.1:1")
    return Link(outbox, address, Owner("corner", "hub"), wall_clock=lambda: NOW, heed=heard.append)


def command(expires: datetime, kind: str = "mode") -> Command:
    return Command(id=UUID(int=1), type=kind, expires=expires, data={"mode": "up"})


@pytest.mark.parametrize(
    ("expires", "heard"),
    [
        (NOW + timedelta(minutes=1), True),
        (NOW - timedelta(minutes=10), True),  # This store's clock is wrong by as much.
        (NOW - timedelta(days=2), False),
    ],
)
def test_a_command_is_heard_whatever_the_clock_says_unless_it_is_from_another_day(
    outbox: Outbox, expires: datetime, heard: bool
) -> None:
    commands: list[Command] = []
    link(outbox, commands)._commanded(encode(command(expires)))
    assert bool(commands) is heard


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"v":2}', encode(command(NOW)).replace(b'"v":1', b'"v":9')]
)
def test_what_is_no_command_is_passed_over(outbox: Outbox, payload: bytes) -> None:
    commands: list[Command] = []
    link(outbox, commands)._commanded(payload)
    assert commands == []


def test_a_command_of_a_kind_that_is_not_known_is_heard_so_that_it_can_be_answered(outbox: Outbox) -> None:
    commands: list[Command] = []
    link(outbox, commands)._commanded(encode(command(NOW, "paint")))
    assert [each.type for each in commands] == ["paint"]


def test_clips_wait_for_a_way_to_the_cloud_in_a_small_number_only(outbox: Outbox) -> None:
    way = link(outbox, [])
    clip = ClipSent(device="hub", sha256=digest_of(b"clip"), clip=b"clip")
    assert not way.show(clip), "nobody is connected"
    way._connected = True
    assert [way.show(clip) for _ in range(CLIPS_MAX + 3)] == [True] * CLIPS_MAX + [False] * 3
