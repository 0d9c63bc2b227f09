"""Draws a layout at a moment as one of its cameras sees it.

Theory of operation. What never moves is uploaded once. Each camera keeps a picture of what stands (backdrop.py). For
each moment the people are posed, what they hold is placed, and both are drawn from above into a shadow map; each camera
then starts from its backdrop, darkens it where their shadows fall, and draws them before it, colours and ids in one
pass. The backdrop has four samples a pixel; for moving things that costs too much, so their outlines are softened
afterwards where the ids change. Light comes from a table over the
room (light.py) instead of a loop over lamps. On one Mesa the same state gives the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hardware.ports import Image
from hardware.simulated.layout.layout import Layout, Room, Viewpoint
from hardware.simulated.render.backdrop import Backdrop, standing
from hardware.simulated.render.context import create_context
from hardware.simulated.render.grounds import floor, wall
from hardware.simulated.render.ids import IdImage, Ids
from hardware.simulated.render.light import lamp_colour, light_table
from hardware.simulated.render.people import People, Posed
from hardware.simulated.render.phone import presenting
from hardware.simulated.render.prints import PAGE, poster, price_strip
from hardware.simulated.render.products import Mask, Pieces, Products
from hardware.simulated.render.programs import Pass, Programs, assign
from hardware.simulated.render.shop import shop_mesh
from hardware.simulated.render.targets import Target
from hardware.simulated.render.view import View
from hardware.simulated.world.state import WorldState

if TYPE_CHECKING:
    import moderngl

SHADOW_SIDE = 1024
SHADOW_TOP_M = 2.3
"""What hangs higher, as the lamps themselves, throws no shadow."""
SHADOW_SLANT = (0.06, 0.09)
LAMP_SHARE = 0.95
"""Linear light of a white surface amid the room from the lamps, at the right exposure; the ambient comes on top."""
BACKDROPS_MAX = 64
LAMPS, SHADOWS, PAGES, COLOURS, DEPTHS, NUMBERS = 0, 1, 2, 5, 6, 7
"""Texture units; products and people have 3 and 4."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What a camera saw: `image` blue-green-red, `ids` of the same size and what its numbers mean. None: not asked.

    `people` are the bodies that were drawn, in the order of `names`, those out of the picture too.
    """

    image: Image | None
    ids: IdImage | None
    names: Ids
    people: tuple[Posed, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """A state, ready to be drawn by any camera."""

    state: WorldState
    names: Ids
    people: list[Posed]
    pieces: Pieces
    phones: Mapping[str, str]


class Renderer:
    """Draws one layout. Belongs to the thread that made it. SimulationError where the machine cannot draw."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._context = create_context()
        self._context.front_face = "cw"  # rows run down, which mirrors every triangle
        self._programs = {kind: Programs.of(self._context, kind) for kind in ("shop", "product", "figure")}
        self._fill = Programs.of_backdrop(self._context)
        self._filling = {
            which: self._context.vertex_array(program, [], skip_errors=True)
            for which, program in self._fill.by_pass.items()
        }
        self._people = People(self._context, self._programs["figure"], layout)
        self._products = Products(self._context, self._programs["product"], layout)
        self._shop = self._load_shop()
        self._shadow_view = shadow_view(layout.room)
        self._light(layout)
        self._shop_shadows, self._shadows = self._shadow_map(), self._shadow_map()
        self._shadow_of_shop()
        self._targets: dict[tuple[int, int], Target] = {}
        self._backdrops: dict[tuple[Viewpoint, tuple[int, int]], Backdrop] = {}
        self._moment: _Moment | None = None
        self._phones: Mapping[str, str] = {}
        gates = [camera.id for camera in layout.store.cameras if camera.role == "gate"]
        self._reader = layout.viewpoint(gates[0]) if gates else None

    def _load_shop(self) -> "dict[Pass, moderngl.VertexArray]":
        looks, seed = self._layout.appearance, self._layout.seed
        white = np.full((PAGE, PAGE, 3), 255, np.uint8)
        # Rows run upwards in a texture, and v runs upwards on strips and posters.
        printed = [price_strip(looks.strip_colour, seed), *(poster(each.print_seed) for each in looks.posters)]
        sheets = [white, floor(looks, seed), wall(seed), *(sheet[::-1] for sheet in printed)]
        self._pages = self._context.texture_array((PAGE, PAGE, len(sheets)), 3, np.stack(sheets).tobytes())
        self._pages.build_mipmaps()
        mesh = shop_mesh(self._layout)
        self._solid_from = mesh.solid_from
        vertices = self._context.buffer(mesh.vertices.tobytes())
        content = [(vertices, "3f 3f 3f 3f 3f", "position", "normal", "page", "colour", "finish")]
        return self._programs["shop"].vertex_arrays(self._context, content)

    def _light(self, layout: Layout) -> None:
        """What all pictures have in common."""
        table = light_table(layout.appearance, layout.room)
        self._lamps = self._context.texture3d(table.shape[2::-1], 4, table.tobytes(), dtype="f2")
        self._lamps.repeat_x = self._lamps.repeat_y = self._lamps.repeat_z = False
        colour = lamp_colour(layout.appearance)
        room = layout.room
        coloured = [programs.by_pass[which] for programs in self._programs.values() for which in Pass if which.coloured]
        for program in (*coloured, self._fill.by_pass[Pass.BOTH]):
            assign(
                program,
                lamp_colour=LAMP_SHARE * colour,
                ambient=LAMP_SHARE * layout.appearance.ambient * colour,
                exposure=np.float32(2.0**layout.appearance.exposure_ev),
                room_low=(room.x, room.y, 0.0),
                room_size=(room.width_m, room.depth_m, room.height_m),
                shadow_view=self._shadow_view,
                lamps=LAMPS,
                shadow_map=SHADOWS,
                pages=PAGES,
                colours=COLOURS,
                depths=DEPTHS,
                numbers=NUMBERS,
            )
        assign(self._fill.by_pass[Pass.IDS], depths=DEPTHS, numbers=NUMBERS)

    def _shadow_map(self) -> "tuple[moderngl.Framebuffer, moderngl.Texture]":
        depths = self._context.depth_texture((SHADOW_SIDE, SHADOW_SIDE))
        depths.compare_func = "<="
        return self._context.framebuffer(depth_attachment=depths), depths

    def _shadow_of_shop(self) -> None:
        self._begin(Pass.SHADOW, None)
        self._shop_shadows[0].use()
        self._shop_shadows[0].clear(depth=1.0)
        shop = self._shop[Pass.SHADOW]
        shop.render(vertices=shop.vertices - self._solid_from, first=self._solid_from)

    def show_phones(self, tokens: Mapping[str, str]) -> None:
        """From now on these people (by id) hold a phone up to the gate's camera, with the code of their token."""
        if dict(tokens) != dict(self._phones):
            self._phones, self._moment = dict(tokens), None

    def shoot(self, state: WorldState, camera: str, *, image: bool = True, ids: bool = True) -> Shot:
        """What the store file's `camera` sees of `state`, in its own size. KeyError where there is no such one."""
        viewpoint = self._layout.viewpoint(camera)
        found = self._layout.store.camera(camera)
        if found is None:
            raise KeyError(camera)
        return self.shoot_from(state, viewpoint, found.size, image=image, ids=ids)

    def shoot_from(
        self, state: WorldState, viewpoint: Viewpoint, size: tuple[int, int], *, image: bool = True, ids: bool = True
    ) -> Shot:
        """What a camera at `viewpoint` with pictures of `size` (width, height) sees of `state`."""
        with self._context:
            return self._shoot(state, View.of(viewpoint, size), viewpoint, image=image, ids=ids)

    def _shoot(self, state: WorldState, view: View, viewpoint: Viewpoint, *, image: bool, ids: bool) -> Shot:
        """With the context current: another renderer of this thread may have been at work."""
        moment, size = self._prepare(state), view.size
        if size not in self._targets:
            self._targets[size] = Target(self._context, size)
        target = self._targets[size]
        backdrop = self._backdrop(viewpoint, view)
        backdrop.update(moment.pieces, target, self._draw_standing)
        for unit, texture in ((COLOURS, backdrop.colours), (DEPTHS, backdrop.depths), (NUMBERS, backdrop.numbers)):
            texture.use(unit)
        (target.both if image else target.numbered).use()
        self._draw_moving(Pass.BOTH if image else Pass.IDS, moment, view)
        numbers = target.read_ids()
        picture = target.read_image(numbers) if image else None
        return Shot(picture, numbers if ids else None, moment.names, tuple(moment.people))

    def _backdrop(self, viewpoint: Viewpoint, view: View) -> Backdrop:
        key = (viewpoint, view.size)
        backdrop = self._backdrops.pop(key, None) or Backdrop(self._context, view)
        if len(self._backdrops) >= BACKDROPS_MAX:
            self._backdrops.pop(next(iter(self._backdrops))).release()
        self._backdrops[key] = backdrop
        return backdrop

    def _prepare(self, state: WorldState) -> _Moment:
        """Pose, place and shade; done once for all cameras that look at the same state."""
        if self._moment is not None and self._moment.state is state:
            return self._moment
        raised = state
        if self._reader is not None and self._phones:
            people = tuple(presenting(one, self._reader) if one.id in self._phones else one for one in state.people)
            raised = replace(state, people=people)
        pieces = self._products.pieces(state.items)
        moment = _Moment(state, Ids.of(state), self._people.posed(raised), pieces, self._phones)
        self._shadows[0].use()
        self._shadows[0].clear(depth=1.0)
        self._begin(Pass.SHADOW, None)
        self._people.draw(Pass.SHADOW, moment.people, None)
        self._products.draw(Pass.SHADOW, moment.pieces, ~standing(moment.pieces), None)
        self._moment = moment
        return moment

    def _begin(self, which: Pass, view: View | None) -> None:
        """Set up for drawing to a camera, or to the lamps where `view` is None."""
        self._context.enable_only(self._context.DEPTH_TEST)
        for programs in self._programs.values():
            program = programs.by_pass[which]
            assign(program, view=self._shadow_view if view is None else view.matrix)
            if view is not None:
                assign(program, eye=view.eye)
        self._lamps.use(LAMPS)
        self._pages.use(PAGES)

    def _draw_standing(self, view: View, pieces: Pieces, chosen: Mask, *, ids: bool) -> None:
        """What stands: the pieces first, as what they hide costs least then."""
        which = Pass.IDS if ids else Pass.PICTURE
        self._begin(which, view)
        self._shop_shadows[1].use(SHADOWS)
        self._context.enable(self._context.CULL_FACE)
        self._products.draw(which, pieces, chosen, view)
        self._shop[which].render()

    def _draw_moving(self, which: Pass, moment: _Moment, view: View) -> None:
        """Those who move, before their backdrop. Clothes are open at their hems: no culling."""
        self._begin(which, view)
        self._shadows[1].use(SHADOWS)
        assign(self._fill.by_pass[which], back=np.linalg.inv(view.matrix.astype(np.float64)))
        # Every pixel is filled, whatever was there.
        self._context.depth_func = "1"
        self._filling[which].render(self._context.TRIANGLES, vertices=3)
        self._context.depth_func = "<"
        self._people.draw(which, moment.people, view)
        self._products.draw(which, moment.pieces, ~standing(moment.pieces), view)
        if self._reader is not None and moment.phones:
            people = {each.person.id: (each.person, 4 * (each.number + 1)) for each in moment.people}
            self._products.draw_phones(which, people, self._reader, moment.phones)

    def release(self) -> None:
        """Let the context go. Nothing can be drawn after."""
        self._context.release()


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
