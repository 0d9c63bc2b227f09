"""When a store goes on: how long it was away, and what the time is now on the clock of its readings.

    away                                            then
    up to `HAND_S`                                 all goes on as if nothing had been
    up to `AWAY_MAX_S`                              all goes on, and what was taken before is doubtful: nobody saw what
                                                    was put back meanwhile
    longer, or nobody knows                         visits are over, and the cloud ends them

How long it was is known by the machine's clock since it was switched on, where it has not been switched off; else by
the clock on the wall, which may be wrong: one that says less than nothing says nothing.
"""

from dataclasses import dataclass
from pathlib import Path

HAND_S = 1.0
"""A hand is in a slot and out again in less than two seconds: so long may nobody have watched without a doubt."""
AWAY_MAX_S = 1_800.0
"""Whoever was in the store may be gone by then, and others may have come."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by each clock of a machine: the wall's (Unix seconds), and that since it was switched on."""

    wall_s: float
    since_boot_s: float
    boot: str
    """Which switching on; empty where the machine does not tell."""


@dataclass(frozen=True, slots=True)
class Away:
    """How long nobody watched, in seconds; None: nobody knows."""

    seconds: float | None

    @property
    def too_long(self) -> bool:
        """Whether visits are over by now."""
        return self.seconds is None or self.seconds > AWAY_MAX_S

    @property
    def doubtful(self) -> bool:
        """Whether something may have been put back that nobody saw."""
        return self.seconds is None or self.seconds > HAND_S

    def __str__(self) -> str:
        return "for nobody knows how long" if self.seconds is None else f"for {self.seconds:.1f} s"


def away(then: Moment, now: Moment) -> Away:
    """How long it was between two moments of one machine."""
    if then.boot and then.boot == now.boot:
        return Away(max(now.since_boot_s - then.since_boot_s, 0.0))
    between_s = now.wall_s - then.wall_s
    return Away(between_s if between_s >= 0.0 else None)


def boot() -> str:
    """Which switching on of this machine it is; empty where it does not tell."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
