"""What somebody looks like, drawn from the seed of their body."""

import colorsys
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hardware.simulated.bodies.wardrobe import Wardrobe
from hardware.simulated.streams import stream

Colour = tuple[float, float, float]
"""Red, green, blue in 0–1, as sRGB."""

CHILD_M = 1.45
"""Who is shorter is drawn with a child's body."""

SKINS: dict[str, tuple[Colour, Colour]] = {
    "african": ((0.24, 0.15, 0.10), (0.50, 0.33, 0.23)),
    "asian": ((0.66, 0.47, 0.35), (0.84, 0.66, 0.53)),
    "caucasian": ((0.68, 0.48, 0.38), (0.90, 0.72, 0.62)),
}
DARK_HAIR: tuple[Colour, ...] = ((0.05, 0.04, 0.04), (0.10, 0.07, 0.05), (0.17, 0.10, 0.06))
FAIR_HAIR: tuple[Colour, ...] = ((0.30, 0.18, 0.09), (0.55, 0.40, 0.20), (0.42, 0.16, 0.07))
GREY_HAIR: tuple[Colour, ...] = ((0.50, 0.49, 0.48), (0.72, 0.71, 0.69))
TROUSERS: tuple[Colour, ...] = (
    (0.10, 0.12, 0.20),
    (0.20, 0.27, 0.42),
    (0.33, 0.42, 0.55),
    (0.08, 0.08, 0.09),
    (0.30, 0.29, 0.28),
    (0.55, 0.48, 0.36),
    (0.36, 0.26, 0.18),
    (0.62, 0.61, 0.58),
)


@dataclass(frozen=True, slots=True)
class Look:
    """Build, clothes, hair and colours. `shape` indexes the wardrobe's shapes."""

    shape: int
    sleeves: Literal["long", "short"]
    legs: Literal["trousers", "shorts", "skirt"]
    hair: Literal["short", "long", "none", "hat"]
    hem_m: float
    """How far the top reaches below the hip."""
    loose_m: float
    """How far the top stands off the body."""
    pattern: Literal["plain", "stripes", "checks", "print"]
    pattern_scale: float
    skin: Colour
    top: Colour
    second: Colour
    """The pattern's other colour."""
    below: Colour
    shoes: Colour
    hair_colour: Colour
    beard: float
    """How much of the jaw's skin a beard hides, 0 to 1."""


def look(wardrobe: Wardrobe, body: int, height_m: float) -> Look:
    """How the person with the seed `body` and that height looks: the same wherever and whenever it is asked."""
    rng = stream(body, "look")
    child = height_m < CHILD_M
    able = [index for index, shape in enumerate(wardrobe.shapes) if shape.child == child]
    index = able[int(rng.integers(len(able)))]
    shape = wardrobe.shapes[index]
    female = shape.sex == "female"
    hue, sleeves, legs = float(rng.random()), float(rng.random()), float(rng.random())
    crown, pattern = float(rng.random()), float(rng.random())
    return Look(
        shape=index,
        sleeves="long" if sleeves < 0.55 else "short",
        legs="skirt" if female and legs < 0.22 else "shorts" if legs > 0.85 else "trousers",
        hair=_hair(female, shape.age, crown),
        hem_m=float(rng.uniform(0.0, 0.12)),
        loose_m=float(rng.uniform(0.008, 0.022)),
        pattern="plain" if pattern < 0.5 else "stripes" if pattern < 0.7 else "checks" if pattern < 0.85 else "print",
        pattern_scale=float(rng.uniform(35, 95)),
        skin=_between(*SKINS[shape.ancestry], float(rng.random())),
        top=_hsv(hue, float(rng.uniform(0.0, 0.8)), float(rng.uniform(0.12, 0.92))),
        second=_hsv(
            hue + float(rng.choice([0.08, 0.33, 0.5])), float(rng.uniform(0, 0.7)), float(rng.uniform(0.1, 0.95))
        ),
        below=_pick(rng, TROUSERS),
        shoes=_hsv(float(rng.random()), 0.25, float(rng.choice([0.06, 0.12, 0.3, 0.85]))),
        hair_colour=_hair_colour(rng, shape.ancestry, shape.age),
        beard=0.0 if female or child else _beard(float(stream(body, "beard").random())),
    )


def _hair(female: bool, age: float, draw: float) -> Literal["short", "long", "none", "hat"]:
    if draw < 0.08:
        return "hat"
    if female:
        return "long" if draw < 0.75 else "short"
    return "none" if draw > (0.75 if age > 0.65 else 0.94) else "short"


def _beard(draw: float) -> float:
    """Shaven, with a shadow, or bearded."""
    return 0.0 if draw < 0.4 else 0.3 if draw < 0.75 else 0.85


def _hair_colour(rng: np.random.Generator, ancestry: str, age: float) -> Colour:
    if float(rng.random()) < (0.7 if age > 0.7 else 0.03):
        return _pick(rng, GREY_HAIR)
    return _pick(rng, DARK_HAIR + FAIR_HAIR if ancestry == "caucasian" else DARK_HAIR)


def _pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def _between(dark: Colour, light: Colour, share: float) -> Colour:
    red, green, blue = (a + (b - a) * share for a, b in zip(dark, light, strict=True))
    return red, green, blue


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    return colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
