"""Pixels to receipt in mock stores: `python tests/bench/receipts.py --folder DIR [--layouts 25,46] [--a-minute 2.5]`.

Every gondola has two shelf cameras on its top and one scale under all of it (layout/rig.py), the store three area
cameras at most; all give 5 pictures a second through the sensor model. Shoppers come, at most 4 people at once: 5 a
minute, who stay half a minute each, so that it is a crowd; or fewer, as `--a-minute` says. With `--from-above` further
area cameras look down at every gondola's front and the doors (layout/from_above.py). The films are kept in DIR and
made once. Each is played by the whole pipeline twice: with the scales, and without them, cameras alone. A receipt
is exact when what is charged at once is exactly what was carried out; or would be, if whoever reviews its doubtful
lines finds each as it was said. Simulated figures: never call them real.
"""

import argparse
import json
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from hardware.simulated.layout.from_above import with_cameras_from_above
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.rig import FPS, two_cameras_and_a_scale
from hardware.simulated.recording.setup import Filming
from hardware.simulated.recording.store_file import write_store
from hardware.simulated.recording.with_pictures import record_pictures
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.scene.no_crowding import no_more_than
from protocol.store_file import read_store
from tillfree.evaluate.recording import RecordingScore, score_recording

INSIDE_MAX, A_MINUTE = 4, 5.0
"""People inside; shoppers who would come a minute if nobody had to wait."""

KEYS = ("exact", "exact_if_reviewed_as_said", "overcharged", "in_review")


def film(layout: int, visits: int, a_minute: float, folder: Path, *, from_above: bool = False) -> Path:
    """The recording of `visits` shoppers in a layout's store, made where it is not there yet."""
    name = f"layout-{layout}-{visits}" + ("" if a_minute == A_MINUTE else f"-at-{a_minute:g}")
    out = folder / (name + ("-from-above" if from_above else ""))
    if out.exists():
        return out
    store = two_cameras_and_a_scale(generate_layout(layout))
    store = with_cameras_from_above(store, FPS) if from_above else store
    scene = no_more_than(crowd(store, visits, visits / a_minute, 1000 + layout), INSIDE_MAX)

    def tell(done_s: float, total_s: float) -> None:
        sys.stderr.write(f"\r{out.name}: filming, {100.0 * done_s / max(total_s, 1e-9):.0f} %")

    record_pictures(scene, out, Filming(), tell)
    sys.stderr.write("\n")
    return out


def without_scales(recording: Path) -> Path:
    """The same recording in a store that has no scales; its pictures are shared."""
    out = recording.with_name(f"{recording.name}-cameras-alone")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    for part in recording.iterdir():
        if part.name not in ("store.yaml", "scales.csv"):
            (out / part.name).symlink_to(part.resolve())
    store = read_store(recording / "store.yaml")
    bare = tuple(gondola.model_copy(update={"plates": ()}) for gondola in store.gondolas)
    write_store(store.model_copy(update={"gondolas": bare}), out / "store.yaml")
    return out


def told(name: str, score: RecordingScore) -> dict[str, Any]:
    """One played recording's row."""
    receipts, events = score.receipts or (), score.events
    row: dict[str, Any] = {
        "recording": name,
        "exact": sum(receipt.exact for receipt in receipts),
        "exact_if_reviewed_as_said": sum(
            Counter(receipt.charged) + Counter(receipt.in_review) == Counter(receipt.true) for receipt in receipts
        ),
        "overcharged": sum(bool(Counter(receipt.charged) - Counter(receipt.true)) for receipt in receipts),
        "in_review": sum(bool(receipt.in_review) for receipt in receipts),
        "receipts": len(receipts),
    }
    if events is not None:
        row |= {"right": len(events.right), "false": len(events.false), "missed": len(events.missed)}
    waited_s = sorted(delay.waited_s for delay in score.replay.delays)
    if waited_s:
        # Of the recording: until everything has been told that happened before somebody left.
        row |= {"waited_p50_s": round(waited_s[len(waited_s) // 2], 1), "waited_max_s": round(waited_s[-1], 1)}
    _say("  ".join(f"{key} {value}" for key, value in row.items()))
    return row


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="films are kept here, some 20 MB a layout")
    parser.add_argument("--layouts", default="25,46,57,62,68")
    parser.add_argument("--visits", type=int, default=20)
    parser.add_argument("--a-minute", type=float, default=A_MINUTE, help="shoppers who would come")
    parser.add_argument("--from-above", action="store_true", help="with area cameras opposite gondolas and doors, too")
    parser.add_argument("--film-only", action="store_true")
    parser.add_argument("--only", choices=("scales", "alone"), help="one of the two, without it both")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.a_minute <= 0.0 or given.visits < 1:
        parser.error("--a-minute has to be above 0, and --visits 1 at least")
    given.folder.mkdir(parents=True, exist_ok=True)
    films = [
        film(int(layout), given.visits, given.a_minute, given.folder, from_above=given.from_above)
        for layout in given.layouts.split(",")
    ]
    if given.film_only:
        return
    rows = []
    for recording in films:
        both = [recording] if given.only != "alone" else []
        both += [without_scales(recording)] if given.only != "scales" else []
        for played in both:
            rows.append(told(played.name, score_recording(played, lambda *_: None)))
    for kind in ("with scales", "cameras alone"):
        chosen = [row for row in rows if row["recording"].endswith("-cameras-alone") == (kind == "cameras alone")]
        total = sum(row["receipts"] for row in chosen)
        shares = {key: sum(row[key] for row in chosen) for key in KEYS}
        if total:
            said = ", ".join(f"{key.replace('_', ' ')} {100.0 * count / total:.1f} %" for key, count in shares.items())
            _say(f"{kind}, {total} receipts: {said}")
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
