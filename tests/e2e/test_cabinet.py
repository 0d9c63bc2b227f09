"""A cabinet in which things stand anywhere, drawn at one picture a second: from pixels to a receipt, in seconds."""

from collections import Counter
from pathlib import Path

import pytest

from hardware.simulated.recording.setup import Filming
from hardware.simulated.recording.with_pictures import record_pictures
from hardware.simulated.scene.file import open_scene
from tests.unit.hardware.simulated.drawing import renderer
from tillfree.evaluate.recording import RecordingScore, score_recording

CAMERA = "inside-cabinet-top"
TRUE = {"cola": 1, "water": 1}
"""Ann takes two, and puts back elsewhere what else she takes: one at once, one after a while."""


def drawn(folder: Path, *, scales: bool) -> RecordingScore:
    renderer()  # skips where the machine cannot draw
    scene = open_scene("cabinet")
    record_pictures(scene, folder, Filming((CAMERA,)), lambda _done, _total: None)
    if not scales:
        (folder / "scales.csv").unlink()
    return score_recording(folder, lambda _done, _total: None)


@pytest.mark.networks("efficientnet-lite0")
def test_two_are_charged_and_what_was_moved_or_put_back_elsewhere_is_not(tmp_path: Path) -> None:
    score = drawn(tmp_path / "cabinet", scales=True)
    assert score.receipts is not None
    assert score.events is not None
    (receipt,) = score.receipts
    assert (receipt.charged, receipt.in_review, receipt.true) == (TRUE, {}, TRUE)
    assert (score.events.false, score.events.missed) == ((), ())


@pytest.mark.networks("efficientnet-lite0")
def test_the_camera_alone_charges_nothing_wrong_and_misses_nothing(tmp_path: Path) -> None:
    """What it is not sure enough of waits for a person."""
    score = drawn(tmp_path / "cabinet", scales=False)
    assert score.receipts is not None
    (receipt,) = score.receipts
    charged, known = Counter(receipt.charged), Counter(receipt.charged) + Counter(receipt.in_review)
    assert charged <= Counter(TRUE) <= known
