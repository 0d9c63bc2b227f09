"""What a driver gives: pictures that are only made when they are wanted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from hardware.errors import CameraError
from hardware.ports import Image

Retry = Literal["soon", "later", "never"]
"""What may help: trying again at once, trying again when a person has done something, or nothing."""


class SourceEnded(CameraError):
    """A source gives no pictures, or no more. `retry` says whether asking again may help."""

    def __init__(self, reason: str, retry: Retry = "soon") -> None:
        super().__init__(reason)
        self.retry = retry


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a source, not yet in our pixels.

    `own_s` is when the source says that it was taken, seconds on a clock of its own (None where it does not say);
    `arrived_s` is when it came here (time.monotonic); `size` is width and height; `image` makes its pixels.
    """

    own_s: float | None
    arrived_s: float
    size: tuple[int, int]
    image: Callable[[], Image]


def finished(own_s: float | None, arrived_s: float, image: Image) -> Picture:
    """A picture whose pixels are there already."""
    return Picture(own_s, arrived_s, (image.shape[1], image.shape[0]), partial(_itself, image))


def _itself(image: Image) -> Image:
    return image


class Driver(Protocol):
    """A source behind the camera port. One is opened once, read to its end, and closed."""

    def open(self, within_s: float) -> None:
        """Make it ready, within about so long where the library can be told. Raises SourceEnded."""

    def pictures(self) -> Iterator[Picture]:
        """Every picture as it comes. Raises SourceEnded where they cease."""

    def close(self) -> None:
        """Let the source go. May be called at any time, and twice."""
