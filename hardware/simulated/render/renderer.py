"""Draws a layout at a moment as one of its cameras sees it.

Theory of operation. What never moves is uploaded once. For each moment the people are posed, the pieces placed, and
the scene drawn from above into a shadow map; each camera then draws what it may see twice: the picture with four
samples a pixel, and the ids with one, so that an id never mixes with its neighbour's. Light comes from a table over the
room (light.py) instead of a loop over lamps. On one Mesa the same state gives the same bytes.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hardware.ports import Image
from hardware.simulated.layout.layout import Layout, Room, Viewpoint
from hardware.simulated.render.context import create_context
from hardware.simulated.render.grounds import floor, wall
from hardware.simulated.render.ids import IdImage, Ids
from hardware.simulated.render.light import lamp_colour, light_table
from hardware.simulated.render.people import People, Posed
from hardware.simulated.render.prints import PAGE, poster, price_strip
from hardware.simulated.render.products import Mask, Pieces, Products
from hardware.simulated.render.programs import Pass, Programs, assign
from hardware.simulated.render.shop import shop_mesh
from hardware.simulated.render.sight import Sight
from hardware.simulated.render.view import View
from hardware.simulated.world.state import WorldState

if TYPE_CHECKING:
    import moderngl

SAMPLES = 4
SHADOW_SIDE = 768
SHADOW_TOP_M = 2.3
"""What hangs higher, as the lamps themselves, throws no shadow."""
SHADOW_SLANT = (0.06, 0.09)
LAMP_SHARE = 0.85
"""Linear light of a white surface amid the room from the lamps, at the right exposure; the ambient comes on top."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What a camera saw: `image` blue-green-red, `ids` of the same size and what its numbers mean. None: not asked."""

    image: Image | None
    ids: IdImage | None
    names: Ids


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """A state, ready to be drawn by any camera."""

    state: WorldState
    names: Ids
    people: list[Posed]
    pieces: Pieces


class Renderer:
    """Draws one layout. Belongs to the thread that made it. SimulationError where the machine cannot draw."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._context = create_context()
        self._context.front_face = "cw"  # rows run down, which mirrors every triangle
        self._programs = {kind: Programs.of(self._context, kind) for kind in ("shop", "product", "figure")}
        self._people = People(self._context, self._programs["figure"], layout)
        self._products = Products(self._context, self._programs["product"], layout)
        self._shop = self._load_shop()
        self._light(layout)
        self._shadow_map = self._context.depth_texture((SHADOW_SIDE, SHADOW_SIDE))
        self._shadow_map.compare_func = "<="
        self._shadow = self._context.framebuffer(depth_attachment=self._shadow_map)
        self._targets: dict[tuple[int, int], _Target] = {}
        self._sights: dict[tuple[Viewpoint, tuple[int, int]], Sight] = {}
        self._moment: _Moment | None = None

    def _load_shop(self) -> "dict[Pass, moderngl.VertexArray]":
        looks, seed = self._layout.appearance, self._layout.seed
        white = np.full((PAGE, PAGE, 3), 255, np.uint8)
        sheets = [white, floor(looks, seed), wall(seed), price_strip(looks.strip_colour, seed)]
        # Rows run upwards in a texture, and v runs upwards on strips and posters.
        sheets = [*sheets[:3], sheets[3][::-1], *(poster(each.print_seed)[::-1] for each in looks.posters)]
        self._pages = self._context.texture_array((PAGE, PAGE, len(sheets)), 3, np.stack(sheets).tobytes())
        self._pages.build_mipmaps()
        vertices = self._context.buffer(shop_mesh(self._layout).vertices.tobytes())
        content = [(vertices, "3f 3f 3f 3f 3f", "position", "normal", "page", "colour", "finish")]
        return self._programs["shop"].vertex_arrays(self._context, content)

    def _light(self, layout: Layout) -> None:
        """What all pictures have in common."""
        table = light_table(layout.appearance, layout.room)
        self._lamps = self._context.texture3d(table.shape[2::-1], 4, table.tobytes(), dtype="f2")
        self._lamps.repeat_x = self._lamps.repeat_y = self._lamps.repeat_z = False
        colour = lamp_colour(layout.appearance)
        room = layout.room
        self._shadow_view = shadow_view(room)
        for programs in self._programs.values():
            assign(
                programs.by_pass[Pass.PICTURE],
                lamp_colour=LAMP_SHARE * colour,
                ambient=LAMP_SHARE * layout.appearance.ambient * colour,
                exposure=np.float32(2.0**layout.appearance.exposure_ev),
                room_low=(room.x, room.y, 0.0),
                room_size=(room.width_m, room.depth_m, room.height_m),
                shadow_view=self._shadow_view,
                lamps=0,
                shadow_map=1,
                pages=2,
            )

    def shoot(self, state: WorldState, camera: str, *, image: bool = True, ids: bool = True) -> Shot:
        """What the store file's `camera` sees of `state`, in its own size. KeyError where there is none of that name."""
        viewpoint = self._layout.viewpoint(camera)
        found = self._layout.store.camera(camera)
        if found is None:
            raise KeyError(camera)
        return self.shoot_from(state, viewpoint, found.size, image=image, ids=ids)

    def shoot_from(
        self, state: WorldState, viewpoint: Viewpoint, size: tuple[int, int], *, image: bool = True, ids: bool = True
    ) -> Shot:
        """What a camera at `viewpoint` with pictures of `size` (width, height) sees of `state`."""
        moment = self._prepare(state)
        view = View.of(viewpoint, size)
        target = self._target(size)
        chosen = self._sights.setdefault((viewpoint, size), Sight()).chosen(
            moment.pieces, lambda: self._stock(moment, viewpoint, size)
        )
        pixels = numbers = None
        if image:
            target.smooth.use()
            target.smooth.clear(0.0, 0.0, 0.0, 1.0, depth=1.0)
            self._lamps.use(0)
            self._shadow_map.use(1)
            self._pages.use(2)
            for programs in self._programs.values():
                assign(programs.by_pass[Pass.PICTURE], eye=view.eye)
            self._draw(Pass.PICTURE, moment, view, chosen)
            pixels = target.read_image(self._context)
        if ids:
            target.numbered.use()
            target.numbered.clear(depth=1.0)
            self._draw(Pass.IDS, moment, view, chosen)
            numbers = target.read_ids()
        return Shot(pixels, numbers, moment.names)

    def _target(self, size: tuple[int, int]) -> "_Target":
        if size not in self._targets:
            self._targets[size] = _Target(self._context, size)
        return self._targets[size]

    def _prepare(self, state: WorldState) -> _Moment:
        """Pose, place and shade; done once for all cameras that look at the same state."""
        if self._moment is not None and self._moment.state is state:
            return self._moment
        moment = _Moment(state, Ids.of(state), self._people.posed(state), self._products.pieces(state.items))
        self._shadow.use()
        self._shadow.clear(depth=1.0)
        self._draw(Pass.SHADOW, moment, None, moment.pieces.slots < 0)
        self._moment = moment
        return moment

    def _stock(self, moment: _Moment, viewpoint: Viewpoint, size: tuple[int, int]) -> IdImage:
        """The ids of all that stands, without people, at twice the size."""
        view = View.of(viewpoint, (2 * size[0], 2 * size[1]))
        target = _Target(self._context, view.size)
        target.numbered.use()
        target.numbered.clear(depth=1.0)
        shown = view.shows(moment.pieces.middles, moment.pieces.radii_m)
        empty = replace(moment, people=[])
        self._draw(Pass.IDS, empty, view, shown & (moment.pieces.slots >= 0))
        numbers = target.read_ids()
        target.release()
        return numbers

    def _draw(self, which: Pass, moment: _Moment, view: View | None, chosen: Mask) -> None:
        """Draw for `view`, or for the lamps where there is none, people, the chosen pieces and the shop.

        The nearest things first: what they hide costs least then. Clothes are open at their hems: no culling.
        """
        context = self._context
        context.enable_only(context.DEPTH_TEST)
        for programs in self._programs.values():
            assign(programs.by_pass[which], view=self._shadow_view if view is None else view.matrix)
        self._people.draw(which, moment.people, view)
        if view is not None:
            context.enable(context.CULL_FACE)
        self._products.draw(which, moment.pieces, chosen, view)
        self._shop[which].render()

    def release(self) -> None:
        """Let the context go. Nothing can be drawn after."""
        self._context.release()


