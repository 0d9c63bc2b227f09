"""Running a package manager's client: watched, bounded, and with its last words where it fails."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from models.disk import ADVICE
from models.errors import FetchFailed, NoSpace
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
    environment: Mapping[str, str] | None = None,
    clock: Clock = time.monotonic,
    stalled_s_max: float = STALLED_S_MAX,
) -> None:
    """Run `command` in `folder` until it ends, telling `advance` how large the largest file in there is.

    Temporary files go there too, so that what is fetched grows in view and on the cache's disk. FetchFailed with the
    client's last lines where it cannot be started, fails or stalls; NoSpace where it says that the disk is full.
    """
    log = folder / "client.log"
    variables = {**os.environ, "TMPDIR": str(folder), **(environment or {})}
    with log.open("wb") as output:
        try:
            client = subprocess.Popen(  # noqa: S603 - our own argument list, no shell
                command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise FetchFailed(f"{command[0]} could not be started: {error.strerror}") from error
        try:
            stalled = not _ends(client, _growth(folder, log, advance), clock, stalled_s_max)
        finally:
            client.kill()
            client.wait()
    said = _last_lines(log)
    log.unlink()
    written = " ".join(str(part) for part in command)
    if stalled:
        raise FetchFailed(f"nothing arrived for {stalled_s_max:.0f} s; is the network up? Given up: {written}\n{said}")
    if client.returncode:
        if _DISK_FULL.search(said):
            raise NoSpace(f"{folder.parent}: the disk is full; {ADVICE}")
        raise FetchFailed(f"failed with status {client.returncode}: {written}\n{said}")


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


def _growth(folder: Path, log: Path, advance: Advance) -> Callable[[], bool]:
    """Asks whether the largest file in `folder` has grown since it was last asked, and tells `advance` how large it is.

    The largest one alone, since a client may keep what it fetched twice for a while.
    """
    largest = 0

    def grew() -> bool:
        nonlocal largest
        size = max((_size(path) for path in folder.rglob("*") if path != log), default=0)
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


def _last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-_LAST_LINES:])
