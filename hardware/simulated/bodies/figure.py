"""A dressed body, ready to be drawn: the look's garments cut from the wardrobe's template and fitted to its shape."""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hardware.simulated.bodies.look import Look, look
from hardware.simulated.bodies.wardrobe import (
    HAIR,
    LEFT_EYE,
    RIGHT_EYE,
    SKIN,
    SKIRT,
    TIGHTS,
    Floats,
    Shape,
    Skeleton,
    Wardrobe,
    load,
)

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SOLE_M = 0.012
"""How far a shoe's sole lies beneath the foot."""
LEVELS_M = (0.0, 0.026, 0.05)
"""How far apart the corners of a figure's triangles are, by level of detail; half as far on hands and heads."""
DOWN = np.array([0.0, 0.0, -1.0])
COLLAR = 0.35
"""How far up the neck the collar is."""
COLLAR_SLOPE = np.array([0.37, 0.0, 0.93])
COLLAR_CUT_M = 0.02
CUT_M = 0.035
"""How far beyond a hem the cloth is cut, before it is drawn back to a straight edge."""
HAND = ("hand", "index", "middle", "ring", "pinky", "thumb")


class Material(IntEnum):
    """What a vertex is made of; the index of its colour."""

    SKIN = 0
    TOP = 1
    BELOW = 2
    SHOES = 3
    HAIR = 4
    EYE = 5


class Part(IntEnum):
    """Which part of a person a pixel shows; written into the id image."""

    BODY = 0
    LEFT_HAND = 1
    RIGHT_HAND = 2
    HEAD = 3
    LEFT_ARM = 4
    RIGHT_ARM = 5


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A body at rest: `vertices` and `normals` (V, 3) in metres in the body's frame.

    `levels` are triangles (T, 3) over the same vertices, the finest first; see `LEVELS_M`.
    `bones` (V, 4) and `weights` (V, 4; sum 255) say how it follows the skeleton; `materials` and `parts` (V,) what each
    vertex is.
    """

    look: Look
    skeleton: Skeleton
    height_m: float
    eyes: tuple[float, float, float]
    """How far before, beside and above the body's origin the eyes are: faces are drawn about them."""
    vertices: Floats
    normals: Floats
    bones: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.uint8]
    materials: npt.NDArray[np.uint8]
    parts: npt.NDArray[np.uint8]
    levels: tuple[Indices, ...]


@lru_cache(maxsize=256)
def figure(body: int, height_m: float) -> Figure:
    """The figure of the person with that seed and height. Few hundred are kept, at about 0.4 MB each."""
    wardrobe = load()
    chosen = look(wardrobe, body, height_m)
    return dress(wardrobe, chosen)


def dress(wardrobe: Wardrobe, chosen: Look) -> Figure:
    """Cut and fit every garment of `chosen` on its shape."""
    shape = wardrobe.shapes[chosen.shape]
    cutter = _Cutter(wardrobe, shape)
    cutter.cut(cutter.skin(chosen), Material.SKIN, 0.0)
    cutter.cut(cutter.top(chosen), Material.TOP, chosen.loose_m, cutter.top_hems(chosen))
    if chosen.legs == "skirt":
        cutter.cut(cutter.all_of(SKIRT) & (cutter.z > cutter.joint_z("calf_l") * 0.9), Material.BELOW, 0.004)
        cutter.cut(cutter.seat(), Material.BELOW, 0.004)
    else:
        cutter.cut(cutter.legs(chosen), Material.BELOW, chosen.loose_m * 0.55, (cutter.leg_hem(chosen),))
    cutter.cut(cutter.all_of(TIGHTS) & cutter.follows("foot", "ball"), Material.SHOES, SOLE_M)
    if chosen.hair != "none":
        cutter.cut(cutter.scalp(chosen.hair == "long"), Material.TOP if chosen.hair == "hat" else Material.HAIR, 0.012)
    if chosen.hair == "long":
        cutter.cut(cutter.long_hair(), Material.HAIR, 0.004)
    for eye in (LEFT_EYE, RIGHT_EYE):
        cutter.cut(cutter.all_of(eye), Material.EYE, 0.0)
    return cutter.finish(chosen)


@dataclass(frozen=True, slots=True, eq=False)
class _Hem:
    """Where a garment ends: what follows `bones` and lies beyond `at` in the direction `beyond` is drawn back to it."""

    bones: tuple[str, ...]
    at: npt.NDArray[np.float64]
    beyond: npt.NDArray[np.float64]


