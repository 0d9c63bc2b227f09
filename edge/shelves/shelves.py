"""The shelves of a store: every slot of every shelf camera watched, and what is thought to stand there."""

from collections.abc import Iterable

from edge.shelves.evidence import Evidence
from edge.shelves.interaction import Interaction, SlotWatch
from edge.shelves.reading import Reading, read
from edge.shelves.sight import SlotSight
from edge.shelves.stock import StockBelief
from protocol.events import Change
from protocol.store import Store


class Shelves:
    """Turns sights of slots into interactions, and interactions with their evidence into readings."""

    def __init__(self, store: Store) -> None:
        self.stock = StockBelief(store.planogram)
        self._watches: dict[tuple[str, str], SlotWatch] = {
            (camera.id, view.slot): SlotWatch() for camera in store.cameras for view in camera.views
        }

    @property
    def undecided_since_s(self) -> float | None:
        """Since when something is open that may still become an event; None where nothing is."""
        return min(
            (since for watch in self._watches.values() if (since := watch.undecided_since_s) is not None), default=None
        )

    @property
    def reached(self) -> frozenset[str]:
        """The slots in which a camera sees a hand, or does not know yet how it ended."""
        return frozenset(slot for (_, slot), watch in self._watches.items() if watch.undecided_since_s is not None)

    def observe(self, sights: Iterable[SlotSight]) -> tuple[Interaction, ...]:
        """The interactions that ended with these sights."""
        ended = (self._watches[(sight.camera, sight.slot)].observe(sight) for sight in sights)
        return tuple(interaction for interaction in ended if interaction is not None)

    def lost(self, camera: str, t_s: float) -> tuple[Interaction, ...]:
        """The interactions that `camera` was in the middle of when it was lost at `t_s`: how they ended, nobody saw."""
        watches = [(key, watch) for key, watch in self._watches.items() if key[0] == camera]
        broken = [watch.lost(camera, slot, t_s) for (_, slot), watch in watches]
        return tuple(interaction for interaction in broken if interaction is not None)

    def read(self, interaction: Interaction, evidence: Evidence) -> Reading:
        """What the interaction changed, as far as its pictures tell."""
        return read(interaction.slot, evidence, self.stock, doubtful=interaction.doubtful)

    def follow(self, changes: Iterable[Change]) -> None:
        """The stock belief follows what is said to have happened."""
        for change in changes:
            if change.sku is not None and change.slot is not None:
                self.stock.add(change.slot, change.sku, change.qty if change.type == "put_back" else -change.qty)
