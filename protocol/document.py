"""A YAML document that remembers its lines, so that an error can name file, line and key.

`parse` reads the text; `read_as` makes a typed value of it; `Document.complain` is for what only cross-checks find.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from protocol.errors import TillfreeError

KeyPath = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


class FileError(TillfreeError):
    """A file does not say what it should. The message has one line a problem: `file:line: key: what is wrong`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at `path`, a way of keys and indices into the document."""

    path: KeyPath
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed YAML file: its value, and where each part of it stands."""

    source: str
    value: Any

    def line(self, path: KeyPath) -> int:
        """The line, from 1, of the part at `path`, or of the nearest enclosing part that is there."""
        node, line = self.value, 1
        for step in path:
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0] + 1
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line = node.lc.item(step)[0] + 1
            else:
                break
            node = node[step]
        return line

    def complain(self, problems: Iterable[Problem]) -> None:
        """Raise FileError where there are problems, in the order of their lines."""
        lines = sorted((self.line(p.path), _written(p.path), p.message) for p in problems)
        if lines:
            raise FileError("\n".join(f"{self.source}:{line}: {key}{what}" for line, key, what in lines))


def read_text(path: Path) -> str:
    """The text of the file at `path`, or a FileError that says why there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not UTF-8 text (byte {error.start})") from None


def parse(text: str, source: str) -> Document:
    """The YAML mapping in `text`; `source` is the file's name in messages. FileError says where it is no YAML."""
    try:
        value = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise FileError(f"{source}:{line}: {error.problem or error.context}") from None
    except RecursionError:
        raise FileError(f"{source}:1: brackets within brackets, deeper than anything here needs") from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileError(f"{source}:{line}: a character that YAML does not allow ({error.character:#x})") from None
    except TypeError:
        raise FileError(f"{source}:1: a list or a mapping stands where a key should; look for a ':' too many") from None
    except (YAMLError, ValueError) as error:
        raise FileError(f"{source}:1: {error}") from None
    if not isinstance(value, CommentedMap):
        raise FileError(f"{source}:1: the file should be a mapping of keys to values, and is not")
    return Document(source, value)


def read_as(model: type[M], document: Document) -> M:
    """The document as a `model`; FileError lists every place where it does not fit."""
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        details: list[dict[str, Any]] = [dict(detail) for detail in error.errors(include_url=False)]
        # A list whose items are wrong counts as too short as well; the items' own problems say it better.
        shown = [d for d in details if d["type"] != "too_short" or not _has_deeper(d["loc"], details)]
        document.complain(_problem(model, detail) for detail in shown)
        raise AssertionError("a validation error without a detail") from error


def _has_deeper(loc: KeyPath, details: list[dict[str, Any]]) -> bool:
    return any(len(d["loc"]) > len(loc) and d["loc"][: len(loc)] == loc for d in details)


def _problem(model: type[BaseModel], detail: dict[str, Any]) -> Problem:
    path: KeyPath = tuple(detail["loc"])
    kind, message = detail["type"], detail["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _keys_at(model, path[:-1])
        close = difflib.get_close_matches(str(path[-1]), known, 1)
        hint = f"did you mean '{close[0]}'?" if close else f"known here: {', '.join(known)}"
        message = f"unknown key; {hint}"
    elif kind == "missing":
        message = "is missing"
    elif kind == "string_pattern_mismatch":
        message = f"{detail['input']!r} does not fit the pattern {detail['ctx']['pattern']}"
    elif kind == "string_type" and isinstance(detail["input"], int | float):
        message = f"should be text, and {detail['input']!r} is not: put it in quotes"
    elif not isinstance(detail.get("input"), dict | list):
        message = f"{message[0].lower()}{message[1:]}, and {detail.get('input')!r} is not"
    return Problem(path, message)


def _keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that may stand at `path`: follows fields, and passes over list indices and union tags."""
    here: type[BaseModel] = model
    for step in path:
        if isinstance(step, str) and step in here.model_fields:
            here = next(_models_in(here.model_fields[step].annotation), here)
    return sorted(here.model_fields)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _written(path: KeyPath) -> str:
    key = re.sub(r"\.\[", "[", ".".join(f"[{step}]" if isinstance(step, int) else step for step in path))
    return f"{key}: " if key else ""
