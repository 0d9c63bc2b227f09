"""One clip made to look as if other cameras had taken it, in other light, of other hands.

What a disguise does is done to pictures alone, each in the order of time; where it moves things, or hours, the store
and the truth that go with it stand beside it (shelf_variants.py). Whatever is drawn by chance has a named seed.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import cv2
import numpy as np

from hardware.ports import Image
from protocol.recording import TruthEvent
from protocol.store import Box

Chance = np.random.Generator
Film = Iterator[tuple[float, Image]]
"""Pictures and their times in seconds."""
Disguise = Callable[[Film, Chance], Film]
Truth = Sequence[TruthEvent]
Matrix = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def plain(film: Film, _: Chance) -> Film:
    """The clip as it is."""
    return film


def each(change: Callable[[Image, float, Chance], np.ndarray]) -> Disguise:
    """A disguise that changes each picture by itself; what `change` returns is clipped to 0–255."""

    def disguise(film: Film, chance: Chance) -> Film:
        for t_s, image in film:
            yield t_s, np.ascontiguousarray(np.clip(change(image, t_s, chance), 0, 255), dtype=np.uint8)

    return disguise


def one_after_the_other(*disguises: Disguise) -> Disguise:
    """All of them."""

    def disguise(film: Film, chance: Chance) -> Film:
        for one in disguises:
            film = one(film, chance)
        return film

    return disguise


def shifted(image: Image, right: float, down: float) -> np.ndarray:
    """The picture moved by so many pixels; its rim is repeated."""
    there = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return cv2.warpAffine(image, there, (image.shape[1], image.shape[0]), borderMode=cv2.BORDER_REPLICATE)


def shaken(pixels: float) -> Disguise:
    """A camera on a table at which somebody writes."""
    return each(lambda image, _, chance: shifted(image, *chance.uniform(-pixels, pixels, 2)))


def through_gamma(gamma: float) -> Disguise:
    """Another camera's curve of tones."""
    return each(lambda image, _, __: 255.0 * (image / 255.0) ** gamma)


def pumping(strength: float, lag_s: float) -> Disguise:
    """Exposure that follows what is in the picture, too much and late: a hand comes in and everything turns darker."""

    def disguise(film: Film, _: Chance) -> Film:
        usual, gain, last_s = 0.0, 1.0, 0.0
        for t_s, image in film:
            mean = float(image.mean())
            usual = usual or mean
            wanted = (usual / mean) ** strength
            gain += (wanted - gain) * min((t_s - last_s) / lag_s, 1.0)
            last_s = t_s
            yield t_s, np.clip(image * gain, 0, 255).astype(np.uint8)

    return disguise


def banded(depth: float, rows: int, hertz: float) -> Disguise:
    """The stripes of a lamp at mains frequency, wandering over a rolling shutter."""

    def stripes(image: Image, t_s: float, _: Chance) -> np.ndarray:
        phase = 2 * np.pi * (np.arange(image.shape[0]) / rows + hertz * t_s)
        return image * (1.0 + depth * np.sin(phase))[:, None, None]

    return each(stripes)


def walking_shadow(dark: float) -> Disguise:
    """The soft shadow of somebody who walks past behind the camera, to and fro, every six seconds."""

    def shaded(image: Image, t_s: float, _: Chance) -> np.ndarray:
        columns = np.arange(image.shape[1]) / image.shape[1]
        middle = 1.6 * abs((t_s / 6.0) % 2.0 - 1.0) - 0.3
        shade = 1.0 - dark * np.exp(-(((columns - middle) / 0.18) ** 2))
        return np.asarray(image * shade[None, :, None])

    return each(shaded)


def jpeg(quality: int) -> Disguise:
    """A network camera that saves on the line."""

    def through(image: Image, _: float, __: Chance) -> np.ndarray:
        return np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1))

    return each(through)


def noisy(deviation: float) -> Disguise:
    """A small sensor in little light."""
    return each(lambda image, _, chance: image + chance.normal(0, deviation, image.shape))


