"""The folder that an embedded broker keeps its data in, and who may use it.

Two brokers on one folder would ruin it, so two locks guard it. `owner.lock` is held by the process that started the
broker, `broker.lock` by the broker itself, which inherits it. An owner that was killed leaves its broker running:
then the first lock is free and the second is not, and the next owner may end that broker, and only that one.
"""

import fcntl
import os
import signal
import time
from pathlib import Path

from tillfree.broker.errors import BrokerError

ORPHAN_END_S = 5.0
_POLL_S = 0.02


class BrokerFolder:
    """A folder that this process owns; BrokerError where another one does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._owner_fd = _opened(path / "owner.lock")
        except OSError as error:
            raise BrokerError(f"{path}: {error.strerror}: the broker needs a folder that it may write to") from error
        if not _lock(self._owner_fd):
            os.close(self._owner_fd)
            raise BrokerError(
                f"{path}: another Tillfree runs its broker here: end it, use its broker by URL, or set TILLFREE_HOME "
                f"to another folder"
            )

    def lock_for_broker(self) -> int:
        """A descriptor of `broker.lock`, locked, for the broker to inherit. Ends a broker whose owner is gone."""
        fd = _opened(self.path / "broker.lock")
        if _lock(fd):
            return fd
        text = (self.path / "broker.pid").read_text(encoding="ascii") if (self.path / "broker.pid").exists() else ""
        if text.isdecimal():
            # The lock is held, so the process that the file names is alive and is the one we started.
            os.kill(int(text), signal.SIGTERM)
            give_up_s = time.monotonic() + ORPHAN_END_S
            while time.monotonic() < give_up_s:
                if _lock(fd):
                    return fd
                time.sleep(_POLL_S)
        os.close(fd)
        raise BrokerError(f"{self.path}: a broker that an earlier run left behind (process {text or '?'}) does not end")

    def remember(self, pid: int) -> None:
        """Note which process is the broker."""
        (self.path / "broker.pid").write_text(str(pid), encoding="ascii")

    def release(self) -> None:
        """Let the folder go. May be called twice."""
        if self._owner_fd >= 0:
            os.close(self._owner_fd)
            self._owner_fd = -1


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
