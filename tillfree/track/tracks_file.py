"""Tracks as MOTChallenge text: `frame,number,left,top,width,height,support,-1,-1,-1` a line, frames from 1, pixels.

Written as they come, beside the file that was asked for, and put in its place when all are there: whoever finds the
file finds all of it.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from edge.tracking.refining import Picture
from tillfree.track.errors import TrackError


class TracksFile:
    """Writes pictures to `path`, the first as frame 1. Use it with `with`; TrackError where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part-{os.getpid()}")
        self.frames = 0
        self.rows = 0
        self._numbers: set[int] = set()
        if path.is_dir():
            raise TrackError(f"{path}: is a folder; name a file")
        try:
            self._stream = self._part.open("w", encoding="utf-8")
        except OSError as error:
            raise self._failed(error) from None

    @property
    def tracks(self) -> int:
        """How many people were written."""
        return len(self._numbers)

    def add(self, picture: Picture) -> None:
        """Write the next frame."""
        self.frames += 1
        sides = picture.boxes[:, 2:] - picture.boxes[:, :2]
        lines = [
            f"{self.frames},{number},{left:.2f},{top:.2f},{width:.2f},{height:.2f},{support:.3f},-1,-1,-1\n"
            for number, (left, top), (width, height), support in zip(
                picture.numbers.tolist(),
                picture.boxes[:, :2].tolist(),
                sides.tolist(),
                picture.supports.tolist(),
                strict=True,
            )
        ]
        self.rows += len(lines)
        self._numbers.update(picture.numbers.tolist())
        try:
            self._stream.writelines(lines)
        except OSError as error:
            raise self._failed(error) from None

    def add_all(self, pictures: Iterable[Picture]) -> None:
        """Write the next frames."""
        for picture in pictures:
            self.add(picture)

    def __enter__(self) -> "TracksFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._stream.close()
            if kind is None:
                self._part.replace(self._path)
        except OSError as failure:
            raise self._failed(failure) from None
        finally:
            self._part.unlink(missing_ok=True)

    def _failed(self, error: OSError) -> TrackError:
        return TrackError(f"{self._path}: {error.strerror}; the tracks were not written")
