"""The truth that does not depend on how a scene was seen: who did what, who took what home, where everybody stood."""

import json
from pathlib import Path

import numpy as np

from hardware.simulated.recording.lines import write_lines
from hardware.simulated.world.receipts import Pays, receipts
from hardware.simulated.world.timeline import Timeline
from hardware.simulated.world.traffic import TICK_S


def write_truth(timeline: Timeline, folder: Path, pays: Pays = "picker") -> None:
    """Write truth/events.jsonl, truth/receipts.json and truth/floor.csv of the recording in `folder`."""
    truth = folder / "truth"
    truth.mkdir(exist_ok=True)
    write_lines(truth / "events.jsonl", (event.model_dump_json(exclude_none=True) for event in timeline.truth))
    text = json.dumps(receipts(timeline, pays), indent=2, sort_keys=True) + "\n"
    (truth / "receipts.json").write_text(text, encoding="utf-8")
    _write_floor(timeline, truth / "floor.csv")


def numbers_of(timeline: Timeline) -> dict[str, int]:
    """Everybody's number in the boxes of all cameras, from 1 in the order of the cast."""
    return {member.name: number for number, member in enumerate(timeline.scene.cast, start=1)}


def _write_floor(timeline: Timeline, path: Path) -> None:
    """Where the middle of everybody's feet is, ten times a second, by time, then in the order of the cast."""
    order = numbers_of(timeline)
    lives = sorted(timeline.lives, key=lambda life: order[life.name])
    ticks = [round(life.from_s / TICK_S) + np.arange(len(life.xy)) for life in lives]
    if not lives:
        path.write_text("t_s,shopper,x_m,y_m\n", encoding="utf-8")
        return
    who = np.repeat(np.arange(len(lives)), [len(tick) for tick in ticks])
    tick, xy = np.concatenate(ticks), np.concatenate([life.xy for life in lives])
    kept = tick * TICK_S <= timeline.duration_s
    rows = np.lexsort((who, tick))
    with path.open("w", encoding="utf-8") as stream:
        stream.write("t_s,shopper,x_m,y_m\n")
        for row in rows[kept[rows]].tolist():
            x_m, y_m = xy[row].tolist()
            stream.write(f"{tick[row] * TICK_S:.1f},{lives[who[row]].name},{x_m:.3f},{y_m:.3f}\n")


def items_of(timeline: Timeline) -> dict[str, int]:
    """Every piece's number in the boxes of products, from 1."""
    return {thing.id: number for number, thing in enumerate(timeline.things, start=1)}


def write_numbers(timeline: Timeline, folder: Path) -> None:
    """Write truth/people.csv and truth/items.csv: who and what the numbers in the box files are."""
    people = (f"{number},{name}" for name, number in numbers_of(timeline).items())
    write_lines(folder / "truth" / "people.csv", ["number,shopper", *people])
    things = zip(items_of(timeline).items(), timeline.things, strict=True)
    items = (f"{number},{item},{thing.sku}" for (item, number), thing in things)
    write_lines(folder / "truth" / "items.csv", ["number,item,sku", *items])
