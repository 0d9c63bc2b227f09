"""A free shelf: things stand anywhere, are taken and put down anywhere, and are counted by product.

Theory of operation. Of each picture it is known where things stand and whether a hand is in it (shelf_network.py). A
visit begins with a hand and ends with the first picture in which there has been none for `SETTLE_S`; a camera that
takes one picture a second will do. The last picture at rest before and that one are then compared: a thing that stands
where one stood and looks as it did has not changed, whatever it is; only what is left over has gone or come, and only
that is looked at closely (products/known.py). Unsure boxes take part in the comparison (`PRODUCT_MIN`), so that a thing
which is sure before and unsure after has not gone. What has gone and what has come of the same product was moved. At
one picture a second a hand may come and go unseen: then things differ from picture to picture without one, and when two
pictures agree that they do, that is a visit, too, and a doubtful one.

    state     on                                          to         and
    quiet     no hand, things stand as they stood         quiet      this picture is the one at rest
    quiet     no hand, they differ for `UNSEEN_MIN` times quiet      a visit that nobody saw
    quiet     a hand                                      visited    entered = now
    visited   a hand                                      visited
    visited   a hand for `VISIT_MAX_S`                    quiet      a doubtful visit: it may be no hand
    visited   no hand for `SETTLE_S`                      quiet      a visit

Times are the pictures' own; `undecided_since_s` says from when on nothing is final. A picture without any at rest
before it compares with nothing: what stands there at first has not come.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from edge.perception.detections import Floats, overlaps
from edge.perception.products.recognition import Recognition
from edge.perception.shelf_network import Seen
from hardware.ports import Image

SETTLE_S = 0.5
"""A hand that goes out of sight behind a thing is back by then."""
VISIT_MAX_S = 60.0
UNSEEN_MIN = 2
SAME_PLACE = 0.5
"""Boxes that overlap (IoU) at least this much may be of one thing."""
SAME_LOOK = 0.5
"""Correlation of two cut-outs from which on they show the same thing under another light."""
LOOK_SIDE_PX = 24
PRODUCT_MIN = 0.12
"""The network is to be asked for products down to this score."""
REAL_AT, REAL_WIDTH = 0.3, 0.05
"""The score at which a box is as probably a thing as not, and how fast that changes."""
PRIORS: Mapping[int, float] = {-3: 0.3, -2: 0.6, -1: 1.0, 0: 1.0, 1: 0.6, 2: 0.3, 3: 0.1}
"""How readily so many more of one product in one visit are believed: more is taken than returned, and singly.

