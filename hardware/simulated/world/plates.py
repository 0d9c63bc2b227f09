"""What load cells say: the true load, and what a real cell makes of it. Vectorised, lazily, for any times.

A cell's reading is
    true load · step response + swings + what rests on it for a while + a zero that drifts + white noise
with a step response that settles in 0.35 to 0.5 s, as real plates do. Noise and drift are pure functions of the plate
and the time, so any part of a day can be had without the rest of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardware.simulated.streams import key, normals, uniforms
from hardware.simulated.world.timeline import Load, Press, Timeline

RATE_HZ = 60
SETTLED_S = 3.0
"""By then nothing is left of a swing."""
WAVES = 5

Doubles = npt.NDArray[np.float64]
Samples = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CellNoise:
    """How far a cell is from a perfect one; the defaults are those of a real shop's cells (facts of the design)."""

    sigma_g: float = 10.0
    drift_g: float = 6.0
    """How far the zero wanders, over minutes."""
    settle_s: tuple[float, float] = (0.35, 0.5)
    """Until a step is within 3 % of its end; each plate has its own."""


class Plates:
    """The plates of a played scene."""

    def __init__(self, timeline: Timeline, noise: CellNoise | None = None) -> None:
        self._timeline = timeline
        self._noise = noise or CellNoise()
        self._seed = timeline.scene.seed
        self.names = tuple(timeline.loads)
        self._sums = {plate: _sums(loads) for plate, loads in timeline.loads.items()}

    def true_g(self, plate: str, t_s: Doubles) -> Doubles:
        """What stands on the plate at `t_s` (n,), in grams."""
        times, total = self._sums[plate]
        return np.asarray(total[np.searchsorted(times, t_s, side="right")], np.float64)

    def samples_g(self, plate: str, index: Samples) -> Doubles:
        """What the cell says in the samples numbered `index` (n,), rising: number 0 is at t = 0, `RATE_HZ` a second."""
        t_s = index / RATE_HZ
        noise_key = key(self._seed, "cell", plate)
        grams = self.true_g(plate, t_s)
        decay_s = float(np.interp(uniforms(noise_key, np.array([-1]))[0], (0, 1), self._noise.settle_s)) / 3.5
        for load in self._near(self._timeline.loads[plate], t_s):
            grams += _settling(t_s - load.t_s, load, decay_s)
        for press in self._timeline.presses[plate]:
            if len(t_s) and press.from_s <= t_s[-1] and press.to_s >= t_s[0]:
                grams += press.grams * _resting(t_s, press)
        grams += self._drift(noise_key, t_s) + self._noise.sigma_g * normals(noise_key, index)
        return grams

    def busy(self, plate: str, until_s: float, before_s: float, after_s: float) -> list[tuple[float, float]]:
        """When something happens on the plate, or has just happened: disjoint, by time."""
        moments = [(load.t_s, load.t_s) for load in self._timeline.loads[plate] if load.t_s >= 0.0]
        moments += [(press.from_s, press.to_s) for press in self._timeline.presses[plate]]
        joined: list[tuple[float, float]] = []
        for from_s, to_s in sorted((max(a - before_s, 0.0), min(b + after_s, until_s)) for a, b in moments):
            if joined and from_s <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], to_s))
            elif from_s < to_s:
                joined.append((from_s, to_s))
        return joined

    @staticmethod
    def _near(loads: Sequence[Load], t_s: Doubles) -> list[Load]:
        """The changes that still swing at some of the times."""
        if not len(t_s):
            return []
        return [load for load in loads if t_s[0] - SETTLED_S <= load.t_s <= t_s[-1]]

    def _drift(self, noise_key: int, t_s: Doubles) -> Doubles:
        shares = uniforms(noise_key, np.arange(-100, -100 + 2 * WAVES))
        drift = np.zeros_like(t_s)
        for wave in range(WAVES):
            period_s = 40.0 * 3.0 ** (wave + float(shares[wave]))
            drift += np.sin(2.0 * np.pi * (t_s / period_s + shares[WAVES + wave]))
        return np.asarray(self._noise.drift_g * drift / np.sqrt(WAVES / 2.0), np.float64)


def _sums(loads: Sequence[Load]) -> tuple[Doubles, Doubles]:
    """When the load changes, and what it is before the first change and after each."""
    return np.array([load.t_s for load in loads]), np.concatenate([[0.0], np.cumsum([load.grams for load in loads])])


def _settling(since_s: Doubles, load: Load, decay_s: float) -> Doubles:
    """What is added to a new load while the cell settles on it: it begins at the old load, and swings."""
    after = np.maximum(since_s, 0.0)
    fade = np.exp(-after / decay_s) * (since_s >= 0.0)
    wave = 2.0 * np.pi * after
    return np.asarray(-load.grams * fade * np.cos(wave * 3.1) + load.swing_g * fade * np.sin(wave * 4.7), np.float64)


def _resting(t_s: Doubles, press: Press) -> Doubles:
    """How much of a press's weight rests on the plate: it comes and goes within a tenth of a second."""
    edge_s = 0.1
    return np.clip((t_s - press.from_s) / edge_s, 0.0, 1.0) * np.clip((press.to_s - t_s) / edge_s, 0.0, 1.0)
