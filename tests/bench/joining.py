"""One person over all cameras: how well the hub keeps people apart and together, on simulated stores (no pixels).

    python tests/bench/joining.py [--layouts 10] [--swaps 0.333] [--shoppers 12] [--minutes 3]

Cameras give places with noise, occlusion and, at the rate `--swaps` of close encounters, exchanged or broken track
numbers (hardware/simulated/sightings.py). Printed per store: IDF1 (Ristani et al. 2016: one identity a person over the
whole recording, matched within 1 m), the share of people whose identity never changes, switches, the error of the
place, and IDF1 of the best single camera's own numbers, as a baseline.
"""

import argparse
import math
import statistics
import time
from collections import Counter, defaultdict

from edge.tracking.floor import PersonOnFloor
from edge.tracking.joining.doors import Doors
from edge.tracking.joining.joining import Joining
from edge.tracking.joining.pairs import best_pairs
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.sightings import Sightings, SightNoise
from hardware.simulated.world.world import World

MATCH_M = 1.0
SHOWN_S = 0.5
KEPT = 1000.0


class Score:
    """Truth against what is said, moment by moment."""

    def __init__(self) -> None:
        self.together: Counter[tuple[str, str]] = Counter()
        self.true: Counter[str] = Counter()
        self.said: Counter[str] = Counter()
        self.errors_m: list[float] = []
        self.last: dict[str, str] = {}
        self.switches = 0
        self.named: dict[str, set[str]] = defaultdict(set)

    def add(self, people: dict[str, tuple[float, float]], said: dict[str, tuple[float, float]]) -> None:
        """One moment: true places and said places by name."""
        names, numbers = list(people), list(said)
        self.true.update(names)
        self.said.update(numbers)
        apart = [[math.dist(people[name], said[number]) for number in numbers] for name in names]
        for row, name in enumerate(names):
            for column, number in enumerate(numbers):
                if apart[row][column] <= MATCH_M:
                    self.together[name, number] += 1
        # As CLEAR MOT does it: who was matched a moment ago stays matched as long as the distance allows it.
        stays = [[KEPT * (self.last.get(name) == number) for number in numbers] for name in names]
        gains = [
            [MATCH_M - apart[r][c] + stays[r][c] * (apart[r][c] <= MATCH_M) for c in range(len(numbers))]
            for r in range(len(names))
        ]
        for row, column in best_pairs(gains if numbers else []):
            self.errors_m.append(apart[row][column])
            name, number = names[row], numbers[column]
            self.switches += self.last.get(name, number) != number
            self.last[name] = number
            self.named[name].add(number)

    @property
    def idf1(self) -> float:
        """2 IDTP / (true + said)."""
        names, numbers = list(self.true), list(self.said)
        counts = [[float(self.together[name, number]) for number in numbers] for name in names]
        right = sum(counts[row][column] for row, column in best_pairs(counts)) if numbers else 0.0
        return 2.0 * right / (self.true.total() + self.said.total())

    @property
    def never_switched(self) -> float:
        """Share of people who have one name all the time, which nobody else has."""
        users = Counter(number for numbers in self.named.values() for number in numbers)
        good = [name for name, numbers in self.named.items() if len(numbers) == 1 and users[next(iter(numbers))] == 1]
        return len(good) / len(self.true)


def play(layout: int, shoppers: int, minutes: float, swaps: float) -> tuple[Score, Score, int, float]:
    """Score of the hub, of the best camera alone, how many are there at most at once, and ms a picture."""
    world = World(crowd(generate_layout(layout), shoppers, minutes, layout))
    store = world.scene.layout.store
    joining = Joining(Doors(store))
    hub: Score = Score()
    alone: dict[str, Score] = defaultdict(Score)
    most, spent_s, pictures = 0, 0.0, 0
    shown: dict[str, tuple[float, tuple[float, float]]] = {}
    seen: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    batch: list[PersonOnFloor] = []
    gate = [line for line in world.timeline.gate if line.event == "enter"]
    t_s = 0.0

    def flush() -> None:
        nonlocal spent_s, pictures
        began = time.perf_counter()
        people = joining.saw(batch)
        spent_s += time.perf_counter() - began
        pictures += 1
        for person in people:
            shown[str(person.person)] = (person.t_s, (person.x_m, person.y_m))
        batch.clear()

    for line in Sightings(world, SightNoise(swaps=swaps)).lines():
        if batch and (line.t_s != t_s or line.camera != batch[0].camera):
            flush()
        while gate and gate[0].t_s <= line.t_s:
            joining.expect(gate[0].t_s, gate.pop(0).party)
        if line.t_s != t_s:
            true = {person.id: (person.x, person.y) for person in world.people(t_s)}
            most = max(most, len(true))
            hub.add(true, {name: place for name, (at_s, place) in shown.items() if t_s - at_s <= SHOWN_S})
            for camera in store.cameras:
                alone[camera.id].add(true, seen[camera.id])
            seen.clear()
            t_s = line.t_s
        seen[line.camera][str(line.track)] = line.floor
        batch.append(PersonOnFloor(line.t_s, line.camera, line.track, *line.floor, line.sigma_m, line.wrists))
    best = max(alone.values(), key=lambda score: score.idf1)
    return hub, best, most, 1000.0 * spent_s / max(pictures, 1)


def tell(line: str) -> None:
    """A line of the table."""
    print(line, flush=True)  # noqa: T201


def main() -> None:
    """Play every layout and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--layouts", type=int, default=10)
    parser.add_argument("--shoppers", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--swaps", type=float, default=0.0)
    given = parser.parse_args()
    tell("store  people  at once   IDF1  never switched  switches  place cm   ms/picture   best camera alone: IDF1")
    rows = []
    for layout in range(given.layouts):
        hub, best, most, ms = play(layout, given.shoppers, given.minutes, given.swaps)
        rows.append((hub.idf1, hub.never_switched, hub.switches, 100 * statistics.fmean(hub.errors_m), ms, best.idf1))
        tell(
            f"{layout:5d}  {len(hub.true):6d}  {most:7d}  {rows[-1][0]:5.3f}  {rows[-1][1]:14.3f}  {rows[-1][2]:8d}"
            f"  {rows[-1][3]:8.1f}   {ms:10.3f}   {best.idf1:23.3f}"
        )
    idf1, kept, switches, place_cm, ms, alone = (statistics.fmean(column) for column in zip(*rows, strict=True))
    tell(f" mean{'':17}  {idf1:5.3f}  {kept:14.3f}  {switches:8.1f}  {place_cm:8.1f}   {ms:10.3f}   {alone:23.3f}")


if __name__ == "__main__":
    main()
