"""A phone held up to the gate shows a code that a reader reads, in the gate camera's own picture."""

from itertools import islice

import zxingcpp

from hardware.simulated.phones import BEFORE_S
from hardware.simulated.recording.frames import Stage
from hardware.simulated.recording.setup import Filming, hang
from hardware.simulated.scene.scene import Go
from hardware.simulated.world.world import World
from tests.unit.hardware.simulated.drawing import renderer
from tests.unit.hardware.simulated.scenes import scene, shopper


def test_the_token_is_read_before_the_gate_lets_its_shopper_in() -> None:
    renderer()  # skips where the machine cannot draw
    hung = hang(scene(shopper("ann", 0.0, Go(None))), Filming(("gate",), fps=5.0, sensor="worn"))
    world = World(hung.scene)
    (entry,) = [line for line in world.timeline.gate if line.event == "enter"]
    stage = Stage.of(world)
    until = int((entry.t_s + 0.1) * 5.0) + 1
    read: dict[str, list[float]] = {}
    for shot in islice(stage.frames("gate", hung.sensors["gate"], 1, 5.0), until):
        for code in zxingcpp.read_barcodes(shot.frame.image):
            read.setdefault(code.text, []).append(shot.taken_s)
    stage.renderer.release()
    assert list(read) == [entry.token]
    assert all(entry.t_s - BEFORE_S - 1e-6 <= t_s <= entry.t_s + 0.3 for t_s in read[entry.token])
