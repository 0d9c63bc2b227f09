"""Pictures through shared memory: the newest, whole, and nothing left behind."""

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.cameras.look import Look
from hardware.cameras.shared_pictures import (
    NO_SLOT,
    SLOTS,
    PictureReader,
    PictureWriter,
    Shot,
    Slots,
    new_memory,
    unpack,
)

SIZE = (64, 48)
LOOK = Look(0.5, None, None)


class Pair:
    """A writer and a reader of one memory, in one process."""

    def __init__(self) -> None:
        memory = new_memory(SIZE)
        self.records = os.pipe()
        self.back = os.pipe()
        os.set_blocking(self.records[0], False)
        os.set_blocking(self.back[0], False)
        self.free: deque[int] = deque(range(SLOTS))
        self.writer = PictureWriter(Slots(memory, SIZE), self.records, self.free)
        self.reader = PictureReader(Slots(memory, SIZE), self.records[0], self.back[1])
        os.close(memory)

    def write(self, number: int) -> bool:
        self.give_back()
        slot = self.writer.take()
        if slot is None:
            return False
        self.writer.image(slot)[:] = number % 256
        self.writer.hand_over(Shot(slot, SIZE, number, number / 10, number / 10, LOOK))
        return True

    def give_back(self) -> None:
        """What the capture process's thread does."""
        with suppress(BlockingIOError):
            self.free.extend(os.read(self.back[0], 64))

    def close(self) -> None:
        for descriptor in (*self.records, *self.back):
            os.close(descriptor)


@contextmanager
def pair() -> Iterator[Pair]:
    made = Pair()
    try:
        yield made
    finally:
        made.close()


@given(
    st.builds(
        Shot,
        st.sampled_from([0, 1, 2, NO_SLOT]),
        st.tuples(st.integers(0, 65_535), st.integers(0, 65_535)),
        st.integers(0, 2**63),
        st.floats(0, 1e9),
        st.floats(0, 1e9),
        st.builds(Look, st.floats(0, 1), *[st.one_of(st.none(), st.floats(0, 255))] * 2),
        st.floats(-1e12, 1e12),
        st.floats(-1e-3, 1e-3),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**32 - 1),
    )
)
def test_a_record_arrives_as_it_was_sent(shot: Shot) -> None:
    assert unpack(shot.pack()) == shot


def test_a_reader_that_keeps_up_gets_every_picture() -> None:
    with pair() as made:
        for number in range(50):
            assert made.write(number)
            shot = made.reader.read()
            assert shot is not None
            image = made.reader.copy(shot)
            made.reader.give_back(shot)
            assert (shot.index, int(image.min()), int(image.max())) == (number, number, number)
        assert made.writer.passed_over == 0


def test_a_reader_that_sleeps_finds_the_newest_and_the_writer_never_waits() -> None:
    with pair() as made:
        for number in range(200):
            assert made.write(number)
        shots = []
        while (shot := made.reader.read()) is not None:
            shots.append(shot)
        assert [shot.index for shot in shots] == [197, 198, 199]
        assert made.writer.passed_over == 197
        assert [int(made.reader.copy(shot)[0, 0, 0]) for shot in shots] == [197, 198, 199]


def test_a_picture_that_is_being_read_is_not_written_over() -> None:
    with pair() as made:
        made.write(7)
        shot = made.reader.read()
        assert shot is not None
        for number in range(100, 150):
            assert made.write(number)
        assert set(np.unique(made.reader.copy(shot))) == {7}


def test_a_reader_that_keeps_every_slot_loses_pictures_and_stops_nobody() -> None:
    with pair() as made:
        for number in range(SLOTS):
            assert made.write(number)
            assert made.reader.read() is not None
        assert not made.write(99)
        assert made.writer.passed_over == 1


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["write", "read", "give"]), max_size=120))
def test_in_whatever_order_they_work_a_slot_has_one_owner(steps: list[str]) -> None:
    with pair() as made:
        held: list[Shot] = []
        number, before = 0, -1
        for step in steps:
            if step == "write":
                made.write(number)
                number += 1
            elif step == "read" and (shot := made.reader.read()) is not None:
                assert shot.index > before
                before = shot.index
                assert shot.slot not in {each.slot for each in held}
                held.append(shot)
            elif step == "give" and held:
                shot = held.pop(0)
                assert set(np.unique(made.reader.copy(shot))) == {shot.index % 256}
                made.reader.give_back(shot)


def test_two_at_work_at_once_tear_no_picture() -> None:
    with pair() as made:
        done = threading.Event()

        def write() -> None:
            for number in range(3000):
                made.write(number)
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        seen = 0
        while not done.is_set() or seen == 0:
            shot = made.reader.read()
            if shot is None:
                continue
            image = made.reader.copy(shot)
            made.reader.give_back(shot)
            assert set(np.unique(image)) == {shot.index % 256}
            seen += 1
        writer.join()
        assert seen > 0


def test_a_picture_without_a_slot_is_told_of_while_there_is_room() -> None:
    with pair() as made:
        for number in range(5000):
            made.writer.hand_over(Shot(NO_SLOT, (320, 240), number, 0.0, 0.0, LOOK))
        shot = made.reader.read()
        assert shot is not None
        assert (shot.slot, shot.size) == (NO_SLOT, (320, 240))
        # Slots are found behind records that carry none.
        for number in range(20):
            assert made.write(number)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="shared memory has no folder here")
def test_the_memory_has_no_name() -> None:
    before = set(Path("/dev/shm").iterdir())
    with pair() as made:
        made.write(1)
        assert set(Path("/dev/shm").iterdir()) == before
