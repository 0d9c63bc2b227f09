"""Writing a played scene as a recording that `tillfree evaluate recording` plays: signals and truth, no pixels.

The bytes depend on the scene alone: every number is rounded before it is written, and lines are ordered.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ruamel.yaml import YAML

from hardware.simulated.errors import SimulationError
from hardware.simulated.sightings import Sightings, SightNoise
from hardware.simulated.signals import samples
from hardware.simulated.world.plates import CellNoise, Plates
from hardware.simulated.world.receipts import Pays, receipts
from hardware.simulated.world.world import World
from protocol.model import rfc3339
from protocol.store import Store

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""A Monday morning; a simulated day has no date of its own."""

Progress = Callable[[float, float], None]


def record_signals(
    world: World,
    folder: Path,
    progress: Progress,
    *,
    cells: CellNoise | None = None,
    sight: SightNoise | None = None,
    pays: Pays = "picker",
) -> None:
    """Write the recording into `folder`, which is made. `progress` is told how many of how many seconds are done.

    SimulationError where the folder holds something already or cannot be written.
    """
    timeline = world.timeline
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise SimulationError(f"{folder}: not empty; give a folder that is new")
        write_store(world.scene.layout.store, folder / "store.yaml")
        about = {"format": 1, "start": rfc3339(START), "duration_s": timeline.duration_s, "store": "store.yaml"}
        (folder / "recording.yaml").write_text("".join(f"{k}: {v}\n" for k, v in about.items()), encoding="utf-8")
        _lines(folder / "gate.jsonl", [line.model_dump_json() for line in timeline.gate])
        truth = folder / "truth"
        truth.mkdir()
        _lines(truth / "events.jsonl", [event.model_dump_json(exclude_none=True) for event in timeline.truth])
        text = json.dumps(receipts(timeline, pays), indent=2, sort_keys=True) + "\n"
        (truth / "receipts.json").write_text(text, encoding="utf-8")
        _observations(world, sight, folder / "observations.jsonl", progress)
        _scales(Plates(timeline, cells), folder / "scales.csv", timeline.duration_s, progress)
    except OSError as error:
        raise SimulationError(f"{error.filename}: {error.strerror}") from None


def write_store(store: Store, path: Path) -> None:
    """Write a store file that reads back as `store`."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.width = 118
    # ruamel.yaml declares it as None and reads it as a switch: fields stay in the order of the model.
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(store.model_dump(mode="json", exclude_defaults=True), stream)


def _observations(world: World, sight: SightNoise | None, path: Path, progress: Progress) -> None:
    half_s = world.timeline.duration_s
    told_s = 0.0
    with path.open("w", encoding="utf-8") as stream:
        for line in Sightings(world, sight).lines():
            stream.write(line.model_dump_json() + "\n")
            if line.t_s >= told_s:
                progress(line.t_s, 2.0 * half_s)
                told_s = line.t_s + 1.0


def _scales(plates: Plates, path: Path, until_s: float, progress: Progress) -> None:
    told_s = 0.0
    with path.open("w", encoding="utf-8") as stream:
        stream.write("t_s,plate,grams\n")
        for t_s, plate, grams in samples(plates, until_s):
            stream.write(f"{t_s:.4f},{plate},{grams:.1f}\n")
            if t_s >= told_s:
                progress(until_s + t_s, 2.0 * until_s)
                told_s = t_s + 1.0


def _lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
