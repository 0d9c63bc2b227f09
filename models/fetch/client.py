"""Running a package manager's client: watched, bounded, and with its last words where it fails."""

import errno
import os
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from models.errors import FetchFailed
from models.fetch.port import Advance

STALLED_S_MAX = 300.0
"""Without one more byte for so long a client is given up; npm's own time limit for a request is as long."""

_LOOK_EVERY_S = 0.1
_LAST_LINES = 8
_DISK_FULL = re.compile(r"ENOSPC|No space left on device", re.IGNORECASE)

Clock = Callable[[], float]


def run_client(
    command: Sequence[str | Path],
    folder: Path,
    advance: Advance,
    *,
    clock: Clock = time.monotonic,
    stalled_s_max: float = STALLED_S_MAX,
) -> None:
    """Run `command` in `folder` until it ends, telling `advance` how large the largest file in there is.

    Temporary files go there too, so that what is fetched grows in view and on the cache's disk. FetchFailed with the
    client's last lines where it cannot be started, fails or stalls; OSError (ENOSPC) where it says that the disk is
    full.
    """
    variables = {**os.environ, "TMPDIR": str(folder)}
    try:
        client = subprocess.Popen(  # noqa: S603 - our own argument list, no shell
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise FetchFailed(f"{command[0]} could not be started: {error.strerror}") from error
    with client, _LastLines(client) as last_lines:
        try:
            ended = _ends(client, _growth(folder, advance), clock, stalled_s_max)
        finally:
            _end(client)
    written, said = " ".join(str(part) for part in command), last_lines.text()
    if not ended:
        raise FetchFailed(f"nothing arrived for {stalled_s_max:.0f} s; is the network up? Given up: {written}\n{said}")
    if client.returncode:
        if _DISK_FULL.search(said):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise FetchFailed(f"failed with status {client.returncode}: {written}\n{said}")


class _LastLines:
    """What a client said last. Read in a thread of its own, and not into a file: the disk may be what is full."""

    def __init__(self, client: subprocess.Popen[bytes]) -> None:
        assert client.stdout is not None
        self._lines: deque[bytes] = deque(maxlen=_LAST_LINES)
        self._reader = threading.Thread(target=self._lines.extend, args=(client.stdout,), daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.join()

    def text(self) -> str:
        return "".join(f"  {line.decode(errors='replace').rstrip()}\n" for line in self._lines).rstrip()


def _ends(client: subprocess.Popen[bytes], grew: Callable[[], bool], clock: Clock, stalled_s_max: float) -> bool:
    """Wait for the client; false where it did not end and nothing grew for too long."""
    grew_at = clock()
    while True:
        try:
            client.wait(_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            if grew():
                grew_at = clock()
            elif clock() - grew_at > stalled_s_max:
                return False
        else:
            return True


def _end(client: subprocess.Popen[bytes]) -> None:
    """End the client, and with it whatever it started: an orphan would hold our pipe open."""
    if client.poll() is None:
        os.killpg(client.pid, signal.SIGKILL)


def _growth(folder: Path, advance: Advance) -> Callable[[], bool]:
    """Asks whether the largest file in `folder` has grown since it was last asked, and tells `advance` how large it is.

    The largest one alone, since a client may keep what it fetched twice for a while.
    """
    largest = 0

    def grew() -> bool:
        nonlocal largest
        size = max((_size(path) for path in folder.rglob("*")), default=0)
        if size <= largest:
            return False
        largest = size
        advance(size)
        return True

    return grew


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0  # clients rename and remove their temporary files at any moment
