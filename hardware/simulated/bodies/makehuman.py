"""MakeHuman's base mesh, morph targets and rig, read from an unpacked copy of its data (CC0).

MakeHuman measures in decimetres with y up and z forward; everything here is metres in the bodies' frame.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

SEXES = ("female", "male")
ANCESTRIES = ("african", "asian", "caucasian")


@dataclass(frozen=True, slots=True)
class Build:
    """What a body is like. `age` runs 0 child, 0.5 young, 1 old; weight, muscle and height from −1 to 1."""

    sex: str
    ancestry: str
    age: float
    weight: float
    muscle: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Rig:
    """Bones, parents before children. `weights` (V, B): how much each vertex follows each bone."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    weights: Array
    heads: tuple[Indices, ...]
    """The vertices whose mean is the bone's joint."""
    tails: tuple[Indices, ...]


def read_mesh(data: Path) -> tuple[Array, dict[str, Indices]]:
    """The base mesh: vertices (V, 3) and each group's quads (Q, 4); a triangle repeats its last corner."""
    vertices: list[list[float]] = []
    quads: dict[str, list[list[int]]] = {}
    group = ""
    for line in (data / "3dobjs" / "base.obj").read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(value) for value in rest.split()[:3]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners = [int(corner.split("/")[0]) - 1 for corner in rest.split()]
            quads.setdefault(group, []).append((corners + corners[-1:])[:4])
    return np.array(vertices), {name: np.array(rows) for name, rows in quads.items()}


def read_rig(data: Path, vertex_count: int) -> Rig:
    """The game engine rig: 53 bones, fingers and all."""
    folder = data / "rigs" / "standard"
    bones = json.loads((folder / "rig.game_engine.json").read_text())
    weights = json.loads((folder / "weights.game_engine.json").read_text())["weights"]
    groups = json.loads((data / "mesh_metadata" / "basemesh_vertex_groups.json").read_text())
    names: list[str] = []

    def place(name: str) -> None:
        if name and name not in names:
            place(bones[name]["parent"])
            names.append(name)

    for name in bones:
        place(name)
    table = np.zeros((vertex_count, len(names)))
    for column, name in enumerate(names):
        for vertex, weight in weights.get(name, []):
            table[vertex, column] = weight
    return Rig(
        names=tuple(names),
        parents=tuple(names.index(bones[name]["parent"]) if bones[name]["parent"] else -1 for name in names),
        weights=table,
        heads=tuple(_joint(bones[name]["head"], groups) for name in names),
        tails=tuple(_joint(bones[name]["tail"], groups) for name in names),
    )


def _joint(where: dict[str, Any], groups: dict[str, list[list[int]]]) -> Indices:
    """The vertices whose mean is a joint, by the rig's three ways of saying so."""
    if where["strategy"] == "CUBE":
        return np.concatenate([np.arange(first, last + 1) for first, last in groups[where["cube_name"]]])
    if where["strategy"] == "VERTEX":
        return np.array([where["vertex_index"]])
    return np.array(where["vertex_indices"])


def shape(data: Path, base: Array, build: Build) -> Array:
    """The base mesh's vertices (V, 3) moved to `build`: metres, the bodies' frame, not yet set on the floor."""
    moved = base.copy()
    ages = {
        "child": max(0.0, 1 - 2 * build.age),
        "young": 1 - abs(2 * build.age - 1),
        "old": max(0.0, 2 * build.age - 1),
    }
    for age, age_share in ages.items():
        if age_share == 0:
            continue
        _add(moved, data, f"{build.ancestry}-{build.sex}-{age}", age_share)
        for muscle, muscle_share in _mix("muscle", build.muscle):
            for weight, weight_share in _mix("weight", build.weight):
                share = age_share * muscle_share * weight_share
                _add(moved, data, f"universal-{build.sex}-{age}-{muscle}-{weight}", share)
                tall = "maxheight" if build.height > 0 else "minheight"
                name = f"height/{build.sex}-{age}-{muscle}-{weight}-{tall}"
                _add(moved, data, name, share * abs(build.height))
    metres: Array = moved[:, [2, 0, 1]] * 0.1
    return metres


def _mix(axis: str, value: float) -> Iterator[tuple[str, float]]:
    """How much of a macro target's average and of its extreme make up `value`."""
    yield f"average{axis}", 1 - abs(value)
    if value:
        yield ("max" if value > 0 else "min") + axis, abs(value)


def _add(vertices: Array, data: Path, target: str, share: float) -> None:
    path = data / "targets" / "macrodetails" / f"{target}.target.gz"
    if not path.is_file() or share == 0:
        # MakeHuman has no file for a target that moves nothing.
        return
    with gzip.open(path, "rt") as lines:
        rows = np.array([line.split() for line in lines if line.strip() and not line.startswith("#")], dtype=float)
    if rows.size:
        vertices[rows[:, 0].astype(int)] += share * rows[:, 1:]
