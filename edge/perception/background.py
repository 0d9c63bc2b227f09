"""What is foreign in a still camera's picture: pixels that differ from how the scene looks at rest.

How it works. A reference picture holds the scene at rest. A picture is first brought to the reference's brightness,
channel by channel, by the median ratio over pixels that were at rest before (a camera turns its exposure up and down
when a hand comes in). A pixel is then foreign when it shows another surface (surfaces.py).

Foreign pixels are joined to regions. A region is *somebody's*, a reach, when it comes from the picture's edge as arms
do, or when it lies beyond any one of the camera's slots: a body before the shelf. What lies within one slot and stands
still is goods that came or went, and becomes part of the rest after `REST_S`; what lies beyond it a
little and is no larger may be either, and does so after `SLOTS_REST_S`; a reach only after `REACH_REST_S`
(people stand and read for a while; a lamp that was switched on stays). So the reference follows the shelf by itself,
and nothing has to be told back to it.

A picture without any structure (a covered lens, a dead lamp) says nothing of the scene, and changes nothing here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge.perception.surfaces import Floats, Mask, Surfaces, channels_max
from hardware.ports import Image

WIDTH = 320
"""Pictures are worked on at this width: a hand is tens of pixels wide there, and the work stays under 4 ms."""
MOVE_MIN = 7.0
"""Levels between two pictures beneath which nothing moved; compression noise stays beneath it."""
REGION_MIN = 0.0015
"""Share of the picture beneath which a region is noise."""
REST_S = 1.2
SLOTS_REST_S = 3.0
REACH_REST_S = 20.0
WITHIN_SLOT = 0.8
"""Share of a region that lies within one slot where it is goods."""
MOSTLY, LARGER_MAX = 0.5, 1.5
"""A region that lies in slots by this share at least, and is at most so much larger than one of them, may be goods."""
ROOM = 0.15
"""What of a slot's width and height goods may reach beyond it on each side."""
ADAPT_S = 8.0
"""The time in which the reference follows slow changes of light."""

MOVE_NOISE = 3.5
"""A pixel moved when it differs by this many times the median pixel's difference."""
NOISE_GAIN = 0.1
FLICKER_GAIN_MIN = 0.01
"""Lamps flicker and exposure steps; a smaller change of the whole picture's level is left as it is."""
SHAKE_MIN = 0.02
"""Share of the picture that must have changed before the camera is asked whether it shook."""
SHAKE_SURE = 0.25
SHAKE_FROM, SHAKE_TO = 0.2, 6.0
"""Pixels at the working size: less is not worth the blur, more is a camera that was knocked."""
ARM = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)), np.uint8)
"""As thick as an arm is at least at the working size, in a view two metres wide."""
STILL_MAX = 0.0005
"""Share of the picture that may have moved in a picture that is called still."""
LOOK_AGAIN_S = 0.35
"""A still picture is looked at this often all the same, to follow the light."""
FLICKER_MAX = 0.02
SATURATED = 250.0
"""A channel at its upper end says only that there is at least so much light."""
BLIND_SHARE, BLIND_MIN = 0.12, 1.5
"""A picture whose levels spread less than this share of the scene's, or than so many levels, shows nothing: the light
would have to fall to an eighth for a real scene to come so low."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One picture, told apart. All masks are (h, w) at the working size, `scale` of them to one pixel of the camera."""

    t_s: float
    scale: float
    foreign: Mask
    """Differs from the scene at rest."""
    reach: Mask
    """Belongs to a foreign region that comes from the picture's edge."""
    moved: Mask
    """Differs from the picture before."""


