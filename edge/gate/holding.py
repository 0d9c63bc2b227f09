"""Lanes that wait until the cloud says that the money is held: pure, by the readings' own clock.

    state     on                                                     to        and
    (none)    an entry that waits is on disk                         waiting
    waiting   the cloud: held                                        (none)    the lane opens
    waiting   the cloud: refused                                     (none)    turned away, with the reason
    waiting   `held_within_s` passed, and it may come in offline     (none)    the lane opens, and is counted
    waiting   `held_within_s` passed otherwise                       (none)    turned away: nobody answers
    (none)    an answer about a visit that does not wait             (none)    said to be too late

Offline only a token comes in that nobody at the gate could have made (an Ed25519 seal), and only so many until the
cloud answers anything again: a store that is cut off lends that much. Whoever is turned away has a visit that ends at
once, so money that is held for it after all is let go by the cloud.
"""

from dataclasses import dataclass
from uuid import UUID

from protocol.store import Gate

WAITING_MAX = 100
"""Lanes are few; beyond it the one that waits longest is turned away."""
NOBODY_ANSWERS = "nobody says whether the money is held"
TOO_LATE = "nobody waits at the lane any more"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A visit whose shopper stands at a lane, since when in seconds, and whether it may come in offline."""

    visit: UUID
    lane: str
    token: str
    since_s: float
    may_offline: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of one that waited: let in (None), or turned away for a reason. `offline`: nobody answered."""

    waiting: Waiting
    turned_away: str | None
    offline: bool = False


class Holding:
    """Who waits at the lanes of `gate`."""

    def __init__(self, gate: Gate) -> None:
        self._within_s = gate.held_within_s
        self._offline_max = gate.offline_entries
        self._offline = 0
        self._waiting: dict[UUID, Waiting] = {}

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """All who wait, the longest first."""
        return tuple(self._waiting.values())

    def wait(self, one: Waiting) -> None:
        """An entry that waits is on disk. Told of a visit twice, the first counts."""
        self._waiting.setdefault(one.visit, one)

    def answered(self, visit: UUID, *, held: bool, reason: str | None) -> Decided | None:
        """The cloud has said it; None where nobody waits for it (any more)."""
        self._offline = 0
        one = self._waiting.pop(visit, None)
        if one is None:
            return None
        return Decided(one, None if held else reason or "the money is not held")

    def due(self, t_s: float) -> tuple[Decided, ...]:
        """Those who have waited long enough at `t_s`."""
        result: list[Decided] = []
        for one in self.waiting:
            if t_s - one.since_s < self._within_s and len(self._waiting) <= WAITING_MAX:
                break
            del self._waiting[one.visit]
            if one.may_offline and self._offline < self._offline_max:
                self._offline += 1
                result.append(Decided(one, None, offline=True))
            else:
                result.append(Decided(one, NOBODY_ANSWERS, offline=True))
        return tuple(result)
