"""The store's side of a capture process: starting it, hearing it, ending it."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hardware.cameras.capture_process import Spec, order_to_open
from hardware.cameras.picture import Retry
from hardware.cameras.shared_pictures import PictureReader, Shot, Slots, new_memory
from hardware.ports import Image
from protocol.store import Camera as CameraPlan

SAID_MAX = 4096
MEMORY = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""For glibc, in the capture process. By itself it learns from the first picture that is let go to keep such pieces on
its heap; there they lie between small ones, and what the process holds swings and creeps by a picture's size over
hours. So every large piece is given back to the system at once, and takes no room in between."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The process says why its source is not open."""

    reason: str
    retry: Retry


class Capture:
    """A capture process for the camera `plan`, whose paths are relative to `folder`. It opens nothing before `open`.

    The thread that makes it must outlive it: Linux ends the process with that thread.
    """

    def __init__(self, plan: CameraPlan, folder: Path) -> None:
        memory = new_memory(plan.size)
        self._records, records_end = os.pipe()
        self._said, said_end = os.pipe()
        os.set_blocking(self._records, False)
        os.set_blocking(self._said, False)
        inherited = (memory, self._records, records_end, said_end)
        self._text = b""
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hardware.cameras.capture_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                # Native libraries write addresses there, with their passwords.
                stderr=subprocess.DEVNULL,
                pass_fds=inherited,
                env=os.environ | MEMORY,
                # So that it can be ended with whatever it started, and Ctrl-C is ours alone.
                start_new_session=True,
            )
            assert self._process.stdin is not None, "it is a pipe"
            self._orders = self._process.stdin.fileno()
            spec = Spec(
                plan.id,
                plan.source,
                str(folder.absolute()),
                plan.size,
                plan.fps_max,
                os.getpid(),
                memory,
                (self._records, records_end),
                said_end,
            )
            os.write(self._orders, spec.to_line())
            self._reader = PictureReader(Slots(memory, plan.size), self._records, self._orders)
        finally:
            for descriptor in (memory, records_end, said_end):
                os.close(descriptor)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def descriptors(self) -> tuple[int, int]:
        """What becomes readable when `shot` or `heard` has something."""
        return self._records, self._said

    def open(self, within_s: float) -> None:
        """Tell it to open its source (anew), within about so long."""
        with suppress(BrokenPipeError):
            os.write(self._orders, order_to_open(within_s))

    def shot(self) -> Shot | None:
        """The next picture's record, or None. Its slot is ours until `take` or `leave`."""
        return self._reader.read()

    def take(self, shot: Shot) -> Image:
        """The pixels of `shot`, ours to keep."""
        image = self._reader.copy(shot)
        self.leave(shot)
        return image

    def leave(self, shot: Shot) -> None:
        """Give the slot of a picture back that is not wanted."""
        with suppress(BrokenPipeError):
            self._reader.give_back(shot)

    def heard(self) -> list[Ended]:
        """What it has said since the last call."""
        try:
            self._text += os.read(self._said, SAID_MAX)
        except BlockingIOError:
            return []
        *lines, self._text = self._text.split(b"\n")
        self._text = self._text[-SAID_MAX:]
        return [Ended(**json.loads(line)) for line in lines]

    def died(self) -> str | None:
        """How the process ended; None while it lives."""
        code = self._process.poll()
        if code is None:
            return None
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        return f"its capture process was ended {how}; it is started again"

    def kill(self) -> None:
        """End the process and whatever it started. It is gone when `died` says so."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let go of everything that belongs to it; once, after `kill`."""
        assert self._process.stdin is not None, "it is a pipe"
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        os.close(self._records)
        os.close(self._said)
