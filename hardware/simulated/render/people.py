"""Draws people: figures by body, bones by pose."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hardware.simulated.bodies.figure import LEVELS_M, Figure, figure
from hardware.simulated.bodies.pose import Pose, pose
from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Layout
from hardware.simulated.render.grounds import cloth
from hardware.simulated.render.programs import Pass, Programs, assign
from hardware.simulated.render.view import Doubles, View
from hardware.simulated.world.state import Item, Person, WorldState

if TYPE_CHECKING:
    import moderngl

PATTERNS = {"plain": 0.0, "stripes": 1.0, "checks": 2.0, "print": 3.0}
CORNER_PX = 2.5
"""A figure is drawn with the coarsest triangles whose corners lie no further apart than this in the picture."""
FIGURES_MAX = 48
"""Bodies kept on the graphics card; who has not been seen longest makes room."""


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    """A figure on the graphics card: its vertex arrays by level of detail and pass, and the buffers that they read."""

    levels: "tuple[dict[Pass, moderngl.VertexArray], ...]"
    buffers: "tuple[moderngl.Buffer, ...]"

    def release(self) -> None:
        """Give the memory back."""
        for level in self.levels:
            for array in level.values():
                array.release()
        for buffer in self.buffers:
            buffer.release()


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """Somebody at this moment, ready to be drawn."""

    number: int
    person: Person
    figure: Figure
    pose: Pose


class People:
    """The people of a store on the graphics card."""

    def __init__(self, context: "moderngl.Context", programs: Programs, layout: Layout) -> None:
        self._context, self._programs, self._forms = context, programs, layout.forms
        self._loaded: dict[tuple[int, float], _Loaded] = {}
        image = cloth()
        self._cloth = context.texture(image.shape[1::-1], 3, image.tobytes())
        self._cloth.build_mipmaps()

    def posed(self, state: WorldState) -> list[Posed]:
        """Everybody in `state`."""
        held = {item.id: item for item in state.items if item.place == "hand"}
        everybody = []
        for number, person in enumerate(state.people):
            body = figure(person.body, person.height_m)
            thickness = {
                side: thickness_m(self._forms[held[hand.holds].sku], held[hand.holds], person)
                for side, hand in (("left", person.left), ("right", person.right))
                if hand is not None and hand.holds in held
            }
            everybody.append(Posed(number, person, body, pose(body, person, thickness)))
        return everybody

    def _on_card(self, body: Figure, person: Person) -> _Loaded:
        key = (person.body, person.height_m)
        loaded = self._loaded.pop(key, None)
        if loaded is None:
            if len(self._loaded) >= FIGURES_MAX:
                self._loaded.pop(next(iter(self._loaded))).release()
            loaded = self._load(body)
        self._loaded[key] = loaded
        return loaded

    def _load(self, body: Figure) -> _Loaded:
        kinds = np.stack([body.materials, body.parts], axis=1)
        read = (
            (body.vertices, "3f", "position"),
            (body.normals, "3f", "normal"),
            (body.weights, "4f1", "weights"),
            (body.bones, "4u1", "follows"),
            (kinds, "2u1", "kind"),
        )
        content = [(self._context.buffer(values.tobytes()), layout, name) for values, layout, name in read]
        indices = [self._context.buffer(triangles.astype(np.int32).tobytes()) for triangles in body.levels]
        levels = tuple(self._programs.vertex_arrays(self._context, list(content), index) for index in indices)
        return _Loaded(levels, (*(buffer for buffer, _, _ in content), *indices))

    def draw(self, which: Pass, people: list[Posed], view: View | None) -> None:
        """Draw everybody whom `view` may show; without a view, everybody."""
        program = self._programs.by_pass[which]
        if which.coloured:
            self._cloth.use(4)
            assign(program, cloth=4)
        for somebody in people:
            person = somebody.person
            middle = np.array([[person.x, person.y, person.height_m / 2]])
            if view is not None and not view.shows(middle, np.array([person.height_m * 0.65]))[0]:
                continue
            level = len(LEVELS_M) - 1 if view is None else _level(view, middle)
            arrays = self._on_card(somebody.figure, person).levels[level]
            assign(program, bones=somebody.pose.bones, person=4 * (somebody.number + 1))
            if which.coloured:
                _paint(program, somebody.figure)
            arrays[which].render()


def _level(view: View, middle: Doubles) -> int:
    """Which level of detail is fine enough at `middle` (1, 3)."""
    near_m = max(float(view.depths_m(middle)[0]) - 0.3, 0.2)
    metre_px = view.pixels_per_metre(near_m)
    return max(level for level, corner_m in enumerate(LEVELS_M) if corner_m * metre_px <= CORNER_PX)


def _paint(program: "moderngl.Program", body: Figure) -> None:
    looks = body.look
    colours = (looks.skin, looks.top, looks.below, looks.shoes, looks.hair_colour, (0.8, 0.8, 0.8))
    assign(program, palette=colours, second=looks.second, pattern=(PATTERNS[looks.pattern], looks.pattern_scale))
    assign(program, eyes=(*body.eyes, looks.beard))


def thickness_m(form: Form, item: Item, person: Person) -> float:
    """How thick the thing is across the palm of somebody who holds it before them: from their left to their right."""
    if form.shape in ("can", "bottle"):
        return form.width_m
    off = item.yaw - person.yaw
    return abs(form.width_m * math.cos(off)) + abs(form.depth_m * math.sin(off))
