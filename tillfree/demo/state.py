"""The folders that demos keep everything in, one a run: made, held while the run lasts, and cleared away later."""

import fcntl
import os
import shutil
import time
from pathlib import Path

from tillfree.errors import DemoError

KEPT = 3
"""Of runs that are over: enough to look into what went wrong."""
LOCK = "demo.lock"


class StateFolder:
    """The folder of one run, held until `close`. DemoError where another run holds it, or it cannot be made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DemoError(f"{path}: {error.strerror}: the demo needs a folder that it may write to") from error
        try:
            # The system lets go of it however this process ends.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise DemoError(f"{path}: another demo runs here; end it, or give another folder (--state DIR)") from None

    @staticmethod
    def fresh(root: Path) -> "StateFolder":
        """A new folder under `root`; of earlier runs that are over, the latest `KEPT` stay."""
        over = [path for path in sorted(root.iterdir()) if path.is_dir() and not _in_use(path)] if root.is_dir() else []
        for path in over[:-KEPT]:
            shutil.rmtree(path, ignore_errors=True)
        # Two that begin in the same second differ by their process.
        return StateFolder(root / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}")

    def close(self) -> None:
        """Let others have it. Call once."""
        os.close(self._lock)


def _in_use(path: Path) -> bool:
    try:
        lock = os.open(path / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
