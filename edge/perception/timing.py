"""How long a network's runs take: all of them in sum, and the latest one by one."""

from collections import deque
from dataclasses import dataclass

KEPT = 512
"""The latest runs, of which medians are told: a minute of one camera."""


@dataclass(frozen=True, slots=True)
class NetworkTiming:
    """One network, as health tells it. Milliseconds of the clock on the wall, of the latest `KEPT` runs."""

    network: str
    provider: str
    runs: int
    p50_ms: float | None
    p99_ms: float | None
    most_ms: float | None


class Stopwatch:
    """Keeps how long the latest runs took."""

    def __init__(self) -> None:
        self._latest_s: deque[float] = deque(maxlen=KEPT)

    def add(self, seconds: float) -> None:
        """A run has taken so long."""
        self._latest_s.append(seconds)

    def timing(self, network: str, provider: str, runs: int) -> NetworkTiming:
        """What is known now. May be asked from another thread than the one that adds."""
        rising = sorted(self._latest_s.copy())
        if not rising:
            return NetworkTiming(network, provider, runs, None, None, None)
        p50, p99, most = (rising[round(share * (len(rising) - 1))] for share in (0.5, 0.99, 1.0))
        return NetworkTiming(network, provider, runs, _ms(p50), _ms(p99), _ms(most))


def _ms(seconds: float) -> float:
    return round(1000.0 * seconds, 3)
