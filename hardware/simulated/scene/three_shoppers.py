"""The demo's scene: three shoppers, one after the other, who take things from two tables and put some back."""

from hardware.simulated.layout.layout import Layout
from hardware.simulated.scene.scene import At, Enter, Go, Leave, Member, Pick, PutBack, Scene, Step
from hardware.simulated.streams import stream
from protocol.store import Facing

NAMES = ("anna", "ben", "cleo")
COME_S = (0.2, 12.0, 36.0)
"""When they come to the door: the first one leaves soon, and the next is there by then, or nearly."""


def three_shoppers(layout: Layout, seed: int) -> Scene:
    """The first takes one thing; the second two, and another that is put back; the third puts one of two back."""
    rng = stream(seed, "three shoppers")
    facings = list(layout.store.planogram)
    order = [facings[int(number)] for number in rng.permutation(len(facings))]
    plans = (
        _take(order[0]),
        [*_take(order[1]), *_return(order[1]), *_take(order[2]), *_take(order[3])],
        [Step(Go(order[4].slot, 1.0)), *_take(order[4]), *_take(order[5]), *_return(order[4])],
    )
    cast = tuple(
        Member(name, "shopper", name, (Step(Enter(), come_s), *plan, Step(Leave())))
        for name, come_s, plan in zip(NAMES, COME_S, plans, strict=True)
    )
    return Scene(f"three-shoppers-{seed}", seed, layout, cast)


def _take(facing: Facing) -> list[Step]:
    return [Step(Pick(facing.sku, 1, At(facing.slot)))]


def _return(facing: Facing) -> list[Step]:
    return [Step(PutBack(facing.sku, 1, At(facing.slot)))]
