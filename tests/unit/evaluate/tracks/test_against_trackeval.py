"""The scores are TrackEval's: its answers (trackeval 1.3.0, MotChallenge2DBox, MOT15 and MOT17) to made-up walks."""

from pathlib import Path

import pytest

from tests.unit.evaluate.tracks.walkers import street, without_classes
from tillfree.evaluate.tracks.score import evaluate_tracks

KEYS = (
    "hota",
    "deta",
    "assa",
    "loca",
    "idf1",
    "mota",
    "id_switches",
    "found",
    "missed",
    "false",
    "breaks",
    "persons_mostly_tracked",
    "persons_hardly_tracked",
)
STREETS = (1, 2, 3)
MOT15 = (
    (29.518, 34.003, 25.672, 80.451, 33.898, -29.268, 10, 70, 12, 84, 10, 1, 0),
    (8.84, 7.771, 10.081, 78.346, 7.143, -527.273, 2, 16, 6, 130, 3, 0, 0),
    (45.532, 33.653, 61.719, 79.924, 61.321, -3.797, 0, 65, 14, 68, 12, 2, 0),
)
MOT15_TOGETHER = (31.603, 25.355, 39.51, 79.849, 36.039, -78.142, 12, 151, 32, 282, 25, 3, 0)
MOT17 = (
    (40.984, 60.189, 27.988, 80.575, 49.08, 59.756, 10, 70, 12, 11, 10, 1, 0),
    (18.335, 22.445, 15.031, 78.346, 17.647, -72.727, 2, 16, 6, 30, 2, 0, 0),
    (49.285, 39.432, 61.719, 79.924, 68.421, 24.051, 0, 65, 14, 46, 11, 2, 0),
)
MOT17_TOGETHER = (42.096, 43.236, 41.128, 79.907, 52.732, 28.415, 12, 151, 32, 87, 23, 3, 0)


@pytest.mark.parametrize(
    ("classes", "each", "together"), [(False, MOT15, MOT15_TOGETHER), (True, MOT17, MOT17_TOGETHER)]
)
def test_scores_are_trackevals(
    tmp_path: Path, classes: bool, each: tuple[tuple[float, ...], ...], together: tuple[float, ...]
) -> None:
    truths, tracks = [], []
    for seed in STREETS:
        truth, said = street(seed)
        truths.append(tmp_path / f"{seed}.gt.txt")
        tracks.append(tmp_path / f"{seed}.txt")
        truths[-1].write_text(truth if classes else without_classes(truth))
        tracks[-1].write_text(said)
    result = evaluate_tracks(truths, tracks, excuse=False)
    for sequence, expected in zip([*result["sequences"], result], [*each, together], strict=True):
        assert [sequence[key] for key in KEYS] == pytest.approx(expected, abs=0.0011)
