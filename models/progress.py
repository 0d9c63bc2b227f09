"""What a pull tells while it works."""

from typing import Literal, Protocol

Stage = Literal["wait for another pull", "fetch", "verify", "convert", "check", "ready"]


class Progress(Protocol):
    """Hears what is being done; `subject` is a package or a network."""

    def enter(self, subject: str, stage: Stage, total_bytes: int | None = None) -> None:
        """`stage` of `subject` begins; `total_bytes` where it is known how much there is to fetch."""

    def advance(self, done_bytes: int) -> None:
        """So much of the current stage's bytes is there."""


class Silent:
    """Tells nobody."""

    def enter(self, subject: str, stage: Stage, total_bytes: int | None = None) -> None:
        """Say nothing."""

    def advance(self, done_bytes: int) -> None:
        """Say nothing."""
