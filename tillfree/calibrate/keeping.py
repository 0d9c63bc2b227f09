"""Writing a store file: whole or not at all, and not over what somebody else wrote meanwhile."""

import os
from pathlib import Path

from edge.calibration.errors import CalibrationError
from protocol.document import read_text


def text_of(path: Path) -> str:
    """The file's text with the line ends that it has. FileError where it cannot be read."""
    read_text(path)
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def replace_text(path: Path, before: str, after: str) -> None:
    """Put `after` where `before` stands. CalibrationError where the file changed since, or cannot be written."""
    if text_of(path) != before:
        raise CalibrationError(f"{path} was changed while this ran; nothing was written. Run it again")
    beside = path.with_name(f".{path.name}.part")
    try:
        # newline="": the text has its own line ends.
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CalibrationError(f"{path}: {error.strerror}; it is as it was") from None
