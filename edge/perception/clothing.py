"""What people's clothes look like: colours of four strips of the body, cheap enough for every box of every picture.

A strip is a band across the middle half of the box: chest, belly, thighs, shins. Its colour is the median over a grid
of points, as brightness (a logarithm, so that a shadow is a shift) and two differences of colour that brightness does
not change. Twelve numbers that a person keeps from picture to picture, and roughly from camera to camera.
"""

import numpy as np

from edge.perception.detections import Floats
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
    pixels = image[rows[:, :, None], columns[:, None, :]]
    strips = pixels.reshape(len(boxes), len(STRIPS), POINTS * POINTS, 3)
    # The median as numpy has it, without what it looks into beforehand, which costs more than the median.
    middle = np.partition(strips, MIDDLE, axis=2)[:, :, MIDDLE]
    colours = middle.mean(axis=2) + DARK
    blue, green, red = colours[:, :, 0], colours[:, :, 1], colours[:, :, 2]
    bright = (blue + green + red) / 3.0
    looks = np.empty((len(boxes), len(STRIPS), 3), np.float32)
    looks[:, :, 0] = np.log(bright)
    looks[:, :, 1] = (red - green) / bright
    looks[:, :, 2] = (blue - (red + green) / 2.0) / bright
    return looks.reshape(len(boxes), NUMBERS)
