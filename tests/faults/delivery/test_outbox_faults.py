"""The process killed, the disk full, the file locked: what append returned is there, and it goes on afterwards."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.delivery import outbox_file
from edge.delivery.errors import OutboxFull, OutboxLocked
from edge.delivery.outbox import Outbox
from edge.events import NewEvent
from protocol.events import Faulted
from protocol.messages import Envelope, decode

NODE = Path(__file__).with_name("appending_node.py")
EVENT = NewEvent(datetime(2026, 11, 22, 12, tzinfo=UTC), None, Faulted(part="camera", reason="dark" * 400))


def held(outbox: Outbox) -> list[int]:
    return [decode(Envelope, stored.body).seq for stored in outbox.pending(0, 100_000, 1 << 30)]


def test_a_node_killed_again_and_again_loses_no_event_that_append_returned(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    for lines in (1, 40, 7, 90, 23):
        node = subprocess.Popen([sys.executable, str(NODE), str(path)], stdout=subprocess.PIPE, text=True)
        assert node.stdout is not None
        for _ in range(lines):
            returned = int(node.stdout.readline())
        node.kill()
        # What it said in the last moment, after the line we acted on; the pipe may end within a line.
        said = [line for line in node.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        returned = int(said[-1]) if said else returned
        node.stdout.close()
        node.wait()
        outbox = Outbox.open(path, store="corner", device="hub")
        assert outbox.set_aside is None
        assert outbox.last_seq >= returned
        assert outbox.last_seq % 3 == 0, "a batch is there wholly or not at all"
        assert held(outbox) == list(range(1, outbox.last_seq + 1))
        outbox.close()


def fill(outbox: Outbox) -> None:
    try:
        for _ in range(10_000):
            outbox.append([EVENT] * 3)
    except OutboxFull as full:
        assert "the disk is full" in str(full)  # noqa: PT017 - which append of many raises is not known
    else:
        pytest.fail("the disk was never full")


def test_a_full_disk_refuses_and_takes_again_when_there_is_room(tmp_path: Path) -> None:
    outbox = Outbox.open(tmp_path / "hub.db", store="corner", device="hub")
    outbox.append([EVENT])
    outbox._connection.execute("PRAGMA max_page_count = 60")  # SQLite's own way of a disk of 60 pages.
    fill(outbox)
    last_seq = outbox.last_seq
    assert held(outbox) == list(range(1, last_seq + 1))
    assert outbox.acked(outbox.epoch, last_seq - 1)
    assert outbox.append([EVENT] * 3)[-1].seq == last_seq + 3
    outbox.close()
    again = Outbox.open(tmp_path / "hub.db", store="corner", device="hub")
    assert held(again) == [last_seq, last_seq + 1, last_seq + 2, last_seq + 3]
    again.close()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small disk of our own takes the right to mount: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_others_filled_refuses_and_takes_again_when_they_make_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        (disk / "ballast").write_bytes(bytes(500_000))
        outbox = Outbox.open(disk / "hub.db", store="corner", device="hub")
        fill(outbox)
        last_seq = outbox.last_seq
        assert last_seq > 0
        assert held(outbox) == list(range(1, last_seq + 1))
        with pytest.raises(OutboxFull):
            outbox.append([EVENT] * 3)
        (disk / "ballast").unlink()
        assert outbox.append([EVENT] * 3)[-1].seq == last_seq + 3
        outbox.close()
        again = Outbox.open(disk / "hub.db", store="corner", device="hub")
        assert held(again) == list(range(1, last_seq + 4))
        again.close()


def test_a_locked_outbox_refuses_in_bounded_time_and_takes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_file, "BUSY_TIMEOUT_MS", 50)
    outbox = Outbox.open(tmp_path / "hub.db", store="corner", device="hub")
    outbox.append([EVENT])
    shell = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    shell.execute("BEGIN IMMEDIATE")
    for refused in (lambda: outbox.append([EVENT]), lambda: outbox.acked(outbox.epoch, 1)):
        with pytest.raises(OutboxLocked, match="another program has locked the outbox for more than 50 ms"):
            refused()
    assert (held(outbox), outbox.first_seq, outbox.last_seq) == ([1], 1, 1)
    shell.execute("ROLLBACK")
    shell.close()
    assert outbox.append([EVENT])[0].seq == 2
    assert outbox.acked(outbox.epoch, 2)
    assert held(outbox) == []
    outbox.close()
