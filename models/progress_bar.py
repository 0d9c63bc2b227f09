"""A pull's progress on a terminal: a bar while bytes arrive, a line for each step; plain lines where there is none."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from models.progress import Stage

_DOING: dict[Stage, str] = {
    "wait for another pull": "waiting for another pull to end",
    "fetch": "fetching",
    "verify": "verifying",
    "convert": "converting to ONNX",
    "check": "checking against the reference",
    "ready": "ready",
}


class PullProgress:
    """A `models.progress.Progress` on `console`; use it in a `with`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._fetching: TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def enter(self, subject: str, stage: Stage, total_bytes: int | None = None) -> None:
        """See `Progress`."""
        if self._fetching is not None:
            self._bar.remove_task(self._fetching)
            self._fetching = None
        size = f" ({total_bytes / 1e6:.0f} MB)" if total_bytes else ""
        self._console.print(f"{subject}: {_DOING[stage]}{size}", highlight=False, markup=False)
        if stage == "fetch":
            self._fetching = self._bar.add_task(subject, total=total_bytes)

    def advance(self, done_bytes: int) -> None:
        """See `Progress`."""
        if self._fetching is not None:
            self._bar.update(self._fetching, completed=done_bytes)
