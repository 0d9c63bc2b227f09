"""The check of a converted network against stored outputs of an independent implementation."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.convert.onnx_graph import Array
from models.errors import CheckFailed
from models.runtime import onnxruntime


@dataclass(frozen=True, slots=True)
class ReferenceRun:
    """An input and what the reference implementation made of it.

    `image` is stored small: each element is repeated `repeats[axis]` times along each axis. For each output, `values`
    are float32 at the flat indices `positions`.
    """

    image: Array
    positions: dict[str, npt.NDArray[np.int64]]
    values: dict[str, npt.NDArray[np.float32]]


def enlarge(small: Array, repeats: npt.NDArray[np.integer]) -> Array:
    """`small` with each element repeated along each axis."""
    for axis, count in enumerate(repeats.tolist()):
        small = np.repeat(small, count, axis)
    return small


def read_reference(path: Path) -> ReferenceRun:
    """The reference run stored at `path` (.npz: `input`, `repeats`, and for each output `at NAME` and `of NAME`)."""
    with np.load(path, allow_pickle=False) as stored:
        outputs = sorted(key.removeprefix("of ") for key in stored.files if key.startswith("of "))
        return ReferenceRun(
            enlarge(stored["input"], stored["repeats"]),
            {name: stored[f"at {name}"].astype(np.int64) for name in outputs},
            {name: stored[f"of {name}"] for name in outputs},
        )


def disagreement(model: bytes, reference: ReferenceRun) -> float:
    """The largest difference from the reference, |ours - theirs| / (1 + |theirs|), over all stored values.

    CheckFailed where onnxruntime cannot run the model, or it lacks an output of the reference.
    """
    return max(float(off.max()) for off in _differences(model, reference))


def mean_disagreement(model: bytes, reference: ReferenceRun) -> float:
    """The same in the mean of all stored values: of a network that rounds, single values may be far off."""
    return float(np.mean(np.concatenate(_differences(model, reference))))


def _differences(model: bytes, reference: ReferenceRun) -> list[Array]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    names = list(reference.values)
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        outputs = session.run(names, {session.get_inputs()[0].name: reference.image})
    except Exception as error:
        raise CheckFailed(f"onnxruntime does not run the converted network: {error}") from error
    return [
        _difference(output.reshape(-1), reference.positions[name], reference.values[name])
        for name, output in zip(names, outputs, strict=True)
    ]


def _difference(ours: Array, positions: npt.NDArray[np.int64], theirs: npt.NDArray[np.float32]) -> Array:
    """Infinite where our output ends before a stored position, or is not a number there."""
    if ours.size <= positions.max() or not np.isfinite(ours[positions]).all():
        return np.array([np.inf])
    return np.asarray(np.abs(ours[positions] - theirs) / (1 + np.abs(theirs)))


def check(model: bytes, reference: Path, tolerance: float) -> float:
    """The disagreement with the stored run at `reference`. CheckFailed where it is above `tolerance`."""
    worst = disagreement(model, read_reference(reference))
    if worst > tolerance:
        raise CheckFailed(
            f"the converted network does not agree with {reference.name}: off by {worst:.2g}, allowed {tolerance:.2g}"
        )
    return worst


def check_in_the_mean(model: bytes, reference: Path, tolerance: float) -> float:
    """The mean disagreement with the stored run at `reference`. CheckFailed where it is above `tolerance`."""
    mean = mean_disagreement(model, read_reference(reference))
    if not mean <= tolerance:
        raise CheckFailed(
            f"it does not agree with {reference.name}: off by {mean:.2g} in the mean, allowed {tolerance:.2g}"
        )
    return mean
