"""The demo's scene: three shoppers, one after the other, who take things from two tables and put some back."""

from hardware.simulated.layout.layout import Layout
from hardware.simulated.scene.scene import At, Enter, Go, Leave, Member, Pick, PutBack, Scene, Step
from hardware.simulated.streams import stream
from protocol.store import Facing

NAMES = ("anna", "ben", "cleo")
FIRST_S, APART_S = 0.5, 24.0
"""When the first comes in, and how long after one the next: the one before has left by then, or nearly."""


def three_shoppers(layout: Layout, seed: int) -> Scene:
    """The first takes two things; the second changes their mind about one; the third puts one of two back."""
    rng = stream(seed, "three shoppers")
    facings = list(layout.store.planogram)
    order = [facings[int(number)] for number in rng.permutation(len(facings))]
    plans = (
        [*_take(order[0]), *_take(order[1])],
        [*_take(order[2]), *_return(order[2]), *_take(order[3])],
        [Step(Go(order[4].slot, 1.0)), *_take(order[4]), *_take(order[5]), *_return(order[4])],
    )
    cast = tuple(
        Member(name, "shopper", name, (Step(Enter(), FIRST_S + number * APART_S), *plan, Step(Leave())))
        for number, (name, plan) in enumerate(zip(NAMES, plans, strict=True))
    )
    return Scene(f"three-shoppers-{seed}", seed, layout, cast)


def _take(facing: Facing) -> list[Step]:
    return [Step(Pick(facing.sku, 1, At(facing.slot)))]


def _return(facing: Facing) -> list[Step]:
    return [Step(PutBack(facing.sku, 1, At(facing.slot)))]