Mildly so: that something has gone or come is seen already.
"""
FAULTS = 0.03
"""How often what was seen to go or come says nothing: a thing missed, or hidden by another, before or after."""


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """A picture without a hand, and where things stand in it: `boxes` (n, 4), left, top, right, bottom in pixels.

    `real` (n,) is how probably each box is a thing.
    """

    t_s: float
    picture: Image
    boxes: Floats
    real: Floats


@dataclass(frozen=True, slots=True, eq=False)
class FreeVisit:
    """A hand was there from `entered_s` to `left_s`. `doubtful`: nobody saw it come or go."""

    entered_s: float
    left_s: float
    before: Rest
    after: Rest
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Change:
    """How many pieces of a product came (above 0) or left, and how probably; None is a product nobody enrolled.

    `p` is of exactly so many; `alternatives` are other counts, 0 among them, the likeliest first.
    """

    sku: str | None
    count: int
    p: float
    alternatives: tuple[tuple[int, float], ...]


class FreeShelf:
    """One camera's view of a free shelf; pictures come in the order of their times.

    `unseen_min`: how many pictures must agree that things differ though nobody saw a hand.
    """

    def __init__(self, unseen_min: int = UNSEEN_MIN) -> None:
        self._unseen_min = unseen_min
        self._state: Literal["quiet", "visited"] = "quiet"
        self._rest: Rest | None = None
        self._entered_s = self._hand_s = 0.0
        self._differs = 0
        self._differs_s = 0.0

    @property
    def undecided_since_s(self) -> float | None:
        """Since when something is going on; None while all is quiet."""
        if self._state == "visited":
            return self._entered_s
        return self._differs_s if self._differs else None

    def see(self, t_s: float, picture: Image, seen: Sequence[Seen]) -> FreeVisit | None:
        """Take a picture with what is seen in it; a visit that ends with it."""
        hands = any(each.kind == "hand" for each in seen)
        if hands:
            return self._touched(t_s, picture, seen)
        rest = rest_of(t_s, picture, seen)
        if self._state == "visited":
            if t_s - self._hand_s < SETTLE_S:
                return None
            return self._concluded(rest, self._entered_s, self._hand_s, doubtful=False)
        return self._at_rest(rest)

    def _touched(self, t_s: float, picture: Image, seen: Sequence[Seen]) -> FreeVisit | None:
        if self._state == "quiet":
            # What differed before a hand was seen belongs to its visit.
            self._entered_s = self._differs_s if self._differs else t_s
            self._state, self._differs = "visited", 0
        self._hand_s = t_s
        if t_s - self._entered_s < VISIT_MAX_S:
            return None
        return self._concluded(rest_of(t_s, picture, seen), self._entered_s, t_s, doubtful=True)

    def _at_rest(self, rest: Rest) -> FreeVisit | None:
        before = self._rest
        if before is None or not _differ(before, rest):
            self._rest, self._differs = rest, 0
            return None
        if self._differs == 0:
            self._differs_s = rest.t_s
        self._differs += 1
        if self._differs < self._unseen_min:
            return None
        return self._concluded(rest, before.t_s, self._differs_s, doubtful=True)

    def _concluded(self, after: Rest, entered_s: float, left_s: float, *, doubtful: bool) -> FreeVisit | None:
        before, self._rest, self._state, self._differs = self._rest, after, "quiet", 0
        return None if before is None else FreeVisit(entered_s, left_s, before, after, doubtful)


def rest_of(t_s: float, picture: Image, seen: Sequence[Seen]) -> Rest:
    """The things that are seen in a picture."""
    things = [each for each in seen if each.kind == "product"]
    boxes = np.array([each.box for each in things], np.float32).reshape(-1, 4)
    scores = np.array([each.score for each in things], np.float32)
    return Rest(t_s, picture, boxes, (1.0 / (1.0 + np.exp((REAL_AT - scores) / REAL_WIDTH))).astype(np.float32))


def _differ(before: Rest, after: Rest) -> bool:
    """Whether something has probably gone or come."""
    gone, come = left_over(before, after)
    return bool((before.real[gone] >= 0.5).any() or (after.real[come] >= 0.5).any())


def left_over(before: Rest, after: Rest) -> tuple[list[int], list[int]]:
    """The places among the boxes `before` of what is not there any more, and among those `after` of what is new.

    Pairs are made greedily, those that overlap most first; every thing has one partner at most.
    """
    shared = overlaps(before.boxes, after.boxes)
    gone, come = set(range(len(before.boxes))), set(range(len(after.boxes)))
    pairs = sorted(
        ((float(shared[one, other]), one, other) for one, other in itertools.product(gone, come)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    for share, one, other in pairs:
        if share < SAME_PLACE:
            break
        if one in gone and other in come and alike(cut_out(before, one), cut_out(after, other)) >= SAME_LOOK:
            gone.discard(one)
            come.discard(other)
    return sorted(gone), sorted(come)


def cut_out(rest: Rest, place: int) -> Image:
    """The part of the picture that shows the thing at `place`; at least one pixel."""
    height, width = rest.picture.shape[:2]
    left, top, right, bottom = (round(float(value)) for value in rest.boxes[place])
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return rest.picture[top : max(min(bottom, height), top + 1), left : max(min(right, width), left + 1)]


def alike(one: Image, other: Image) -> float:
    """The correlation of two cut-outs, −1 to 1, whatever the light; 1 where both are flat."""
    first, second = _small(one), _small(other)
    flat = float(first.std()) < 1.0, float(second.std()) < 1.0
    if all(flat):
        return 1.0
    if any(flat):
        return 0.0
    return float(((first - first.mean()) * (second - second.mean())).mean() / (first.std() * second.std()))


def _small(image: Image) -> Floats:
    return np.asarray(cv2.resize(image, (LOOK_SIDE_PX, LOOK_SIDE_PX), interpolation=cv2.INTER_AREA), np.float32)


def changes(
    gone: Sequence[tuple[float, Recognition]],
    come: Sequence[tuple[float, Recognition]],
    *,
    doubtful: bool = False,
) -> tuple[Change, ...]:
    """What left and what came, by product, of what was left over: (how probably it is a thing, what it may be) each.

    A product of which nothing seems to have changed is not named. The surest change comes first. For each product the
    number that came less the number that left is a sum of independent chances; `PRIORS` and `FAULTS` weigh it. A
    doubtful visit is never more than likely.
    """
    names = {sku for _, found in (*gone, *come) for sku, _ in found.candidates} | {None}
    trust = 0.7 if doubtful else 1.0
    found = []
    for sku in sorted(names, key=lambda name: (name is None, name or "")):
        net = _sum([_chance(each, sku) for each in come], [_chance(each, sku) for each in gone])
        weights = {
            count: (net.get(count, 0.0) * (1.0 - FAULTS) + FAULTS / len(PRIORS)) * prior
            for count, prior in PRIORS.items()
        }
        total = sum(weights.values())
        ranked = sorted(weights.items(), key=lambda item: (-item[1], abs(item[0]), item[0]))
        (count, weight), *others = ranked
        if count != 0:
            rest = tuple((other, trust * value / total) for other, value in others)
            found.append(Change(sku, count, trust * weight / total, rest))
    return tuple(sorted(found, key=lambda each: (-each.p, each.sku or "")))


def _chance(thing: tuple[float, Recognition], sku: str | None) -> float:
    real, found = thing
    return real * (found.none if sku is None else dict(found.candidates).get(sku, 0.0))


def _sum(plus: Sequence[float], minus: Sequence[float]) -> dict[int, float]:
    """How probable each value is of the number of `plus` that happen less that of `minus`, each by its own chance."""
    sums = {0: 1.0}
    for sign, chance in (*((1, p) for p in plus), *((-1, p) for p in minus)):
        grown: dict[int, float] = {}
        for value, p in sums.items():
            grown[value] = grown.get(value, 0.0) + p * (1.0 - chance)
            grown[value + sign] = grown.get(value + sign, 0.0) + p * chance
        sums = grown
    return sums
