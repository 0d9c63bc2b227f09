"""Milliseconds a frame of the mock store's renderer: `tests/bench/bench_render.py [--layouts 1,2,3] [--json FILE]`.

Frames follow each other at 5 a second, as one camera takes them, people posed and what was taken drawn away each
time; "further camera" is what another camera that looks at the same moment costs. Each frame counts with the fastest
of a few rounds on one core, as other work on the machine only adds.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.world.state import WorldState
from hardware.simulated.world.world import World

SIZES = ((320, 192), (640, 360))
ROUNDS = 3


def best_ms(work: Callable[[WorldState], object], states: list[WorldState]) -> float:
    """The mean over the frames of each one's fastest round; the first state is drawn before, uncounted."""
    fastest = [float("inf")] * (len(states) - 1)
    for _ in range(ROUNDS):
        work(states[0])
        for number, state in enumerate(states[1:]):
            start = time.perf_counter()
            work(state)
            fastest[number] = min(fastest[number], time.perf_counter() - start)
    return 1000.0 * sum(fastest) / len(fastest)


def measure(number: int) -> dict[str, object]:
    """The figures of one layout with a crowd of eight in a minute."""
    layout = generate_layout(number)
    world = World(crowd(layout, 8, 1.0, number))
    states = [world.state(30.0 + n / 5.0) for n in range(31)]
    renderer = Renderer(layout)
    viewpoint = layout.viewpoint(layout.store.cameras[0].id)
    rows: dict[str, float] = {}
    for size in SIZES:
        name = f"{size[0]}x{size[1]}"
        start = time.perf_counter()
        renderer.shoot_from(states[0], viewpoint, size)
        rows[f"{name} first"] = 1000.0 * (time.perf_counter() - start)

        def frame(state: WorldState, size: tuple[int, int] = size, *, image: bool = True, ids: bool = True) -> None:
            # A fresh tuple each time, so that people are posed again.
            moment = WorldState(state.t_s, state.people, state.items)
            renderer.shoot_from(moment, viewpoint, size, image=image, ids=ids)

        def further(state: WorldState, size: tuple[int, int] = size) -> None:
            renderer.shoot_from(state, viewpoint, size)

        rows[f"{name} picture and ids"] = best_ms(frame, states)
        rows[f"{name} picture"] = best_ms(lambda state: frame(state, ids=False), states)
        rows[f"{name} ids"] = best_ms(lambda state: frame(state, image=False), states)
        further(states[0])
        rows[f"{name} further camera"] = best_ms(further, [states[0]] * 9)
    renderer.release()
    people = sum(len(state.people) for state in states) / len(states)
    base = rows[f"{SIZES[0][0]}x{SIZES[0][1]} picture"]
    return {
        "layout": number,
        "items": len(states[0].items),
        "people": people,
        "ms": {name: round(value, 1) for name, value in rows.items()},
        "ratio to 320x192 picture": {name: round(value / base, 2) for name, value in rows.items()},
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layouts", default="2,3,5")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = [measure(int(number)) for number in options.layouts.split(",")]
    text = json.dumps(found, indent=2)
    sys.stdout.write(text + "\n")
    if options.json is not None:
        options.json.write_text(text + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
