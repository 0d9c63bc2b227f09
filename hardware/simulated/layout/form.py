"""The shape and print of a product: what the renderer draws and the plates weigh."""

from dataclasses import dataclass
from typing import Literal

Colour = tuple[float, float, float]
"""Red, green, blue in 0–1, as sRGB."""

Shape = Literal["box", "carton", "can", "bottle", "bag"]
"""A box has flat faces; a carton a gabled top; a can is a cylinder; a bottle a cylinder with shoulder, neck and cap; a
bag a pillow that is thin at its top and bottom seam."""


@dataclass(frozen=True, slots=True)
class Form:
    """How every piece of one product looks and weighs. Sizes are metres as it stands: across, front to back, up."""

    sku: str
    shape: Shape
    width_m: float
    depth_m: float
    height_m: float
    base: Colour
    """Most of the surface."""
    accent: Colour
    """Stripe, cap or emblem."""
    label: str
    """The words printed on its front."""
    print_seed: int
    """Seed of the printed pattern."""
    weight_g: float
    """What a piece really weighs, on average; the store file's weight is the catalogue's and differs."""
    weight_sigma_g: float
    """How much pieces differ."""
