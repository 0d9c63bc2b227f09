"""What nodes with shelf cameras would say of slots, without pixels: hidden, late, missed and mistaken as pictures are.

Of each slot in the view of each shelf camera, picture by picture:
- somebody's trunk or arm between lens and slot covers it, however long they stand there, and so does a hand in it; of
  neighbours that the same body hides, too;
- once it is seen again and has been still for a moment, and sometimes later, it is compared with what it showed before;
- a change is sometimes missed, and sometimes a neighbour's is taken for one of its own; a stay may come in two halves;
- how well a product fits depends on camera, slot and product first, the same all day, and on the moment second: some
  views show a product badly for ever, and one that looks like it well. Two of three pieces stand in the front row: what
  stands behind is not seen, and what covers half of it is half seen.

The numbers were read off what the pipeline made of stays in drawn scenes (docs/who-took-what.md). A lost camera says
nothing, and compares with what it saw before. Free shelves are not told of: what stands there is no slot's.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.layout import facing_yaw, on_floor
from hardware.simulated.streams import stream
from hardware.simulated.world.actor import SIDES
from hardware.simulated.world.pose import head, palm
from hardware.simulated.world.state import Person, Point
from hardware.simulated.world.world import World
from protocol.recording import LookLine
from protocol.store import Camera

Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TRUNK_M, ARM_M = 0.21, 0.07
"""Half as thick as what hides a slot."""
SHOULDER_DOWN_M, HIPS_UP = 0.2, 0.5
"""A shoulder is that far beneath the head's middle; hips that share of the height up."""
NEAR_M = 2.5
"""Who is farther from a slot hides it from no camera that hangs before it."""
FACE_UP_M = 0.22
"""As high over its board is what a slot shows."""
ROW_M = 0.03
"""What stands as far behind the frontmost piece is still of the front row."""
HALVED_MIN_S = 1.0
"""Shorter stays come whole."""
BEFORE_S = 0.6
"""The slot before a hand is that of so long before."""
PICTURES_MIN = 2
"""In one picture alone it was a flicker."""


@dataclass(frozen=True, slots=True)
class LookNoise:
    """How good shelf cameras are; defaults as measured (see above)."""

    rate_hz: float = 5.0
    settle_s: tuple[float, float] = (0.64, 1.0)
    late: float = 0.05
    late_s: float = 2.0
    """Share of looks that come late, and by how much at most."""
    missed: float = 0.03
    """Share of changes of which the pictures show hardly anything."""
    spilled: float = 0.12
    """Share of looks at a slot where nothing changed that show something of a neighbour's change or a shadow."""
    halved: float = 0.05
    """Share of stays that come in two halves."""
    changed: tuple[float, float] = (0.17, 0.25)
    """Share of a slot's view that one piece changes: median, and standard deviation of its logarithm."""
    edges_gone: float = 0.5
    edges_come: float = -0.4
    edges_sd: float = 0.22
    fits: tuple[float, float] = (1.6, 1.5)
    """How well a product that is shown fits a camera's view of a slot: mean and standard deviation over views."""
    others_fit: tuple[float, float] = (-2.2, 1.2)
    """The same of a product that is not shown."""
    fit_sd: float = 0.4
    """From one moment to the next."""


@dataclass(slots=True)
class _Slot:
    """A slot in a camera's view: points of its face (n, 3), and what of it has been said."""

    path: str
    points: Doubles
    since_s: float | None = None
    """Since when it is covered."""
    pictures: int = 0
    """In so many of them."""
    clear_s: float | None = None
    """Since when it is seen again."""
    settles_s: float = 0.0
    said: bool = False
    seen_s: float = 0.0
    """It was last compared at that moment."""
    stays: int = 0


@dataclass(slots=True)
class _View:
    camera: str
    eye: Point
    slots: list[_Slot] = field(default_factory=list)


