"""A crowded corner: several shoppers before the same few shelves, who do what is hard to tell apart, drawn from a seed.

Where `crowd` is an ordinary day, this is the worst quarter of an hour of it: put-backs elsewhere, look-alikes, hands
over each other, two in one slot at one instant, things handed over, staff in between. Each person's plan comes from a
stream of their own name.
"""

import math
from collections import Counter
from dataclasses import replace

import numpy as np

from hardware.simulated.layout.layout import Layout, on_floor
from hardware.simulated.scene.scene import (
    Act,
    At,
    Enter,
    Go,
    HandOver,
    Hide,
    Lean,
    Leave,
    Member,
    Pick,
    PutBack,
    Restock,
    Scene,
    Step,
    Touch,
    Wait,
)
from hardware.simulated.streams import stream
from protocol.store import Facing, Gondola

APART_S = 1.2
"""Between two who come in."""
READY_S = 14.0
"""From the last one's entry until everybody can be before any shelf."""
NEAR_M = 1.8
"""Gondolas whose middles are so near to the first one's belong to the corner."""
ALIKE = 0.25
"""Share of products of the corner that weigh what another weighs."""
LOOKS, LOOKS_S = 0.8, 4.0
"""How often, and how long on average, somebody looks at the shelves before doing the next thing."""
DEEDS = (
    ("take", 0.38),
    ("take several", 0.10),
    ("both hands", 0.05),
    ("put back", 0.13),
    ("put back elsewhere", 0.07),
    ("put back late", 0.05),
    ("exchange", 0.04),
    ("touch", 0.06),
    ("lean", 0.03),
    ("wait in the slot", 0.04),
    ("reach across", 0.05),
)


