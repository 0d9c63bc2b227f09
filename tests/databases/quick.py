"""Where databases of tests lie that no power cut will hit: in memory, where a machine has some to give.

A commit waits for the disk, and tests make thousands of them. What is about the disk (killed servers, full disks)
does not lie here.
"""

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_FREE_MIN_BYTES = 1 << 30


def _quick() -> Path | None:
    if not (_MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)):
        return None
    return _MEMORY if shutil.disk_usage(_MEMORY).free >= _FREE_MIN_BYTES else None


QUICK = _quick()
"""The parent of temporary folders, as `tempfile` takes it; None: wherever they lie otherwise."""
