"""A file of a JSON object a line, read as it is played."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from hardware.errors import DeviceError
from protocol.model import Message

M = TypeVar("M", bound=Message)


def json_lines(path: Path, kind: type[M]) -> Iterator[M]:
    """The lines in their order. DeviceError names the line that is none, or says why the file cannot be read."""
    try:
        with path.open(encoding="utf-8") as stream:
            for number, text in enumerate(stream, start=1):
                if text.strip():
                    yield _read(text, kind, f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceError(f"{path}: {error}") from None


def _read(text: str, kind: type[M], where: str) -> M:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise DeviceError(f"{where}: {key + ': ' if key else ''}{first['msg']}") from None