def bustle(layout: Layout, seed: int) -> Scene:
    """A scene of one to six people (mostly two to four) in one corner of the store."""
    rng = stream(seed, "bustle")
    layout, facings = _corner(layout, rng)
    count = int(rng.choice([1, 2, 3, 4, 5, 6], p=(0.1, 0.3, 0.27, 0.18, 0.1, 0.05)))
    names = [f"shopper-{number + 1}" for number in range(count)]
    ready_s = APART_S * count + READY_S
    plans = {name: _plan(stream(seed, "plan", name), facings) for name in names}
    for number in range(count // 2):
        if rng.random() < 0.6:
            _at_once(rng, plans[names[2 * number]], plans[names[2 * number + 1]], facings, ready_s)
    cast = [
        Member(name, "shopper", name, (Step(Enter(), round(APART_S * number, 1)), *plans[name], Step(Leave())))
        for number, name in enumerate(names)
    ]
    if count > 1 and rng.random() < 0.15:
        cast[0], cast[1] = _handing_over(cast[0], cast[1])
    if rng.random() < 0.08:
        facing = facings[int(rng.integers(len(facings)))]
        plan = (Step(Enter()), Step(Pick(facing.sku, 1, At(facing.slot))), Step(Leave()))
        cast.append(Member("tailgater", "shopper", None, plan, behind=names[-1]))
    if rng.random() < 0.12:
        facing = facings[int(rng.integers(len(facings)))]
        fill = Restock(facing.sku, int(rng.integers(1, 4)), At(facing.slot))
        enters = Step(Enter(), round(APART_S * (count + 1), 1))
        cast.append(Member("staff-1", "staff", None, (enters, Step(fill, ready_s), Step(Leave()))))
    return Scene(f"bustle-{layout.seed}", seed, layout, tuple(cast))


def _corner(layout: Layout, rng: np.random.Generator) -> tuple[Layout, list[Facing]]:
    """Up to a dozen facings of gondolas near each other; some of their products come to weigh the same."""
    gondolas = layout.store.gondolas
    first = gondolas[int(rng.integers(len(gondolas)))]
    near = {gondola.id for gondola in gondolas if math.dist(_front(gondola), _front(first)) <= NEAR_M}
    own = [facing for facing in layout.store.planogram if facing.slot.partition(".")[0] in near]
    begin = int(rng.integers(len(own)))
    facings = [own[(begin + number) % len(own)] for number in range(min(len(own), int(rng.integers(4, 13))))]
    skus = list(dict.fromkeys(facing.sku for facing in facings))
    twins = {sku: skus[n - 1] for n, sku in enumerate(skus) if n and rng.random() < ALIKE}
    forms = dict(layout.forms)
    weights = {product.sku: product.weight_g for product in layout.store.products}
    for sku, other in twins.items():
        forms[sku] = replace(forms[sku], weight_g=forms[other].weight_g)
        weights[sku] = weights[other]
    products = tuple(p.model_copy(update={"weight_g": weights[p.sku]}) for p in layout.store.products)
    return replace(layout, forms=forms, store=layout.store.model_copy(update={"products": products})), facings


def _front(gondola: Gondola) -> tuple[float, float]:
    return on_floor(gondola, gondola.width / 2.0, gondola.depth)


def _plan(rng: np.random.Generator, facings: list[Facing]) -> list[Step]:
    steps: list[Step] = []
    late: list[PutBack] = []
    for _ in range(int(rng.integers(1, 6))):
        facing, other = (facings[int(rng.integers(len(facings)))] for _ in range(2))
        kinds, shares = zip(*DEEDS, strict=True)
        acts = _deed(rng, str(rng.choice(kinds, p=shares)), facing, other, late)
        steps += [Step(act) for act in acts]
        if rng.random() < LOOKS:
            steps.append(Step(Wait(round(float(rng.exponential(LOOKS_S)), 1))))
    steps += [Step(act) for act in late]
    if rng.random() < 0.2:
        steps.append(Step(Go(None, 1.0)))
    return steps


def _deed(  # noqa: PLR0911 - a line each for what people do
    rng: np.random.Generator, kind: str, facing: Facing, other: Facing, late: list[PutBack]
) -> list[Act]:
    at = At(facing.slot)
    one = Pick(facing.sku, 1, at)
    few = min(int(rng.integers(2, 5)), facing.stock)
    match kind:
        case "take several":
            return [Pick(facing.sku, few, at)]
        case "both hands":
            return [Pick(facing.sku, min(2, facing.stock), at, "both" if facing.stock > 1 else None)]
        case "put back":
            back = PutBack(facing.sku, int(rng.integers(1, few + 1)), at)
            return [Pick(facing.sku, few, at), Wait(round(float(rng.uniform(0.3, 3.0)), 1)), back]
        case "put back elsewhere":
            return [one, PutBack(facing.sku, 1, At(other.slot))]
        case "put back late":
            late.append(PutBack(facing.sku, 1, at))
            return [one, Hide()] if rng.random() < 0.5 else [one]
        case "exchange":
            swapped = (PutBack(facing.sku, 1, At(other.slot)), PutBack(other.sku, 1, at))
            keeps: list[Act] = [one, Pick(other.sku, 1, At(other.slot)), *swapped]
            return keeps if other.sku != facing.sku else [one]
        case "touch":
            return [Touch(at, None, round(float(rng.uniform(0.3, 3.0)), 1))]
        case "lean":
            return [Lean(at, round(float(rng.uniform(100, 2000))), round(float(rng.uniform(0.5, 4.0)), 1))]
        case "wait in the slot":
            return [Pick(facing.sku, 1, at, None, round(float(rng.uniform(1.0, 5.0)), 1))]
        case "reach across":
            return [Pick(facing.sku, 1, At(facing.slot, None, other.slot if _beside(facing, other) else None))]
        case _:
            return [one]


def _beside(one: Facing, other: Facing) -> bool:
    """Whether both are of one gondola, so that whoever stands before the one can reach the other."""
    return one.slot.partition(".")[0] == other.slot.partition(".")[0]


def _at_once(
    rng: np.random.Generator, one: list[Step], other: list[Step], facings: list[Facing], ready_s: float
) -> None:
    """Two begin with the same instant: in one slot, or in two beside each other."""
    facing = facings[int(rng.integers(len(facings)))]
    second = facing if rng.random() < 0.5 else facings[int(rng.integers(len(facings)))]
    later_s = ready_s + round(float(rng.uniform(0.0, 0.6)), 1)
    one.insert(0, Step(Pick(facing.sku, 1, At(facing.slot)), ready_s))
    other.insert(0, Step(Pick(second.sku, 1, At(second.slot)), later_s))


def _handing_over(giver: Member, receiver: Member) -> tuple[Member, Member]:
    """The giver hands over what they have left of some product, at the end; the receiver waits for it."""
    has: Counter[str] = Counter()
    for step in giver.plan:
        match step.act:
            case Pick(sku=sku, qty=qty):
                has[sku] += qty
            case PutBack(sku=sku, qty=qty):
                has[sku] -= qty
            case _:
                pass
    left = sorted(sku for sku, qty in has.items() if qty > 0)
    if not left:
        return giver, receiver
    gives = Step(HandOver(receiver.name, left[0]))
    waits = Step(Wait(45.0))
    return (
        replace(giver, plan=(*giver.plan[:-1], gives, giver.plan[-1])),
        replace(receiver, plan=(*receiver.plan[:-1], waits, receiver.plan[-1])),
    )
