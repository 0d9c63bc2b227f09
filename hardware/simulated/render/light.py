"""The lamps' light everywhere in the room, as a small table that a shader reads in one go.

For diffuse light that wraps round (half of it where the surface turns its side to the lamp), all lamps together come to
(S + n·D) / 2 with S the sum of their irradiances and D the sum of these times the directions they come from; Gershun's
light vector. So S and D on a grid replace a loop over the lamps at every pixel.
"""

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.appearance import Appearance
from hardware.simulated.layout.layout import Room

GRID = (24, 24, 8)
"""Cells along x, y, z."""
USUAL = 1.05
"""Irradiance that one usual lamp gives right below it at 1 m."""


def light_table(appearance: Appearance, room: Room) -> npt.NDArray[np.float16]:
    """D and S at the middle of each cell: (z, y, x, 4), brightest about 1.5."""
    steps = [(np.arange(count) + 0.5) / count for count in GRID]
    z, y, x = np.meshgrid(steps[2] * room.height_m, steps[1] * room.depth_m, steps[0] * room.width_m, indexing="ij")
    points = np.stack([x + room.x, y + room.y, z], axis=-1)
    table = np.zeros((*points.shape[:3], 4))
    for lamp in appearance.lamps:
        way = np.array(lamp.at) - points
        square = np.maximum((way**2).sum(-1), 0.15)
        # Lamps are broad: near them light does not grow as that of a point would.
        strength = lamp.power * USUAL / (0.9 + 0.45 * square)
        table[..., :3] += way / np.sqrt(square)[..., None] * strength[..., None]
        table[..., 3] += strength
    mean = table[..., 3].mean()
    return np.asarray(table / max(mean, 1e-6), np.float16)


def colour_of(temperature_k: float) -> npt.NDArray[np.float64]:
    """The linear red, green, blue of a black body, green 1, for 2000 to 12 000 K.

    The Planckian locus as Kim et al. fit it (US patent 7,024,034, expired), through CIE xy to linear sRGB.
    """
    t = 1000.0 / min(max(temperature_k, 2000.0), 12_000.0)
    if temperature_k < 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if temperature_k < 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif temperature_k < 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    cie = np.array([x / y, 1.0, (1 - x - y) / y])
    to_rgb = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    rgb = np.maximum(to_rgb @ cie, 0.02)
    return np.asarray(rgb / rgb[1])


def lamp_colour(appearance: Appearance) -> npt.NDArray[np.float64]:
    """The lamps' colour as the cameras see it: white where their white balance fits."""
    powers = np.array([lamp.power for lamp in appearance.lamps]) if appearance.lamps else np.ones(1)
    colours = [colour_of(lamp.temperature_k) for lamp in appearance.lamps] or [np.ones(3)]
    mixed = (np.array(colours) * powers[:, None]).sum(0) / powers.sum()
    return np.asarray(mixed / colour_of(appearance.white_balance_k))
