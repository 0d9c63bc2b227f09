"""Refusals as the operator is told of them: the first at once, more of its kind counted and told together.

A phone that shows one wrong code after another must fill neither the log nor the outbox: of one lane and reason one
event goes out in `EVERY_S`, and there are as many reasons as check.py has.
"""

from dataclasses import dataclass

from protocol.events import Refused

EVERY_S = 60.0
KINDS_MAX = 1_000


@dataclass(slots=True)
class _Kind:
    told_s: float
    untold: int = 0


class Refusals:
    """Counts refusals by lane and reason."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str], _Kind] = {}

    def refused(self, t_s: float, lane: str, reason: str) -> Refused | None:
        """Somebody was refused at `t_s`; what to tell now, if anything."""
        kind = self._kinds.get((lane, reason))
        if kind is None and len(self._kinds) < KINDS_MAX:
            self._kinds[lane, reason] = _Kind(t_s)
            return Refused(lane=lane, reason=reason)
        if kind is not None:
            kind.untold += 1
        return None

    def due(self, t_s: float) -> tuple[Refused, ...]:
        """What was counted for long enough; a kind of which nothing more came is forgotten."""
        result: list[Refused] = []
        for (lane, reason), kind in list(self._kinds.items()):
            if t_s - kind.told_s < EVERY_S:
                continue
            if kind.untold:
                result.append(Refused(lane=lane, reason=reason, times=kind.untold))
                kind.told_s, kind.untold = t_s, 0
            else:
                del self._kinds[lane, reason]
        return tuple(result)
