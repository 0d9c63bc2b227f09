"""What people's clothes look like: colours of four strips of the body, cheap enough for every box of every picture.

A strip is a band across the middle half of the box: chest, belly, thighs, shins. Its colour is the median over a grid
of points, as brightness (a logarithm, so that a shadow is a shift) and two differences of colour that brightness does
not change. Twelve numbers that a person keeps from picture to picture, and roughly from camera to camera.
"""

from collections.abc import Sequence

import numpy as np

from edge.perception.detections import Floats
from edge.perception.head_place import Place
from edge.perception.wrist_place import Rays
from hardware.ports import Image

STRIPS = ((0.16, 0.32), (0.32, 0.46), (0.52, 0.68), (0.72, 0.88))
"""From where to where of the box's height."""
POINTS = 6
"""Rows and columns of points in a strip: a median of 36 pixels."""
MIDDLE = (POINTS * POINTS // 2 - 1, POINTS * POINTS // 2)
ACROSS = np.linspace(0.3, 0.7, POINTS)
DOWN = np.concatenate([np.linspace(top, bottom, POINTS) for top, bottom in STRIPS])
"""Where the points lie, of the box's sides."""
NUMBERS = 3 * len(STRIPS)
TOP_M, BESIDE_M = 1.7, 0.13
"""Of a body seen from above: how high the box reaches that it fills from the side, and the strips to each side."""
DARK = 16.0
"""Added to each colour, of 255: below, colour is the sensor's noise."""


def clothing(image: Image, boxes: Floats) -> Floats:
    """The looks, float32 (n, 12), of people whose `boxes` (n, 4) are in `image`'s pixels; parts outside are cut off."""
    if not len(boxes):
        return np.zeros((0, NUMBERS), np.float32)
    height, width = image.shape[:2]
    sides = boxes[:, 2:] - boxes[:, :2]
    across = boxes[:, 0, None] + sides[:, 0, None] * ACROSS
    down = boxes[:, 1, None] + sides[:, 1, None] * DOWN
    columns = np.clip(across, 0, width - 1).astype(np.intp)
    rows = np.clip(down, 0, height - 1).astype(np.intp)
    return _looks(image[rows[:, :, None], columns[:, None, :]])


def clothing_from_above(image: Image, rays: Rays, places: Sequence[Place]) -> Floats:
    """The looks, float32 (n, 12), of people who stand at `places` (metres) before a camera that hangs anywhere.

    The same strips of the same bodies, wherever these fall in the picture; parts outside of it are cut off.
    """
    if not places:
        return np.zeros((0, NUMBERS), np.float32)
    height, width = image.shape[:2]
    middles = np.array(places, np.float64)
    away = middles - rays.eye[:2]
    aside = np.column_stack([-away[:, 1], away[:, 0]]) / np.maximum(np.hypot(*away.T), 1e-6)[:, None]
    off = np.linspace(-BESIDE_M, BESIDE_M, POINTS)
    floor = middles[:, None, :] + aside[:, None, :] * off[:, None]
    points = np.empty((len(places), len(DOWN), POINTS, 3))
    points[..., :2] = floor[:, None, :, :]
    points[..., 2] = (TOP_M * (1.0 - DOWN))[:, None]
    pixels, _ = rays.pixels(points.reshape(-1, 3))
    columns = np.clip(pixels[:, 0], 0, width - 1).astype(np.intp)
    rows = np.clip(pixels[:, 1], 0, height - 1).astype(np.intp)
    return _looks(image[rows, columns].reshape(len(places), len(DOWN), POINTS, 3))


def _looks(pixels: Image) -> Floats:
    """Of the pixels (n, rows, columns, 3) under people's points."""
    strips = pixels.reshape(len(pixels), len(STRIPS), POINTS * POINTS, 3)
    # The median as numpy has it, without what it looks into beforehand, which costs more than the median.
    middle = np.partition(strips, MIDDLE, axis=2)[:, :, MIDDLE]
    colours = middle.mean(axis=2) + DARK
    blue, green, red = colours[:, :, 0], colours[:, :, 1], colours[:, :, 2]
    bright = (blue + green + red) / 3.0
    looks = np.empty((len(pixels), len(STRIPS), 3), np.float32)
    looks[:, :, 0] = np.log(bright)
    looks[:, :, 1] = (red - green) / bright
    looks[:, :, 2] = (blue - (red + green) / 2.0) / bright
    return looks.reshape(len(pixels), NUMBERS)
