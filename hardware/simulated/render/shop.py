"""Everything in a store that never moves, as one mesh: floor, walls, lamps, gondolas, fixtures, gate, posters.

How dark a place is because things stand about it is painted into the mesh (`shade`): the back of a shelf, the foot of a
wall. What lies in the lamps' own shadow is left to the renderer.
"""

import math
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.appearance import Poster
from hardware.simulated.layout.form import Colour
from hardware.simulated.layout.layout import Door, Fixture, Layout, on_floor
from hardware.simulated.render.grounds import floor_repeat_m
from protocol.store import Gondola, Shelf

Array = npt.NDArray[np.float64]

WALL_PAGE_M = 2.5
STRIP_PAGE_M = 0.5
BOARD_M = 0.03
STRIP_M = 0.045
LAMP_GLOW = 4.0
DARK: Colour = (0.13, 0.13, 0.15)
LEAVES = 17
SHELF_DARKEST = 0.42
"""What is left of the light at the back of a shelf."""


class Page(IntEnum):
    """The layers of the texture array that the shop is covered with; posters follow."""

    WHITE = 0
    FLOOR = 1
    WALL = 2
    STRIP = 3
    POSTERS = 4


@dataclass(frozen=True, slots=True)
class Cover:
    """What a face is covered with: a page, how many metres one page covers, its colour, how it shines and glows."""

    colour: Colour
    page: int = Page.WHITE
    page_m: tuple[float, float] = (1.0, 1.0)
    gloss: float = 0.15
    glow: float = 0.0


