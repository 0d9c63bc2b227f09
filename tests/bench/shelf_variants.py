"""How the shelf camera stands up to what happens in shops: one clip in many disguises, played through the node.

Run by hand, with the measuring data and the networks at hand; names (or parts of them) choose variants:

    python tests/bench/shelf_variants.py [NAME …]

It prints for each variant how many picks and put-backs were right, false and missed, how many touches were said, how
sure the least sure right one and the surest false one were, and how far the watermark was held up at most.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
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
from tillfree.evaluate.events import EventMatch, EventScore, match, said_occurrences, true_occurrences
from tillfree.evaluate.shoppers import shoppers_of

RECORDING = Path(__file__).parents[1] / "recordings" / "bottle_shelf"
SEED = 1
END_S = 39.85
CHANGES = ("pick", "put_back")
LEFT, MIDDLE, RIGHT = (f"board.top.{name}" for name in ("left", "middle", "right"))

Chance = np.random.Generator
Film = Iterator[tuple[float, Image]]
"""Pictures and their times in seconds."""
Disguise = Callable[[Film, Chance], Film]
Truth = Sequence[TruthEvent]


@dataclass(frozen=True, slots=True)
class Variant:
    """The clip in disguise: of every `step`-th picture, and with the store and the truth that go with it."""

    disguise: Disguise
    step: int = 2
    store: Callable[[Store], Store] = lambda store: store
    truth: Callable[[Truth], Truth] = lambda truth: truth


def each(change: Callable[[Image, float, Chance], np.ndarray]) -> Disguise:
    """A disguise that changes each picture by itself; what `change` returns is clipped to 0–255."""

    def disguise(film: Film, chance: Chance) -> Film:
        for t_s, image in film:
            yield t_s, np.ascontiguousarray(np.clip(change(image, t_s, chance), 0, 255), dtype=np.uint8)

    return disguise


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


def shaken(pixels: float) -> Disguise:
    return each(lambda image, _, chance: shifted(image, *chance.uniform(-pixels, pixels, 2)))


def shifted(image: Image, right: float, down: float) -> np.ndarray:
    there = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return cv2.warpAffine(image, there, (image.shape[1], image.shape[0]), borderMode=cv2.BORDER_REPLICATE)


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


def losing(share: float) -> Disguise:
    def disguise(film: Film, chance: Chance) -> Film:
        return ((t_s, image) for t_s, image in film if chance.random() >= share)

    return disguise


def frozen(from_s: float, to_s: float) -> Disguise:
    """The camera repeats one picture for a while."""

    def disguise(film: Film, _: Chance) -> Film:
        held: Image | None = None
        for t_s, image in film:
            held = image if held is None or not from_s <= t_s < to_s else held
            yield t_s, held

    return disguise


def black(from_s: float, to_s: float) -> Disguise:
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


def half_shadow(image: Image, t_s: float, _: Chance) -> np.ndarray:
    shade = np.ones((1, image.shape[1], 1))
    shade[:, : image.shape[1] // 2] = 0.7 if 8 < t_s < 21 else 1.0
    return image * shade


def jpeg(quality: int) -> Disguise:
    def through(image: Image, _: float, __: Chance) -> np.ndarray:
        return np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1))

    return each(through)


def plain(film: Film, _: Chance) -> Film:
    return film


def variants(recording: Recording, folder: Path) -> dict[str, Variant]:
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
        "noise 8": Variant(each(lambda image, _, chance: image + chance.normal(0, 8, image.shape))),
        "noise 15": Variant(each(lambda image, _, chance: image + chance.normal(0, 15, image.shape))),
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
    said += node.finish(END_S)
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