class _Target:
    """What pictures of one size are drawn into."""

    def __init__(self, context: "moderngl.Context", size: tuple[int, int]) -> None:
        self._size = size
        self.smooth = context.framebuffer(
            [context.renderbuffer(size, 4, samples=SAMPLES)], context.depth_renderbuffer(size, samples=SAMPLES)
        )
        self._resolved = context.framebuffer([context.renderbuffer(size, 4)])
        self.numbered = context.framebuffer(
            [context.renderbuffer(size, 1, dtype="u2")], context.depth_renderbuffer(size)
        )

    def release(self) -> None:
        """Give the memory back."""
        for buffer in (self.smooth, self._resolved, self.numbered):
            buffer.release()

    def read_image(self, context: "moderngl.Context") -> Image:
        """The picture, its samples averaged: (height, width, 3), blue-green-red."""
        context.copy_framebuffer(self._resolved, self.smooth)
        width, height = self._size
        pixels = np.frombuffer(self._resolved.read(components=4), np.uint8).reshape(height, width, 4)
        return np.ascontiguousarray(pixels[:, :, :3])

    def read_ids(self) -> IdImage:
        """The ids: (height, width)."""
        width, height = self._size
        data = self.numbered.read(components=1, dtype="u2", alignment=1)
        return np.frombuffer(data, np.uint16).reshape(height, width).copy()


def shadow_view(room: Room) -> npt.NDArray[np.float32]:
    """Straight down on the room, a little slanted, so that an upright thing has a shadow at all; (4, 4)."""
    half_x, half_y = room.width_m / 2 + 0.5, room.depth_m / 2 + 0.5
    return np.array(
        [
            [1 / half_x, 0, SHADOW_SLANT[0], -(room.x + room.width_m / 2) / half_x],
            [0, 1 / half_y, SHADOW_SLANT[1], -(room.y + room.depth_m / 2) / half_y],
            [0, 0, -2 / (SHADOW_TOP_M + 0.05), 2 * SHADOW_TOP_M / (SHADOW_TOP_M + 0.05) - 1],
            [0, 0, 0, 1],
        ],
        np.float32,
    )
