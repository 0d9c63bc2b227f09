"""A control: the published rules of the competition's winner, on the same signals and scored alike, beside ours.

    python tests/bench/control.py --seeds 5 [--swaps 0.333]      the 29 written scenes, from ../shared/data
    python tests/bench/control.py --random 40                     random scenes with the signals of bad stores

The rules (AutoCheckout, CPS-IoT Week 2020): what was taken is the product with the highest sum of 0.8 × the share of
the plates it stands on and 0.2 × how well its weight fits (a normal of 10 g), in the count that fits best; who took it
is whose head is nearest; what is put back is what of their cart weighs nearest, and stands there from then on. Written
from that description; weighings, people and their visits are ours, so that only the rules differ.
"""

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from edge.shelves.reading import Reading as Sight
from edge.visits.attribution import nearest
from edge.visits.stories.happening import Load
from edge.visits.visits import Hand, Visits
from hardware.ports import Reading
from hardware.simulated.hardship import Hardship, readings_of
from hardware.simulated.sightings import SightNoise
from hardware.simulated.world.receipts import receipts as true_receipts
from hardware.simulated.world.world import World
from protocol import events as said
from protocol.ids import uuid7
from protocol.store import Store
from tillfree.evaluate.bustles import Bustle, seeds_of
from tillfree.evaluate.playing import Seeing, play_readings
from tillfree.evaluate.receipts import ReceiptScore, item_f1, receipts
from tillfree.evaluate.scenarios import scene_of, scenes_of
from tillfree.evaluate.shoppers import shoppers_of

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "autocheckout_scenarios"
ARRANGEMENT, WEIGHT, SIGMA_G = 0.8, 0.2, 10.0
COUNT_MAX = 4


class Rules(Visits):
    """Visits whose interactions are decided one by one, by the rules."""

    def __init__(self, identity: str, start: datetime, entry: tuple[float, float] | None, store: Store) -> None:
        super().__init__(identity, start, entry, store)
        self._weights = {product.sku: product.weight_g for product in store.products if product.weight_g}
        self._stands: dict[str, set[str]] = {}
        for facing in store.planogram:
            self._stands.setdefault(facing.slot, set()).add(facing.sku)
        self._carts: dict[UUID, Counter[str]] = {}

    def happened(
        self, hand: Hand, reasons: Mapping[str, float], *, load: Load | None = None, sight: Sight | None = None
    ) -> tuple[NewEvent, ...]:
        """One interaction: whose head is nearest took or put back what scores best."""
        del sight
        who = self._nearest(hand)
        if load is None or who is None:
            return ()
        cart = self._carts.setdefault(who, Counter())
        found = self._taken(load) if load.grams < 0.0 else self._put(load, cart)
        if found is None:
            return ()
        sku, qty = found
        cart[sku] += qty if load.grams < 0.0 else -qty
        self._happenings += 1
        at = self._at(hand.to_s)
        slot = load.over[0][0]
        change = said.Change(type="pick" if load.grams < 0.0 else "put_back", sku=sku, qty=qty, slot=slot, p=1.0)
        event = said.Interaction(
            interaction=uuid7(at, "control", self._happenings),
            revision=1,
            cameras=(),
            slot=slot,
            entered=self._at(hand.from_s),
            left=at,
            changes=(change,),
            p=1.0,
            alternatives=(),
            reasons=dict(reasons),
        )
        return (NewEvent(at, who, event),)

    def _nearest(self, hand: Hand) -> UUID | None:
        """The open visit whose shopper's head was nearest to the place while the hand was there."""
        apart: dict[UUID, list[float]] = {}
        place = hand.spots[0][1].before
        for person in self._people.between(hand.there):
            actor = self._people.actor(person.person)
            if isinstance(actor, UUID):
                apart.setdefault(actor, []).append(math.dist(place, (person.x_m, person.y_m)))
        near = {actor: nearest(distances) or 0.0 for actor, distances in apart.items()}
        return min(near, key=lambda actor: near[actor], default=None)

    def _taken(self, load: Load) -> tuple[str, int] | None:
        shares: Counter[str] = Counter()
        for slot, share in load.over:
            for sku in self._stands.get(slot, ()):
                shares[sku] += share  # type: ignore[assignment]  # a counter of shares, not of pieces
        scored = [
            (ARRANGEMENT * min(shares[sku], 1.0) + WEIGHT * self._fit(grams * qty, -load.grams), -qty, sku)
            for sku, grams in self._weights.items()
            for qty in range(1, COUNT_MAX + 1)
        ]
        best = max(scored, default=None)
        return None if best is None else (best[2], -best[1])

    def _put(self, load: Load, cart: Counter[str]) -> tuple[str, int] | None:
        choices = [
            (-abs(load.grams - self._weights.get(sku, 0.0) * qty), sku, qty)
            for sku, count in cart.items()
            for qty in range(1, count + 1)
        ]
        if not choices:
            return None
        _, sku, qty = max(choices)
        self._stands.setdefault(load.over[0][0], set()).add(sku)
        return sku, qty

    @staticmethod
    def _fit(expected_g: float, grams: float) -> float:
        return math.exp(-0.5 * ((grams - expected_g) / SIGMA_G) ** 2)


