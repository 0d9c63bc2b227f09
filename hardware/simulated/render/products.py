"""Draws the pieces of all products: one mesh and one label a product, as many instances as a camera may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Layout, Viewpoint
from hardware.simulated.render.ids import FIRST_ITEM
from hardware.simulated.render.mesh import product_mesh
from hardware.simulated.render.phone import PHONE, placed, screen
from hardware.simulated.render.prints import LABEL_SIZE, label
from hardware.simulated.render.programs import Pass, Programs, assign
from hardware.simulated.render.shop import SHELF_DARKEST
from hardware.simulated.render.view import Doubles, View
from hardware.simulated.world.state import Item, Person

if TYPE_CHECKING:
    import moderngl

PHONES_MAX = 6
"""Tokens whose codes are kept; more phones at once than that show each other's."""
COARSE_PX = 34.0
"""Products that stand lower than this in the picture are drawn with the coarse mesh."""
GLOSS = {"box": 0.35, "carton": 0.4, "can": 1.0, "bottle": 1.0, "bag": 0.8}

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The items of one moment, in the order of the state: `rows` (n, 16) for the shader, and what choosing needs."""

    rows: Rows
    products: Numbers
    slots: Numbers
    """In which of the layout's slots each stands; −1 for none."""
    middles: Doubles
    radii_m: Doubles
    shown: Mask
    """Whether it can be seen at all: what is in a bag cannot."""


