"""The networks that a store needs, opened once."""

from dataclasses import dataclass

from edge.perception.appearance import Appearance
from edge.perception.needs import APPEARANCE, PERSONS, needed
from edge.perception.network import Network
from edge.perception.persons import PersonDetector
from models.cache import onnx_path
from protocol.store import Store


@dataclass(frozen=True, slots=True)
class Networks:
    """The opened networks; None for one that the store has no use for."""

    persons: PersonDetector | None
    appearance: Appearance | None

    @staticmethod
    def of(store: Store) -> "Networks":
        """Open what the store needs. Raises ModelNotPulled where one is not on this machine."""
        names = needed(store)
        return Networks(
            PersonDetector(onnx_path(PERSONS)) if PERSONS in names else None,
            Appearance(onnx_path(APPEARANCE)) if APPEARANCE in names else None,
        )

    def opened(self) -> tuple[Network, ...]:
        """The networks that are open, for their timings."""
        parts = (self.persons, self.appearance)
        return tuple(part.network for part in parts if part is not None)
