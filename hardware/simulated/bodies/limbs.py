"""A limb of two bones: where the elbow or the knee goes."""

import math

from hardware.simulated.bodies.rotation import Array

STRAIGHT = 0.9995
"""A limb never quite stretches: at full stretch its plane is lost and the middle joint would jump."""


def two_bones(root: Array, target: Array, upper_m: float, lower_m: float, pole: Array) -> tuple[Array, Array]:
    """Where the middle joint and the end of a limb lie (3 and 3) that starts at `root` and reaches for `target`.

    The limb bends towards `pole` (a direction). A target out of reach is reached for: the end lies on the line to it.
    By the law of cosines; the two lengths are kept exactly.
    """
    line = target - root
    wanted = math.sqrt(line @ line)
    if wanted < 1e-6:
        line, wanted = pole, math.sqrt(pole @ pole)
    direction = line / wanted
    length = min(max(wanted, abs(upper_m - lower_m) * 1.001), (upper_m + lower_m) * STRAIGHT)
    along = (upper_m**2 - lower_m**2 + length**2) / (2 * length)
    aside = math.sqrt(max(upper_m**2 - along**2, 0.0))
    out = pole - direction * (pole @ direction)
    out = out / max(math.sqrt(out @ out), 1e-9)
    return root + direction * along + out * aside, root + direction * length
