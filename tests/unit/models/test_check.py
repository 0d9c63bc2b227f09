"""The check of a converted network against a stored run of a reference implementation."""

from pathlib import Path

import numpy as np
import pytest

from models.check.make import small_input
from models.check.stored import check
from models.convert.onnx_graph import OnnxGraph
from models.errors import CheckFailed
from models.lock import LOCK_FILE


def scaled(factor: float, output: str = "y") -> bytes:
    """A network (1, 4) that multiplies."""
    graph = OnnxGraph("scaled")
    x = graph.input("x", np.float32, [1, 4])
    graph.output(graph.add("Mul", [x, graph.constant(np.float32(factor))]), output, np.float32, [1, 4])
    return graph.serialize()


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """Doubling of [3, 3, 5, 5], stored at the second and the last place."""
    path = tmp_path / "run.npz"
    outputs = {"at y": np.array([1, 3]), "of y": np.array([6, 10], np.float32)}
    small, repeats = np.array([[3, 5]], np.float32), np.array([1, 2])
    np.savez(path, allow_pickle=False, input=small, repeats=repeats, **outputs)
    return path


@pytest.mark.parametrize("network", ["nanodet", "efficientnet-lite0"])
def test_the_stored_input_is_the_drawing_that_its_maker_draws(network: str) -> None:
    with np.load(LOCK_FILE.parent / "check" / f"{network}.npz") as stored:
        np.testing.assert_allclose(stored["input"], small_input(network), rtol=1e-6)


def test_a_network_that_agrees(reference: Path) -> None:
    assert check(scaled(2), reference, 1e-6) == 0


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (scaled(2.01), r"does not agree with run\.npz: off by 0\.0045, allowed 0\.0001"),
        (scaled(float("nan")), "off by inf"),
        (scaled(2, output="z"), "onnxruntime does not run the converted network"),
        (b"no network", "onnxruntime does not run the converted network"),
    ],
)
def test_a_network_that_does_not(reference: Path, model: bytes, complaint: str) -> None:
    with pytest.raises(CheckFailed, match=complaint):
        check(model, reference, 1e-4)
