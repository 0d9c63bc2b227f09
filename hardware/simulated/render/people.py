"""Draws people: figures by body, bones by pose."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hardware.simulated.bodies.figure import Figure, figure
from hardware.simulated.bodies.pose import Pose, pose
from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Layout
from hardware.simulated.render.grounds import cloth
from hardware.simulated.render.programs import Pass, Programs, assign
from hardware.simulated.render.view import View
from hardware.simulated.world.state import Item, Person, WorldState

if TYPE_CHECKING:
    import moderngl

PATTERNS = {"plain": 0.0, "stripes": 1.0, "checks": 2.0, "print": 3.0}
FIGURES_MAX = 48
"""Bodies kept on the graphics card; who has not been seen longest makes room."""


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
        self._loaded: dict[tuple[int, float], dict[Pass, moderngl.VertexArray]] = {}
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

    def _arrays(self, body: Figure, person: Person) -> "dict[Pass, moderngl.VertexArray]":
        key = (person.body, person.height_m)
        arrays = self._loaded.pop(key, None)
        if arrays is None:
            if len(self._loaded) >= FIGURES_MAX:
                for array in self._loaded.pop(next(iter(self._loaded))).values():
                    array.release()
            arrays = self._load(body)
        self._loaded[key] = arrays
        return arrays

    def _load(self, body: Figure) -> "dict[Pass, moderngl.VertexArray]":
        kinds = np.stack([body.materials, body.parts], axis=1)
        content = [
            (self._context.buffer(np.ascontiguousarray(body.vertices).tobytes()), "3f", "position"),
            (self._context.buffer(np.ascontiguousarray(body.normals).tobytes()), "3f", "normal"),
            (self._context.buffer(np.ascontiguousarray(body.weights).tobytes()), "4f1", "weights"),
            (self._context.buffer(np.ascontiguousarray(body.bones).tobytes()), "4u1", "follows"),
            (self._context.buffer(kinds.tobytes()), "2u1", "kind"),
        ]
        index = self._context.buffer(body.triangles.astype(np.int32).tobytes())
        return self._programs.vertex_arrays(self._context, content, index)

    def draw(self, which: Pass, people: list[Posed], view: View | None) -> None:
        """Draw everybody whom `view` may show; without a view, everybody."""
        program = self._programs.by_pass[which]
        if which is Pass.PICTURE:
            self._cloth.use(4)
            assign(program, cloth=4)
        for somebody in people:
            person = somebody.person
            middle = np.array([[person.x, person.y, person.height_m / 2]])
            if view is not None and not view.shows(middle, np.array([person.height_m * 0.65]))[0]:
                continue
            arrays = self._arrays(somebody.figure, person)
            assign(program, bones=somebody.pose.bones, person=4 * (somebody.number + 1))
            if which is Pass.PICTURE:
                _paint(program, somebody.figure)
            arrays[which].render()


def _paint(program: "moderngl.Program", body: Figure) -> None:
    looks = body.look
    colours = (looks.skin, looks.top, looks.below, looks.shoes, looks.hair_colour, (0.8, 0.8, 0.8))
    assign(program, colours=colours, second=looks.second, pattern=(PATTERNS[looks.pattern], looks.pattern_scale))


def thickness_m(form: Form, item: Item, person: Person) -> float:
    """How thick the thing is across the palm of somebody who holds it before them: from their left to their right."""
    if form.shape in ("can", "bottle"):
        return form.width_m
    off = item.yaw - person.yaw
    return abs(form.width_m * np.cos(off)) + abs(form.depth_m * np.sin(off))
