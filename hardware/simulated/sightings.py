"""What nodes with area cameras would publish, without pixels: where people and their wrists are, tracking's faults too.

Of each person, in each picture of each area camera that has them in view:
- a person behind another is seen less often, and their place is worse (occlusion);
- whom a camera misses it misses for a moment, not for one picture;
- places carry a slow error (of the calibration and the gait) and a fast one; wrists likewise, and the wrist on the far
  side of a body, or behind somebody, is missing or a guess with a low confidence;
- when two people come close, their track numbers are swapped, or one gets a new number, at a given rate.

Everything is drawn from streams named by camera, person and picture: a recording is the same in every process.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.layout.projection import in_picture
from hardware.simulated.streams import Indices, key, normals, stream, uniforms
from hardware.simulated.world.actor import SIDES
from hardware.simulated.world.pose import head, palm
from hardware.simulated.world.state import Person, Point
from hardware.simulated.world.world import World
from protocol.recording import ObservationLine, Wrist
from protocol.store import Camera

Doubles = npt.NDArray[np.float64]

CLOSE_M, PARTED_M = 0.75, 1.1
"""Two people are in a close encounter from the one distance until the other."""
HIDES_M = 0.28
"""Half the width of what a person hides."""
BLINK_S = 0.5
"""How long a camera misses somebody at a time."""
SLOW_S = 2.0


@dataclass(frozen=True, slots=True)
class SightNoise:
    """How good the tracking is."""

    rate_hz: float = 10.0
    floor_m: float = 0.05
    """Fast error of a place on the floor, standard deviation each way."""
    floor_slow_m: float = 0.06
    """Slow error, over seconds."""
    wrist_m: float = 0.04
    missed: float = 0.04
    """Share of the time that a camera misses somebody whom nothing hides."""
    missed_hidden: float = 0.6
    wrist_missed: float = 0.12
    swaps: float = 0.0
    """Share of close encounters after which a camera has swapped two track numbers, or given a new one."""


@dataclass(frozen=True, slots=True)
class _View:
    """An area camera; without a viewpoint (a store file does not say where it hangs) it sees all from the ceiling."""

    camera: str
    size: tuple[int, int]
    viewpoint: Viewpoint | None
    eye: Point


class Sightings:
    """The observations of a played scene, camera by camera and picture by picture."""

    def __init__(self, world: World, noise: SightNoise | None = None) -> None:
        self._world = world
        self._noise = noise or SightNoise()
        self._seed = world.scene.seed
        self._views = [_view(world, camera) for camera in world.scene.layout.store.cameras if camera.role == "area"]
        self._errors: dict[tuple[str, str], _Errors] = {}

    def lines(self) -> Iterator[ObservationLine]:
        """Every observation, by time, then camera, then track."""
        numbers = {view.camera: _Numbers(self._seed, view.camera, self._noise.swaps) for view in self._views}
        for picture in range(int(self._world.timeline.duration_s * self._noise.rate_hz)):
            t_s = round(picture / self._noise.rate_hz, 4)
            people = self._world.people(t_s)
            if not people:
                self._errors.clear()
                continue
            for view in self._views:
                tracks = numbers[view.camera].of(people)
                if not self._is_lost(view.camera, t_s):
                    yield from self._seen(view, people, tracks, picture, t_s)

    def _is_lost(self, camera: str, t_s: float) -> bool:
        return any(o.camera == camera and o.from_s <= t_s < o.to_s for o in self._world.scene.outages)

    def _seen(
        self, view: _View, people: Sequence[Person], tracks: dict[str, int], picture: int, t_s: float
    ) -> list[ObservationLine]:
        if view.viewpoint is not None:
            middles = np.array([(person.x, person.y, 0.55 * person.height_m) for person in people])
            inside = in_picture(view.viewpoint, view.size, middles).tolist()
        else:
            inside = [True] * len(people)
        found = [
            self._line(view, person, tracks[person.id], picture, t_s, hidden=_is_hidden(view.eye, person, people))
            for person, shown in zip(people, inside, strict=True)
            if shown
        ]
        return sorted((line for line in found if line is not None), key=lambda line: line.track)

    def _line(
        self, view: _View, person: Person, track: int, picture: int, t_s: float, *, hidden: bool
    ) -> ObservationLine | None:
        noise = self._noise
        errors = self._errors_of(view.camera, person.id)
        row = picture - errors.first
        if errors.missed[row] < (noise.missed_hidden if hidden else noise.missed):
            return None
        worse = 2.0 if hidden else 1.0
        off_x, off_y = errors.place[row]
        return ObservationLine.model_construct(
            t_s=t_s,
            camera=view.camera,
            track=track,
            floor=(round(person.x + worse * off_x, 3), round(person.y + worse * off_y, 3)),
            sigma_m=round(worse * math.hypot(noise.floor_m, noise.floor_slow_m), 3),
            wrists=self._wrists(view, person, errors, row, hidden=hidden),
        )

    def _wrists(self, view: _View, person: Person, errors: "_Errors", row: int, *, hidden: bool) -> tuple[Wrist, ...]:
        wrists = []
        for number, side in enumerate(SIDES):
            at = palm(person, side)
            chance, sureness = errors.wrist_chances[row][number]
            behind = hidden or _behind_own_body(view.eye, person, at)
            if chance < (0.5 if behind else self._noise.wrist_missed):
                continue
            worse = 3.0 if behind else 1.0
            x, y, z = (round(v + worse * e, 3) for v, e in zip(at, errors.wrists[row][number], strict=True))
            wrists.append((x, y, z, round(0.2 + 0.3 * sureness if behind else 0.6 + 0.38 * sureness, 2)))
        return tuple(wrists)

    def _errors_of(self, camera: str, person: str) -> "_Errors":
        found = self._errors.get((camera, person))
        if found is None:
            life = next(life for life in self._world.timeline.lives if life.name == person)
            pictures = np.arange(int(life.from_s * self._noise.rate_hz), int(life.to_s * self._noise.rate_hz) + 2)
            found = self._errors[camera, person] = _Errors.of(self._seed, camera, person, pictures, self._noise)
        return found


@dataclass(frozen=True, slots=True)
class _Errors:
    """What goes wrong in how one camera sees one person, for every picture from number `first` on; metres."""

    first: int
    missed: list[float]
    place: list[list[float]]
    wrist_chances: list[list[list[float]]]
    wrists: list[list[list[float]]]

    @staticmethod
    def of(seed: int, camera: str, person: str, pictures: Indices, noise: SightNoise) -> "_Errors":
        """Each is a pure function of the names and the picture's number."""

        def named(what: str) -> int:
            return key(seed, what, camera, person)

        t_s = pictures / noise.rate_hz
        fast = normals(named("place"), 2 * pictures[:, None] + np.arange(2))
        place = noise.floor_m * fast + noise.floor_slow_m * _slow(named("slow"), t_s)
        hands = 2 * pictures[:, None] + np.arange(2)
        chances = uniforms(named("wrist seen"), 2 * hands[..., None] + np.arange(2))
        wrists = noise.wrist_m * normals(named("wrist"), 3 * hands[..., None] + np.arange(3))
        missed = uniforms(named("missed"), (t_s / BLINK_S).astype(np.int64))
        return _Errors(int(pictures[0]), missed.tolist(), place.tolist(), chances.tolist(), wrists.tolist())


