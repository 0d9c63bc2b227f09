"""How far a device's events have been committed, and how far it says it has observed.

Theory of operation. A device numbers its events from 1 without a gap within an epoch (the life of its outbox file).
`contiguous` is the highest n such that all of 1…n are committed: the cumulative ack. Later ones that came early wait in
`ahead` as closed ranges. Whatever order and however often the numbers come, the same set gives the same progress.

A watermark says the oldest number that the device can still send (`first_seq`). Older ones it deleted because they were
acked; if we do not have them, the database that acked them is gone, and waiting for them would hold the device up for
ever. So `contiguous` moves up to `first_seq` - 1 and the hole is reported as a `Gap`, which settlement counts as
missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from protocol.messages import Watermark

RANGES_MAX = 1_000
"""Holes we keep track of. A relay sends a bounded window in order, so more than a few mean a device gone wrong; an
event that would open one more is left uncommitted, and the device sends it again once the holes are filled."""

Range = tuple[int, int]
"""A closed range of sequence numbers."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers `first`…`last` that a device no longer has and we never will."""

    epoch: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What we know of one epoch of one device."""

    epoch: int
    contiguous: int = 0
    ahead: tuple[Range, ...] = ()
    last_seq: int = 0
    """The last event that the device said it has on disk."""
    observed_until: datetime | None = None

    def has_room_for(self, seq: int) -> bool:
        """Whether `seq` can be noted without exceeding RANGES_MAX."""
        return len(self.ahead) < RANGES_MAX or seq <= self.contiguous + 1

    def received(self, seqs: Iterable[int]) -> "Progress":
        """Progress after the events `seqs` are committed too."""
        if not self.ahead and isinstance(seqs, tuple) and seqs == (self.contiguous + 1,):
            # As nearly all come: one at a time, in order.
            return Progress(self.epoch, seqs[0], (), self.last_seq, self.observed_until)
        ranges = [*self.ahead, *((seq, seq) for seq in seqs if seq > self.contiguous)]
        return self._merged(self.contiguous, ranges)

    def told(self, watermark: Watermark) -> tuple["Progress", Gap | None]:
        """Progress after `watermark` (of this epoch, however old), and the hole it uncovered."""
        assert watermark.epoch == self.epoch
        lower = max(self.contiguous, watermark.first_seq - 1)
        absent = _absent(self.contiguous + 1, lower, self.ahead)
        known = self.observed_until
        moved = replace(
            self._merged(lower, list(self.ahead)),
            last_seq=max(self.last_seq, watermark.last_seq),
            observed_until=watermark.observed_until if known is None else max(known, watermark.observed_until),
        )
        return moved, Gap(self.epoch, absent[0][0], absent[-1][1]) if absent else None

    def stuck_at(self, watermark: Watermark) -> int | None:
        """The number that the device offers in vain: the first we lack, while all that it sent after that is here."""
        first = self.contiguous + 1
        after = self.ahead[0][0] if self.ahead else watermark.last_seq + 1
        offered = watermark.first_seq == first <= watermark.last_seq
        return first if offered and after == first + 1 else None

    def missing(self, up_to: int) -> tuple[Range, ...]:
        """The numbers up to and including `up_to` that are not committed."""
        return _absent(self.contiguous + 1, up_to, self.ahead)

    def _merged(self, contiguous: int, ranges: list[Range]) -> "Progress":
        merged: list[Range] = []
        for first, last in sorted(ranges):
            if first <= contiguous + 1:
                contiguous = max(contiguous, last)
            elif merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        return replace(self, contiguous=contiguous, ahead=tuple(merged))


def _absent(first: int, last: int, present: tuple[Range, ...]) -> tuple[Range, ...]:
    result: list[Range] = []
    for begin, end in present:
        if begin > last:
            break
        if first < begin:
            result.append((first, begin - 1))
        first = max(first, end + 1)
    if first <= last:
        result.append((first, last))
    return tuple(result)
