import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.delivery.errors import (
    AckBeyondEnd,
    OutboxError,
    OutboxForeign,
    OutboxFull,
    OutboxLocked,
    ReplayDiffers,
)
from edge.delivery.outbox import ROW_BYTES, Outbox, Run
from edge.delivery.outbox_file import transaction
from edge.events import NewEvent
from protocol.events import Faulted
from protocol.messages import Envelope, MessageError, decode

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVERYTHING = 1 << 30


def fault(number: int, reason: str = "dark") -> NewEvent:
    return NewEvent(NOON + timedelta(milliseconds=number), None, Faulted(part=f"camera {number}", reason=reason))


def faults(first: int, last: int) -> list[NewEvent]:
    return [fault(number) for number in range(first, last + 1)]


def opened(path: Path, device: str = "hub", epoch: int | None = 7, limit_bytes: int = EVERYTHING) -> Outbox:
    return Outbox.open(path, store="corner", device=device, epoch=epoch, limit_bytes=limit_bytes)


def held(outbox: Outbox) -> list[int]:
    return [stored.seq for stored in outbox.pending(0, 1000, EVERYTHING)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox" / "hub.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    box = opened(path)
    yield box
    box.close()


def test_events_are_numbered_without_a_gap_and_kept_as_they_are_sent(outbox: Outbox) -> None:
    envelopes = (*outbox.append(faults(1, 2)), *outbox.append([]), *outbox.append(faults(3, 3)))
    assert [envelope.seq for envelope in envelopes] == [1, 2, 3]
    assert {(envelope.device, envelope.epoch) for envelope in envelopes} == {("hub", 7)}
    stored = outbox.pending(0, 10, EVERYTHING)
    assert [decode(Envelope, one.body) for one in stored] == list(envelopes)
    assert (outbox.first_seq, outbox.last_seq) == (1, 3)


def test_the_same_events_have_the_same_ids_in_another_file_of_the_same_epoch(tmp_path: Path) -> None:
    ids = []
    for name in ("a.db", "b.db"):
        box = opened(tmp_path / name)
        ids.append([envelope.id for envelope in box.append(faults(1, 3))])
        box.close()
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


def test_an_ack_deletes_all_it_covers_and_nothing_else_does(outbox: Outbox) -> None:
    outbox.append(faults(1, 5))
    held_bytes = outbox.counts().held_bytes
    assert outbox.acked(7, 3)
    assert held(outbox) == [4, 5]
    assert outbox.first_seq == 4
    assert 0 < outbox.counts().held_bytes < held_bytes
    assert outbox.acked(7, 5)
    assert (outbox.first_seq, outbox.last_seq, outbox.counts().held_bytes) == (6, 5, 0)


@pytest.mark.parametrize(("epoch", "seq"), [(7, 0), (7, 2), (6, 5), (8, 5)], ids=["none", "old", "earlier", "later"])
def test_an_ack_that_says_nothing_new_or_is_about_another_file_changes_nothing(
    outbox: Outbox, epoch: int, seq: int
) -> None:
    outbox.append(faults(1, 5))
    outbox.acked(7, 2)
    assert not outbox.acked(epoch, seq)
    assert held(outbox) == [3, 4, 5]


def test_an_ack_of_events_never_held_is_said_to_be_a_restored_copy(outbox: Outbox) -> None:
    outbox.append(faults(1, 5))
    with pytest.raises(AckBeyondEnd, match="committed event 9 of epoch 7, and this outbox ends at 5"):
        outbox.acked(7, 9)
    assert held(outbox) == [1, 2, 3, 4, 5]


def test_pending_keeps_to_its_limits(outbox: Outbox) -> None:
    outbox.append(faults(1, 5))
    size = len(outbox.pending(0, 1, EVERYTHING)[0].body)
    assert [one.seq for one in outbox.pending(1, 2, EVERYTHING)] == [2, 3]
    assert [one.seq for one in outbox.pending(0, 5, 2 * size)] == [1, 2]
    assert outbox.pending(0, 5, size - 1) == ()
    assert outbox.pending(5, 5, EVERYTHING) == ()


def test_numbers_go_on_after_everything_was_acked_and_the_file_was_closed(path: Path, outbox: Outbox) -> None:
    outbox.append(faults(1, 3))
    outbox.acked(7, 3)
    outbox.close()
    again = opened(path, epoch=None)
    assert (again.epoch, again.first_seq, again.last_seq) == (7, 4, 3)
    assert again.append(faults(4, 4))[0].seq == 4
    again.close()


def test_at_the_limit_the_outbox_refuses_and_takes_again_when_acks_made_room(path: Path) -> None:
    box = opened(path)
    box.append(faults(1, 2))
    two_bytes = box.counts().held_bytes
    box.close()
    box = opened(path, limit_bytes=two_bytes + ROW_BYTES)
    with pytest.raises(OutboxFull, match="nothing was recorded"):
        box.append(faults(3, 3))
    assert (held(box), box.last_seq) == ([1, 2], 2)
    box.acked(7, 1)
    assert box.append(faults(3, 3))[0].seq == 3
    box.close()


def test_an_event_too_large_to_send_is_refused_with_its_whole_batch(outbox: Outbox) -> None:
    with pytest.raises(MessageError, match="a broker takes"):
        outbox.append([fault(1), NewEvent(NOON, None, Faulted.model_construct(part="x", reason="y" * 200_000))])
    assert (held(outbox), outbox.last_seq) == ([], 0)


def test_a_time_without_an_offset_is_refused(outbox: Outbox) -> None:
    with pytest.raises(ValueError, match="offset"):
        outbox.append([NewEvent(datetime(2026, 1, 1), None, Faulted(part="x", reason="y"))])  # noqa: DTZ001 - is the point


def test_one_outbox_is_open_once(path: Path, outbox: Outbox) -> None:
    with pytest.raises(OutboxLocked, match=r"hub\.db: another process has this outbox open"):
        opened(path)
    outbox.close()
    opened(path).close()


@pytest.mark.parametrize(("store", "device"), [("corner", "till"), ("market", "hub")])
def test_the_outbox_of_another_device_is_refused(path: Path, outbox: Outbox, store: str, device: str) -> None:
    outbox.close()
    with pytest.raises(OutboxForeign, match="of device 'hub' in store 'corner'"):
        Outbox.open(path, store=store, device=device)
    opened(path).close()


def test_another_programs_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(OutboxForeign, match="no outbox"):
        opened(path)
    assert sorted(file.name for file in path.parent.iterdir()) == ["hub.db", "hub.db.lock"]


def test_an_outbox_of_a_later_format_is_refused(path: Path, outbox: Outbox) -> None:
    outbox.close()
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(OutboxForeign, match="format 99"):
        opened(path)


@pytest.mark.parametrize("damage", ["scribbled over", "no database", "torn in two"])
def test_a_damaged_file_is_set_aside_and_a_higher_epoch_begins(
    path: Path, outbox: Outbox, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.append(faults(1, 200))
    outbox.close()
    whole = path.read_bytes()
    ruined = {
        "scribbled over": whole[:4096] + os.urandom(len(whole) - 4096),
        "no database": b"this is no database, and long enough for SQLite to look at it" * 20,
        "torn in two": whole[: len(whole) // 2 // 4096 * 4096],
    }[damage]
    path.write_bytes(ruined)
    again = opened(path, epoch=7)
    assert again.set_aside is not None
    assert again.set_aside.read_bytes() == ruined
    assert str(again.set_aside) in caplog.text
    assert (again.epoch, again.last_seq) == (8, 0)
    assert again.append(faults(1, 1))[0].seq == 1
    again.close()
    sound = opened(path)
    assert (sound.set_aside, sound.epoch, held(sound)) == (None, 8, [1])
    sound.close()


def test_a_second_damaged_file_does_not_replace_the_first(path: Path, outbox: Outbox) -> None:
    outbox.close()
    aside = []
    for _ in range(2):
        path.write_bytes(b"broken" * 1000)
        again = opened(path)
        aside.append(again.set_aside)
        again.close()
    assert len(set(aside)) == 2


def test_a_file_made_anew_rises_above_the_epochs_before_it_though_the_clock_fell_back(path: Path) -> None:
    epochs = []
    clock_s = iter((1_000.0, 10.0, 2_000.0)).__next__
    for _ in range(3):
        box = Outbox.open(path, store="corner", device="hub", clock_s=clock_s)
        epochs.append(box.epoch)
        box.close()
        path.unlink()
    assert epochs == [1_000_000, 1_000_001, 2_000_000]


def test_a_replay_of_a_broken_off_run_records_only_what_is_not_there(path: Path, outbox: Outbox) -> None:
    first = outbox.begin_run("monday")
    assert first.recorded == 0
    before = outbox.append(faults(1, 5))
    outbox.acked(7, 2)
    outbox.close()
    again = opened(path)
    assert again.begin_run("monday") == Run(first.identity, 5)
    # In other portions than the first time: only the order counts.
    replayed = (*again.append(faults(1, 3)), *again.append(faults(4, 7)))
    assert replayed[:5] == before
    assert [envelope.seq for envelope in replayed] == [1, 2, 3, 4, 5, 6, 7]
    assert held(again) == [3, 4, 5, 6, 7]
    again.close()


def test_a_run_broken_off_twice_is_still_the_same_run(path: Path, outbox: Outbox) -> None:
    outbox.append(faults(100, 103))
    identity = outbox.begin_run("monday").identity
    outbox.append(faults(1, 5))
    outbox.close()
    second = opened(path)
    assert second.begin_run("monday") == Run(identity, 5)
    second.append(faults(1, 2))
    second.close()
    third = opened(path)
    assert third.begin_run("monday") == Run(identity, 5)
    third.append(faults(1, 6))
    third.finish_run()
    assert held(third) == list(range(1, 11))
    third.close()


def test_a_recording_played_again_after_its_end_is_another_run(outbox: Outbox) -> None:
    first = outbox.begin_run("monday")
    ids = [envelope.id for envelope in outbox.append(faults(1, 3))]
    outbox.finish_run()
    second = outbox.begin_run("monday")
    assert second.recorded == 0
    assert second.identity != first.identity
    assert not {envelope.id for envelope in outbox.append(faults(1, 3))} & set(ids)
    assert outbox.last_seq == 6


def test_an_unfinished_run_is_over_when_another_recording_begins_or_live_events_come(
    path: Path, outbox: Outbox
) -> None:
    outbox.begin_run("monday")
    outbox.append(faults(1, 3))
    assert outbox.begin_run("tuesday").recorded == 0
    outbox.append(faults(4, 4))
    outbox.close()
    live = opened(path)
    live.append(faults(5, 5))
    assert live.begin_run("tuesday").recorded == 0
    live.close()


def test_a_replay_that_says_something_else_is_an_error(path: Path, outbox: Outbox) -> None:
    outbox.begin_run("monday")
    outbox.append(faults(1, 3))
    outbox.close()
    again = opened(path)
    again.begin_run("monday")
    with pytest.raises(ReplayDiffers, match=r"replay of 'monday' differs .* event 2 \(faulted\)"):
        again.append([fault(1), fault(2, reason="it was light")])
    assert held(again) == [1, 2, 3]
    with pytest.raises(ReplayDiffers, match="ended after 0 events of 3"):
        again.finish_run()
    again.close()


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Exception, match=r"file/hub\.db: .*the outbox needs a folder"):
        opened(tmp_path / "file" / "hub.db")


def test_a_transaction_that_is_broken_off_leaves_nothing_and_the_next_one_begins(path: Path) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE event (seq INTEGER CHECK (seq > 0))")

    def broken_off() -> None:
        with transaction(path, connection):
            connection.execute("INSERT INTO event VALUES (1)")
            connection.execute("INSERT INTO event VALUES (-1)")

    with pytest.raises(OutboxError, match="CHECK constraint failed"):
        broken_off()
    with transaction(path, connection):
        connection.execute("INSERT INTO event VALUES (2)")
    assert connection.execute("SELECT seq FROM event").fetchall() == [(2,)]
    connection.close()
