"""Where in a JSON text a value stands: errors in label files name the line that a person must look at."""

import json
from collections.abc import Sequence

_DECODER = json.JSONDecoder()


def json_line(text: str, path: Sequence[str | int]) -> int:
    """The line, from 1, of the value at `path` (keys and indices), or of the nearest part around it that is there."""
    at = _skip(text, 0)
    for step in path:
        inside = _element(text, at, step) if isinstance(step, int) else _member(text, at, step)
        if inside is None:
            break
        at = inside
    return text.count("\n", 0, at) + 1


def _element(text: str, at: int, index: int) -> int | None:
    """Where element `index` of the list at `at` begins."""
    if text[at : at + 1] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        at = _after(text, at)
        if text[at : at + 1] != ",":
            return None
        at = _skip(text, at + 1)
    return at if text[at : at + 1] != "]" else None


def _member(text: str, at: int, name: str) -> int | None:
    """Where the value of `name` in the object at `at` begins; the last one counts, as it does for the reader."""
    found: int | None = None
    if text[at : at + 1] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at : at + 1] == '"':
        key, at = _DECODER.raw_decode(text, at)
        value = _skip(text, _skip(text, at) + 1)
        found = value if key == name else found
        at = _after(text, value)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
    return found


def _after(text: str, at: int) -> int:
    """What follows the value at `at`."""
    return _skip(text, _DECODER.raw_decode(text, at)[1])


def _skip(text: str, at: int) -> int:
    """Beyond white space."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
