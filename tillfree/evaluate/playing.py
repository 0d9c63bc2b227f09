"""A scene of the mock store, played through the real pipeline: as signals in memory, or drawn and recorded first."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from hardware.ports import Pass, Reading
from hardware.simulated.looks import Looks
from hardware.simulated.scene.scene import Scene
from hardware.simulated.sightings import Sightings, SightNoise
from hardware.simulated.signals import readings
from hardware.simulated.world.plates import Plates
from hardware.simulated.world.receipts import receipts as true_receipts
from hardware.simulated.world.world import World
from tillfree.evaluate.lines import CheckedCart, checked_carts
from tillfree.evaluate.receipts import Items, ReceiptScore, receipts
from tillfree.evaluate.recording import RecordingScore, score_recording
from tillfree.evaluate.scales import bare, without_scales
from tillfree.evaluate.shoppers import shoppers_of

if TYPE_CHECKING:
    from hardware.simulated.recording.setup import Filming

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FPS = 5.0
SENSOR = "good"


@dataclass(frozen=True, slots=True)
class Seeing:
    """How a scene is seen.

    Without `pixels`: plates, heads and hands with noise, and with `looks` what shelf cameras would say; `swaps` is the
    share of close encounters that confuse track numbers. With them: drawn, `fps` pictures a second and camera at most.
    With `scales` beside the cameras or not.
    """

    pixels: bool = False
    swaps: float = 0.0
    scales: bool = True
    fps: float = FPS
    keep: Path | None = None
    """Where the drawn recordings are kept, and found again by the next run; thrown away where it is not given."""
    looks: bool = False

    @property
    def shelf_cameras(self) -> bool:
        """Whether shelf cameras watch, drawn or as signals."""
        return self.pixels or self.looks


@dataclass(frozen=True, slots=True)
class PlayedScene:
    """What came of a scene. `recording` is the score of the recording that was drawn of it, where it was."""

    receipts: tuple[ReceiptScore, ...]
    notes: tuple[str, ...]
    recording: RecordingScore | None
    carts: tuple[CheckedCart, ...] = ()
    """The lines with their probabilities; of signals only."""


def play(scene: Scene, name: str, seeing: Seeing, true: dict[str, dict[str, int]] | None = None) -> PlayedScene:
    """Play `scene`. `true`: what everybody should be charged, where it is not what really happens in the scene."""
    return _drawn(scene, name, seeing, true) if seeing.pixels else _signals(scene, name, seeing, true)


def _signals(scene: Scene, name: str, seeing: Seeing, true: dict[str, dict[str, int]] | None) -> PlayedScene:
    if not seeing.scales:
        scene = replace(scene, layout=replace(scene.layout, store=bare(scene.layout.store)))
    world = World(scene)
    timeline = world.timeline
    gate = [Pass(line.t_s, line.lane, line.event, line.token, line.party) for line in timeline.gate]
    sightings = Sightings(world, SightNoise(swaps=seeing.swaps))
    looks = Looks(world) if seeing.looks else None
    return play_readings(world, name, readings(Plates(timeline), sightings, gate, timeline.duration_s, looks), true)


def play_readings(
    world: World, name: str, readings: Iterable[Reading], true: dict[str, dict[str, int]] | None = None
) -> PlayedScene:
    """Play what a scene's devices say; `true` as for `play`."""
    store, timeline = world.scene.layout.store, world.timeline
    node = Node(store, Path(), Networks(None, None), name, START)
    events: list[NewEvent] = []
    for reading in readings:
        events += node.take(reading)
    events += node.finish(timeline.duration_s)
    shoppers = shoppers_of(events, timeline.truth, START)
    carried = true_receipts(timeline) if true is None else true
    scored = receipts(events, shoppers, carried, store)
    return PlayedScene(tuple(scored), timeline.notes, None, checked_carts(events, shoppers, carried))


def _drawn(scene: Scene, name: str, seeing: Seeing, true: dict[str, dict[str, int]] | None) -> PlayedScene:
    from tillfree.evaluate.films import film_of

    with tempfile.TemporaryDirectory(prefix="tillfree-scene-") as scratch:
        to_film, filming = _to_film(scene, seeing.fps)
        film = film_of(to_film, name, filming, seeing.keep or Path(scratch))
        played = film if seeing.scales else without_scales(film)
        score = score_recording(played, lambda _done, _total: None, keep_crops=seeing.keep is not None)
    made = score.receipts or ()
    if true is not None:
        made = tuple(_against(made, true))
    return PlayedScene(made, World(scene).timeline.notes, score)


def _to_film(scene: Scene, fps: float) -> tuple[Scene, "Filming"]:
    """The scene with cameras of `fps` pictures a second at most, and those of them that are filmed."""
    from hardware.simulated.recording.setup import Filming

    store = scene.layout.store
    slowed = tuple(camera.model_copy(update={"fps_max": min(camera.fps_max, fps)}) for camera in store.cameras)
    layout = replace(scene.layout, store=store.model_copy(update={"cameras": slowed}))
    # A gate's close-up reads codes; the gate has told its tokens already.
    filmed = tuple(camera.id for camera in slowed if camera.role != "gate")
    return replace(scene, layout=layout), Filming(filmed, sensor=SENSOR)


def _against(made: Sequence[ReceiptScore], true: dict[str, dict[str, int]]) -> list[ReceiptScore]:
    """The same receipts, against what else should be charged."""
    nothing: Items = {}
    return [ReceiptScore(one.shopper, one.charged, one.in_review, true.get(one.shopper, nothing)) for one in made]