def warped(there: Matrix) -> Disguise:
    """Seen from elsewhere: a homography of the picture's pixels."""
    return each(
        lambda image, _, __: np.asarray(
            cv2.warpPerspective(image, there, (image.shape[1], image.shape[0]), borderMode=cv2.BORDER_REPLICATE)
        )
    )


def boxed(there: Matrix, box: Box) -> Box:
    """The box around where a homography puts a box."""
    left, top, width, height = box
    corners = [[left, top], [left + width, top], [left, top + height], [left + width, top + height]]
    moved = cv2.perspectiveTransform(np.array([corners], np.float64), there)[0]
    (x0, y0), (x1, y1) = moved.min(axis=0), moved.max(axis=0)
    return float(x0), float(y0), float(x1 - x0), float(y1 - y0)


def held(at_s: float, seconds: float, span_s: float) -> Disguise:
    """The hand stays: pictures from `at_s` on play to and fro for so long, then the clip goes on, as much later."""

    def disguise(film: Film, _: Chance) -> Film:
        shots = list(film)
        moving = [image for t_s, image in shots if at_s <= t_s < at_s + span_s]
        pace_s = span_s / len(moving)
        loop = [*moving, *reversed(moving)]
        for t_s, image in shots:
            if t_s < at_s:
                yield t_s, image
        for number in range(round(seconds / pace_s)):
            yield at_s + number * pace_s, loop[number % len(loop)]
        for t_s, image in shots:
            if t_s >= at_s:
                yield t_s + seconds, image

    return disguise


def from_on(start_s: float) -> Disguise:
    """The camera is switched on in the midst of it."""

    def disguise(film: Film, _: Chance) -> Film:
        return ((t_s, image) for t_s, image in film if t_s >= start_s)

    return disguise


def moved_aside(box: Box, pixels: float, from_s: tuple[float, float], to_s: tuple[float, float]) -> Disguise:
    """What stands in `box` is set down so many pixels beside its place, by the hand that is there in `from_s`, and is
    fetched from there by the one in `to_s`. The picture is stretched about the box, so that nothing is cut."""

    def disguise(film: Film, _: Chance) -> Film:
        for t_s, image in film:
            share = np.interp(t_s, [*from_s, *to_s], [0.0, 1.0, 1.0, 0.0])
            yield t_s, _stretched(image, box, float(share) * pixels)

    return disguise


def _stretched(image: Image, box: Box, pixels: float) -> Image:
    if pixels == 0.0:
        return image
    left, top, width, height = box
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    beside = np.maximum(np.maximum(left - columns, columns - left - width), 0.0) / (3.0 * abs(pixels))
    above = np.maximum(np.maximum(top - rows, rows - top - height), 0.0) / 40.0
    here = np.clip(1.0 - beside, 0.0, 1.0) * np.clip(1.0 - above, 0.0, 1.0)
    moved = cv2.remap(
        image, columns - np.float32(pixels) * here, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)


def turned_round(box: Box, from_s: float, to_s: float) -> Disguise:
    """Meanwhile what stands in `box` shows its other side: left is right, and a paper label faces the camera."""
    left, top, width, height = (round(value) for value in box)

    def turned(image: Image, t_s: float, _: Chance) -> np.ndarray:
        if not from_s <= t_s < to_s:
            return image
        image = image.copy()
        part = image[top : top + height, left : left + width]
        part[:] = part[:, ::-1]
        label = part[int(0.45 * height) : int(0.7 * height), int(0.25 * width) : int(0.75 * width)]
        label[:] = (0.45 * label + 0.55 * np.array([230, 236, 240])).astype(np.uint8)
        return image

    return each(turned)


