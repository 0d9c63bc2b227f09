"""Writing so that a file is there whole or not at all, and saying so when the disk cannot take it."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import ModelsError, NoSpace

_FULL = {errno.ENOSPC, errno.EDQUOT}
_ADVICE = "free some, or set TILLFREE_HOME to a folder on another disk"


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns an OSError while `folder` is written into NoSpace or a ModelsError that names the folder."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpace(f"{folder}: the disk is full; {_ADVICE}") from error
        raise ModelsError(f"{error.filename or folder}: {error.strerror or error}") from error


def require_space(folder: Path, needed_bytes: int) -> None:
    """NoSpace where the disk of `folder` cannot take so much, before anything is fetched in vain."""
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise NoSpace(
            f"{folder}: pulling needs about {needed_bytes // 10**6:,} MB for a while, "
            f"and {free_bytes // 10**6:,} MB are free; {_ADVICE}"
        )


def publish(content: bytes, workplace: Path, target: Path) -> None:
    """Write `content` in `workplace`, on the same disk, and rename it to `target`: nobody sees half of it."""
    draft = workplace / target.name
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        # Else a power cut after the rename could leave a name without its content.
        os.fsync(file.fileno())
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(target)
