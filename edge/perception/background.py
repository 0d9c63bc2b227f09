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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge.perception.regions import Regions, Slots, regions_in, window_of
from edge.perception.surfaces import EVERYWHERE, Floats, Mask, Surfaces, Window, channels_max
from hardware.ports import Image

WIDTH = 320
"""Pictures are worked on at this width: a hand is tens of pixels wide there."""
MOVE_MIN = 7.0
"""Levels between two pictures beneath which nothing moved; compression noise stays beneath it."""
REST_S = 1.2
SLOTS_REST_S = 3.0
REACH_REST_S = 20.0
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
NEAR = np.ones((17, 17), np.uint8)
"""How far a hand moves from picture to picture; what changes beside it is no shake."""
STILL_MAX = 0.0005
"""Share of the picture that may have moved in a picture that is called still."""
LOOK_AGAIN_S = 0.35
"""A still picture is looked at this often all the same, and the light is followed in such steps."""
FLICKER_MAX = 0.02
RIM, OUTLINE = 3, np.ones((3, 3), np.uint8)
GONE_TIMES, GONE_LEVELS, GONE_WITHIN = 1.5, 2.0, 1.2
"""By how much the outline of what has gone shows more in the scene at rest than now, and than what was within it."""
SATURATED = 250
"""A channel at its upper end says only that there is at least so much light."""
GAIN = (0.25, 4.0)
WITHIN_MIN = 60
"""Pixels of a sample that tell a gain."""
SPARSE = 7
"""Every so many rows and columns one pixel: they say as well what the whole picture's light and noise are."""
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
        self._boxes = slots
        self._slots: Slots | None = None
        self._rest: Surfaces | None = None
        self._rest_spread = 0.0
        self._before: Image
        self._moved_s: npt.NDArray[np.float64]
        self._regions: Regions | None = None
        self._foreign: Mask
        self._reach: Mask
        self._looked_s = self._learnt_s = 0.0
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
            self._begin(small, t_s, scale)
        change = self._change(small)
        if self._may_have_shaken(change):
            small, steadied = self._steadied(small)
            change = self._change(small) if steadied else change
        self._before = small
        # The median pixel shows what the sensor and the compression do where nothing happens.
        self._noise += NOISE_GAIN * (_median(_sampled(change)[0]) - self._noise)
        moved = np.asarray(change > self._move_min, np.bool_)
        stirred = int(np.count_nonzero(moved))
        if stirred:
            np.putmask(self._moved_s, moved, t_s)
        # A still picture says what the one before it said: most of a shelf camera's day costs only this far.
        if stirred > STILL_MAX * moved.size or t_s - self._looked_s >= LOOK_AGAIN_S:
            self._look(small, t_s)
        return Scene(t_s, scale, self._foreign, self._reach, moved)

    @property
    def _move_min(self) -> float:
        """Levels from which on a pixel moved, and did not only stir as the sensor's pixels do."""
        return max(MOVE_MIN, MOVE_NOISE * self._noise)

    def _is_blind(self, small: Image) -> bool:
        return _spread(small) < max(BLIND_SHARE * self._rest_spread, BLIND_MIN)

    def _begin(self, small: Image, t_s: float, scale: float) -> None:
        self._slots = Slots(self._boxes, scale, small.shape[:2]) if self._boxes else None
        self._rest = Surfaces(small.astype(np.float32))
        self._rest_spread = _spread(small)
        self._before = small
        # In double precision: a store stays open for months, and a float has only 24 bits for their seconds.
        self._moved_s = np.full(small.shape[:2], t_s, np.float64)
        self._foreign = self._reach = np.zeros(small.shape[:2], np.bool_)
        self._looked_s = self._learnt_s = t_s

    def _change(self, small: Image) -> npt.NDArray[np.uint8]:
        """How many levels each pixel differs from the picture before, a change of exposure and lamps' flicker aside."""
        gain = _gain(_sampled(small), _sampled(self._before))
        before = self._before
        if np.abs(gain - 1.0).max() > FLICKER_GAIN_MIN:
            before = _in_light(before, gain)
        return channels_max(cv2.absdiff(small, before))

    def _may_have_shaken(self, change: npt.NDArray[np.uint8]) -> bool:
        """Whether more has changed than somebody who is there already, or comes in, changes by moving."""
        changed = (change > self._move_min).view(np.uint8)
        least = SHAKE_MIN * change.size
        if cv2.countNonZero(changed) <= least:
            return False
        there = cv2.dilate(self._foreign.view(np.uint8), NEAR)
        if cv2.countNonZero(there) > change.size // 2:
            return True
        return cv2.countNonZero(cv2.subtract(changed, there)) > least

    def _steadied(self, small: Image) -> tuple[Image, bool]:
        """`small` moved back to where the scene at rest lies, if the whole camera has shaken by a few pixels."""
        assert self._rest is not None
        rest, now = (grey.astype(np.float32) for grey in (self._rest.grey, cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)))
        if self._window is None:
            self._window = cv2.createHanningWindow((now.shape[1], now.shape[0]), cv2.CV_32F)
        (right, down), sureness = cv2.phaseCorrelate(rest, now, self._window)
        if sureness < SHAKE_SURE or not SHAKE_FROM <= max(abs(right), abs(down)) <= SHAKE_TO:
            return small, False
        back = np.array([[1, 0, -right], [0, 1, -down]], np.float32)
        size = (small.shape[1], small.shape[0])
        return np.asarray(cv2.warpAffine(small, back, size, borderMode=cv2.BORDER_REPLICATE), np.uint8), True

    def _look(self, small: Image, t_s: float) -> None:
        assert self._rest is not None
        gain = self._inverse_gain(small)
        level = _in_light(small, gain)
        equal = self._may_be_equal(small, level)
        if equal is not None:
            np.copyto(level, self._rest.levels, where=equal)
        self._regions = self._found(small, level, gain, equal)
        self._foreign, self._reach = np.zeros_like(self._foreign), np.zeros_like(self._reach)
        if self._regions is not None:
            window = self._regions.window
            self._foreign[window], self._reach[window] = self._regions.labels > 0, self._regions.reach
        self._looked_s = t_s
        self._learn(small, level, gain, equal, t_s)

    def _found(self, small: Image, level: Image, gain: Floats, equal: Mask | None) -> Regions | None:
        """The foreign regions of a picture; `level` is the same in the light of the scene at rest."""
        assert self._rest is not None
        candidates = window_of(self._rest.other_level(level, self._noise))
        if candidates is None:
            return None
        window, thick = candidates
        here = self._levelled(small, gain, equal, window)
        colours = None if equal is None else self._shows_colours(small, window)
        foreign = self._rest.other_surface(here, self._noise, window, colours).view(np.uint8) & thick
        return regions_in(foreign, window, small.shape[:2], self._slots)

    def _levelled(self, small: Image, gain: Floats, equal: Mask | None, window: Window) -> Floats:
        """A part of the picture in the light of the scene at rest. Where it is saturated, what may be equal is."""
        assert self._rest is not None
        level = _in_light_exactly(small[window], gain)
        if equal is not None:
            np.copyto(level, self._rest.picture[window], where=equal[window])
        return level

    def _shows_colours(self, small: Image, window: Window) -> Mask:
        """Where no channel of either picture is saturated: elsewhere colours shift with the light."""
        assert self._rest is not None
        return np.asarray(channels_max(cv2.max(small[window], self._rest.levels[window])) < SATURATED, np.bool_)

    def _may_be_equal(self, small: Image, level: Image) -> Mask | None:
        """Where channels of the picture or of the scene at rest are saturated, and the other may be as bright."""
        assert self._rest is not None
        rest = self._rest.levels
        lit, lit_at_rest = small >= SATURATED, rest >= SATURATED
        if not lit.any() and not lit_at_rest.any():
            return None
        return np.asarray((lit & (rest > level)) | (lit_at_rest & (level > rest)), np.bool_)

    def _inverse_gain(self, small: Image) -> Floats:
        """What undoes the camera's change of exposure and colour balance: a factor a channel."""
        assert self._rest is not None
        rest, now = _sampled(self._rest.levels), _sampled(small)
        if self._regions is not None:
            at_rest = _sampled((~self._foreign).view(np.uint8))[0] > 0
            if np.count_nonzero(at_rest) >= at_rest.size // 10:
                rest, now = rest[:, at_rest], now[:, at_rest]
        return np.asarray(_gain(rest, now).clip(*GAIN), np.float32)

    def _learn(self, small: Image, level: Image, gain: Floats, equal: Mask | None, t_s: float) -> None:
        """Let the reference follow slow light, and take in what has come to rest."""
        assert self._rest is not None
        settled = self._settled(level, t_s)
        if not settled and t_s - self._learnt_s < LOOK_AGAIN_S:
            return
        rest = self._rest.picture.copy()
        now = self._levelled(small, gain, equal, EVERYWHERE)
        share = min(1.0, (t_s - self._learnt_s) / ADAPT_S)
        cv2.accumulateWeighted(now, rest, share, mask=(~self._foreign).view(np.uint8))
        for where, part in settled:
            rest[where][part] = now[where][part]
        self._rest = Surfaces(rest)
        self._rest_spread = _spread(rest)
        self._learnt_s = t_s

    def _settled(self, level: Image, t_s: float) -> list[tuple[Window, Mask]]:
        """What of the foreign regions has come to rest: rows and columns, and a mask of them."""
        if self._regions is None:
            return []
        found = []
        for where, part, is_reach, may_be_goods in self._regions.parts():
            stirred_s = self._moved_s[where][part]
            if not _lay_still(stirred_s, t_s - REST_S):
                continue
            limit_s = (SLOTS_REST_S if may_be_goods else REACH_REST_S) if is_reach else REST_S
            if _lay_still(stirred_s, t_s - limit_s) or self._has_gone(level, where, part):
                found.append((where, part))
        return found

    def _has_gone(self, level: Image, where: Window, part: Mask) -> bool:
        """Whether a region is where something was, and not where something is.

        Its outline then shows in the scene at rest and no longer in the picture: a hand that was there when the camera
        was switched on, a box that stood at the picture's edge. Goods all about in the scene show edges, too, but no
        fewer within the region than along its outline.
        """
        assert self._rest is not None
        rows, columns = (slice(max(side.start - RIM, 0), side.stop + RIM) for side in where)
        whole = np.zeros(level.shape[:2], np.uint8)
        whole[where] = part
        region = whole[rows, columns]
        outline = cv2.dilate(region, OUTLINE) > cv2.erode(region, OUTLINE)
        within = cv2.erode(region, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)) > 0
        was = _strength(self._rest.grey[rows, columns])
        now = _strength(np.asarray(cv2.cvtColor(level[rows, columns], cv2.COLOR_BGR2GRAY), np.uint8))
        along = float(was[outline].mean())
        inside = float(was[within].mean()) if within.any() else 0.0
        return along > GONE_TIMES * (float(now[outline].mean()) + GONE_LEVELS) and along > GONE_WITHIN * inside


