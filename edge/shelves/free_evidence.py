"""What has gone from a free shelf and what has come: the type that goes from perception to the reading of it."""

from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the camera that watches the shelf."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that stands, or stood, somewhere on the shelf. `none` and what it `may_be` sum to 1."""

    where: Box
    real: float
    """How probably it is a thing at all, and not the shelf's own edge."""
    may_be: tuple[tuple[str, float], ...]
    """(SKU, probability), the likeliest first."""
    none: float
    """That it is no product that is enrolled: a shopper's own."""


@dataclass(frozen=True, slots=True)
class Match:
    """The `gone`-th that went looks like the `come`-th that came: how much likelier so if they are of one product."""

    gone: int
    come: int
    ratio: float


@dataclass(frozen=True, slots=True)
class FreeEvidence:
    """Two pictures of a free shelf, before and after; what stands where it stood is in neither list."""

    gone: tuple[Thing, ...]
    come: tuple[Thing, ...]
    matches: tuple[Match, ...] = ()
    """Each thing is in one of them at most."""