class Background:
    """The scene at rest of one camera, learnt as the pictures come. The first picture counts as at rest.

    `slots` are the boxes (left, top, width, height; pixels of the camera) in which goods stand. Without any, only what
    comes from the picture's edge is somebody's.
    """

    def __init__(self, slots: Sequence[tuple[float, float, float, float]] = ()) -> None:
        self._slots = slots
        self._rest: Surfaces | None = None
        self._rest_spread = 0.0
        self._before: Image
        self._moved_s: npt.NDArray[np.float64]
        self._labels: npt.NDArray[np.int32]
        self._regions: Mask
        self._reach: Mask
        self._between: Mask
        self._learnt_s = 0.0
        self._noise = 0.0
        self._window: npt.NDArray[Any] | None = None

    def observe(self, image: Image, t_s: float) -> Scene | None:
        """The scene in `image` (height, width, 3; uint8), taken at `t_s`; None where the camera is blind.

        Call in the order of time.
        """
        scale = min(1.0, WIDTH / image.shape[1])
        size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
        small = np.asarray(cv2.blur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), (3, 3)), np.uint8)
        if self._is_blind(small):
            return None
        if self._rest is None:
            self._begin(small, t_s)
        change = self._change(small)
        if np.count_nonzero(change > MOVE_MIN) > SHAKE_MIN * change.size:
            small = self._steadied(small)
            change = self._change(small)
        self._before = small
        # The median pixel shows what the sensor and the compression do where nothing happens.
        self._noise += NOISE_GAIN * (float(np.median(change[::4, ::4])) - self._noise)
        moved = np.asarray(change > max(MOVE_MIN, MOVE_NOISE * self._noise), np.bool_)
        stirred = int(np.count_nonzero(moved))
        if stirred:
            self._moved_s[moved] = t_s
        # A still picture says what the one before it said: most of a shelf camera's day costs only this far.
        if stirred > STILL_MAX * moved.size or t_s - self._learnt_s >= LOOK_AGAIN_S:
            self._look(small, t_s, scale)
        return Scene(t_s, scale, self._regions, self._reach, moved)

    def _is_blind(self, small: Image) -> bool:
        return _spread(small) < max(BLIND_SHARE * self._rest_spread, BLIND_MIN)

    def _begin(self, small: Image, t_s: float) -> None:
        self._rest = Surfaces(small.astype(np.float32))
        self._rest_spread = _spread(small)
        self._before = small
        # In double precision: a store stays open for months, and a float has only 24 bits for their seconds.
        self._moved_s = np.full(small.shape[:2], t_s, np.float64)
        self._regions = self._reach = self._between = np.zeros(small.shape[:2], np.bool_)
        self._learnt_s = t_s

    def _change(self, small: Image) -> npt.NDArray[np.uint8]:
        """How many levels each pixel differs from the picture before, a change of exposure and lamps' flicker aside."""
        sample, sample_before = small[::4, ::4] + np.float32(1), self._before[::4, ::4] + np.float32(1)
        gain = np.median(sample / sample_before, axis=(0, 1))
        before = self._before
        if np.abs(gain - 1.0).max() > FLICKER_GAIN_MIN:
            before = np.clip(before * gain.astype(np.float32), 0, 255).astype(np.uint8)
        return channels_max(cv2.absdiff(small, before))

    def _steadied(self, small: Image) -> Image:
        """`small` moved back to where the scene at rest lies, if the whole camera has shaken by a few pixels."""
        assert self._rest is not None
        if self._window is None:
            self._window = cv2.createHanningWindow((small.shape[1], small.shape[0]), cv2.CV_32F)
        rest = cv2.cvtColor(self._rest.picture, cv2.COLOR_BGR2GRAY)
        now = cv2.cvtColor(small.astype(np.float32), cv2.COLOR_BGR2GRAY)
        (right, down), sureness = cv2.phaseCorrelate(rest, now, self._window)
        if sureness < SHAKE_SURE or not SHAKE_FROM <= max(abs(right), abs(down)) <= SHAKE_TO:
            return small
        back = np.array([[1, 0, -right], [0, 1, -down]], np.float32)
        size = (small.shape[1], small.shape[0])
        return np.asarray(cv2.warpAffine(small, back, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def _look(self, small: Image, t_s: float, scale: float) -> None:
        assert self._rest is not None
        level = self._levelled(small)
        self._regions, self._labels = _joined(self._rest.differs(level, self._noise))
        self._reach = _reaching_in(self._regions)
        self._between = np.zeros_like(self._regions)
        if self._slots:
            slots = [_working(box, scale) for box in self._slots]
            beyond = _beyond(self._labels, slots) & self._regions
            self._between = beyond & ~self._reach & _sized_as_goods(self._labels, slots)
            self._reach |= beyond
        self._learn(level, t_s)

    def _levelled(self, small: Image) -> Floats:
        """`small` brought to the light of the scene at rest. Where either is saturated, what may be equal is equal."""
        assert self._rest is not None
        rest, level = self._rest.picture, small * self._inverse_gain(small)
        may_be_equal = ((small >= SATURATED) & (rest > level)) | ((rest >= SATURATED) & (level > rest))
        return np.asarray(np.where(may_be_equal, rest, level), np.float32)

    def _inverse_gain(self, small: Image) -> Floats:
        """What undoes the camera's change of exposure and colour balance: a factor a channel."""
        assert self._rest is not None
        at_rest = ~self._regions[::4, ::4]
        if np.count_nonzero(at_rest) < at_rest.size // 10:
            at_rest = np.ones_like(at_rest)
        ratio = (self._rest.picture[::4, ::4][at_rest] + np.float32(1)) / (small[::4, ::4][at_rest] + np.float32(1))
        return np.asarray(np.median(ratio, axis=0).clip(0.25, 4.0), np.float32)

    def _learn(self, level: Floats, t_s: float) -> None:
        """Let the reference follow slow light, and take in what has come to rest."""
        assert self._rest is not None
        rest = self._rest.picture
        share = min(1.0, (t_s - self._learnt_s) / ADAPT_S)
        taken = np.where(self._regions, 0.0, share).astype(np.float32)
        # What hangs on a reach by less than an arm comes to rest by itself: a bottle in whose shadow a hand moves.
        parts = np.where(self._reach, -self._labels, self._labels)
        for label in np.unique(parts[self._regions]):
            region = parts == label
            limit_s = self._rests_s(region) if label < 0 else REST_S
            # A few pixels always flicker; the rest of the region must have lain still.
            if np.count_nonzero(t_s - self._moved_s[region] < limit_s) <= FLICKER_MAX * np.count_nonzero(region):
                taken[region] = 1.0
        self._rest = Surfaces(rest + taken[:, :, None] * (level - rest))
        self._rest_spread = _spread(self._rest.picture)
        self._learnt_s = t_s

    def _rests_s(self, region: Mask) -> float:
        """How long a reach must lie still to be part of the rest."""
        between = np.count_nonzero(self._between[region]) > np.count_nonzero(region) / 2
        return SLOTS_REST_S if between else REACH_REST_S


def _spread(picture: npt.NDArray[Any]) -> float:
    """The standard deviation of the levels, of the channel where it is greatest."""
    return float(cv2.meanStdDev(picture)[1].max())


def _joined(foreign: Mask) -> tuple[Mask, npt.NDArray[np.int32]]:
    """The foreign regions large enough to be things, as a mask and as labels (0: none)."""
    seen = cv2.morphologyEx(foreign.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= REGION_MIN * seen.size
    large[0] = False
    assert count == len(large)
    return large[labels], np.asarray(labels, np.int32)


def _reaching_in(regions: Mask) -> Mask:
    """The part of `regions` that hangs on the picture's edge by something as thick as an arm.

    Shadows and seams are thinner: without that, a line of shadow ties a bottle on the board to the edge for good.
    """
    thick = cv2.morphologyEx(regions.astype(np.uint8), cv2.MORPH_OPEN, ARM)
    _, labels = cv2.connectedComponents(thick, connectivity=8)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    hanging = np.isin(labels, np.unique(edge[edge > 0]))
    return np.asarray(cv2.dilate(hanging.astype(np.uint8), ARM) > 0, np.bool_) & regions


def _working(box: tuple[float, float, float, float], scale: float) -> tuple[slice, slice]:
    """The rows and columns of a box at the working size, with some room around: goods do not end where slots do."""
    left, top, width, height = box
    x, y = ROOM * width, ROOM * height
    rows = slice(max(int((top - y) * scale), 0), math.ceil((top + height + y) * scale))
    return rows, slice(max(int((left - x) * scale), 0), math.ceil((left + width + x) * scale))


def _sized_as_goods(labels: npt.NDArray[np.int32], slots: Sequence[tuple[slice, slice]]) -> Mask:
    """Where a region lies that may be goods of a slot and what shows beside them: mostly in slots, hardly larger."""
    held = np.zeros(labels.shape, np.bool_)
    count = int(labels.max()) + 1
    room = np.zeros(count, np.float64)
    for slot in slots:
        held[slot] = True
        inside = labels[slot]
        room[np.unique(inside)] = np.maximum(room[np.unique(inside)], inside.size)
    total = np.bincount(labels.ravel(), minlength=count)
    within = np.bincount(labels[held], minlength=count)
    goods = (within >= MOSTLY * total) & (total <= LARGER_MAX * room)
    goods[0] = False
    return np.asarray(goods[labels], np.bool_)


def _beyond(labels: npt.NDArray[np.int32], slots: Sequence[tuple[slice, slice]]) -> Mask:
    """Where a region lies of which no one slot holds the most."""
    count = int(labels.max()) + 1
    total = np.bincount(labels.ravel(), minlength=count)
    within = np.zeros(count, np.int64)
    for slot in slots:
        within = np.maximum(within, np.bincount(labels[slot].ravel(), minlength=count))
    beyond = within < WITHIN_SLOT * total
    beyond[0] = False
    return np.asarray(beyond[labels], np.bool_)