class ShopMesh:
    """Faces in the store's frame. `vertices` rows: position 3, normal 3, u v page, colour 3, shade gloss glow."""

    def __init__(self) -> None:
        self._rows: list[Array] = []
        self.solid_from = 0
        """Which vertex begins what stands in the room. Its walls throw no shadow: the lamps hang within them."""

    @property
    def count(self) -> int:
        """How many vertices there are."""
        return sum(len(rows) for rows in self._rows)

    @property
    def vertices(self) -> npt.NDArray[np.float32]:
        """(V, 15) float32, three rows a triangle."""
        return np.concatenate(self._rows).astype(np.float32)

    def face(
        self, origin: Array, along: Array, up: Array, cover: Cover, shades: tuple[float, float, float, float]
    ) -> None:
        """A parallelogram seen from where `along` × `up` points; shades at origin, +along, +both, +up."""
        normal = np.cross(along, up)
        normal = normal / np.linalg.norm(normal)
        ends = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
        size = np.array([np.linalg.norm(along), np.linalg.norm(up)])
        # A page of a single sheet is stretched over its face; others repeat from the store's origin.
        uv = ends if cover.page >= Page.POSTERS else ends * size / np.array(cover.page_m)
        if cover.page == Page.FLOOR:
            uv = (origin + ends @ np.array([along, up]))[:, :2] / np.array(cover.page_m)
        rows = np.empty((4, 15))
        rows[:, 0:3] = origin + ends @ np.array([along, up])
        rows[:, 3:6] = normal
        rows[:, 6:8], rows[:, 8] = uv, cover.page
        rows[:, 9:12] = cover.colour
        rows[:, 12], rows[:, 13], rows[:, 14] = shades, cover.gloss, cover.glow
        self._rows.append(rows[[0, 1, 2, 0, 2, 3]])


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A box's frame: where its x, y (right-handed about z) lie on the floor."""

    mesh: ShopMesh
    origin: Array
    x: Array
    y: Array

    def box(
        self,
        low: tuple[float, float, float],
        high: tuple[float, float, float],
        cover: Cover,
        shade: tuple[float, float] = (1, 1),
    ) -> None:
        """An upright box between two corners; `shade` is what light is left at its low y and at its high y."""
        z = np.array([0.0, 0.0, 1.0])
        start = self.origin + self.x * low[0] + self.y * low[1] + z * low[2]
        dx, dy, dz = (axis * (b - a) for axis, a, b in zip((self.x, self.y, z), low, high, strict=True))
        near, far = shade
        face = self.mesh.face
        face(start, dx, dz, cover, (near, near, near, near))
        face(start + dx + dy, -dx, dz, cover, (far, far, far, far))
        face(start + dy, -dy, dz, cover, (far, near, near, far))
        face(start + dx, dy, dz, cover, (near, far, far, near))
        face(start + dz, dx, dy, cover, (near, near, far, far))
        face(start + dy, dx, -dy, cover, (far, far, near, near))

    def column(self, radius: tuple[float, float], low: float, high: float, cover: Cover, sides: int = 14) -> None:
        """An upright round body about the frame's origin: its radius at its foot and at its top."""
        turns = np.linspace(0, 2 * math.pi, sides + 1)
        for a, b in pairwise(turns):
            here, there = (self.x * math.cos(t) + self.y * math.sin(t) for t in (a, b))
            foot = self.origin + np.array([0, 0, low]) + here * radius[0]
            rise = np.array([0, 0, high - low]) + here * (radius[1] - radius[0])
            self.mesh.face(foot, (there - here) * max(radius), rise, cover, (0.8, 0.8, 1, 1))
        top = self.origin + np.array([0, 0, high])
        for a in turns[: sides // 2]:
            side = self.x * math.cos(a) + self.y * math.sin(a)
            across = self.x * -math.sin(a) + self.y * math.cos(a)
            wide = radius[1] * math.sin(math.pi / sides)
            self.mesh.face(
                top - side * radius[1] - across * wide, side * 2 * radius[1], across * 2 * wide, cover, (1, 1, 1, 1)
            )


def shop_mesh(layout: Layout) -> ShopMesh:
    """The whole shop; what throws shadows begins at the mesh's `solid_from`."""
    mesh = ShopMesh()
    _room(mesh, layout)
    mesh.solid_from = mesh.count
    for gondola in layout.store.gondolas:
        _gondola(mesh, layout, gondola)
    for fixture in layout.fixtures:
        _fixture(mesh, fixture)
    for door in {layout.door_in, layout.door_out}:
        _gate(mesh, door)
    for number, poster in enumerate(layout.appearance.posters):
        _poster(mesh, poster, Page.POSTERS + number)
    return mesh


def _room(mesh: ShopMesh, layout: Layout) -> None:
    room, looks = layout.room, layout.appearance
    low, wide, deep = np.array([room.x, room.y, 0.0]), np.array([room.width_m, 0, 0]), np.array([0, room.depth_m, 0])
    up = np.array([0, 0, room.height_m])
    repeat = floor_repeat_m(looks)
    beyond = np.array([2.0, 2.0, 0.0])
    ground = Cover(looks.floor_colour, Page.FLOOR, (repeat, repeat), gloss=0.35)
    mesh.face(low - beyond, wide + 2 * beyond * [1, 0, 0], deep + 2 * beyond * [0, 1, 0], ground, (1, 1, 1, 1))
    ceiling = Cover(looks.ceiling_colour, Page.WALL, (WALL_PAGE_M, WALL_PAGE_M), gloss=0.0)
    mesh.face(low + up + deep, wide, -deep, ceiling, (0.9, 0.9, 0.9, 0.9))
    corners = [low, low + wide, low + wide + deep, low + deep]
    for number in range(4):
        start, end = corners[number], corners[(number + 1) % 4]
        _wall(mesh, layout, start, end)
    for lamp in looks.lamps:
        at, (across, along) = np.array(lamp.at), lamp.size
        frame = Frame(mesh, at, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
        glowing = Cover((1, 1, 1), glow=LAMP_GLOW)
        frame.box((-across / 2, -along / 2, 0.0), (across / 2, along / 2, 0.04), glowing)


def _wall(mesh: ShopMesh, layout: Layout, start: Array, end: Array) -> None:
    """One wall, seen from inside the room (which lies to its left from start to end), with gaps for the doors."""
    height = layout.room.height_m
    cover = Cover(layout.appearance.wall_colour, Page.WALL, (WALL_PAGE_M, WALL_PAGE_M), gloss=0.02)
    length = float(np.linalg.norm(end - start))
    way = (end - start) / length
    inward = np.array([-way[1], way[0], 0.0])
    gaps = []
    for door in {layout.door_in, layout.door_out}:
        outside, inside = np.array([*door.outside, 0.0]) - start, np.array([*door.inside, 0.0]) - start
        if outside @ inward < 0.1 < inside @ inward:
            middle = float((outside + inside) @ way) / 2
            gaps.append((middle - door.width_m / 2, middle + door.width_m / 2))
    at = 0.0
    for left, right in [*sorted(gaps), (length, length)]:
        _wall_piece(mesh, cover, start + way * at, way * (left - at), (0.0, height))
        if right > left:
            _wall_piece(mesh, cover, start + way * left, way * (right - left), (2.1, height))
        at = right


def _wall_piece(mesh: ShopMesh, cover: Cover, foot: Array, along: Array, heights: tuple[float, float]) -> None:
    if np.linalg.norm(along) < 0.01:
        return
    low, high = heights
    # Seen from the room, which lies to the left, right is back along the wall.
    foot, along = foot + along, -along
    start = foot + np.array([0, 0, low])
    # Two strips, so that the dark where wall meets floor stays at the floor.
    middle = min(max(0.5, low), high)
    if middle > low:
        mesh.face(start, along, np.array([0, 0, middle - low]), cover, (0.7, 0.7, 1, 1))
    mesh.face(foot + np.array([0, 0, middle]), along, np.array([0, 0, high - middle]), cover, (1, 1, 0.92, 0.92))


def shelf_shade(share: float) -> float:
    """What light is left on a shelf, from its front edge (0) to its back (1)."""
    return 1.0 + (SHELF_DARKEST - 1.0) * min(max(share, 0.0), 1.0)


def gondola_height_m(gondola: Gondola) -> float:
    """How high the uprights of a rack reach."""
    return max(shelf.height for shelf in gondola.shelves) + 0.3


def gondola_frame(mesh: ShopMesh, gondola: Gondola) -> Frame:
    """As one stands before it: x along the shelves from left to right, y from the front edge to the back."""
    turn = math.radians(gondola.yaw_deg)
    x, y = np.array([math.cos(turn), math.sin(turn), 0.0]), np.array([-math.sin(turn), math.cos(turn), 0.0])
    return Frame(mesh, np.array([*on_floor(gondola, 0.0, gondola.depth), 0.0]), x, y)


def _gondola(mesh: ShopMesh, layout: Layout, gondola: Gondola) -> None:
    kind, looks = layout.kinds[gondola.id], layout.appearance
    frame = gondola_frame(mesh, gondola)
    body, board = Cover(looks.frame_colour, gloss=0.3), Cover(looks.board_colour, gloss=0.3)
    width, depth, top = gondola.width, gondola.depth, gondola_height_m(gondola)
    if kind == "table":
        for x in (0.05, width - 0.11):
            for y in (0.05, depth - 0.11):
                frame.box((x, y, 0), (x + 0.06, y + 0.06, gondola.shelves[0].height), body)
    else:
        frame.box((0, depth - 0.03, 0), (width, depth, top), body, (SHELF_DARKEST + 0.1, 1))
        lowest = min(shelf.height for shelf in gondola.shelves)
        if lowest > 0.05:
            frame.box(
                (0, 0.02, 0), (width, depth - 0.03, min(lowest, 0.14) - 0.02), Cover(looks.frame_colour), (0.75, 0.5)
            )
    if kind == "fridge":
        for x in (-0.04, width):
            frame.box((x, -0.02, 0), (x + 0.04, depth, top), body, (1, 0.6))
        frame.box((-0.04, -0.02, top), (width + 0.04, depth, top + 0.12), body)
        inside = Cover((0.95, 0.98, 1.0), glow=1.2)
        frame.box((0.02, 0.03, top - 0.025), (width - 0.02, 0.07, top - 0.004), inside)
    elif kind != "table":
        for x in (0.0, width - 0.03):
            frame.box((x, depth - 0.06, 0), (x + 0.03, depth - 0.03, top), body, (0.7, 0.6))
    for shelf in gondola.shelves:
        _board(frame, layout, gondola, shelf, board)


def _board(frame: Frame, layout: Layout, gondola: Gondola, shelf: Shelf, cover: Cover) -> None:
    back = gondola.depth - (0.0 if layout.kinds[gondola.id] == "table" else 0.03)
    dark = 0.85 if layout.kinds[gondola.id] == "table" else shelf_shade(1.0)
    frame.box((0, 0, shelf.height - BOARD_M), (gondola.width, back, shelf.height), cover, (1.0, dark))
    strip = Cover((1.0, 1.0, 1.0), Page.STRIP, (STRIP_PAGE_M, STRIP_M), gloss=0.4)
    foot = frame.origin - frame.y * 0.004 + np.array([0, 0, shelf.height - STRIP_M + 0.008])
    frame.mesh.face(foot, frame.x * gondola.width, np.array([0, 0, STRIP_M]), strip, (1, 1, 1, 1))


def _fixture(mesh: ShopMesh, fixture: Fixture) -> None:
    frame = Frame(mesh, np.array([*fixture.at, 0.0]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    width, depth, height = fixture.width_m, fixture.depth_m, fixture.height_m
    radius = min(width, depth) / 2
    if fixture.kind == "pillar":
        frame.box(
            (-width / 2, -depth / 2, 0),
            (width / 2, depth / 2, height),
            Cover((0.78, 0.76, 0.72), Page.WALL, (2.5, 2.5)),
        )
    elif fixture.kind == "bin":
        frame.column((radius * 0.85, radius), 0, height, Cover((0.22, 0.24, 0.26), gloss=0.5))
    elif fixture.kind == "basket":
        for level in range(3):
            low = level * height / 3
            frame.box(
                (-width / 2, -depth / 2, low),
                (width / 2, depth / 2, low + height / 3 - 0.02),
                Cover((0.72, 0.12, 0.12), gloss=0.4),
            )
    else:
        frame.column((radius * 0.6, radius * 0.8), 0, height * 0.28, Cover((0.45, 0.28, 0.2)))
        _leaves(frame, radius, height)


def _leaves(frame: Frame, radius: float, height: float) -> None:
    """A pot plant's: stiff blades that fan out from the pot, each seen from both sides, and gaps between them."""
    cover = Cover((0.17, 0.38, 0.15), gloss=0.25), Cover((0.24, 0.46, 0.18), gloss=0.25)
    for number in range(LEAVES):
        # The golden angle: no two above each other.
        turn, share = 2.39996 * number, (number + 0.5) / LEAVES
        out = frame.x * math.cos(turn) + frame.y * math.sin(turn)
        across = (frame.y * math.cos(turn) - frame.x * math.sin(turn)) * (0.075 + 0.05 * (number % 3))
        rise = height * (0.3 + 0.42 * (1.0 - share))
        tip = out * radius * (0.5 + 1.5 * share) + np.array([0.0, 0.0, rise])
        foot = frame.origin + np.array([0.0, 0.0, height * 0.26]) + out * 0.03
        frame.mesh.face(foot - across / 2, across, tip, cover[number % 2], (0.55, 0.55, 1, 1))
        frame.mesh.face(foot + across / 2, -across, tip, cover[number % 2], (0.55, 0.55, 1, 1))


def _gate(mesh: ShopMesh, door: Door) -> None:
    """Two posts with readers where people pass."""
    outside, inside = np.array([*door.outside, 0.0]), np.array([*door.inside, 0.0])
    way = (inside - outside) / np.linalg.norm(inside - outside)
    side = np.array([-way[1], way[0], 0.0])
    # Right-handed: x along the way in, y to its left.
    for across in (-door.width_m / 2 - 0.09, door.width_m / 2 + 0.01):
        frame = Frame(mesh, (outside + inside) / 2 + side * across, way, side)
        frame.box((-0.35, 0, 0), (0.35, 0.08, 0.95), Cover(DARK, gloss=0.5), (1, 1))
        frame.box((-0.36, -0.01, 0.95), (0.36, 0.09, 0.99), Cover((0.16, 0.62, 0.36), glow=0.35))


def _poster(mesh: ShopMesh, poster: Poster, page: int) -> None:
    facing = np.array([math.cos(poster.yaw), math.sin(poster.yaw), 0.0])
    # As one looks at it, right is to the left of the way that it faces, turned about.
    right = np.array([-facing[1], facing[0], 0.0])
    cover = Cover((1, 1, 1), page, gloss=0.2)
    foot = np.array(poster.at) + facing * 0.01
    mesh.face(foot, right * poster.width_m, np.array([0, 0, poster.height_m]), cover, (1, 1, 1, 1))
