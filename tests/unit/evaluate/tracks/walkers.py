"""A made-up street: people who walk, and a tracker that misses, mixes up, invents and wobbles. Random numbers of
Python's own generator, which are the same in every version."""

import random
from collections.abc import Iterator


def street(seed: int, people: int = 6, frames: int = 40) -> tuple[str, str]:
    """The truth and the tracks of street `seed`, as MOTChallenge text with nine columns (with classes)."""
    rng = random.Random(seed)
    truth, tracks = [], []
    walkers = [_walker(rng, frames) for _ in range(people)]
    numbers = {person: 100 + person for person in range(people)}
    for frame in range(1, frames + 1):
        if rng.random() < 0.15:
            first, second = rng.sample(range(people), 2)
            numbers[first], numbers[second] = numbers[second], numbers[first]
        if rng.random() < 0.1:
            numbers[rng.randrange(people)] = 1000 + frame
        if rng.random() < 0.2:
            tracks.append(f"{frame},{2000 + frame},{600 * rng.random():.1f},{300 * rng.random():.1f},50.0,120.0,0.6")
        for person, (kind, steps) in enumerate(walkers):
            if frame not in steps:
                continue
            left, top = steps[frame]
            truth.append(f"{frame},{person + 1},{left:.1f},{top:.1f},50.0,120.0,{int(kind == 1)},{kind},1.0")
            if rng.random() > 0.15:
                box = ",".join(
                    f"{value + rng.gauss(0, 0.08 * of):.1f}"
                    for value, of in ((left, 50), (top, 120), (50, 50), (120, 120))
                )
                tracks.append(f"{frame},{numbers[person]},{box},0.9")
    return "\n".join(truth) + "\n", "\n".join(tracks) + "\n"


def without_classes(truth: str) -> str:
    """The same truth as MOT15 has it: conf, and three numbers of no use."""
    return "".join(",".join([*line.split(",")[:7], "-1,-1,-1"]) + "\n" for line in truth.splitlines())


def _walker(rng: random.Random, frames: int) -> tuple[int, dict[int, tuple[float, float]]]:
    kind = rng.choice([1, 1, 1, 1, 2, 7, 9])
    left, top = 500 * rng.random(), 250 * rng.random()
    across, down = rng.uniform(-8, 8), rng.uniform(-2, 2)
    first = rng.randrange(1, frames // 2)
    return kind, dict(_steps(rng, left, top, across, down, range(first, frames + 1)))


def _steps(
    rng: random.Random, left: float, top: float, across: float, down: float, frames: range
) -> Iterator[tuple[int, tuple[float, float]]]:
    for frame in frames:
        left, top = left + across, top + down
        if rng.random() > 0.05:
            yield frame, (left, top)