class _Cutter:
    """Cuts pieces out of the template by masks over its triangles, and sews them together."""

    def __init__(self, wardrobe: Wardrobe, shape: Shape) -> None:
        self._wardrobe, self._shape = wardrobe, shape
        names = np.array([name.split("_")[0] for name in shape.skeleton.names])
        self._bone_names = np.array(shape.skeleton.names)
        corner = wardrobe.triangles[:, 0]
        self._bone = names[wardrobe.bones[corner, 0]]
        self._group = wardrobe.groups[corner]
        middle = shape.vertices[wardrobe.triangles].mean(axis=1)
        self.x, self.y, self.z = middle[:, 0], np.abs(middle[:, 1]), middle[:, 2]
        self._pieces: list[tuple[Indices, Floats, Floats, Indices, Material]] = []

    def all_of(self, group: int) -> Mask:
        """The triangles of one of the template's groups."""
        return np.asarray(self._group == group)

    def follows(self, *bones: str) -> Mask:
        """The triangles that follow bones of these names, left or right."""
        return np.isin(self._bone, bones)

    def joint_z(self, name: str) -> float:
        """How high the joint is at rest."""
        return float(self._shape.skeleton.heads[self._shape.skeleton[name], 2])

    def _joint(self, name: str) -> npt.NDArray[np.float64]:
        joint: npt.NDArray[np.float64] = self._shape.skeleton.heads[self._shape.skeleton[name]]
        return joint

    def _sleeve_end(self, side: str) -> _Hem:
        """Where a short sleeve ends."""
        shoulder, elbow = self._joint(f"upperarm_{side}"), self._joint(f"lowerarm_{side}")
        down = elbow - shoulder
        return _Hem((f"upperarm_{side}",), shoulder + 0.55 * down, down / np.linalg.norm(down))

    def _top_end_z(self, chosen: Look) -> float:
        return self.joint_z("pelvis") - chosen.hem_m

    def top_hems(self, chosen: Look) -> tuple[_Hem, ...]:
        """Where the top ends: at the hips, and on the arms where the sleeves are short."""
        hips = _Hem(("pelvis", "thigh_l", "thigh_r", "Root"), np.array([0, 0, self._top_end_z(chosen)]), DOWN)
        hips_and_neck = (hips, self._collar())
        return (
            hips_and_neck
            if chosen.sleeves == "long"
            else (*hips_and_neck, self._sleeve_end("l"), self._sleeve_end("r"))
        )

    def _collar(self) -> _Hem:
        """Where the top ends at the neck: lower at the throat than at the nape."""
        neck, head = self._joint("neck_01"), self._joint("head")
        return _Hem(("neck_01", "head"), neck + COLLAR * (head - neck), COLLAR_SLOPE)

    def _leg_end_z(self, chosen: Look) -> float:
        return self.joint_z("calf_l") - 0.01 if chosen.legs == "shorts" else self.joint_z("foot_l") + 0.03

    def leg_hem(self, chosen: Look) -> _Hem:
        """Where shorts or trousers end."""
        bones = ("thigh_l", "thigh_r", "calf_l", "calf_r")
        return _Hem(bones, np.array([0, 0, self._leg_end_z(chosen)]), DOWN)

    def skin(self, chosen: Look) -> Mask:
        """Head, hands, and what the clothes leave bare, with a little overlap."""
        bare = self.follows("head", "neck", "lowerarm", *HAND)
        if chosen.sleeves == "short":
            bare |= self.follows("upperarm")
        if chosen.legs != "trousers":
            bare |= self.follows("calf")
        return np.asarray(self.all_of(SKIN) & bare)

    def top(self, chosen: Look) -> Mask:
        """Trunk and sleeves down to the hem, and up to the collar."""
        collar = self._collar()
        above = (np.stack([self.x, np.zeros_like(self.x), self.z], axis=1) - collar.at) @ collar.beyond
        trunk = self.follows("spine", "clavicle", "neck") & (above < COLLAR_CUT_M)
        hips = self.follows("pelvis", "thigh", "Root") & (self.z > self._top_end_z(chosen) - CUT_M)
        sleeves = self.follows("upperarm", "lowerarm")
        if chosen.sleeves == "short":
            end = self._sleeve_end("l")
            arm = np.stack([self.x, self.y, self.z], axis=1) - end.at
            sleeves = self.follows("upperarm") & (arm @ end.beyond < CUT_M)
        return np.asarray(self.all_of(TIGHTS) & (trunk | hips | sleeves))

    def legs(self, chosen: Look) -> Mask:
        """Trousers from under the top to the ankle, or to the knee."""
        down = self.follows("pelvis", "thigh", "calf", "Root") & (self.z < self.joint_z("pelvis") + 0.06)
        return np.asarray(self.all_of(TIGHTS) & down & (self.z > self._leg_end_z(chosen) - CUT_M))

    def seat(self) -> Mask:
        """What of the hips a skirt leaves open between itself and the top."""
        below = self.z < self.joint_z("pelvis") + 0.06
        return np.asarray(self.all_of(TIGHTS) & self.follows("pelvis", "Root") & below)

    def scalp(self, long: bool) -> Mask:
        """The skin where hair grows: high on the forehead, above the ears, down to the nape, or over it."""
        eyes = self._shape.vertices[self._wardrobe.groups == LEFT_EYE]
        eye_x, eye_z = float(eyes[:, 0].max()), float(eyes[:, 2].mean())
        head = self.all_of(SKIN) & self.follows("head", "neck")
        back_x, top_z = float(self.x[head & (self.z > eye_z)].min()), float(self.z[head].max())
        back = (eye_x - self.x) / (eye_x - back_x)
        up = (self.z - eye_z) / (top_z - eye_z)
        hairline = np.interp(back, [0.0, 0.25, 0.5, 0.72, 0.8, 1.0], [0.62, 0.55, 0.36, 0.22, -0.65, -0.75])
        if long:
            hairline = np.where(back > 0.55, np.interp(back, [0.55, 0.62], [0.3, -3.0]), hairline)
        return np.asarray(head & (up > hairline))

    def long_hair(self) -> Mask:
        """Hair down to the shoulders, beside and behind the face."""
        eyes = self._shape.vertices[self._wardrobe.groups == LEFT_EYE]
        behind = self.x < float(eyes[:, 0].max()) - 0.045
        return np.asarray(self.all_of(HAIR) & behind & (self.z > self.joint_z("clavicle_l")))

    def cut(self, mask: Mask, material: Material, off_m: float, hems: tuple[_Hem, ...] = ()) -> None:
        """Add the triangles of `mask` as a piece that stands `off_m` off the body and ends at its hems."""
        used, corners = np.unique(self._wardrobe.triangles[mask], return_inverse=True)
        if not len(used):
            return
        triangles = corners.reshape(-1, 3)
        at_rest = self._shape.vertices[used]
        off = at_rest + off_m * normals(at_rest, triangles)
        bones = self._bone_names[self._wardrobe.bones[used, 0]]
        for hem in hems:
            beyond = np.maximum((off - hem.at) @ hem.beyond, 0.0) * np.isin(bones, hem.bones)
            off = (off - beyond[:, None] * hem.beyond).astype(np.float32)
        self._pieces.append((used, off, normals(off, triangles), triangles, material))

    def finish(self, chosen: Look) -> Figure:
        """The figure, its soles on the floor."""
        used = np.concatenate([piece[0] for piece in self._pieces])
        vertices = np.concatenate([piece[1] for piece in self._pieces])
        starts = np.cumsum([0, *(len(piece[0]) for piece in self._pieces)])
        floor = float(vertices[:, 2].min())
        lift = np.array([0.0, 0.0, -floor])
        skeleton = self._shape.skeleton
        names = skeleton.names
        parts = np.array([_part(name) for name in names], np.uint8)
        triangles = np.concatenate([piece[3] + start for piece, start in zip(self._pieces, starts, strict=False)])
        sewn = np.repeat(np.arange(len(self._pieces)), np.diff(starts))
        part = parts[self._wardrobe.bones[used, 0]]
        eyes = self._shape.vertices[self._wardrobe.groups == LEFT_EYE]
        return Figure(
            look=chosen,
            skeleton=Skeleton(names, skeleton.parents, skeleton.heads + lift, skeleton.tails + lift),
            height_m=float(vertices[:, 2].max()) - floor,
            eyes=(float(eyes[:, 0].max()), abs(float(eyes[:, 1].mean())), float(eyes[:, 2].mean()) - floor),
            vertices=(vertices + lift).astype(np.float32),
            normals=np.concatenate([piece[2] for piece in self._pieces]),
            bones=self._wardrobe.bones[used],
            weights=self._wardrobe.weights[used],
            materials=np.concatenate([np.full(len(piece[0]), piece[4], np.uint8) for piece in self._pieces]),
            parts=part,
            levels=tuple(coarser(vertices, triangles, sewn, part, cell_m) for cell_m in LEVELS_M),
        )