def _lay_still(stirred_s: npt.NDArray[np.float64], since_s: float) -> bool:
    """Whether hardly any of the pixels that stirred at these times last did so since then."""
    # A few pixels always flicker; the rest of the region must have lain still.
    return bool(np.count_nonzero(stirred_s > since_s) <= FLICKER_MAX * len(stirred_s))


def _strength(grey: Image) -> npt.NDArray[np.float32]:
    """How strong the edge is in each pixel, in levels."""
    x, y = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray((np.abs(x) + np.abs(y)) / 4, np.float32)


def _spread(picture: npt.NDArray[Any]) -> float:
    """The standard deviation of the levels, of the channel where it is greatest; every third row says it as well."""
    return float(cv2.meanStdDev(picture[::3])[1].max())


def _sampled(picture: Image) -> npt.NDArray[np.uint8]:
    """A few pixels of a picture, (channels, pixels)."""
    size = (max(picture.shape[1] // SPARSE, 1), max(picture.shape[0] // SPARSE, 1))
    planes = cv2.split(cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST))
    return np.asarray(np.stack(planes).reshape(len(planes), -1), np.uint8)


def _gain(one: npt.NDArray[np.uint8], two: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """By how much each channel of a picture is brighter than in another, by the median of a few pixels of each.

    What is saturated in either says nothing of the light, while there are pixels enough that are not.
    """
    ratio = (one + np.float32(1)) / (two + np.float32(1))
    gain = np.asarray(_median(ratio), np.float64)
    brightest = np.maximum(one, two)
    for channel in np.flatnonzero(brightest.max(axis=1) >= SATURATED):
        within = brightest[channel] < SATURATED
        if np.count_nonzero(within) >= WITHIN_MIN:
            gain[channel] = _median(ratio[channel, within])
    return gain


def _median(values: npt.NDArray[Any]) -> Any:
    """The (upper) median along the last axis."""
    middle = values.shape[-1] // 2
    return np.partition(values, middle, axis=-1)[..., middle]


def _in_light(picture: Image, gain: npt.NDArray[Any]) -> Image:
    """The picture, each channel brighter by its gain."""
    return np.asarray(cv2.transform(picture, np.diag(gain).astype(np.float32)), np.uint8)


def _in_light_exactly(picture: Image, gain: npt.NDArray[Any]) -> Floats:
    """The same in fractions of levels, and beyond 255."""
    return np.asarray(cv2.transform(picture.astype(np.float32), np.diag(gain).astype(np.float32)), np.float32)
