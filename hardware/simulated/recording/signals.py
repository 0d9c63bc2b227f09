"""Writing a played scene as a recording of signals: gate, plates, observations, truth; no pictures.

The bytes depend on the scene alone: every number is rounded before it is written, and lines are ordered.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from hardware.simulated.looks import Looks
from hardware.simulated.recording.folder import finish, new_folder
from hardware.simulated.recording.lines import write_lines
from hardware.simulated.recording.store_file import write_store
from hardware.simulated.recording.truth import write_truth
from hardware.simulated.sightings import Sightings, SightNoise
from hardware.simulated.signals import samples
from hardware.simulated.world.plates import CellNoise, Plates
from hardware.simulated.world.receipts import Pays
from hardware.simulated.world.world import World
from protocol.model import rfc3339

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""A Monday morning; a simulated day has no date of its own."""

Progress = Callable[[float, float], None]
"""Is told how much of how much is done."""


def record_signals(
    world: World,
    folder: Path,
    progress: Progress,
    *,
    cells: CellNoise | None = None,
    sight: SightNoise | None = None,
    looks: Looks | None = None,
    pays: Pays = "picker",
) -> None:
    """Write the recording into `folder`, which is made. `progress` is told how many of how many seconds are done.

    `looks`: what shelf cameras say of their slots is written, too.

    SimulationError where the folder holds something already or cannot be written.
    """
    timeline = world.timeline
    with new_folder(folder):
        write_store(world.scene.layout.store, folder / "store.yaml")
        write_lines(folder / "gate.jsonl", (line.model_dump_json() for line in timeline.gate))
        write_truth(timeline, folder, pays)
        until_s = timeline.duration_s
        _observations(world, sight, folder / "observations.jsonl", progress)
        if looks is not None:
            write_lines(folder / "looks.jsonl", (line.model_dump_json(exclude_defaults=True) for line in looks.lines()))
        write_scales(
            Plates(timeline, cells),
            folder / "scales.csv",
            until_s,
            lambda at_s, _: progress(until_s + at_s, 2 * until_s),
        )
        finish(folder, "".join(f"{key}: {value}\n" for key, value in about(world).items()))


def about(world: World) -> dict[str, object]:
    """What every recording of this world says of itself."""
    return {"format": 1, "start": rfc3339(START), "duration_s": world.timeline.duration_s, "store": "store.yaml"}


def write_scales(plates: Plates, path: Path, until_s: float, progress: Progress) -> None:
    """Write scales.csv: every sample of every plate up to `until_s`."""
    told_s = 0.0
    with path.open("w", encoding="utf-8") as stream:
        stream.write("t_s,plate,grams\n")
        for t_s, plate, grams in samples(plates, until_s):
            stream.write(f"{t_s:.4f},{plate},{grams:.1f}\n")
            if t_s >= told_s:
                progress(t_s, until_s)
                told_s = t_s + 1.0


def _observations(world: World, sight: SightNoise | None, path: Path, progress: Progress) -> None:
    half_s = world.timeline.duration_s
    told_s = 0.0
    with path.open("w", encoding="utf-8") as stream:
        for line in Sightings(world, sight).lines():
            stream.write(line.model_dump_json() + "\n")
            if line.t_s >= told_s:
                progress(line.t_s, 2.0 * half_s)
                told_s = line.t_s + 1.0
