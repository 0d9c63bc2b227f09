"""The stock belief: what is thought to stand in each slot now, following every change that was read."""

from collections.abc import Iterable

from protocol.store import Facing


class StockBelief:
    """Counts by slot and product. It begins as the planogram says, and never goes beneath nothing."""

    def __init__(self, planogram: Iterable[Facing]) -> None:
        facings = list(planogram)
        belongs: dict[str, list[str]] = {}
        for facing in facings:
            belongs.setdefault(facing.slot, []).append(facing.sku)
        self._home = {slot: skus[0] for slot, skus in belongs.items() if len(skus) == 1}
        self._belongs = {slot: tuple(skus) for slot, skus in belongs.items()}
        self._stocked: dict[str, int] = {}
        for facing in facings:
            self._stocked[facing.sku] = self._stocked.get(facing.sku, 0) + facing.stock
        self._counts: dict[str, dict[str, int]] = {}
        for facing in facings:
            self._counts.setdefault(facing.slot, {})[facing.sku] = facing.stock

    def home(self, slot: str) -> str | None:
        """What the planogram says the slot should hold; None where it says nothing, or several products."""
        return self._home.get(slot)

    def belonging(self, slot: str) -> tuple[str, ...]:
        """Every product that the planogram puts there: on a free shelf there are several."""
        return self._belongs.get(slot, ())

    def away(self) -> frozenset[str]:
        """The products of which a piece is out: somebody carries it, or it stands where nobody saw it put."""
        return frozenset(sku for sku in self._stocked if not self.all_in_place(sku))

    def count(self, slot: str) -> int:
        """How many things are thought to stand in `slot`."""
        return sum(self._counts.get(slot, {}).values())

    def held(self, slot: str) -> dict[str, int]:
        """What is thought to stand in `slot`, products with none left out."""
        return {sku: count for sku, count in self._counts.get(slot, {}).items() if count > 0}

    def everything(self) -> dict[str, dict[str, int]]:
        """What is thought to stand in every slot, by slot and product."""
        return {slot: self.held(slot) for slot in self._counts}

    def all_in_place(self, sku: str) -> bool:
        """Whether every piece of `sku` that the store was stocked with is thought to stand somewhere in it.

        Of a product that the planogram does not name nothing is known, and so not this either.
        """
        stocked = self._stocked.get(sku, 0)
        return 0 < stocked <= sum(counts.get(sku, 0) for counts in self._counts.values())

    def add(self, slot: str, sku: str, qty: int) -> None:
        """Take in that `qty` of `sku` came into `slot` (or left it, where negative)."""
        counts = self._counts.setdefault(slot, {})
        counts[sku] = max(0, counts.get(sku, 0) + qty)