def coarser(
    vertices: Floats, triangles: Indices, sewn: Indices, parts: npt.NDArray[np.uint8], cell_m: float
) -> Indices:
    """Fewer triangles over the same vertices: those of one piece that share a cell are drawn as one of them."""
    if cell_m == 0.0:
        return triangles
    cells = np.where(np.isin(parts, (Part.LEFT_HAND, Part.RIGHT_HAND, Part.HEAD)), cell_m / 2, cell_m)
    keys = np.concatenate([np.round(vertices / cells[:, None]), sewn[:, None], cells[:, None]], axis=1)
    _, first, cluster = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    merged = first[cluster.ravel()][triangles]
    flat = (merged[:, 0] == merged[:, 1]) | (merged[:, 1] == merged[:, 2]) | (merged[:, 0] == merged[:, 2])
    return np.asarray(merged[~flat])


def _part(bone: str) -> Part:
    kind, left = bone.split("_", maxsplit=1)[0], bone.endswith("_l")
    if kind in HAND:
        return Part.LEFT_HAND if left else Part.RIGHT_HAND
    if kind in ("lowerarm", "upperarm"):
        return Part.LEFT_ARM if left else Part.RIGHT_ARM
    return Part.HEAD if kind in ("head", "neck") else Part.BODY


def normals(vertices: Floats, triangles: Indices) -> Floats:
    """Unit normals of the vertices (V, 3): the mean of their triangles', by area."""
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    faces = np.cross(b - a, c - a)
    summed = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(faces[:, axis], 3), minlength=len(vertices)) for axis in range(3)],
        axis=1,
    )
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(summed / np.maximum(length, 1e-12), np.float32)
