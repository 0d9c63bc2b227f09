"""A free shelf: things stand anywhere, are taken and put down anywhere, and are counted by product.

Theory of operation. Of each picture it is known where things stand and whether a hand is in it (shelf_network.py). A
visit begins with a hand and ends with the first picture in which there has been none for `SETTLE_S`, and which the next
one agrees with; a camera that takes one picture a second will do. The last picture at rest before and that one are then
compared: a thing that stands where one stood and looks as it did has not changed, whatever it is; only what is left
over has gone or come, and only that is looked at closely (free_shelves.py). Unsure boxes take part in the comparison
(`PRODUCT_MIN`), so that a thing which is sure before and unsure after has not gone. At one picture a second a hand may
come and go unseen: then things differ from picture to picture without one, and when pictures agree that they do, that
is a visit, too, and a doubtful one unless something was seen to reach in.

    state     on                                              to         and
    quiet     no hand, things stand as they stood             quiet      this picture is the one at rest
    quiet     no hand, `UNSEEN_MIN` agree that they differ    quiet      a visit, doubtful where nothing reached in
    quiet     a hand                                          visited    entered = now
    visited   a hand, none in a picture before it             visited    a visit, as that picture shows; another begins
    visited   a hand else                                     visited
    visited   a hand for `VISIT_MAX_S`                        quiet      a doubtful visit: it may be no hand
    visited   no hand, and none in a picture that agrees      quiet      a visit
    visited   no hand for `AGREE_MAX_S`                       quiet      a visit

Times are the pictures' own; `undecided_since_s` says from when on nothing is final. A picture without any at rest
before it compares with nothing: what stands there at first has not come.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from edge.perception.detections import Floats, overlaps
from edge.perception.shelf_network import Seen
from hardware.ports import Image

SETTLE_S = 0.5
"""A hand that goes out of sight behind a thing is back by then."""
VISIT_MAX_S = 60.0
AGREE_MAX_S = 3.0
"""Pictures that still differ after so long will not agree: a thing that is seen and not seen by turns."""
UNSEEN_MIN, UNSEEN_MAX_S = 2, 10.0
"""So many agree that things differ, or they have differed, each otherwise, for so long: nothing waits for ever."""
SAME_PLACE = 0.5
"""Boxes that overlap (IoU) at least this much may be of one thing."""
SAME_LOOK = 0.5
"""Correlation of two cut-outs from which on they show the same thing under another light."""
SAME_COLOUR = 0.06
"""Mean difference of two cut-outs' shares of blue, green and red beyond which they show two things, however alike their
prints: two cans of one shape. In a real cabinet 97 of 100 things that stayed differed by less from picture to picture.
"""
DARK = 12.0
"""Levels added before shares are taken: what is nearly black has no colour."""
AS_IT_WAS = 0.85
"""Correlation of one place before and after from which on nothing has changed there. In a real cabinet it was less
wherever a thing had gone (at most 0.66), and more for 88 of 100 that stood (mini_amazon_go_v2)."""
HALF_AS_IT_WAS, WITHIN = 0.5, 0.7
"""The same for what seems to have come, of whose box so much lies in that of a thing that has gone."""
BOXED_AGAIN = 0.3
"""Overlap (IoU) of a thing that stays with a box that may be its own, drawn otherwise."""
LOOK_SIDE_PX = 24
PRODUCT_MIN = 0.12
"""The network is to be asked for products down to this score."""
REAL_AT, REAL_WIDTH = 0.3, 0.05
"""The score at which a box is as probably a thing as not, and how fast that changes."""


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


class FreeShelf:
    """One camera's view of a free shelf; pictures come in the order of their times.

    `unseen_min`: how many pictures must agree that things differ though nobody saw a hand.
    """

    def __init__(self, unseen_min: int = UNSEEN_MIN) -> None:
        self._unseen_min = unseen_min
        self._state: Literal["quiet", "visited"] = "quiet"
        self._rest: Rest | None = None
        self._entered_s = self._hand_s = 0.0
        self._next: Rest | None = None
        """Without a hand and other than at rest: what the next picture is to agree with."""
        self._differs = 0
        self._differs_s = 0.0
        self._reached = False
        """Whether something has reached in since the picture at rest."""

    @property
    def undecided_since_s(self) -> float | None:
        """Since when something is going on; None while all is quiet."""
        if self._state == "visited":
            return self._entered_s
        return self._differs_s if self._differs else None

    def see(self, t_s: float, picture: Image, seen: Sequence[Seen], *, reached: bool = False) -> FreeVisit | None:
        """Take a picture with what is seen in it; a visit that ends with it.

        `reached`: something reaches in from outside the picture. It may be a door that stands open, so it is no hand by
        itself; but where things differ after it, somebody was there and nobody need doubt that.
        """
        rest = rest_of(t_s, picture, seen)
        self._reached |= reached
        if any(each.kind == "hand" for each in seen):
            return self._touched(rest)
        if self._state == "visited":
            return self._left(rest)
        return self._at_rest(rest)

    def lost(self, t_s: float) -> tuple[float, float] | None:
        """The camera was lost at `t_s`: from when to when somebody was there then, and begin anew."""
        since_s = self.undecided_since_s
        self._state, self._rest, self._next, self._differs, self._reached = "quiet", None, None, 0, False
        return None if since_s is None else (since_s, max(t_s, since_s))

    def _touched(self, rest: Rest) -> FreeVisit | None:
        ended, t_s = None, rest.t_s
        if self._state == "visited" and self._next is not None:
            ended = self._concluded(self._next, self._entered_s, self._hand_s, doubtful=False)
        if self._state == "quiet":
            # What differed before a hand was seen belongs to its visit.
            self._entered_s = self._differs_s if self._differs else t_s
            self._state, self._differs = "visited", 0
        self._hand_s, self._next = t_s, None
        if t_s - self._entered_s < VISIT_MAX_S:
            return ended
        return self._concluded(rest, self._entered_s, t_s, doubtful=True)

    def _left(self, rest: Rest) -> FreeVisit | None:
        if rest.t_s - self._hand_s < SETTLE_S:
            return None
        agreed = self._next is not None and not _differ(self._next, rest)
        if agreed or self._rest is None or rest.t_s - self._hand_s >= AGREE_MAX_S:
            return self._concluded(rest, self._entered_s, self._hand_s, doubtful=False)
        self._next = rest
        return None

    def _at_rest(self, rest: Rest) -> FreeVisit | None:
        before = self._rest
        if before is None or not _differ(before, rest):
            self._rest, self._next, self._differs, self._reached = rest, None, 0, False
            return None
        if self._next is None or _differ(self._next, rest):
            self._differs_s = self._differs_s if self._differs else rest.t_s
            self._differs, self._next = 1, rest
        else:
            self._differs += 1
        if self._differs < self._unseen_min and rest.t_s - self._differs_s < UNSEEN_MAX_S:
            return None
        return self._concluded(rest, before.t_s, self._differs_s, doubtful=not self._reached)

    def _concluded(self, after: Rest, entered_s: float, left_s: float, *, doubtful: bool) -> FreeVisit | None:
        before, self._rest, self._next, self._state = self._rest, after, None, "quiet"
        self._differs, self._reached = 0, False
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
    _without_unchanged(before, after, shared, gone, come)
    return sorted(gone), sorted(come)


def _without_unchanged(before: Rest, after: Rest, shared: Floats, gone: set[int], come: set[int]) -> None:
    """Take out what the network boxes otherwise though the picture there is as it was, with what it is now boxed as.

    `shared` (before, after) is how much boxes overlap.
    """
    stayed = {place for place in gone if _same(before, after, before.boxes[place]) >= AS_IT_WAS}
    gone -= stayed
    for place in sorted(stayed):
        come -= {_partner(shared[place], come)}
    stayed = {place for place in come if _same(before, after, after.boxes[place]) >= AS_IT_WAS}
    come -= stayed
    for place in sorted(stayed):
        wider = _partner(shared[:, place], gone)
        # It was boxed with the room beside it, and something else came there; else it was boxed with what has gone.
        if wider is not None and any(float(shared[wider, other]) > 0.0 for other in come):
            gone.discard(wider)
    for place in sorted(come):
        # Two things in one box, of which one has gone: the other stood there all the time.
        around = (other for other in gone if before.real[other] >= 0.5)
        if any(_within(after.boxes[place], before.boxes[other]) for other in around) and (
            _same(before, after, after.boxes[place]) >= HALF_AS_IT_WAS
        ):
            come.discard(place)


def _same(before: Rest, after: Rest, box: Floats) -> float:
    """How much a part of the picture is as it was."""
    return alike(_part(before.picture, box), _part(after.picture, box))


def _partner(shared: Floats, others: set[int]) -> int | None:
    """Which of the `others` overlaps most, if any does enough."""
    best = max(others, key=lambda other: (float(shared[other]), -other), default=None)
    return best if best is not None and float(shared[best]) >= BOXED_AGAIN else None


def _within(box: Floats, other: Floats) -> bool:
    """Whether a box mostly lies in another."""
    across = float(min(box[2], other[2]) - max(box[0], other[0]))
    down = float(min(box[3], other[3]) - max(box[1], other[1]))
    area = float((box[2] - box[0]) * (box[3] - box[1]))
    return max(across, 0.0) * max(down, 0.0) >= WITHIN * area


def cut_out(rest: Rest, place: int) -> Image:
    """The part of the picture that shows the thing at `place`; at least one pixel."""
    return _part(rest.picture, rest.boxes[place])


def _part(picture: Image, box: Floats) -> Image:
    height, width = picture.shape[:2]
    left, top, right, bottom = (round(float(value)) for value in box)
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return picture[top : max(min(bottom, height), top + 1), left : max(min(right, width), left + 1)]


def alike(one: Image, other: Image) -> float:
    """The correlation of two cut-outs, −1 to 1, whatever the light; 1 where both are flat, 0 where colours differ."""
    first, second = _small(one), _small(other)
    if float(np.abs(_colours(first) - _colours(second)).mean()) > SAME_COLOUR:
        return 0.0
    flat = float(first.std()) < 1.0, float(second.std()) < 1.0
    if all(flat):
        return 1.0
    if any(flat):
        return 0.0
    return float(((first - first.mean()) * (second - second.mean())).mean() / (first.std() * second.std()))


def _colours(small: Floats) -> Floats:
    """Each pixel's shares of blue, green and red."""
    lit = small + np.float32(DARK)
    return np.asarray(lit / lit.sum(axis=2, keepdims=True), np.float32)


def _small(image: Image) -> Floats:
    return np.asarray(cv2.resize(image, (LOOK_SIDE_PX, LOOK_SIDE_PX), interpolation=cv2.INTER_AREA), np.float32)
