"""Random scenes with random hardship: crowded corners of generated stores, seen as badly as real stores see.

Even seeds are for development, odd ones are held out: nothing in the pipeline may be set by looking at those.
"""

from dataclasses import dataclass, replace

from hardware.simulated.hardship import Hardship, drawn, readings_of
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout
from hardware.simulated.scene.bustle import bustle
from hardware.simulated.world.plates import Plates
from hardware.simulated.world.world import World
from tillfree.evaluate.library import CHARGE_ALWAYS
from tillfree.evaluate.playing import PlayedScene, play_readings

LAYOUTS = 97
"""So many stores; an odd number, so that development and held-out scenes meet each of them with other people."""


@dataclass(frozen=True, slots=True)
class Bustle:
    """The random scene with number `seed`; not `harsh`: with signals as good as the simulator's defaults."""

    seed: int
    harsh: bool = True

    @property
    def case(self) -> str:
        """Its name."""
        return f"bustle-{self.seed}"

    def play(self) -> PlayedScene:
        """Play it."""
        world, hardship = self.made()
        return play_readings(world, self.case, readings_of(world, hardship))

    def made(self) -> tuple[World, Hardship]:
        """The scene as it is played, and how bad its signals are."""
        world = World(bustle(_charging(generate_layout(self.seed % LAYOUTS)), self.seed))
        return world, drawn(self.seed, Plates(world.timeline).names) if self.harsh else Hardship()


def seeds_of(count: int, *, held_out: bool) -> list[int]:
    """The first `count` seeds of either kind."""
    return [2 * number + (1 if held_out else 0) for number in range(count)]


def _charging(layout: Layout) -> Layout:
    """The same store, which charges each line as it was thought best."""
    policies = layout.store.policies.model_copy(update={"charge_threshold": CHARGE_ALWAYS})
    return replace(layout, store=layout.store.model_copy(update={"policies": policies}))
