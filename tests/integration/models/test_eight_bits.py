"""NanoDet in eight bits: the ranges that come with Tillfree are of this network, and it finds the same people."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hardware.ports import Image
from models.cache import onnx_path
from models.check.stored import mean_disagreement, read_reference
from models.lock import LOCK_FILE, built_in
from models.quantise.ranges import read_ranges
from tillfree.quantise import SIZE, Tell, quantise

CHECKS = LOCK_FILE.parent / "check"
pytestmark = pytest.mark.networks("nanodet")


def noise(tell: Tell) -> Iterator[Image]:
    """Pictures of nothing, drawn in no time."""
    rng = np.random.default_rng(0)
    for _ in range(2):
        yield rng.integers(0, 256, (SIZE[1], SIZE[0], 3)).astype(np.uint8)
    tell(1, 1)


def test_what_is_measured_anew_are_the_maps_whose_ranges_come_with_tillfree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = built_in().networks["nanodet"].eight_bits
    assert how is not None
    kept = read_ranges(how.ranges, how.sha256)
    monkeypatch.setattr("tillfree.quantise.pictures", noise)
    told: list[tuple[int, int]] = []
    sha256 = quantise("nanodet", tmp_path / "anew.json", lambda done, of: told.append((done, of)))
    anew = read_ranges("anew.json", sha256, tmp_path)
    assert anew.maps.keys() == kept.maps.keys()
    assert anew.measured_on.startswith("2 pictures of simulated stores")
    assert told == [(1, 1)]


def test_it_computes_nearly_what_the_published_network_does_and_not_quite() -> None:
    reference = read_reference(CHECKS / "nanodet.npz")
    plain, whole = (
        mean_disagreement(onnx_path("nanodet", eight_bits=each).read_bytes(), reference) for each in (False, True)
    )
    assert plain < 1e-5
    assert 1e-4 < whole < 0.05
