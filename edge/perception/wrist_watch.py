"""The wrists of people near shelves, before one camera, as places in the store; what that costs is bounded.

Only of people within `NEAR_M` of a gondola, the nearest first, at most `PEOPLE_MAX` a picture: each is a run of the
network. Of the others, and where the store file does not say where the camera hangs, no wrists are said.
"""

import logging
from collections.abc import Sequence
from typing import Protocol

from edge.errors import PerceptionError
from edge.perception.detections import Floats
from edge.perception.wrist_certainty import wrist_certainty
from edge.perception.wrist_place import NEAR_M, Rays, away_m, wrist_place
from hardware.ports import Image
from protocol.store import Camera, Gondola

logger = logging.getLogger(__name__)

PEOPLE_MAX = 2
SCORE_MIN = 0.3
"""Below, MoveNet guesses where a hidden wrist may be."""

Wrists = tuple[tuple[float, float, float, float], ...]
"""Those that are seen: x, y, z in metres, and how probably a hand is there (wrist_certainty.py)."""


class Finder(Protocol):
    """Finds a person's wrists in a picture."""

    def wrists(self, image: Image, box: Floats) -> Floats:
        """x, y in pixels and score of both wrists, (2, 3)."""


class WristWatch:
    """One camera's. Without a finder, or a pose in the store file, nobody has wrists."""

    def __init__(self, finder: Finder | None, camera: Camera, gondolas: tuple[Gondola, ...]) -> None:
        self._finder = finder
        self._camera = camera.id
        self._rays = Rays.of(camera) if finder is not None else None
        self._gondolas = gondolas

    def of(self, image: Image, people: Sequence[tuple[Floats, tuple[float, float]]]) -> list[Wrists]:
        """The wrists of each of `people`: box in `image`'s pixels, and where they stand in metres."""
        found: list[Wrists] = [()] * len(people)
        if self._finder is None or self._rays is None:
            return found
        apart_m = [min((away_m(gondola, feet) for gondola in self._gondolas), default=NEAR_M) for _, feet in people]
        near = [number for number in range(len(people)) if apart_m[number] < NEAR_M]
        for number in sorted(near, key=lambda number: (apart_m[number], number))[:PEOPLE_MAX]:
            box, feet = people[number]
            try:
                seen = self._finder.wrists(image, box).tolist()
            except PerceptionError as error:
                logger.warning("camera %s tells no wrists any more: %s", self._camera, error)
                self._finder = None
                return found
            places = [(wrist_place(self._rays, u, v, feet, self._gondolas), score) for u, v, score in seen]
            found[number] = tuple(
                (*place, wrist_certainty(score)) for place, score in places if place is not None and score >= SCORE_MIN
            )
        return found