def by_rules(
    world: World, readings: Iterable[Reading], true: dict[str, dict[str, int]] | None
) -> tuple[ReceiptScore, ...]:
    """The receipts of a scene, decided by the rules."""
    store, timeline = world.scene.layout.store, world.timeline
    node = Node(store, Path(), Networks(None, None), "control", START)
    zones = [zone.polygon for zone in store.zones if zone.kind == "entry"]
    entry = None
    if zones:
        xs, ys = zip(*zones[0], strict=True)
        entry = (sum(xs) / len(xs), sum(ys) / len(ys))
    # The node has no place to give it other visits, and need not have one for a measurement.
    node._visits = Rules("control", START, entry, store)
    events: list[NewEvent] = []
    for reading in readings:
        events += node.take(reading)
    events += node.finish(timeline.duration_s)
    shoppers = shoppers_of(events, timeline.truth, START)
    return tuple(receipts(events, shoppers, true_receipts(timeline) if true is None else true, store))


def say(line: str) -> None:
    """A line at once: runs are long."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print both, scene by scene, and together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--swaps", type=float, default=0.0)
    parser.add_argument("--random", type=int, default=0, help="so many held-out random scenes instead")
    args = parser.parse_args()
    tasks: list[tuple[str, World, Hardship, dict[str, dict[str, int]] | None]]
    scores: list[tuple[float, float]] = []
    exact = [0, 0]
    if args.random:
        tasks = [(f"bustle-{seed}", *Bustle(seed).made(), None) for seed in seeds_of(args.random, held_out=True)]
    else:
        hardship = Hardship(sight=SightNoise(swaps=args.swaps))
        scenes = scenes_of(DATA / "scenarios.json", DATA, args.seeds, Seeing())
        tasks = [
            (
                f"{s.case} {s.seed}",
                World(scene_of(s.premises, s.store, s.script, s.seed)),
                hardship,
                s.script.case.receipts,
            )
            for s in scenes
        ]
    say(f"{'scene':24} rules  ours")
    for name, world, hardship, true in tasks:
        readings = tuple(readings_of(world, hardship))
        ruled = by_rules(world, readings, true)
        ours = play_readings(world, name, readings, true).receipts
        scores.append((item_f1(ruled), item_f1(ours)))
        exact[0] += all(receipt.exact for receipt in ruled)
        exact[1] += all(receipt.exact for receipt in ours)
        say(f"{name:24} {scores[-1][0]:5.2f} {scores[-1][1]:5.2f}")
    total = len(scores)
    means = [sum(score[which] for score in scores) / total for which in (0, 1)]
    say(f"{'mean F1':24} {means[0]:.4f} {means[1]:.4f}")
    say(f"{'perfect of ' + str(total):24} {exact[0]:6d} {exact[1]:5d}")
    say(f"{'lowest':24} {min(s[0] for s in scores):6.2f} {min(s[1] for s in scores):5.2f}")


if __name__ == "__main__":
    main()
