"""The yardstick on real video, through the command line: what the project says of itself must stay true."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RECORDINGS = Path(__file__).parents[1] / "recordings"
WITHIN_S = 300


def evaluate(*arguments: str | Path) -> dict[str, Any]:
    """What `tillfree evaluate …` writes as JSON to standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "tillfree", "evaluate", *map(str, arguments), "--json", "-"],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.data("intel_bottle_shelf")
@pytest.mark.networks("efficientnet-lite0")
def test_every_hand_at_the_bottle_shelf_is_right_and_so_are_the_receipts() -> None:
    result = evaluate("recording", RECORDINGS / "bottle_shelf", RECORDINGS / "bottle_shelf_two_taken")
    whole, two_taken = result["recordings"]
    for one, true in ((whole, 8), (two_taken, 4)):
        assert {key: one["events"][key] for key in ("true", "false", "missed")} == {
            "true": true,
            "false": 0,
            "missed": 0,
        }
        assert one["receipts"] == {"exact": 1, "total": 1}
        assert one["events"]["by_type"]["touch"]["false"] == 0
    assert (result["item_f1"], result["review_rate"]) == (1.0, 0.0)


@pytest.mark.data("aifi_nanostore_test2", "coco_train_sample")
@pytest.mark.networks("nanodet")
@pytest.mark.parametrize(
    ("labels", "ap50"),
    [
        ("aifi_nanostore_test2/person_boxes_coco.json", 0.83),
        ("coco_train_sample/coco.json", 0.62),
    ],
)
def test_persons_are_found_as_well_as_the_network_can(data: Path, labels: str, ap50: float) -> None:
    assert evaluate("persons", "--coco", data / labels)["ap50"] >= ap50
