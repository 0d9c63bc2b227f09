"""An ordinary day: a crowd of shoppers with plans drawn from a seed, and staff who fill up what they take.

Each person's plan comes from a stream of their own name, so one more shopper changes nobody else's.
"""

import numpy as np

from hardware.simulated.layout.layout import Layout
from hardware.simulated.scene.scene import (
    Act,
    At,
    Enter,
    Go,
    Hide,
    Lean,
    Leave,
    Member,
    Pick,
    PutBack,
    Restock,
    Role,
    Scene,
    Step,
    Touch,
    Wait,
)
from hardware.simulated.streams import stream
from protocol.store import Facing

NOTHING = 0.06
"""Share of shoppers who look around and leave."""
COMPANY = 0.08
"""Share of shoppers who bring somebody along on their token."""
APART_S = 1.2
"""Between two who come in."""
STAFF_EVERY = 25
"""Shoppers between two rounds of restocking."""
ROUND = 6
"""Slots that staff fill in a round."""


def crowd(layout: Layout, shoppers: int, minutes: float, seed: int) -> Scene:
    """A scene in which `shoppers` enter within `minutes`, some of them in company, and staff restock."""
    rng = stream(seed, "arrivals")
    times = np.sort(rng.uniform(0.0, max(minutes * 60.0 - 20.0, 1.0), shoppers))
    cast: list[Member] = []
    wanted: dict[str, int] = {}
    enter_s = 0.0
    for number, time in enumerate(times.tolist(), start=1):
        enter_s = round(max(time, enter_s + APART_S), 1)
        name = f"shopper-{number}"
        own = stream(seed, "plan", name)
        plan = _plan(layout, own, wanted)
        cast.append(Member(name, "shopper", name, (Step(Enter(), enter_s), *plan, Step(Leave()))))
        if own.random() < COMPANY:
            friend = _companion(layout, own, name, wanted)
            cast.append(friend)
            enter_s += APART_S
        if number % STAFF_EVERY == 0:
            enter_s = round(enter_s + APART_S, 1)
            cast.append(_staff(layout, f"staff-{number // STAFF_EVERY}", enter_s, wanted))
    return Scene(f"crowd-{layout.seed}", seed, layout, tuple(cast))


def _companion(layout: Layout, rng: np.random.Generator, leader: str, wanted: dict[str, int]) -> Member:
    role: Role = "child" if rng.random() < 0.4 else "shopper"
    plan = _plan(layout, rng, wanted)[: 2 if role == "child" else 5]
    return Member(f"{leader}-with", role, None, (Step(Enter()), *plan, Step(Leave())), companion_of=leader)


def _staff(layout: Layout, name: str, enter_s: float, wanted: dict[str, int]) -> Member:
    """A round through the emptiest slots; it fills up what was planned to be taken until now."""
    facings = {facing.slot: facing for facing in layout.store.planogram}
    emptiest = sorted(wanted, key=lambda slot: (-wanted[slot] / facings[slot].stock, slot))[:ROUND]
    steps = []
    for slot in emptiest:
        qty = min(wanted.pop(slot), 6)
        steps.append(Step(Restock(facings[slot].sku, qty, At(slot))))
    return Member(name, "staff", None, (Step(Enter(), enter_s), *steps, Step(Leave())))


def _plan(layout: Layout, rng: np.random.Generator, wanted: dict[str, int]) -> list[Step]:
    facings = layout.store.planogram
    if rng.random() < NOTHING or not facings:
        return [Step(Go(None, 2.0)), Step(Go(None, 1.0))]
    steps: list[Step] = []
    for _ in range(1 + int(rng.poisson(1.6))):
        facing = facings[int(rng.integers(len(facings)))]
        acts = _visit(rng, facings, facing)
        steps += [Step(act) for act in acts]
        taken = sum(act.qty for act in acts if isinstance(act, Pick))
        wanted[facing.slot] = wanted.get(facing.slot, 0) + taken
    return steps


def _visit(rng: np.random.Generator, facings: tuple[Facing, ...], facing: Facing) -> list[Act]:
    """What somebody does before one slot."""
    at = At(facing.slot)
    qty = int(rng.choice([1, 1, 1, 1, 2, 2, 3])) if facing.stock > 3 else 1
    pick = Pick(facing.sku, qty, at, "both" if qty == 2 and rng.random() < 0.4 else None)
    kind = float(rng.random())
    acts: list[Act] = []
    if kind < 0.06:
        acts = [Touch(at)]
    elif kind < 0.08:
        acts = [Lean(at, round(float(rng.uniform(200, 1500))), 1.0), pick]
    elif kind < 0.20:
        acts = [
            pick,
            Wait(round(float(rng.uniform(0.5, 4.0)), 1)),
            PutBack(facing.sku, int(rng.integers(1, qty + 1)), at),
        ]
    elif kind < 0.24:
        other = facings[int(rng.integers(len(facings)))]
        acts = [pick, PutBack(facing.sku, 1, At(other.slot))]
    elif kind < 0.28:
        acts = [Pick(facing.sku, 1, at, None, round(float(rng.uniform(1.0, 5.0)), 1))]
    elif kind < 0.32:
        acts = [pick, Hide()]
    elif kind < 0.45:
        acts = [Go(facing.slot, round(float(rng.uniform(0.5, 3.0)), 1)), pick]
    else:
        acts = [pick]
    return acts