class Looks:
    """The looks of a played scene, by time."""

    def __init__(self, world: World, noise: LookNoise | None = None) -> None:
        self._world = world
        self._noise = noise or LookNoise()
        self._seed = world.scene.seed
        store = world.scene.layout.store
        self._skus = [product.sku for product in store.products]
        self._outwards = {
            path: (-math.cos(facing_yaw(gondola)), -math.sin(facing_yaw(gondola)))
            for path, (gondola, _, _) in store.slots().items()
        }
        self._views = [view for camera in store.cameras if (view := self._view(camera)) is not None]

    def lines(self) -> Iterator[LookLine]:
        """Every look, by time, then camera, then slot."""
        for picture in range(int(self._world.timeline.duration_s * self._noise.rate_hz)):
            t_s = round(picture / self._noise.rate_hz, 4)
            people = self._world.people(t_s)
            for view in self._views:
                if not self._is_lost(view.camera, t_s):
                    yield from self._saw(view, people, t_s)

    def _is_lost(self, camera: str, t_s: float) -> bool:
        return any(o.camera == camera and o.from_s <= t_s < o.to_s for o in self._world.scene.outages)

    def _view(self, camera: Camera) -> _View | None:
        layout = self._world.scene.layout
        if camera.role != "shelf" or all(viewpoint.camera != camera.id for viewpoint in layout.viewpoints):
            return None
        free = layout.store.free()
        slots = [_Slot(view.slot, self._face(view.slot)) for view in camera.views if view.slot not in free]
        return _View(camera.id, layout.viewpoint(camera.id).eye, slots)

    def _face(self, path: str) -> Doubles:
        gondola, shelf, slot = self._world.scene.layout.store.slots()[path]
        left, right = slot.span
        points = [
            (*on_floor(gondola, along, gondola.depth - 0.05), shelf.height + up)
            for along in (left + 0.02, (left + right) / 2.0, right - 0.02)
            for up in (0.03, FACE_UP_M)
        ]
        return np.array(points)

    def _saw(self, view: _View, people: Sequence[Person], t_s: float) -> Iterator[LookLine]:
        near = [person for person in people if math.dist(view.eye[:2], (person.x, person.y)) < NEAR_M]
        limbs = [limb for person in near for limb in _limbs(person)]
        for slot in view.slots:
            if slot.since_s is None and not limbs:
                continue
            yield from self._step(view, slot, t_s, covered=any(_hides(view.eye, slot.points, limb) for limb in limbs))

    def _step(self, view: _View, slot: _Slot, t_s: float, *, covered: bool) -> Iterator[LookLine]:
        if slot.since_s is None:
            if covered:
                slot.since_s, slot.pictures, slot.clear_s, slot.said = t_s, 1, None, False
            return
        if covered:
            slot.pictures += 1
            slot.clear_s = None
            if slot.pictures >= PICTURES_MIN and not slot.said:
                slot.said = True
                yield LookLine(t_s=t_s, camera=view.camera, slot=slot.path, covered=True, before={}, after={})
            return
        if slot.pictures < PICTURES_MIN:
            slot.since_s = None
            return
        if slot.clear_s is None:
            slot.clear_s, slot.settles_s = t_s, self._settles_s(view, slot)
        if t_s - slot.clear_s >= slot.settles_s - 1e-9:
            yield from self._ended(view, slot, (slot.since_s, slot.clear_s), t_s)

    def _settles_s(self, view: _View, slot: _Slot) -> float:
        rng = stream(self._seed, "settling", view.camera, slot.path, slot.stays)
        settles_s = float(rng.uniform(*self._noise.settle_s))
        late = rng.random() < self._noise.late
        return settles_s + (float(rng.uniform(0.0, self._noise.late_s)) if late else 0.0)

    def _ended(self, view: _View, slot: _Slot, span_s: tuple[float, float], t_s: float) -> Iterator[LookLine]:
        rng = stream(self._seed, "looks", view.camera, slot.path, slot.stays)
        since_s, clear_s = span_s
        spans = [span_s]
        if rng.random() < self._noise.halved and clear_s - since_s > HALVED_MIN_S:
            middle_s = round((since_s + clear_s) / 2.0, 4)
            spans = [(since_s, middle_s), (middle_s, clear_s)]
        before_s = max(since_s - BEFORE_S, slot.seen_s)
        for from_s, to_s in spans:
            after_s = t_s if to_s == clear_s else to_s
            yield self._compared(view, slot, (from_s, to_s), (before_s, after_s, t_s), rng)
            before_s = after_s
        slot.since_s, slot.clear_s, slot.pictures, slot.said = None, None, 0, False
        slot.seen_s = t_s
        slot.stays += 1

    def _compared(
        self,
        view: _View,
        slot: _Slot,
        span_s: tuple[float, float],
        times_s: tuple[float, float, float],
        rng: np.random.Generator,
    ) -> LookLine:
        noise, (before_s, after_s, t_s) = self._noise, times_s
        was, now = self._shown(slot.path, before_s), self._shown(slot.path, after_s)
        pieces = self._pieces(slot.path, after_s) - self._pieces(slot.path, before_s)
        other = was != now or pieces != 0
        changed, edges = 0.0, 0.0
        if other and rng.random() >= noise.missed:
            share = noise.changed[0] * math.exp(noise.changed[1] * rng.standard_normal())
            changed = min(share * max(abs(pieces), 1), 0.9)
            mean = noise.edges_gone if pieces < 0 else (noise.edges_come if pieces > 0 else 0.0)
            edges = mean + noise.edges_sd * float(rng.standard_normal())
        elif rng.random() < noise.spilled:
            changed = float(rng.uniform(0.02, 0.1))
            edges = 0.3 * float(rng.standard_normal())
        return LookLine(
            t_s=t_s,
            camera=view.camera,
            slot=slot.path,
            covered=False,
            from_s=span_s[0],
            to_s=span_s[1],
            changed=round(changed, 4),
            edges=round(edges, 3),
            before=self._fits(view.camera, slot.path, was, rng) if changed else {},
            after=self._fits(view.camera, slot.path, now, rng) if changed else {},
        )

    def _fits(self, camera: str, slot: str, shown: Mapping[str, float], rng: np.random.Generator) -> dict[str, float]:
        found = {}
        for sku in self._skus:
            of_view = stream(self._seed, "fit", camera, slot, sku).standard_normal(2)
            is_shown, is_not = (
                mean + deviation * float(off)
                for (mean, deviation), off in zip((self._noise.fits, self._noise.others_fit), of_view, strict=True)
            )
            share = min(2.0 * shown.get(sku, 0.0), 1.0)
            fit = share * is_shown + (1.0 - share) * is_not + self._noise.fit_sd * float(rng.standard_normal())
            found[sku] = round(fit, 3)
        return found

    def _shown(self, slot: str, t_s: float) -> dict[str, float]:
        """Of the front row, which share each product has."""
        x, y = self._outwards[slot]
        here = [
            (item.at[0] * x + item.at[1] * y, item.sku)
            for item in self._world.state(t_s).items
            if item.place == "slot" and item.where == slot
        ]
        front = max((out for out, _ in here), default=0.0)
        row = [sku for out, sku in here if out > front - ROW_M]
        return {sku: row.count(sku) / len(row) for sku in sorted(set(row))}

    def _pieces(self, slot: str, t_s: float) -> int:
        return sum(self._world.stock(t_s)[slot].values())


