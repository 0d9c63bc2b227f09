"""The pages that floors, walls and cloth are covered with: square, seamless, grey, so that a colour shows.

Images are (PAGE, PAGE, 3) uint8; 200 is a factor of 1.
"""

import cv2
import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.appearance import Appearance
from hardware.simulated.render.prints import PAGE, Image
from hardware.simulated.streams import stream

UNIT = 200.0
Field = npt.NDArray[np.float32]


def seamless_noise(rng: np.random.Generator, coarsest: int, octaves: int, size: int = PAGE) -> Field:
    """Smooth noise (size, size), mean 0, deviation 1, that meets itself at the edges.

    `coarsest`, a power of two, is how many bumps the largest waves have a side.
    """
    field = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        count = min(coarsest * 2**octave, size)
        knots = rng.standard_normal((count, count)).astype(np.float32)
        padded = np.pad(knots, 2, mode="wrap")
        pixel = size // count
        large = cv2.resize(padded, None, fx=pixel, fy=pixel, interpolation=cv2.INTER_CUBIC)
        field += large[2 * pixel : 2 * pixel + size, 2 * pixel : 2 * pixel + size] / 2**octave
    return np.asarray((field - field.mean()) / field.std(), np.float32)


def _page(factor: Field) -> Image:
    grey = np.clip(factor * UNIT, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def floor_repeat_m(appearance: Appearance) -> float:
    """The side of the floor that one page covers: four tiles or boards."""
    return 4 * appearance.tile_m


def floor(appearance: Appearance, seed: int) -> Image:
    """The floor's page."""
    rng = stream(seed, "floor")
    noise = seamless_noise(rng, 8, 5)
    if appearance.floor == "concrete":
        speckle = rng.standard_normal((PAGE, PAGE)).astype(np.float32)
        return _page(1 + 0.018 * noise + 0.02 * seamless_noise(rng, 64, 3) + 0.02 * speckle)
    if appearance.floor == "carpet":
        return _page(1 + 0.03 * noise + 0.05 * rng.standard_normal((PAGE, PAGE)).astype(np.float32))
    cell = PAGE // 4
    factor = 1 + 0.025 * noise
    for row in range(4):
        for column in range(4 if appearance.floor == "tiles" else 1):
            across = slice(column * cell, (column + 1) * cell) if appearance.floor == "tiles" else slice(None)
            factor[row * cell : (row + 1) * cell, across] *= float(rng.uniform(0.9, 1.08))
        factor[row * cell : row * cell + 3] *= 0.68
        if appearance.floor == "tiles":
            factor[:, row * cell : row * cell + 3] *= 0.68
        else:
            joint = int(rng.integers(PAGE))
            factor[row * cell : (row + 1) * cell, joint : joint + 3] *= 0.7
    if appearance.floor == "wood":
        grain = cv2.resize(seamless_noise(rng, 32, 3), (PAGE * 8, PAGE), interpolation=cv2.INTER_LINEAR)[:, :PAGE]
        factor *= 1 + 0.07 * grain
    return _page(factor)


def wall(seed: int) -> Image:
    """The walls' page: paint over plaster."""
    return _page(1 + 0.02 * seamless_noise(stream(seed, "wall"), 8, 4))


def cloth() -> Image:
    """Folds of cloth: how far the surface tilts across (red) and up (green), 128 for level; and its shade (blue)."""
    bumps = seamless_noise(stream(0, "cloth"), 8, 4, 256)
    across = np.roll(bumps, -2, axis=1) - np.roll(bumps, 2, axis=1)
    up = np.roll(bumps, -2, axis=0) - np.roll(bumps, 2, axis=0)
    layers = [128 + 110 * across, 128 + 110 * up, 190 + 26 * bumps]
    return np.clip(np.stack(layers, axis=-1), 0, 255).astype(np.uint8)
