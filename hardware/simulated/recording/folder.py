"""The folder of a recording that is being written: whole in the end, or not there.

`recording.yaml` comes last, so that a folder without it is no recording, whatever ended the writing. What ends it in a
way that can be heard (a full disk, Ctrl-C) also takes away what was written.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hardware.simulated.errors import SimulationError

LAST = "recording.yaml"


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """`folder`, made where it is not there, to write a recording into.

    SimulationError where it holds something already, cannot be written, or the disk is full.
    """
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise SimulationError(f"{folder}: cannot be made: {error.strerror}") from None
    if there:
        half = "" if LAST in there else f"; it has no {LAST}, as what was cut off while it was written"
        raise SimulationError(f"{folder}: not empty; give a folder that is new, or remove it{half}")
    try:
        yield folder
    except OSError as error:
        _clear(folder, made)
        raise SimulationError(f"{error.filename or folder}: {_why(error)}. What was written is removed") from None
    except BaseException:
        _clear(folder, made)
        raise


def finish(folder: Path, about: str) -> None:
    """Make a recording of the folder: `about` is what its recording.yaml says."""
    unnamed = folder / f".{LAST}"
    unnamed.write_text(about, encoding="utf-8")
    unnamed.replace(folder / LAST)


def _why(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full; free some, or record fewer cameras, frames or minutes"
    return error.strerror or str(error)


def _clear(folder: Path, made: bool) -> None:
    """Take away what was written, and the folder where it was made for it."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if made:
        folder.rmdir()
