"""What everybody should be charged for, from what really happened."""

from typing import Literal

from hardware.simulated.world.timeline import Timeline

Pays = Literal["picker", "carrier"]
"""Who pays for a thing that was handed over: who took it from the shelf, or who carried it out."""


def receipts(timeline: Timeline, pays: Pays = "picker") -> dict[str, dict[str, int]]:
    """Payer → SKU → quantity, for everybody with a token; one who took nothing has an empty receipt.

    A thing put back, or left with somebody who pays for nothing (staff), is on no receipt.
    """
    scene = timeline.scene
    charged: dict[str, dict[str, int]] = {
        member.name: {} for member in scene.cast if member.token is not None and member.companion_of is None
    }
    for thing in timeline.things:
        carriers = [move for move in thing.moves if move.place != "slot"]
        if not carriers or thing.moves[-1].place == "slot":
            continue
        taken = max((n for n, move in enumerate(thing.moves) if move.place == "slot"), default=-1) + 1
        who = thing.moves[taken].where if pays == "picker" else thing.moves[-1].where
        payer = scene.payer(who)
        if payer is not None:
            charged[payer][thing.sku] = charged[payer].get(thing.sku, 0) + 1
    return {payer: dict(sorted(items.items())) for payer, items in charged.items()}