def another_hand(at_s: float, taken_s: tuple[float, float], still_s: float, from_column: int) -> Disguise:
    """At `at_s` the hand that the clip shows coming in `taken_s` comes too, stays for so long, and goes as it came.

    It is cut out where the clip differs from the last picture before it came, right of a column: beyond that lies its
    shadow, and what stood there then.
    """

    def disguise(film: Film, _: Chance) -> Film:
        shots = list(film)
        rest = next(image for t_s, image in shots if t_s >= taken_s[0] - 0.1)
        coming = [image for t_s, image in shots if taken_s[0] <= t_s < taken_s[1]]
        pace_s = (taken_s[1] - taken_s[0]) / len(coming)
        staying = [coming[-1], coming[-2]] * (round(still_s / pace_s) // 2)
        visit = [*coming, *staying, *reversed(coming)]
        for t_s, image in shots:
            place = int((t_s - at_s) / pace_s) if t_s >= at_s else len(visit)
            yield t_s, image if place >= len(visit) else _laid_over(image, visit[place], rest, from_column)

    return disguise


def _laid_over(image: Image, shown: Image, rest: Image, from_column: int) -> Image:
    apart = cv2.absdiff(shown, rest).max(axis=2)
    mask = cv2.morphologyEx((apart > 14).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    mask[:, :from_column] = 0
    soft = cv2.GaussianBlur(cv2.dilate(mask, np.ones((7, 7), np.uint8)).astype(np.float32), (7, 7), 2)[:, :, None]
    return np.asarray(image * (1.0 - soft) + shown * soft, np.uint8)


def later(truth: Truth, at_s: float, seconds: float) -> list[TruthEvent]:
    """The truth of a clip that was `held`: what ended after `at_s` is as much later."""

    def moved(event: TruthEvent) -> TruthEvent:
        if event.window_s is None or event.window_s[1] <= at_s:
            after = event.t_s > at_s
            return event.model_copy(update={"t_s": event.t_s + seconds}) if after else event
        from_s, to_s = event.window_s
        window_s = (from_s if from_s < at_s else from_s + seconds, to_s + seconds)
        return event.model_copy(update={"t_s": event.t_s + seconds, "window_s": window_s})

    return [moved(event) for event in truth]


def losing(share: float) -> Disguise:
    """A line that drops pictures."""

    def disguise(film: Film, chance: Chance) -> Film:
        return ((t_s, image) for t_s, image in film if chance.random() >= share)

    return disguise


def frozen(from_s: float, to_s: float) -> Disguise:
    """The camera repeats one picture for a while."""

    def disguise(film: Film, _: Chance) -> Film:
        still: Image | None = None
        for t_s, image in film:
            still = image if still is None or not from_s <= t_s < to_s else still
            yield t_s, still

    return disguise


def black(from_s: float, to_s: float) -> Disguise:
    """Somebody covers the lens."""
    return each(lambda image, t_s, _: image * 0 + 2 if from_s <= t_s < to_s else image)


def gone(from_s: float, to_s: float) -> Disguise:
    """The camera gives nothing for a while."""

    def disguise(film: Film, _: Chance) -> Film:
        return ((t_s, image) for t_s, image in film if not from_s <= t_s < to_s)

    return disguise


def hand_shadow(film: Film, _: Chance) -> Film:
    """Nothing but the soft shadow of a hand, again and again across the board, from the left edge to the right one."""
    rest = [image for _, image in islice(film, 8)]
    rows, columns = np.mgrid[0 : rest[0].shape[0], 0 : rest[0].shape[1]].astype(np.float32)
    for number in range(300):
        t_s = number / 15
        middle = (t_s % 4.0) / 4.0 * 1000 - 180
        hand = np.exp(-(((columns - middle) / 70) ** 2) - ((rows - 230) / 90) ** 2)
        arm = np.where(columns < middle, np.exp(-(((rows - 230) / 45) ** 2)), 0.0)
        dark = 1.0 - 0.45 * cv2.GaussianBlur(np.maximum(hand, arm), (31, 31), 10)
        yield t_s, np.ascontiguousarray(rest[number % len(rest)] * dark[:, :, None], dtype=np.uint8)


def half_shadow(image: Image, t_s: float, _: Chance) -> np.ndarray:
    """A shutter that falls over the left half, and rises again."""
    shade = np.ones((1, image.shape[1], 1))
    shade[:, : image.shape[1] // 2] = 0.7 if 8 < t_s < 21 else 1.0
    return image * shade
