"""What a file says of devices, in the order of time, whatever the order of its lines.

Who writes lines as they come from several devices writes them a little out of step; who writes a plate after the other
begins anew for each. So lines are held for `HOLD_S` of their own time and given by time. A file that goes back by more
is seen to by its first `LOOKED_AT` lines and sorted whole, where it is not larger than `SORTED_MAX_BYTES`.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from hardware.errors import DeviceError

HOLD_S = 5.0
LOOKED_AT = 200_000
SORTED_MAX_BYTES = 64_000_000


class Timed(Protocol):
    """A reading with its time in seconds."""

    @property
    def t_s(self) -> float:
        """When it was taken."""


Line = TypeVar("Line", bound=Timed)


def by_time(path: Path, read: Callable[[], Iterator[Line]]) -> Iterator[Line]:
    """What `read` reads of the file, by time; of one moment, in the order of its lines.

    DeviceError where it goes back by more than is held and is too large to be sorted, and whatever `read` raises.
    """
    if not _goes_far_back(read()):
        yield from held(read(), path)
    elif path.stat().st_size <= SORTED_MAX_BYTES:
        yield from sorted(read(), key=lambda line: line.t_s)
    else:
        raise DeviceError(f"{path}: its times go back by more than {HOLD_S:g} s: sort its lines by time")


def held(lines: Iterable[Line], path: Path) -> Iterator[Line]:
    """The lines by time, where none is later than `HOLD_S` behind another before it."""
    waiting: list[tuple[float, int, Line]] = []
    newest_s = -math.inf
    broken: DeviceError | None = None
    try:
        for number, line in enumerate(lines):
            _check(line, newest_s, path)
            newest_s = max(newest_s, line.t_s)
            heapq.heappush(waiting, (line.t_s, number, line))
            while waiting[0][0] < newest_s - HOLD_S:
                yield heapq.heappop(waiting)[2]
    except DeviceError as error:
        # What was read before the line that is none counts, and is given first.
        broken = error
    while waiting:
        yield heapq.heappop(waiting)[2]
    if broken is not None:
        raise broken


def _check(line: Timed, newest_s: float, path: Path) -> None:
    if line.t_s < newest_s - HOLD_S:
        raise DeviceError(f"{path}: t_s goes back from {newest_s} to {line.t_s}: sort its lines by time")


def _goes_far_back(lines: Iterator[Line]) -> bool:
    newest_s = -math.inf
    try:
        for line in islice(lines, LOOKED_AT):
            if line.t_s < newest_s - HOLD_S:
                return True
            newest_s = max(newest_s, line.t_s)
    except DeviceError:
        # It is said when the line is come to.
        return False
    return False
