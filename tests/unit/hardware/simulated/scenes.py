"""Small scenes for the tests of the world."""

from functools import cache

from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout
from hardware.simulated.scene.scene import Act, Enter, Leave, Member, Scene, Step


@cache
def shop(number: int = 2) -> Layout:
    return generate_layout(number)


def shopper(name: str, enter_s: float, *acts: Act | Step) -> Member:
    steps = [act if isinstance(act, Step) else Step(act) for act in acts]
    return Member(name, "shopper", name, (Step(Enter(), enter_s), *steps, Step(Leave())))


def scene(*cast: Member, seed: int = 1, number: int = 2) -> Scene:
    return Scene("test", seed, shop(number), cast)