class _Numbers:
    """The track numbers that one camera gives, with the mistakes that it makes where people come close."""

    def __init__(self, seed: int, camera: str, swaps: float) -> None:
        self._rng_names = (seed, "tracks", camera)
        self._swaps = swaps
        self._tracks: dict[str, int] = {}
        self._close: set[tuple[str, str]] = set()
        self._encounters = 0
        self._next = 1

    def of(self, people: Sequence[Person]) -> dict[str, int]:
        """The number of everybody present; call once a picture, in the order of time."""
        for person in people:
            if person.id not in self._tracks:
                self._tracks[person.id] = self._new()
        here = {person.id for person in people}
        self._close = {pair for pair in self._close if pair[0] in here and pair[1] in here}
        for a, b in itertools.combinations(people, 2):
            pair, apart = (a.id, b.id), math.dist((a.x, a.y), (b.x, b.y))
            if apart <= CLOSE_M:
                self._close.add(pair)
            elif apart > PARTED_M and pair in self._close:
                self._close.remove(pair)
                self._part(pair)
        return dict(self._tracks)

    def _part(self, pair: tuple[str, str]) -> None:
        self._encounters += 1
        seed, *names = self._rng_names
        rng = stream(int(seed), *names, self._encounters)
        if rng.random() >= self._swaps:
            return
        a, b = pair
        if rng.random() < 0.5:
            self._tracks[a], self._tracks[b] = self._tracks[b], self._tracks[a]
        else:
            self._tracks[a if rng.random() < 0.5 else b] = self._new()

    def _new(self) -> int:
        self._next += 1
        return self._next - 1


def _view(world: World, camera: Camera) -> _View:
    layout = world.scene.layout
    try:
        viewpoint: Viewpoint | None = layout.viewpoint(camera.id)
    except KeyError:
        viewpoint = None
    room = layout.room
    middle = (room.x + room.width_m / 2.0, room.y + room.depth_m / 2.0, room.height_m)
    return _View(camera.id, camera.size, viewpoint, middle if viewpoint is None else viewpoint.eye)


def _is_hidden(eye: Point, person: Person, people: Sequence[Person]) -> bool:
    """Whether somebody stands between the camera and the person's chest."""
    chest = (person.x, person.y, 0.7 * person.height_m)
    away = math.dist(eye[:2], chest[:2])
    for other in people:
        near = math.dist(eye[:2], (other.x, other.y))
        if other.id == person.id or near >= away:
            continue
        share = near / away
        line = (eye[0] + (chest[0] - eye[0]) * share, eye[1] + (chest[1] - eye[1]) * share)
        up = eye[2] + (chest[2] - eye[2]) * share
        if math.dist(line, (other.x, other.y)) < HIDES_M and up < head(other)[2] + 0.12:
            return True
    return False


def _behind_own_body(eye: Point, person: Person, at: Point) -> bool:
    """Whether the person's trunk is between the camera and the hand."""
    to_eye = (eye[0] - person.x, eye[1] - person.y)
    length = math.hypot(*to_eye)
    if length < 0.5:
        return False
    to_hand = (at[0] - person.x, at[1] - person.y)
    along = (to_hand[0] * to_eye[0] + to_hand[1] * to_eye[1]) / length
    aside = abs(to_hand[0] * to_eye[1] - to_hand[1] * to_eye[0]) / length
    # From high up a camera sees over the shoulders to what is far before the body.
    return along < -0.1 and aside < 0.17 and math.hypot(*to_hand) < 0.2 * eye[2]


def _slow(stream_key: int, t_s: Doubles) -> Doubles:
    """A smooth error (n, 2) of about unit size that changes over `SLOW_S`."""
    index = (t_s / SLOW_S).astype(np.int64)
    share = (t_s / SLOW_S - index)[:, None]
    weight = share * share * (3.0 - 2.0 * share)
    before, after = (normals(stream_key, 2 * (index[:, None] + step) + np.arange(2)) for step in (0, 1))
    return np.asarray(before * (1.0 - weight) + after * weight, np.float64)
