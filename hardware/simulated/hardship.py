"""How bad a store's signals are: drawn from a seed, as bad as those of real stores, each in its own way.

Two parts. The world's own noise (cells, sightings) is drawn wider than the defaults. What the way to the node does to
the signals afterwards is said here and done by `spoiled`: plates that sample slower than 60 Hz, whose numbers are
whole grams or fives, that smooth, lose samples, run behind the cameras' clock or before it; cameras that tell no
wrists, or never how wrong a place is; plates that stick, say nothing, or say what is no weight.
"""

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from hardware.observations import observed
from hardware.ports import Observation, Pass, Reading, Weight
from hardware.simulated.sightings import Sightings, SightNoise
from hardware.simulated.signals import weights
from hardware.simulated.streams import stream
from hardware.simulated.world.plates import RATE_HZ, CellNoise, Plates
from hardware.simulated.world.world import World

Breaks = Literal["sticks", "is silent", "says no number", "says less than nothing", "drops most samples"]
BREAKS: tuple[Breaks, ...] = ("sticks", "is silent", "says no number", "says less than nothing", "drops most samples")


@dataclass(frozen=True, slots=True)
class PlateFault:
    """What is wrong with one plate from `from_s` on."""

    plate: str
    kind: Breaks
    from_s: float


@dataclass(frozen=True, slots=True)
class Hardship:
    """The defaults spoil nothing."""

    cells: CellNoise = field(default_factory=CellNoise)
    sight: SightNoise = field(default_factory=SightNoise)
    plates_hz: float = float(RATE_HZ)
    quantum_g: float = 0.1
    smooth_s: float = 0.0
    """Time constant of a low-pass in the plate's amplifier."""
    late_s: float = 0.0
    """By how much the plates' clock is behind the cameras'; below 0: before it."""
    lost: float = 0.0
    """Share of samples that never arrive, singly."""
    gaps: float = 0.0
    """Share of the time that nothing of a plate arrives, for a second at a time."""
    wrists: float = 1.0
    """Share of people's wrists that are told at all: 0 where cameras see heads only."""
    said_sigma_m: float | None = None
    """What every observation says of how wrong its place is; None: what is true."""
    numbers: int = 1
    """Cameras number tracks in steps of this."""
    always: bool = False
    """Whether plates say all their samples while they rest, too."""
    faults: tuple[PlateFault, ...] = ()


ALWAYS_MAX = 40
"""Of more plates it would be too many samples to play many scenes."""


def drawn(seed: int, plates: Sequence[str]) -> Hardship:
    """A store's hardship; most have a little of everything, one in eight a broken plate."""
    rng = stream(seed, "hardship")
    fast_m, slow_m = (float(rng.uniform(0.03, 0.2)), float(rng.uniform(0.03, 0.3)))
    cells = CellNoise(
        sigma_g=round(float(rng.choice([1.0, 3.0, 6.0, 10.0, 14.0])), 1),
        drift_g=round(float(rng.uniform(1.0, 25.0)), 1),
        settle_s=(0.3, round(float(rng.uniform(0.4, 0.9)), 2)),
    )
    sight = SightNoise(
        rate_hz=float(rng.choice([5.0, 5.0, 8.0, 10.0, 15.0, 30.0])),
        floor_m=fast_m,
        floor_slow_m=slow_m,
        wrist_m=round(float(rng.uniform(0.02, 0.10)), 3),
        missed=round(float(rng.uniform(0.01, 0.2)), 3),
        missed_hidden=round(float(rng.uniform(0.3, 0.9)), 3),
        wrist_missed=round(float(rng.uniform(0.05, 0.6)), 3),
        swaps=round(float(rng.choice([0.0, 0.0, 0.1, 0.333, 0.5])), 3),
    )
    faults = []
    if plates and rng.random() < 0.125:
        kind = BREAKS[int(rng.integers(len(BREAKS)))]
        faults.append(PlateFault(plates[int(rng.integers(len(plates)))], kind, round(float(rng.uniform(0, 30)), 1)))
    return Hardship(
        cells=cells,
        sight=sight,
        plates_hz=float(rng.choice([10.0, 15.0, 20.0, 30.0, 60.0, 60.0])),
        quantum_g=float(rng.choice([0.1, 1.0, 1.0, 2.0, 5.0])),
        smooth_s=round(float(rng.choice([0.0, 0.0, 0.1, 0.25])), 2),
        late_s=round(float(rng.uniform(-0.3, 0.3)), 3),
        lost=round(float(rng.choice([0.0, 0.0, 0.02, 0.1])), 3),
        gaps=round(float(rng.choice([0.0, 0.0, 0.0, 0.03])), 3),
        wrists=float(rng.choice([1.0, 1.0, 1.0, 0.5, 0.0])),
        said_sigma_m=None if rng.random() < 0.6 else round(float(rng.choice([0.05, 0.1, 0.3])), 2),
        numbers=int(rng.choice([1, 1, 7])),
        always=len(plates) <= ALWAYS_MAX and rng.random() < 0.15,
        faults=tuple(faults),
    )


