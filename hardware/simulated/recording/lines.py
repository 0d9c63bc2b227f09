"""Text files of a line a value."""

from collections.abc import Iterable
from pathlib import Path


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write `lines`, each without its end, to a new file at `path`."""
    with path.open("w", encoding="utf-8") as stream:
        for line in lines:
            stream.write(line + "\n")
