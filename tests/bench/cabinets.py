"""Cabinets in which things stand anywhere, drawn at one picture a second: python tests/bench/cabinets.py --seeds 10

The library's scene `cabinet` with other looks, places and people each time (simulated): two are taken, one is set down
elsewhere at once, one after a while. With the shelf's plate, and by the camera alone: receipts charged exactly,
receipts that charge what was not taken, receipts with a line in review, and picks and put-backs right, false, missed.
"""

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

from hardware.simulated.recording.setup import Filming
from hardware.simulated.recording.with_pictures import record_pictures
from hardware.simulated.scene.file import open_scene
from tillfree.evaluate.recording import RecordingScore, score_recording

CAMERA = "inside-cabinet-top"


def played(folder: Path) -> RecordingScore:
    return score_recording(folder, lambda _done, _total: None)


def counted(score: RecordingScore) -> Counter[str]:
    assert score.receipts is not None
    assert score.events is not None
    counts = Counter(
        right=sum(each.type in ("pick", "put_back") for each in score.events.right),
        false=sum(each.type in ("pick", "put_back") for each in score.events.false),
        missed=sum(each.type in ("pick", "put_back") for each in score.events.missed),
    )
    for receipt in score.receipts:
        over = Counter(receipt.charged) - Counter(receipt.true)
        counts += Counter(receipts=1, exact=int(receipt.exact), overcharged=int(bool(over)))
        counts += Counter(with_review=int(bool(receipt.in_review)))
    return counts


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--first", type=int, default=10)
    options = asked.parse_args()
    total: dict[str, Counter[str]] = {"with the plate": Counter(), "camera alone": Counter()}
    for seed in range(options.first, options.first + options.seeds):
        with tempfile.TemporaryDirectory(prefix="tillfree-cabinet-") as scratch:
            folder = Path(scratch) / str(seed)
            record_pictures(open_scene("cabinet", seed), folder, Filming((CAMERA,)), lambda _done, _total: None)
            total["with the plate"] += counted(played(folder))
            (folder / "scales.csv").unlink()
            total["camera alone"] += counted(played(folder))
    print(json.dumps(total, indent=1))  # noqa: T201 - what this is for


if __name__ == "__main__":
    main()
