"""Whose wrists a shelf camera sees, and in which direction each lies.

A shelf camera that is known to hang somewhere (marked points of the floor, or its pose) looks for people while
something is in a slot of its. Each box is given to whoever of the people on the floor would fill such a part of the
picture, standing where area cameras see them: an upright cylinder as wide and high as people are, seen from there. Of
these, MoveNet says where the wrists are: a pixel, so a ray. How near to a slot the ray passes tells whose hand is in it
(edge/visits/people.py), so that of several people before a shelf the one who reaches is the one who took.
"""

import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edge.errors import PerceptionError
from edge.perception.detections import Detections, Floats, overlaps
from edge.perception.person_watch import Detector
from edge.perception.wrist_place import Rays
from edge.perception.wrist_watch import Finder
from edge.shelves.place import Ray
from edge.tracking.joining.joining import Person
from edge.tracking.joining.pairs import best_pairs
from hardware.ports import Frame, Image
from protocol.store import Camera

logger = logging.getLogger(__name__)

Doubles = npt.NDArray[np.float64]

PEOPLE_MAX = 3
"""Runs of MoveNet a picture: of the largest boxes."""
PERSON_MIN, WRIST_MIN = 0.3, 0.2
"""Scores below which a box is nobody, and a wrist a guess."""
WIDE_M, HIGH_M = 0.5, 1.7
FITS_MIN = 0.1
"""Intersection over union of a box with the place where somebody would be seen: beneath, it is somebody else."""
CLOSE_M = 0.15
"""What is nearer to the camera, or behind it, is not in the picture."""
SIDES = 8


class ReachWatch:
    """One shelf camera's. Without both networks, or where nobody said where the camera hangs, it sees nobody."""

    def __init__(self, camera: Camera, persons: Detector | None, finder: Finder | None) -> None:
        self._camera = camera
        self._persons, self._finder = persons, finder
        self._rays = Rays.of(camera) if persons is not None and finder is not None else None

    def of(self, frame: Frame, people: Sequence[Person]) -> list[tuple[int, tuple[Ray, ...]]]:
        """The rays of the wrists of those of `people` whom the picture shows, by their numbers."""
        if self._rays is None or self._persons is None or self._finder is None or not people:
            return []
        try:
            found = self._persons.detect(frame.image)
            return [
                (people[number].person, self._wrists(self._rays, self._finder, frame.image, box))
                for box, number in self._whose(self._rays, found, people)
            ]
        except PerceptionError as error:
            logger.warning("camera %s does not tell whose hands it sees any more: %s", self._camera.id, error)
            self._rays = None
            return []

    def _whose(self, rays: Rays, found: Detections, people: Sequence[Person]) -> list[tuple[Floats, int]]:
        boxes = found.boxes[found.scores >= PERSON_MIN]
        if not len(boxes):
            return []
        expected = np.stack([self._expected(rays, person) for person in people])
        fits = overlaps(boxes, expected)
        pairs = best_pairs(np.where(fits >= FITS_MIN, fits, 0.0).tolist())
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        largest = sorted(pairs, key=lambda pair: (-float(areas[pair[0]]), pair))[:PEOPLE_MAX]
        return [(boxes[row], column) for row, column in largest]

    def _expected(self, rays: Rays, person: Person) -> Floats:
        """The box (left, top, right, bottom; pixels) that the person fills; empty where they are not in the picture."""
        turns = np.linspace(0.0, 2.0 * np.pi, SIDES, endpoint=False)
        rim = np.array([person.x_m, person.y_m]) + WIDE_M / 2.0 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        body = np.array([(x, y, z) for z in np.linspace(0.0, HIGH_M, 4) for x, y in rim])
        pixels, depth = rays.pixels(body)
        pixels = pixels[depth > CLOSE_M]
        if not len(pixels):
            return np.zeros(4, np.float32)
        size = np.array(self._camera.size, np.float64)
        low, high = np.clip(pixels.min(axis=0), 0.0, size), np.clip(pixels.max(axis=0), 0.0, size)
        return np.asarray([*low, *high], np.float32)

    @staticmethod
    def _wrists(rays: Rays, finder: Finder, image: Image, box: Floats) -> tuple[Ray, ...]:
        seen = finder.wrists(image, box).tolist()
        return tuple(rays.ray(u, v) for u, v, score in seen if score >= WRIST_MIN)
