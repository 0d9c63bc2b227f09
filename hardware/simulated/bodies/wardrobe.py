"""The baked bodies: one template of skin and garments, and how each shape fills it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

PATH = Path(__file__).with_name("wardrobe.npz")
GROUPS = ("body", "helper-tights", "helper-skirt", "helper-hair", "helper-l-eye", "helper-r-eye")
"""The template's parts, in the order of their numbers."""
SKIN, TIGHTS, SKIRT, HAIR, LEFT_EYE, RIGHT_EYE = range(6)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """A body's bones at rest, parents before children: joints `heads` and ends `tails`, (B, 3) metres, body frame."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    heads: npt.NDArray[np.float64]
    tails: npt.NDArray[np.float64]

    def __getitem__(self, name: str) -> int:
        return self.names.index(name)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One body: its template's vertices (V, 3) in metres, its skeleton, and what it is."""

    vertices: Floats
    skeleton: Skeleton
    sex: str
    ancestry: str
    age: float
    """0 a child, 0.5 young, 1 old."""

    @property
    def child(self) -> bool:
        """Whether this is a child's body, to be used for people of a child's height."""
        return self.age < 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Wardrobe:
    """The template: triangles (T, 3) of vertices, each vertex's group (V,), four bones and weights (V, 4; sum 255)."""

    triangles: npt.NDArray[np.int64]
    groups: npt.NDArray[np.uint8]
    bones: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.uint8]
    shapes: tuple[Shape, ...]


@lru_cache(maxsize=1)
def load() -> Wardrobe:
    """The wardrobe that comes with the package. Kept, for it never changes: under 3 MB."""
    with np.load(PATH, allow_pickle=False) as arrays:
        names = tuple(str(name) for name in arrays["names"])
        parents = tuple(int(parent) for parent in arrays["parents"])
        shapes = tuple(
            Shape(
                vertices=(arrays["low"] + vertices * arrays["step"]).astype(np.float32),
                skeleton=Skeleton(names, parents, heads.astype(np.float64), tails.astype(np.float64)),
                sex=str(sex),
                ancestry=str(ancestry),
                age=float(age),
            )
            for vertices, heads, tails, sex, ancestry, age in zip(
                arrays["vertices"],
                arrays["heads"],
                arrays["tails"],
                arrays["sex"],
                arrays["ancestry"],
                arrays["age"],
                strict=True,
            )
        )
        triangles = arrays["triangles"].astype(np.int64)
        return Wardrobe(triangles, arrays["groups"], arrays["bones"], arrays["weights"], shapes)