def _limbs(person: Person) -> Iterator[tuple[Doubles, Doubles, float]]:
    """What of somebody may be before a slot: from, to, half as thick."""
    top = np.array(head(person))
    yield np.array((person.x, person.y, HIPS_UP * person.height_m)), top, TRUNK_M
    shoulder = top - np.array((0.0, 0.0, SHOULDER_DOWN_M))
    for side in SIDES:
        yield shoulder, np.array(palm(person, side)), ARM_M


def _hides(eye: Point, points: Doubles, limb: tuple[Doubles, Doubles, float]) -> bool:
    """Whether the limb comes between the eye and any of the points."""
    begin, end, thick = limb
    return bool((_apart_m(np.array(eye), points, begin, end) < thick).any())


def _apart_m(eye: Doubles, points: Doubles, begin: Doubles, end: Doubles) -> Doubles:
    """How near the lines of sight from `eye` to `points` (n, 3) come to the line from `begin` to `end`: (n,) metres.

    After Ericson, Real-Time Collision Detection (2005), 5.1.9.
    """
    along, limb, off = points - eye, end - begin, eye - begin
    a, e = (along * along).sum(axis=1), max(float(limb @ limb), 1e-9)
    b, c, f = along @ limb, along @ off, float(limb @ off)
    s = np.clip((b * f - c * e) / np.maximum(a * e - b * b, 1e-9), 0.0, 1.0)
    t = np.clip((b * s + f) / e, 0.0, 1.0)
    s = np.clip((b * t - c) / np.maximum(a, 1e-9), 0.0, 1.0)
    gap = (eye + along * s[:, None]) - (begin + limb * t[:, None])
    return np.asarray(np.linalg.norm(gap, axis=1), np.float64)
