"""The constants of a TensorFlow.js graph, as they are stored."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.convert.tensorflow_js.weights import read_weights
from models.errors import ConversionFailed


def manifest(*entries: dict[str, Any], paths: tuple[str, ...] = ("w.bin",)) -> list[dict[str, Any]]:
    return [{"paths": list(paths), "weights": list(entries)}]


@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8", "bool"])
def test_a_weight_stored_as_it_is_used(tmp_path: Path, dtype: str) -> None:
    value = np.array([[0, 1, 0], [1, 1, 0]]).astype(dtype)
    (tmp_path / "w.bin").write_bytes(value.tobytes())
    (found,) = read_weights(manifest({"name": "w", "dtype": dtype, "shape": [2, 3]}), tmp_path).values()
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, value)


def test_half_precision_becomes_single(tmp_path: Path) -> None:
    value = np.array([0.1, -65504, 6e-8], np.float16)
    (tmp_path / "w.bin").write_bytes(value.tobytes())
    entry = {"name": "w", "dtype": "float32", "shape": [3], "quantization": {"dtype": "float16"}}
    found = read_weights(manifest(entry), tmp_path)["w"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, value.astype(np.float32))


@pytest.mark.parametrize("stored", ["uint8", "uint16"])
def test_whole_numbers_become_steps_from_a_least_value(tmp_path: Path, stored: str) -> None:
    (tmp_path / "w.bin").write_bytes(np.array([0, 1, 255]).astype(stored).tobytes())
    steps = {"dtype": stored, "scale": 0.1, "min": -3.0}
    entry = {"name": "w", "dtype": "float32", "shape": [3], "quantization": steps}
    np.testing.assert_allclose(read_weights(manifest(entry), tmp_path)["w"], [-3, -2.9, 22.5], rtol=1e-6)


def test_a_weight_may_lie_across_two_files(tmp_path: Path) -> None:
    content = np.array([1, 2, 3], "<f4").tobytes()
    (tmp_path / "a.bin").write_bytes(content[:6])
    (tmp_path / "b.bin").write_bytes(content[6:])
    entries = ({"name": "s", "dtype": "float32", "shape": []}, {"name": "w", "dtype": "float32", "shape": [2]})
    found = read_weights(manifest(*entries, paths=("a.bin", "b.bin")), tmp_path)
    assert found["s"] == 1
    assert found["w"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("content", "entry", "complaint"),
    [
        (b"\0" * 7, {"name": "w", "dtype": "float32", "shape": [2]}, "end before weight 'w'"),
        (b"\0" * 9, {"name": "w", "dtype": "float32", "shape": [2]}, "1 bytes of weights that the manifest"),
        (b"\0" * 8, {"name": "w", "dtype": "string", "shape": [2]}, "dtype 'string' is not known"),
        (None, {"name": "w", "dtype": "float32", "shape": [2]}, "w.bin: the weights manifest names this file"),
    ],
)
def test_weights_that_do_not_fit(tmp_path: Path, content: bytes | None, entry: dict[str, Any], complaint: str) -> None:
    if content is not None:
        (tmp_path / "w.bin").write_bytes(content)
    with pytest.raises(ConversionFailed, match=complaint):
        read_weights(manifest(entry), tmp_path)