def spoiled(
    seed: int, hardship: Hardship, gate: Sequence[Pass], weights: Iterator[Weight], people: Iterator[Observation]
) -> Iterator[Reading]:
    """The readings as the node gets them, by time."""
    shares: dict[tuple[str, int], float] = {}

    def person(one: Observation) -> Observation:
        share = shares.get((one.camera, one.track))
        if share is None:
            share = shares[one.camera, one.track] = float(stream(seed, "wrists", one.camera, one.track).random())
        return replace(
            one,
            wrists=one.wrists if share < hardship.wrists else (),
            sigma_m=one.sigma_m if hardship.said_sigma_m is None else hardship.said_sigma_m,
            track=one.track * hardship.numbers,
        )

    return heapq.merge(
        gate, _weights(seed, hardship, weights), (person(one) for one in people), key=lambda reading: reading.t_s
    )


class _Plate:
    """What one plate's amplifier and line do to its samples."""

    def __init__(self, seed: int, plate: str, hardship: Hardship) -> None:
        self._rng = stream(seed, "line", plate)
        self._hardship = hardship
        self._faults = [fault for fault in hardship.faults if fault.plate == plate]
        self._next_s = float(self._rng.uniform(0.0, 1.0 / hardship.plates_hz))
        self._smooth: tuple[float, float] | None = None
        self._silent_until_s = -math.inf
        self._stuck: float | None = None

    def sample(self, weight: Weight) -> Weight | None:
        """The sample as it arrives; None where it does not."""
        hard = self._hardship
        grams = self._smoothed(weight.t_s, weight.grams)
        # A plate that rests says little already; what it says then is not thinned out further.
        if weight.t_s < self._next_s - 1e-6:
            return None
        self._next_s = max(self._next_s + 1.0 / hard.plates_hz, weight.t_s)
        if weight.t_s < self._silent_until_s or self._rng.random() < hard.lost:
            return None
        if hard.gaps and self._rng.random() < hard.gaps / hard.plates_hz:
            self._silent_until_s = weight.t_s + float(self._rng.uniform(0.3, 1.7))
        broken = self._broken(weight.t_s, round(grams / hard.quantum_g) * hard.quantum_g)
        t_s = weight.t_s + hard.late_s
        return None if broken is None or t_s < 0.0 else Weight(t_s, weight.plate, broken)

    def _smoothed(self, t_s: float, grams: float) -> float:
        if not self._hardship.smooth_s or self._smooth is None:
            self._smooth = (t_s, grams)
            return grams
        before_s, before = self._smooth
        # After a rest of seconds the filter has long caught up.
        grams = before + (grams - before) * -math.expm1(-(t_s - before_s) / self._hardship.smooth_s)
        self._smooth = (t_s, grams)
        return grams

    def _broken(self, t_s: float, grams: float) -> float | None:
        for fault in self._faults:
            if t_s < fault.from_s:
                continue
            match fault.kind:
                case "sticks":
                    self._stuck = grams if self._stuck is None else self._stuck
                    return self._stuck
                case "is silent":
                    return None
                case "says no number":
                    return math.nan
                case "says less than nothing":
                    return grams - 50_000.0
                case "drops most samples":
                    if self._rng.random() < 0.9:
                        return None
        return grams


def _weights(seed: int, hardship: Hardship, weights: Iterator[Weight]) -> Iterator[Weight]:
    plates: dict[str, _Plate] = {}
    for weight in weights:
        plate = plates.get(weight.plate)
        if plate is None:
            plate = plates[weight.plate] = _Plate(seed, weight.plate, hardship)
        sample = plate.sample(weight)
        if sample is not None:
            yield sample


def readings_of(world: World, hardship: Hardship, *, scales: bool = True) -> Iterator[Reading]:
    """What the node gets of a played scene: gate, plates (where there are `scales`) and people."""
    timeline, seed = world.timeline, world.scene.seed
    gate = [Pass(line.t_s, line.lane, line.event, line.token, line.party) for line in timeline.gate]
    plates = Plates(timeline, hardship.cells)
    weighed = weights(plates, timeline.duration_s, always=hardship.always) if scales else iter(())
    people = (observed(line) for line in Sightings(world, hardship.sight).lines())
    return spoiled(seed, hardship, gate, weighed, people)
