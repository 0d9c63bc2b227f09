"""What the command line asks of a store's gate; loads nothing, so that a wrong argument is told at once."""

from dataclasses import dataclass
from pathlib import Path

from edge.modes import Mode
from tillfree.errors import EdgeRunError


@dataclass(frozen=True, slots=True)
class GateWishes:
    """`lines`: tokens are typed. `relays`: LANE=PIN. EdgeRunError for what cannot be together."""

    lines: bool = False
    keys: Path | None = None
    card_reader: Path | None = None
    relays: tuple[str, ...] = ()
    mode: Mode | None = None

    def __post_init__(self) -> None:
        if self.lines and self.card_reader is not None:
            raise EdgeRunError("tokens come from standard input (--gate) or from a --card-reader, not from both")

    def pins(self, lanes: tuple[str, ...]) -> dict[str, str]:
        """Lane → pin. EdgeRunError for what says no lane of the store."""
        pins: dict[str, str] = {}
        for text in self.relays:
            lane, _, pin = text.partition("=")
            if lane not in lanes or not pin or lane in pins:
                raise EdgeRunError(f"--relay {text}: write LANE=PIN, each lane once; lanes: {', '.join(lanes)}")
            pins[lane] = pin
        return pins
