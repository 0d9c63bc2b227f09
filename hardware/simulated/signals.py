"""A played scene as readings of devices, without pixels: gate, plates and observations.

A plate in a recording says 60 samples a second while something happens on it, from `BEFORE_S` before to `AFTER_S`
after, and one every `REST_S` while nothing does. Between two samples a plate is at rest. (A real driver may do the
same: nothing else is known of a plate whose weight does not change.)
"""

import heapq
from collections.abc import Iterator

import numpy as np

from hardware.looks import looked
from hardware.observations import observed
from hardware.ports import Look, Observation, Pass, Reading, Weight
from hardware.simulated.looks import Looks
from hardware.simulated.sightings import Sightings
from hardware.simulated.world.plates import RATE_HZ, Plates

BEFORE_S, AFTER_S = 1.5, 2.0
REST_S = 2.0
CHUNK_S = 300.0
"""What is reckoned at once."""


def readings(
    plates: Plates, sightings: Sightings, gate: list[Pass], until_s: float, looks: Looks | None = None
) -> Iterator[Reading]:
    """Every reading up to `until_s`, by time; of one moment, gate before plates before people before `looks`."""
    people: Iterator[Observation] = (observed(line) for line in sightings.lines())
    shelves: Iterator[Look] = iter(()) if looks is None else (looked(line) for line in looks.lines())
    return heapq.merge(gate, weights(plates, until_s), people, shelves, key=lambda reading: reading.t_s)


def weights(plates: Plates, until_s: float, *, always: bool = False) -> Iterator[Weight]:
    """The samples of all plates, by time, then in the order of the store file; `always`: at rest as many as not."""
    for t_s, plate, grams in samples(plates, until_s, always=always):
        yield Weight(t_s, plate, grams)


def samples(plates: Plates, until_s: float, *, always: bool = False) -> Iterator[tuple[float, str, float]]:
    """Time, plate and grams (to a tenth) of all samples, by time."""
    busy = {
        plate: [(0.0, until_s)] if always else plates.busy(plate, until_s, BEFORE_S, AFTER_S) for plate in plates.names
    }
    begin = 0
    last = int(until_s * RATE_HZ)
    chunk = int(CHUNK_S * RATE_HZ)
    while begin <= last:
        end = min(begin + chunk, last + 1)
        numbers, times, grams = [], [], []
        for number, plate in enumerate(plates.names):
            index = _sampled(busy[plate], begin, end)
            times.append(index)
            numbers.append(np.full(len(index), number))
            grams.append(plates.samples_g(plate, index))
        if times:
            index, number_of, weight = np.concatenate(times), np.concatenate(numbers), np.concatenate(grams)
            order = np.lexsort((number_of, index))
            rows = zip(
                np.round(index[order] / RATE_HZ, 4).tolist(),
                number_of[order].tolist(),
                np.round(weight[order], 1).tolist(),
                strict=True,
            )
            for t_s, number, sample in rows:
                yield t_s, plates.names[number], sample
        begin = end


def _sampled(busy: list[tuple[float, float]], begin: int, end: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The numbers in [begin, end) of the samples that a plate says."""
    every = int(REST_S * RATE_HZ)
    said = np.zeros(end - begin, np.bool_)
    said[(-begin) % every :: every] = True
    for from_s, to_s in busy:
        first, last = int(from_s * RATE_HZ) - begin, int(to_s * RATE_HZ) + 1 - begin
        if last > 0 and first < end - begin:
            said[max(first, 0) : last] = True
    return np.flatnonzero(said).astype(np.int64) + begin
