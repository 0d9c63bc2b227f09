"""The latest picture, handed from the capture process to the store's: three slots in shared memory and one small pipe.

Why it is right. A slot belongs to one side at a time, and belonging passes with a message through the kernel, never
with a flag in the memory. The writer fills a slot that is its own and writes a record that names it into a pipe;
whoever *reads* a record owns its slot from then on. Records are shorter than PIPE_BUF, so each is written and read
whole, and each is read once. The reader copies the picture and gives the slot back by its own pipe. A reader that is
slow does not hold up the writer: when no slot is free, the writer reads the oldest record back out of the pipe (or
the reader does, at the same instant: one of them gets it), and with it owns that slot again. So the pipe holds the
newest pictures, nothing is torn and nothing waits, on any processor: the pipe's lock in the kernel orders the memory
between the two, which a sequence number in the memory would not on ARM, where Python has no fence. Three slots are
enough: one that the reader copies, one that waits, one that is written.

The memory has no name (memfd; elsewhere a file that is unlinked at once). When both processes are gone, however they
went, the kernel frees it: there is nothing to unlink, and nothing can be leaked.
"""

import math
import mmap
import os
import select
import struct
import sys
import tempfile
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardware.cameras.look import Look
from hardware.ports import Image

SLOTS = 3
NO_SLOT = 255
"""The slot of a picture that is not handed over, because it has another size."""
_RECORD = struct.Struct("<BxHHHIIQddddddd")
assert _RECORD.size <= select.PIPE_BUF, "a record is written and read whole"


@dataclass(frozen=True, slots=True)
class Shot:
    """What is told of a picture: `slot` holds its pixels (NO_SLOT where they were not handed over).

    `taken_s` and `arrived_s` are seconds of time.monotonic. `offset_s` and `drift` are what the source's own clock was
    found to be off and to run; `jumps` how often it was set. `passed_over` counts pictures that nobody read.
    """

    slot: int
    size: tuple[int, int]
    index: int
    taken_s: float
    arrived_s: float
    look: Look
    offset_s: float = 0.0
    drift: float = 0.0
    jumps: int = 0
    passed_over: int = 0

    def pack(self) -> bytes:
        """As it goes through the pipe."""
        noise, motion = (math.nan if each is None else each for each in (self.look.noise, self.look.motion))
        width, height = (min(side, 2**16 - 1) for side in self.size)
        counts = (min(self.jumps, 2**32 - 1), min(self.passed_over, 2**32 - 1), self.index)
        times = (self.taken_s, self.arrived_s, self.look.lit, noise, motion, self.offset_s, self.drift)
        return _RECORD.pack(self.slot, width, height, 0, *counts, *times)


def unpack(record: bytes) -> Shot:
    """The shot that `record` tells of."""
    slot, width, height, _, jumps, passed_over, index, *numbers = _RECORD.unpack(record)
    taken_s, arrived_s, lit, noise, motion, offset_s, drift = numbers
    noise, motion = (None if math.isnan(each) else each for each in (noise, motion))
    look = Look(lit, noise, motion)
    return Shot(slot, (width, height), index, taken_s, arrived_s, look, offset_s, drift, jumps, passed_over)


def new_memory(size: tuple[int, int]) -> int:
    """A file descriptor of memory without a name, large enough for pictures of `size` (width, height)."""
    if sys.platform == "linux":
        memory = os.memfd_create("pictures")
    else:
        with tempfile.TemporaryFile() as file:
            memory = os.dup(file.fileno())
    os.ftruncate(memory, SLOTS * size[0] * size[1] * 3)
    return memory


class Slots:
    """The three pictures in the memory behind a file descriptor, which may be closed afterwards."""

    def __init__(self, memory: int, size: tuple[int, int]) -> None:
        width, height = size
        self._map = mmap.mmap(memory, SLOTS * width * height * 3)
        self._images: npt.NDArray[np.uint8] = np.frombuffer(self._map, np.uint8).reshape(SLOTS, height, width, 3)

    def __getitem__(self, slot: int) -> Image:
        """The pixels of `slot`, in place."""
        image: Image = self._images[slot]
        return image


class PictureWriter:
    """The side that fills slots. `records` is both ends of the pipe, the reading one not blocking.

    `free` holds the slots that came back; another thread may append to it, none may take from it.
    """

    def __init__(self, slots: Slots, records: tuple[int, int], free: deque[int]) -> None:
        self._slots = slots
        self._read_fd, self._write_fd = records
        self._free = free
        self.passed_over = 0
        """Pictures that were taken back unread, or for which there was no slot."""

    def take(self) -> int | None:
        """A slot to fill: a free one, or that of the oldest picture nobody has read; None where the reader has all."""
        while not self._free:
            if not self._take_back():
                self.passed_over += 1
                return None
        return self._free.popleft()

    def image(self, slot: int) -> Image:
        """Where to put the picture."""
        return self._slots[slot]

    def hand_over(self, shot: Shot) -> None:
        """Give the filled slot away. Where the pipe is full, the oldest records make room."""
        while not select.select([], [self._write_fd], [], 0.0)[1]:
            self._take_back()
        os.write(self._write_fd, shot.pack())

    def _take_back(self) -> bool:
        """Make the oldest record's slot free again; whether there was a record."""
        try:
            record = os.read(self._read_fd, _RECORD.size)
        except BlockingIOError:
            return False
        slot = unpack(record).slot
        if slot != NO_SLOT:
            self.passed_over += 1
            self._free.append(slot)
        return True


class PictureReader:
    """The side that reads. `records` is the pipe's reading end, not blocking; `back` takes slots' numbers."""

    def __init__(self, slots: Slots, records: int, back: int) -> None:
        self._slots = slots
        self._records = records
        self._back = back

    def read(self) -> Shot | None:
        """The next picture's record; None where none waits. Its slot is the reader's until `copy`."""
        try:
            record = os.read(self._records, _RECORD.size)
        except BlockingIOError:
            return None
        return unpack(record) if len(record) == _RECORD.size else None

    def copy(self, shot: Shot) -> Image:
        """The picture of `shot`, which must have a slot; ours to keep. Its slot is still to be given back."""
        return self._slots[shot.slot].copy()

    def give_back(self, shot: Shot) -> None:
        """Return the slot of a picture that is not wanted."""
        if shot.slot != NO_SLOT:
            os.write(self._back, bytes([shot.slot]))
