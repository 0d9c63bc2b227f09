"""The capture process: `python -m hardware.cameras.capture_process`, one a camera, started by capture.py.

It does as its parent tells it, and decides nothing: `Open` opens the source anew, slots come back, and when the pipe
from the parent ends it ends at once. It never outlives its parent: on Linux the kernel kills it with the parent, even
where it hangs in a driver; elsewhere the pipe's end does. It ignores the terminal's Ctrl-C, which is for the parent
to act on.

From the parent, on standard input: one line of JSON (`Spec`), then commands of one byte: a slot's number gives it
back, a larger one opens (`order_to_open`). To the parent: records of pictures (shared_pictures.py), and lines of JSON
that say why a source ended.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import threading
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from hardware.cameras.address import parse_source
from hardware.cameras.drivers import driver_for
from hardware.cameras.picture import Retry, SourceEnded
from hardware.cameras.session import Wanted, run_session
from hardware.cameras.shared_pictures import SLOTS, PictureWriter, Slots
from hardware.errors import CameraError

REASON_MAX = 600
"""Bytes of a reason: with its JSON it fits into a pipe whole."""
OOM_SCORE = 500
"""Where memory runs out, the kernel is to take a camera, and not the store."""
WITHIN_STEPS = 16
"""An order to open is SLOTS + how many sixteenths of a second it may take, in one byte: up to 15.8 s."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Spec:
    """What the process is told at its start. `memory`, `records` and `said` are file descriptors that it inherits."""

    camera: str
    source: str
    folder: str
    size: tuple[int, int]
    fps_max: float
    parent: int
    memory: int
    records: tuple[int, int]
    said: int

    def to_line(self) -> bytes:
        """As it is sent."""
        return json.dumps(asdict(self)).encode() + b"\n"


def spec_from(line: bytes) -> Spec:
    """The spec that `line` holds."""
    values = json.loads(line)
    return Spec(**{**values, "size": tuple(values["size"]), "records": tuple(values["records"])})


@dataclass(slots=True)
class _Orders:
    """What the parent has asked for: when to open (and how patiently), and which slots are free."""

    free: deque[int]
    anew: threading.Event
    within_s: float = 0.0


def main() -> None:
    """Do as the parent says, until it is gone."""
    spec = spec_from(_first_line())
    _die_with(spec.parent)
    address = parse_source(spec.source)
    slots = Slots(spec.memory, spec.size)
    orders = _Orders(deque(range(SLOTS)), threading.Event())
    threading.Thread(target=_listen, args=(orders,), name="orders", daemon=True).start()
    writer = PictureWriter(slots, spec.records, orders.free)
    while True:
        orders.anew.wait()
        orders.anew.clear()
        try:
            driver = driver_for(address, spec.camera, Path(spec.folder), spec.size, spec.fps_max)
            try:
                driver.open(orders.within_s)
                run_session(driver, Wanted(spec.size, spec.fps_max), writer, orders.anew)
            finally:
                driver.close()
        except SourceEnded as error:
            _say(spec.said, address.hide(str(error)), error.retry)
        except CameraError as error:
            _say(spec.said, address.hide(str(error)), "later")
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 - a driver may raise anything, and the parent must hear of it
            _say(spec.said, address.hide(f"its driver failed: {error!r}"), "soon")


def _first_line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            os._exit(0)
        line += byte
    return line


def _listen(orders: _Orders) -> NoReturn:
    """Take the parent's commands; when there is nobody any more to give them, end at once."""
    while True:
        commands = os.read(0, 64)
        if not commands:
            os._exit(0)
        for command in commands:
            if command < SLOTS:
                orders.free.append(command)
            else:
                orders.within_s = float(command - SLOTS) / WITHIN_STEPS
                orders.anew.set()


def order_to_open(within_s: float) -> bytes:
    """The command that opens the source within about `within_s`."""
    return bytes([SLOTS + min(max(round(within_s * WITHIN_STEPS), 1), 255 - SLOTS)])


def _say(said: int, reason: str, retry: Retry) -> None:
    text = reason.encode()[:REASON_MAX].decode(errors="ignore")
    os.write(said, json.dumps({"reason": text, "retry": retry}).encode() + b"\n")


def _die_with(parent: int) -> None:
    # A core file would hold pictures of people.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE), encoding="ascii")
    if os.getppid() != parent:
        os._exit(0)


if __name__ == "__main__":
    main()
