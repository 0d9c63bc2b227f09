"""From exit to decision: how long a receipt waits for the edge to have observed everything.

A visit is decided when the edge's watermark has passed its exit. Played from a recording that takes two parts: the
seconds of the recording until the reading that lets the watermark pass (hands that are still in a slot, plates that
still settle, people at other cameras), and the processor's time for all readings in between. A shop has both, at most
one after the other. Broker, cloud and payment come on top; `tillfree demo` measures the whole way.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExitDelay:
    """One exit at `exit_s` of the recording, decided `waited_s` later; `processing_s` is what the machine took."""

    exit_s: float
    waited_s: float
    processing_s: float

    @property
    def total_s(self) -> float:
        """Both together."""
        return self.waited_s + self.processing_s


class ExitClock:
    """Follows exits until the watermark has passed them."""

    def __init__(self) -> None:
        self._open: list[tuple[float, float]] = []
        self.delays: list[ExitDelay] = []

    def exited(self, exit_s: float, began_s: float) -> None:
        """Somebody left at `exit_s` of the recording; the machine's clock stood at `began_s` before it was told so."""
        self._open.append((exit_s, began_s))

    def observed(self, until_s: float, t_s: float, clock_s: float) -> None:
        """At `t_s` of the recording and `clock_s` of the machine, everything before `until_s` has been said."""
        for exit_s, began_s in [each for each in self._open if until_s > each[0]]:
            self._open.remove((exit_s, began_s))
            self.delays.append(ExitDelay(exit_s, max(t_s - exit_s, 0.0), clock_s - began_s))

    def ended(self, t_s: float, clock_s: float) -> None:
        """The recording is over, and everything is said."""
        self.observed(float("inf"), t_s, clock_s)


def delays_json(delays: Sequence[ExitDelay]) -> dict[str, float | int] | None:
    """As reports write it; None where nobody left."""
    if not delays:
        return None
    waited, processing, total = (
        sorted(values)
        for values in ([d.waited_s for d in delays], [d.processing_s for d in delays], [d.total_s for d in delays])
    )
    return {
        "exits": len(delays),
        "waited_p50_s": round(waited[len(waited) // 2], 3),
        "waited_max_s": round(waited[-1], 3),
        "processing_p50_s": round(processing[len(processing) // 2], 3),
        "processing_max_s": round(processing[-1], 3),
        "total_p50_s": round(total[len(total) // 2], 3),
        "total_max_s": round(total[-1], 3),
    }
