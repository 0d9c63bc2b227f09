"""A store killed again and again, and one whose disk is full: it knows what it said, and clips are whole or gone."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from edge.delivery.errors import OutboxFull
from edge.delivery.outbox import Outbox
from edge.events import NewEvent
from protocol.events import Faulted
from protocol.evidence import digest_of
from tests.faults.store.keeping_store import BYTES_MAX, clip, memory, open_clips

STORE = Path(__file__).with_name("keeping_store.py")
ROOT = Path(__file__).parents[3]
EVENT = NewEvent(datetime(2026, 11, 22, 12, tzinfo=UTC), None, Faulted(part="camera", reason="dark"))


def test_after_each_kill_it_remembers_exactly_what_it_has_said_and_its_clips_are_whole(tmp_path: Path) -> None:
    for lines in (1, 30, 7, 60):
        command = [sys.executable, str(STORE), str(tmp_path)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
        ) as store:
            assert store.stdout is not None
            for _ in range(lines):
                said = int(store.stdout.readline())
            store.kill()
        outbox = Outbox.open(tmp_path / "hub.db", store="corner", device="hub")
        assert outbox.set_aside is None
        assert outbox.last_seq >= said
        assert outbox.remembered() == memory(outbox.last_seq), "in one transaction with the event"
        outbox.close()
        clips = open_clips(tmp_path)
        assert clips.get(digest_of(clip(said))) == clip(said)
        kept = {number: clips.get(digest_of(clip(number))) for number in range(1, said + 2)}
        assert all(each is None or each == clip(number) for number, each in kept.items())
        assert clips.held_bytes <= BYTES_MAX
        clips.close()


def test_on_a_full_disk_neither_event_nor_memory_is_half_there_and_it_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    outbox = Outbox.open(tmp_path / "hub.db", store="corner", device="hub")
    outbox.append([EVENT], b"small")
    outbox._connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(OutboxFull, match="the disk is full"):
        outbox.append([EVENT], bytes(1_000_000))
    with pytest.raises(OutboxFull, match="the disk is full"):
        outbox.remember(bytes(1_000_000))
    assert (outbox.last_seq, outbox.remembered()) == (1, b"small")
    outbox._connection.execute("PRAGMA max_page_count = 1000000")
    outbox.append([EVENT], bytes(1_000_000))
    assert (outbox.last_seq, outbox.remembered()) == (2, bytes(1_000_000))
    outbox.close()


def test_on_a_full_disk_no_clip_is_kept_and_those_before_stay(tmp_path: Path) -> None:
    clips = open_clips(tmp_path)
    assert clips.keep(digest_of(clip(1)), UUID(int=1), None, clip(1))
    (pages,) = clips._connection.execute("PRAGMA page_count").fetchone()
    clips._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    assert not clips.keep(digest_of(clip(2)), UUID(int=2), None, clip(2))
    assert clips.get(digest_of(clip(1))) == clip(1)
    assert clips.get(digest_of(clip(2))) is None
    clips._connection.execute("PRAGMA max_page_count = 1000000")
    assert clips.keep(digest_of(clip(2)), UUID(int=2), None, clip(2))
    clips.close()


def test_a_file_that_somebody_holds_stops_nothing(tmp_path: Path) -> None:
    clips = open_clips(tmp_path)
    holder = sqlite3.connect(tmp_path / "clips", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert not clips.keep(digest_of(clip(1)), UUID(int=1), None, clip(1))
    holder.execute("ROLLBACK")
    holder.close()
    assert clips.keep(digest_of(clip(1)), UUID(int=1), None, clip(1))
    clips.close()
