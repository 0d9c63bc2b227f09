"""Whose hands a shelf camera sees, where their owners stand, and how near each hand is to which slot.

A shelf camera that is known to hang somewhere (marked points of the floor, or its pose) looks for heads and hands while
somebody is in the store (arms_network.py). Where a head is, and where the network says its owner stands, give a place
on the floor; so such a camera follows people as area cameras do, and its places go where theirs go. Every hand says
where its owner's head is, and is theirs whose head is there. A hand whose owner's head does not show is theirs who
stands nearest to where it says its owner does. How far, in the picture, a hand is from the middle of what a slot's
product fills there tells in which slot it is, and whose hand is in it (edge/visits/people.py).
"""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.errors import PerceptionError
from edge.perception.arms_network import Arms, Part, Pixel
from edge.perception.clothing import clothing_from_above
from edge.perception.head_numbers import HeadNumbers
from edge.perception.head_place import Place, place_of, stood
from edge.perception.wrist_place import Rays
from edge.tracking.floor import PersonOnFloor
from edge.tracking.joining.joining import Person
from hardware.ports import Frame, Image
from protocol.store import Camera, SlotView

logger = logging.getLogger(__name__)

APART_MAX_M = 0.8
"""Who stands farther from where a hand's owner seems to is not they."""
SAME_HEAD = 0.3
"""A hand belongs to a head that lies where it says its owner's is, to within this share of how tall they look."""
Near = Mapping[str, float]
"""How far a hand is from each slot that the camera sees: 0 in the middle of what the slot's product fills in the
picture, and 0.5 at the middle of its side."""


class Looker(Protocol):
    """Finds hands and heads in a picture."""

    def look(self, picture: Image) -> Arms:
        """Those in `picture`."""


@dataclass(frozen=True, slots=True)
class Reaching:
    """What one picture shows of people: where they stand, and their hands by the camera's own numbers of them.

    `others` are hands whose owners' heads do not show, each with where its owner seems to stand.
    """

    people: tuple[PersonOnFloor, ...] = ()
    hands: tuple[tuple[int, Near], ...] = ()
    others: tuple[tuple[Near, Place], ...] = ()


class ReachWatch:
    """One shelf camera's. Without a network, or where nobody said where the camera hangs, it sees nobody."""

    def __init__(self, camera: Camera, arms: Looker | None) -> None:
        self._camera, self._arms = camera, arms
        self._rays = Rays.of(camera) if arms is not None else None
        self._numbers = HeadNumbers()

    def of(self, frame: Frame) -> Reaching:
        """Whom the picture shows."""
        if self._rays is None or self._arms is None:
            return Reaching()
        try:
            seen = self._arms.look(frame.image)
        except PerceptionError as error:
            logger.warning("camera %s does not tell whose hands it sees any more: %s", self._camera.id, error)
            self._rays = None
            return Reaching()
        return self._told(self._rays, seen, frame)

    def _told(self, rays: Rays, seen: Arms, frame: Frame) -> Reaching:
        standing = stood(rays, seen.heads)
        looks = clothing_from_above(frame.image, rays, [one.place for one in standing])
        known = self._numbers.of(standing, looks, frame.t_s)
        numbers = [one.number for one in known]
        people = tuple(
            PersonOnFloor(frame.t_s, self._camera.id, who.number, *one.place, one.sigma_m, look=who.look)
            for one, who in zip(standing, known, strict=True)
        )
        heads = [one.head for one in standing]
        hands: list[tuple[int, Near]] = []
        others: list[tuple[Near, Place]] = []
        for hand in seen.hands:
            near, head = _near(self._camera.views, hand.at), _head_of(hand, heads)
            if head is not None:
                hands.append((numbers[head], near))
            elif (placed := place_of(rays, hand, hand.head)) is not None:
                others.append((near, placed[0]))
        return Reaching(people, tuple(hands), tuple(others))


def nearest(place: Place, people: Sequence[Person]) -> Person | None:
    """Which of `people` stands at `place`, most probably; None where nobody is near."""
    others = [(math.hypot(place[0] - one.x_m, place[1] - one.y_m), number) for number, one in enumerate(people)]
    apart_m, number = min(others, default=(math.inf, -1))
    return people[number] if apart_m <= APART_MAX_M else None


def _near(views: Sequence[SlotView], hand: Pixel) -> dict[str, float]:
    """How far the hand is from the middle of what a slot's product fills in the picture, in its widths and heights."""
    near = {}
    for view in views:
        left, top, width, height = view.box
        across, down = (hand[0] - left) / width - 0.5, (hand[1] - top) / height - 0.5
        near[view.slot] = math.hypot(across, down)
    return near


def _head_of(hand: Part, heads: Sequence[Part]) -> int | None:
    """The index of the head that is where the hand says its owner's is."""
    near = sorted((math.dist(hand.head, head.at), number) for number, head in enumerate(heads))
    if not near:
        return None
    apart_px, number = near[0]
    tall_px = math.dist(heads[number].at, heads[number].stands)
    return number if apart_px <= SAME_HEAD * tall_px else None