class Products:
    """The products of a layout on the graphics card."""

    def __init__(self, context: "moderngl.Context", programs: Programs, layout: Layout) -> None:
        self._context, self._programs = context, programs
        self._forms = tuple(layout.forms.values())
        self._number = {form.sku: number for number, form in enumerate(self._forms)}
        self._sizes = np.array([(form.width_m, form.depth_m, form.height_m) for form in self._forms])
        self._gloss = np.array([GLOSS[form.shape] for form in self._forms])
        self._slots = {path: number for number, path in enumerate(layout.store.slots())}
        self._shading = _Shading(layout)
        spare = np.zeros((PHONES_MAX, *LABEL_SIZE[::-1], 3), np.uint8)
        labels = np.concatenate([np.stack([label(form) for form in self._forms]), spare])
        self._labels = context.texture_array((*LABEL_SIZE, len(labels)), 3, labels.tobytes())
        self._labels.build_mipmaps()
        self._screens: dict[str, int] = {}
        self._phone = self._load(PHONE, False)
        self._drawn = [(self._load(form, False), self._load(form, True)) for form in self._forms]

    def _load(self, form: Form, fine: bool) -> "tuple[moderngl.Buffer, dict[Pass, moderngl.VertexArray]]":
        mesh = product_mesh(form, fine)
        pieces = self._context.buffer(reserve=64, dynamic=True)
        content = [
            (self._context.buffer(mesh.vertices.tobytes()), "3f 3f 2f", "position", "normal", "uv"),
            (pieces, "4f 4f 4f 4f/i", "row_x", "row_y", "row_z", "piece"),
        ]
        index = self._context.buffer(mesh.triangles.tobytes())
        return pieces, self._programs.vertex_arrays(self._context, content, index)

    def pieces(self, items: tuple[Item, ...]) -> Pieces:
        """Where everything is."""
        count = len(items)
        at = np.array([item.at for item in items], float).reshape(-1, 3)
        products = np.array([self._number[item.sku] for item in items], np.int64)
        slots = np.array([self._slots.get(item.where, -1) if item.place == "slot" else -1 for item in items], np.int64)
        held = np.array([item.place == "hand" for item in items], bool)
        turn = np.array([item.yaw for item in items], float) - np.pi / 2
        middles = at.copy()
        half = self._sizes[products, 2] / 2
        # What stands is given by its base, what is held by its middle.
        at[held, 2] -= half[held]
        middles[~held, 2] += half[~held]
        rows = np.zeros((count, 16), np.float32)
        cos, sin = np.cos(turn), np.sin(turn)
        rows[:, 0], rows[:, 1], rows[:, 4], rows[:, 5], rows[:, 10] = cos, -sin, sin, cos, 1.0
        rows[:, 3], rows[:, 7], rows[:, 11] = at.T
        rows[:, 12], rows[:, 13] = products, FIRST_ITEM + np.arange(count)
        rows[:, 14], rows[:, 15] = self._gloss[products], self._shading.of(slots, at)
        radii = np.linalg.norm(self._sizes[products], axis=1) / 2
        return Pieces(rows, products, slots, middles, radii, held | (slots >= 0))

    def draw(self, which: Pass, pieces: Pieces, chosen: Mask, view: View | None) -> None:
        """Draw the `chosen` pieces (n,), finely where they are large in `view`."""
        wanted = np.flatnonzero(chosen & pieces.shown)
        if not len(wanted):
            return
        products = pieces.products[wanted]
        fine = np.zeros(len(wanted), np.int64)
        if view is not None:
            depth = np.maximum(view.depths_m(pieces.middles[wanted]), 0.05)
            fine = (self._sizes[products, 2] * view.pixels_per_metre(1.0) / depth > COARSE_PX).astype(np.int64)
        program = self._programs.by_pass[which]
        if which.coloured:
            self._labels.use(3)
            assign(program, labels=3)
        groups = 2 * products + fine
        order = np.argsort(groups, kind="stable")
        rows, groups = pieces.rows[wanted[order]], groups[order]
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(groups)], strict=True):
            product, level = divmod(int(groups[start]), 2)
            buffer, arrays = self._drawn[product][level]
            if which.coloured:
                assign(program, cap=self._forms[product].accent, body=self._forms[product].base)
            buffer.orphan(64 * (end - start))
            buffer.write(rows[start:end].tobytes())
            arrays[which].render(instances=end - start)

    def draw_phones(
        self, which: Pass, people: Mapping[str, tuple[Person, int]], reader: Viewpoint, tokens: Mapping[str, str]
    ) -> None:
        """Draw the phones that people (by id, with their numbers) hold up, each with its token."""
        rows = []
        for name, token in tokens.items():
            if name in people:
                person, number = people[name]
                rows.append(placed(person, reader, len(self._forms) + self._screen(token), number))
        if rows:
            self._labels.use(3)
            buffer, arrays = self._phone
            data = np.array(rows, np.float32).tobytes()
            buffer.orphan(len(data))
            buffer.write(data)
            program = self._programs.by_pass[which]
            assign(program, labels=3, cap=PHONE.accent, body=PHONE.base)
            arrays[which].render(instances=len(rows))

    def _screen(self, token: str) -> int:
        """Which of the spare labels shows the token; the one shown longest ago makes room."""
        place = self._screens.pop(token, None)
        if place is None:
            place = len(self._screens)
            if place >= PHONES_MAX:
                place = self._screens.pop(next(iter(self._screens)))
            width, height = LABEL_SIZE
            layer = len(self._forms) + place
            self._labels.write(screen(token).tobytes(), viewport=(0, 0, layer, width, height, 1))
            self._labels.build_mipmaps()
        self._screens[token] = place
        return place


class _Shading:
    """How much light is left where a piece stands: less the further back on its shelf."""

    def __init__(self, layout: Layout) -> None:
        gondolas = [gondola for gondola, _, _ in layout.store.slots().values()]
        turn = np.radians([gondola.yaw_deg for gondola in gondolas])
        self._out = np.stack([np.sin(turn), -np.cos(turn)], axis=1)
        self._origin = np.array([gondola.origin for gondola in gondolas]).reshape(-1, 2)
        self._depth = np.array([gondola.depth for gondola in gondolas])
        self._open = np.array([layout.kinds[gondola.id] == "table" for gondola in gondolas], bool)

    def of(self, slots: Numbers, at: Doubles) -> Doubles:
        """The share of light (n,) at places `at` (n, 3) in the slots with these numbers; −1 is no slot."""
        if not len(self._depth):
            return np.ones(len(at))
        out = ((at[:, :2] - self._origin[slots]) * self._out[slots]).sum(1)
        back = np.clip(1.0 - out / self._depth[slots], 0.0, 1.0)
        inside = (slots >= 0) & ~self._open[slots]
        return np.where(inside, 1.0 + (SHELF_DARKEST - 1.0) * back, 1.0)
