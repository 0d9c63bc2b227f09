"""Where a command's result goes: a table for people, JSON for programs, progress on the terminal."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from protocol.errors import TillfreeError

JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON to FILE (- for standard output).")
]

STANDARD_OUTPUT = "-"


class OutputError(TillfreeError):
    """The result cannot be written where it was asked for."""


def console_for(json_file: str | None) -> Console:
    """Where tables go: standard output, or standard error where the JSON takes the former."""
    return Console(stderr=json_file == STANDARD_OUTPUT, highlight=False)


def write_json(json_file: str | None, result: Any) -> None:
    """Write `result` where --json says; nothing where it was not given."""
    if json_file is None:
        return
    text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    if json_file == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    try:
        Path(json_file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{json_file}: {error.strerror}; the result was not written") from None


class Advance(Protocol):
    """How far a piece of work is."""

    def __call__(self, done: float, total: float) -> None:
        """`done` of `total`, in whatever unit."""


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """A bar on standard error that says how far `what` is; nothing where that is no terminal."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=None)

        def advance(done: float, total: float) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
