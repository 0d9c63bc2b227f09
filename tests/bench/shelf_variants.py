"""How the shelf camera stands up to what happens in shops: one clip in many disguises, played through the node.

Run by hand, with the measuring data and the networks at hand; names (or parts of them) choose variants:

    python -m tests.bench.shelf_variants [NAME …]

The second half of them was made when the first had been passed: light that changes with a hand in it, other angles and
formats, slots drawn in haste, things set down otherwise, hands that stay, that are two, or are there from the start.

It prints for each variant how many picks and put-backs were right, false and missed, how many touches were said, how
sure the least sure right one and the surest false one were, and how far the watermark was held up at most.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from hardware.ports import Frame, Image, Pass
from protocol.events import Interaction
from protocol.recording import Recording, TruthEvent, read_recording, read_truth
from protocol.store import Box, Camera, Facing, Photo, Product, Store
from tests.bench.shelf_disguises import (
    Chance,
    Disguise,
    Film,
    Truth,
    another_hand,
    banded,
    black,
    boxed,
    each,
    from_on,
    frozen,
    gone,
    half_shadow,
    hand_shadow,
    held,
    jpeg,
    later,
    losing,
    moved_aside,
    noisy,
    one_after_the_other,
    plain,
    pumping,
    shaken,
    shifted,
    through_gamma,
    turned_round,
    walking_shadow,
    warped,
)
from tillfree.evaluate.events import EventMatch, EventScore, match, said_occurrences, true_occurrences
from tillfree.evaluate.shoppers import shoppers_of

RECORDING = Path(__file__).parents[1] / "recordings" / "bottle_shelf"
SEED = 1
END_S = 39.85
CHANGES = ("pick", "put_back")
LEFT, MIDDLE, RIGHT = (f"board.top.{name}" for name in ("left", "middle", "right"))


@dataclass(frozen=True, slots=True)
class Variant:
    """The clip in disguise: of every `step`-th picture, and with the store and the truth that go with it."""

    disguise: Disguise
    step: int = 2
    end_s: float = END_S
    store: Callable[[Store], Store] = lambda store: store
    truth: Callable[[Truth], Truth] = lambda truth: truth


def views(place: Callable[[Box], Box], scale: float = 1.0) -> Callable[[Store], Store]:
    """The store whose camera sees its slots elsewhere."""

    def moved(store: Store) -> Store:
        (camera,) = store.cameras
        size = (int(camera.size[0] * scale), int(camera.size[1] * scale))
        seen = tuple(view.model_copy(update={"box": place(view.box)}) for view in camera.views)
        return store.model_copy(update={"cameras": (camera.model_copy(update={"size": size, "views": seen}),)})

    return moved


def scaled(scale: float) -> Variant:
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return Variant(
        each(lambda image, _, __: cv2.resize(image, None, fx=scale, fy=scale, interpolation=smooth)),
        store=views(lambda box: (box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale), scale),
    )


def backwards(film: Film, _: Chance) -> Film:
    shots = list(film)
    last_s = shots[-1][0]
    for t_s, image in reversed(shots):
        yield last_s - t_s, image


def backwards_truth(truth: Truth) -> Truth:
    """A hand that comes where it had left: windows turned round, with room for settling."""
    other = {"pick": "put_back", "put_back": "pick"}
    turned = [event for event in truth if event.type == "enter"]
    for event in truth:
        if event.window_s is not None:
            window_s = (max(0.0, END_S - event.window_s[1] - 0.5), END_S - event.window_s[0] + 2.0)
            turned.append(event.model_copy(update={"type": other[event.type], "window_s": window_s}))
    return turned


def only_entry(truth: Truth) -> Truth:
    return [event for event in truth if event.type == "enter"]


class TwoLooks:
    """The left slot's bottle has another colour, and each of the two taken together goes back to the other's slot.

    A bottle is recoloured where a slot's box differs from the same box when it is empty.
    """

    OTHER = "juice-500"
    SWAPPED_S = 20.0
    """Both slots are empty then: before it the left one held the juice, after it the middle one does."""

    def __init__(self, recording: Recording, folder: Path) -> None:
        (camera,) = recording.store.cameras
        self._boxes = {view.slot: _whole(view.box) for view in camera.views}
        self._folder = folder
        self._empty = next(image for t_s, image in film_of(recording, 1) if t_s >= self.SWAPPED_S)

    def variant(self) -> Variant:
        return Variant(each(lambda image, t_s, _: self._coloured(image, t_s)), store=self._store, truth=self._truth)

    def _coloured(self, image: Image, t_s: float) -> Image:
        x, y, w, h = self._boxes[LEFT if t_s < self.SWAPPED_S else MIDDLE]
        part, empty = image[y : y + h, x : x + w], self._empty[y : y + h, x : x + w]
        apart = cv2.absdiff(part, empty).max(axis=2).astype(np.float32)
        thing = cv2.GaussianBlur(cv2.dilate((apart > 12).astype(np.float32), np.ones((9, 9))), (7, 7), 2)[:, :, None]
        orange = part * np.array([0.25, 0.65, 1.0])
        image = image.copy()
        image[y : y + h, x : x + w] = (part * (1 - thing) + orange * thing).astype(np.uint8)
        return image

    def _store(self, store: Store) -> Store:
        first = self._coloured(next(film_of(read_recording(RECORDING), 1))[1], 0.0)
        for slot, sku in ((LEFT, self.OTHER), (MIDDLE, "water-500")):
            x, y, w, h = self._boxes[slot]
            cv2.imwrite(str(self._folder / f"{sku}.png"), first[y : y + h, x : x + w])
        products = tuple(
            Product(sku=sku, name=sku, photos=(Photo(file=str(self._folder / f"{sku}.png")),))
            for sku in (self.OTHER, "water-500")
        )
        planogram = tuple(
            Facing(slot=slot, sku=self.OTHER if slot == LEFT else "water-500") for slot in (LEFT, MIDDLE, RIGHT)
        )
        return store.model_copy(update={"products": products, "planogram": planogram})

    def _truth(self, truth: Truth) -> Truth:
        juice = {(LEFT, before) for before in (True, False)} - {(LEFT, False)} | {(MIDDLE, False)}
        return [
            event.model_copy(update={"sku": self.OTHER}) if (event.slot, event.t_s < self.SWAPPED_S) in juice else event
            for event in truth
        ]


def _whole(box: Box) -> tuple[int, int, int, int]:
    return int(box[0]), int(box[1]), int(box[2]), int(box[3])


def turned(store: Store) -> Store:
    """The store whose camera lies on its side: what was left is above, what was above is right."""
    (camera,) = store.cameras
    width, height = camera.size
    seen = tuple(
        view.model_copy(update={"box": (height - view.box[1] - view.box[3], view.box[0], view.box[3], view.box[2])})
        for view in camera.views
    )
    return store.model_copy(update={"cameras": (camera.model_copy(update={"size": (height, width), "views": seen}),)})


def upright(image: Image, _: float, __: Chance) -> np.ndarray:
    """A phone held upright: the clip across the middle of a picture of 360×640."""
    tall = np.zeros((640, 360, 3), np.uint8)
    tall[219:421] = cv2.resize(image, (360, 202), interpolation=cv2.INTER_AREA)
    return tall


def in_upright(store: Store) -> Store:
    (camera,) = views(lambda box: (box[0] * 0.5625, 219 + box[1] * 0.5625, box[2] * 0.5625, box[3] * 0.5625))(
        store
    ).cameras
    return store.model_copy(update={"cameras": (camera.model_copy(update={"size": (360, 640)}),)})


def sloppily(share: float, seed: int) -> Callable[[Store], Store]:
    """The store whose slots were drawn in haste: every side up to so much of the slot's size wrong."""
    chance = np.random.default_rng(seed)

    def drawn(box: Box) -> Box:
        left, top, right, bottom = chance.uniform(-share, share, 4) * [box[2], box[3], box[2], box[3]]
        return (
            max(box[0] + left, 0.0),
            max(box[1] + top, 0.0),
            min(box[2] + right - left, 640 - box[0] - left),
            min(box[3] + bottom - top, 360 - box[1] - top),
        )

    return views(drawn)


