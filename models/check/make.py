"""Makes the stored runs: `input` draws a picture for a reference implementation, `pack` stores what it answered.

See README.md in this folder. Nothing imports this.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.check.stored import enlarge
from models.convert.onnx_graph import Array

VALUES_PER_OUTPUT = 4096
"""A convolution's error shows in every output value; a few thousand at random places are as good as all of them."""

_ENLARGED = 4
_MEAN_STD = {
    "nanodet": (416, (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)),
    "efficientnet-lite0": (224, (127, 127, 127), (128, 128, 128)),
    "movenet-lightning": (192, (0, 0, 0), (1, 1, 1)),
}
_PIXELS = {"movenet-lightning"}
"""Networks that take red, green, blue as whole numbers, and normalise them themselves."""


def drawing(size: int) -> npt.NDArray[np.uint8]:
    """A figure before a coloured wall, (size, size, 3); whole numbers only, so that every machine draws the same."""
    y, x = np.mgrid[0:size, 0:size] * 100 // size
    picture = np.stack([60 + x, 90 + y, 160 - (x + y) // 2], axis=-1)
    for centre_x, centre_y, radius_x, radius_y, colour in (
        (50, 44, 12, 22, (40, 40, 170)),  # body
        (50, 16, 6, 8, (120, 150, 200)),  # head
        (44, 76, 5, 22, (60, 40, 30)),  # legs
        (56, 76, 5, 22, (60, 40, 30)),
        (35, 42, 4, 18, (120, 150, 200)),  # arms
        (65, 42, 4, 18, (120, 150, 200)),
        (82, 60, 6, 12, (30, 180, 60)),  # a bottle
    ):
        inside = ((x - centre_x) * radius_y) ** 2 + ((y - centre_y) * radius_x) ** 2 <= (radius_x * radius_y) ** 2
        picture[inside] = colour
    return picture.astype(np.uint8)


def small_input(network: str) -> Array:
    """The network's input for the drawing before it is enlarged: float32 (1, 3, n, n), or pixels int32 (1, n, n, 3)."""
    size, mean, std = _MEAN_STD[network]
    picture = drawing(size // _ENLARGED).astype(np.float32)
    normalised = (picture - np.array(mean, np.float32)) / np.array(std, np.float32)
    if network in _PIXELS:
        return np.ascontiguousarray(picture[np.newaxis, :, :, ::-1]).astype(np.int32)
    return np.ascontiguousarray(normalised.transpose(2, 0, 1)[np.newaxis]).astype(np.float32)


def pack(network: str, answers: Path, target: Path) -> None:
    """Store the run: `answers` is an .npz of whole outputs, or a folder of raw float32 files named after them."""
    loaded = np.load(answers) if answers.is_file() else {f.stem: np.fromfile(f, "<f4") for f in answers.glob("*.f32")}
    stored: dict[str, Array] = {"input": small_input(network), "repeats": _repeats(network)}
    generator = np.random.default_rng(0)
    for name in sorted(loaded):
        flat = np.asarray(loaded[name], np.float32).reshape(-1)
        chosen = np.sort(generator.choice(flat.size, min(flat.size, VALUES_PER_OUTPUT), replace=False))
        # The largest values are those that the edge acts on.
        largest = np.argsort(flat)[-64:]
        positions = np.union1d(chosen, largest).astype(np.int32)
        stored[f"at {name}"], stored[f"of {name}"] = positions, flat[positions]
    np.savez_compressed(target, allow_pickle=False, **stored)


def _repeats(network: str) -> npt.NDArray[np.int64]:
    return np.array([1, _ENLARGED, _ENLARGED, 1] if network in _PIXELS else [1, 1, _ENLARGED, _ENLARGED])


def main(arguments: list[str]) -> None:
    """`input NETWORK OUT.npy` or `pack NETWORK ANSWERS`."""
    match arguments:
        case ["input", network, target]:
            np.save(target, enlarge(small_input(network), _repeats(network)))
        case ["pack", network, answers]:
            pack(network, Path(answers), Path(__file__).parent / f"{network}.npz")
        case _:
            sys.exit("usage: python -m models.check.make input NETWORK OUT.npy | pack NETWORK ANSWERS")


if __name__ == "__main__":
    main(sys.argv[1:])