def from_the_side(degrees: float, nearer: float, smaller: float = 1.0) -> Variant:
    """A camera that hangs askew and to the left, and looks from farther away."""
    turn = cv2.getRotationMatrix2D((320.0, 180.0), degrees, smaller)
    tilt = np.array([[1, 0, 0], [0, 1, 0], [nearer / 640, 0, 1]])
    there = tilt @ np.vstack([turn, [0, 0, 1]])
    return Variant(warped(there), store=views(lambda box: boxed(there, box)))


def entered(truth: Truth) -> list[TruthEvent]:
    return [event for event in truth if event.type in {"enter", "exit"}]


def variants(recording: Recording, folder: Path) -> dict[str, Variant]:
    boxes = {view.slot: view.box for view in recording.store.cameras[0].views}
    mirrored = views(lambda box: (640 - box[0] - box[2], box[1], box[2], box[3]))
    warm = np.array([0.7, 0.9, 1.1])
    return {
        "plain": Variant(plain),
        "every frame": Variant(plain, step=1),
        "10 fps": Variant(plain, step=3),
        "5 fps": Variant(plain, step=6),
        "2 fps": Variant(plain, step=15),
        "mirrored": Variant(each(lambda image, _, __: image[:, ::-1]), store=mirrored),
        "backwards": Variant(backwards, truth=backwards_truth),
        "darker 0.6": Variant(each(lambda image, _, __: image * 0.6)),
        "darker 0.35": Variant(each(lambda image, _, __: image * 0.35)),
        "brighter 1.15": Variant(each(lambda image, _, __: image * 1.15)),
        "brighter 1.3": Variant(each(lambda image, _, __: image * 1.3)),
        "noise 8": Variant(noisy(8)),
        "noise 15": Variant(noisy(15)),
        "shake 1 px": Variant(shaken(1)),
        "shake 3 px": Variant(shaken(3)),
        "flicker 5 %": Variant(each(lambda image, _, chance: image * chance.uniform(0.95, 1.05))),
        "flicker 15 %": Variant(each(lambda image, _, chance: image * chance.uniform(0.85, 1.15))),
        "light step": Variant(each(lambda image, t_s, _: image * (0.65 if 8 < t_s < 21 else 1.0))),
        "light drifts": Variant(each(lambda image, t_s, _: image * (1.0 - 0.5 * t_s / END_S))),
        "light sways": Variant(each(lambda image, t_s, _: image * (0.8 + 0.2 * np.cos(t_s / 3)))),
        "warm step": Variant(each(lambda image, t_s, _: image * (warm if 8 < t_s < 21 else 1.0))),
        "half shadow": Variant(each(half_shadow)),
        "hand's shadow": Variant(hand_shadow, truth=only_entry),
        "grey": Variant(each(lambda image, _, __: np.repeat(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[..., None], 3, 2))),
        "other hues": Variant(each(lambda image, _, __: image[:, :, ::-1])),
        "blur": Variant(each(lambda image, _, __: cv2.GaussianBlur(image, (9, 9), 3))),
        "JPEG 15": Variant(jpeg(15)),
        "half size": scaled(0.5),
        "720p": scaled(2.0),
        "askew 20 px": Variant(each(lambda image, t_s, _: shifted(image, 20, 0) if t_s > 15.0 else image)),
        "askew 20 px late": Variant(each(lambda image, t_s, _: shifted(image, 14, 14) if t_s > 30.0 else image)),
        "30 % lost": Variant(losing(0.3)),
        "70 % lost": Variant(losing(0.7)),
        "frozen 3 s": Variant(frozen(13.7, 16.7)),
        "frozen, hand in": Variant(frozen(9.0, 12.0)),
        "black 2 s": Variant(black(14.0, 16.0)),
        "black 2 s, hand in": Variant(black(10.0, 12.0)),
        "black 12 s": Variant(black(37.5, 60.0)),
        "nothing 3 s": Variant(gone(13.7, 16.7)),
        "two looks, swapped": TwoLooks(recording, folder).variant(),
        "brighter 1.5": Variant(each(lambda image, _, __: image * 1.5)),
        "gamma 0.5": Variant(through_gamma(0.5)),
        "gamma 2": Variant(through_gamma(2.0)),
        "little contrast": Variant(each(lambda image, _, __: 90 + image * 0.35)),
        "exposure pumps": Variant(pumping(1.5, 0.4)),
        "exposure pumps slowly": Variant(pumping(2.0, 1.5)),
        "exposure pumps, bright": Variant(
            one_after_the_other(each(lambda image, _, __: image * 1.3), pumping(1.5, 0.4))
        ),
        "striped light": Variant(banded(0.1, 120, 1.7)),
        "somebody's shadow": Variant(walking_shadow(0.35)),
        "lamp on, hand in": Variant(each(lambda image, t_s, _: image * (1.0 if t_s > 12.2 else 0.6))),
        "lamp off, hand in": Variant(each(lambda image, t_s, _: image * (0.6 if t_s > 17.2 else 1.0))),
        "warm lamp, hand in": Variant(each(lambda image, t_s, _: image * (warm if t_s > 22.8 else 1.0))),
        "on its side": Variant(each(lambda image, _, __: np.rot90(image, -1)), store=turned),
        "upright": Variant(each(upright), store=in_upright),
        "320 × 180, JPEG 30": Variant(one_after_the_other(scaled(0.5).disguise, jpeg(30)), store=scaled(0.5).store),
        "slots 10 % wrong, a": Variant(plain, store=sloppily(0.1, 1)),
        "slots 10 % wrong, b": Variant(plain, store=sloppily(0.1, 2)),
        "slots 10 % wrong, c": Variant(plain, store=sloppily(0.1, 3)),
        "tilted 8 degrees": from_the_side(8.0, 0.0),
        "from the left": from_the_side(-4.0, 0.35, 0.85),
        "from far": from_the_side(0.0, 0.0, 0.5),
        "set down aside": Variant(moved_aside(boxes[LEFT], 14, (11.6, 12.6), (16.6, 17.4))),
        "both set down aside": Variant(
            one_after_the_other(
                moved_aside(boxes[LEFT], -16, (11.6, 12.6), (16.6, 17.4)),
                moved_aside(boxes[MIDDLE], 16, (22.4, 23.4), (60.0, 61.0)),
            )
        ),
        "set down turned round": Variant(turned_round(boxes[LEFT], 12.3, 17.2)),
        "hand rests 10 s": Variant(held(12.3, 10, 0.4), end_s=END_S + 10, truth=lambda it: later(it, 12.3, 10)),
        "hands rest 10 s": Variant(held(16.9, 10, 0.3), end_s=END_S + 10, truth=lambda it: later(it, 16.9, 10)),
        "another hand": Variant(another_hand(11.3, (30.9, 31.6), 1.0, 390)),
        "another hand stays": Variant(another_hand(15.8, (30.9, 31.6), 5.0, 390)),
        "a hand takes nothing": Variant(another_hand(2.0, (30.9, 31.6), 1.0, 390)),
        "begins with a hand near": Variant(from_on(5.7)),
        "begins with hands near": Variant(
            from_on(15.9), truth=lambda it: [*entered(it), *(one for one in it if one.window_s and one.t_s > 15.9)]
        ),
        "begins with a hand in": Variant(
            from_on(11.9), truth=lambda it: [*entered(it), *(one for one in it if one.window_s and one.t_s > 13.0)]
        ),
        "mirrored, backwards": Variant(
            one_after_the_other(each(lambda image, _, __: image[:, ::-1]), backwards),
            store=mirrored,
            truth=backwards_truth,
        ),
        "backwards, brighter 1.3": Variant(
            one_after_the_other(each(lambda image, _, __: image * 1.3), backwards), truth=backwards_truth
        ),
        "webcam in the evening": Variant(
            one_after_the_other(
                each(lambda image, _, __: image * 0.4 * np.array([0.7, 0.95, 1.1])),
                scaled(0.5).disguise,
                noisy(6),
                pumping(1.0, 0.5),
                jpeg(40),
            ),
            step=3,
            store=scaled(0.5).store,
        ),
        "webcam at noon": Variant(
            one_after_the_other(
                each(lambda image, _, __: image * 1.25), walking_shadow(0.25), pumping(1.2, 0.5), jpeg(35), losing(0.2)
            )
        ),
    }


def film_of(recording: Recording, step: int) -> Film:
    """Every `step`-th picture of the recording's camera."""
    path = recording.folder / recording.file.cameras[0].file
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "NONE"
        for index, picture in enumerate(container.decode(video=0)):
            if index % step == 0:
                assert picture.time is not None
                yield picture.time, np.ascontiguousarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the node said of a variant."""

    match: EventMatch
    said: tuple[NewEvent, ...]
    held_up_s: float


def play(recording: Recording, networks: Networks, variant: Variant, truth: Truth) -> Outcome:
    store = variant.store(recording.store)
    (camera,) = store.cameras
    start = recording.file.start
    node = Node(store, recording.store_path.parent, networks, "bench", start)
    said = list(node.take(Pass(0.0, "door", "enter", "anna")))
    held_up_s = 0.0
    for t_s, image in variant.disguise(film_of(recording, variant.step), np.random.default_rng(SEED)):
        said += node.take(frame_of(camera, t_s, image))
        held_up_s = max(held_up_s, t_s - node.observed_until_s)
    said += node.finish(variant.end_s)
    shoppers = shoppers_of(said, truth, start)
    return Outcome(match(said_occurrences(said, shoppers, start), true_occurrences(truth)), tuple(said), held_up_s)


def frame_of(camera: Camera, t_s: float, image: Image) -> Frame:
    return Frame(t_s, camera.id, 0, image)


def report(name: str, outcome: Outcome) -> str:
    scores = outcome.match.scores()
    score = sum((scores[kind] for kind in CHANGES), EventScore(0, 0, 0))
    right = [o.p for o in outcome.match.right if o.type in CHANGES]
    false = [o.p for o in outcome.match.false if o.type in CHANGES]
    touches = sum(isinstance(said.event, Interaction) and not said.event.changes for said in outcome.said)
    least, surest = min(right, default=float("nan")), max(false, default=float("nan"))
    lines = [
        f"{name:20}{score.true:6}{score.false:6}{score.missed:7}{touches:8}{least:11.3f}{surest:11.3f}"
        f"{outcome.held_up_s:9.1f}"
    ]
    for kind, occurrences in (("false", outcome.match.false), ("missed", outcome.match.missed)):
        lines += [
            f"    {kind}: {o.type} {o.sku} {o.slot} {o.from_s:.2f}–{o.to_s:.2f} s, p {o.p:.3f}"
            for o in occurrences
            if o.type in CHANGES
        ]
    return "\n".join(lines)


def main(wanted: Sequence[str]) -> None:
    recording = read_recording(RECORDING)
    truth, _ = read_truth(RECORDING)
    networks = Networks.of(recording.store)
    print(f"{'':20} right false missed touches least sure surest false held up s")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        for name, variant in variants(recording, Path(folder)).items():
            if not wanted or any(part in name for part in wanted):
                outcome = play(recording, networks, variant, variant.truth(truth))
                print(report(name, outcome), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
