"""The free shelves of a store: its cameras' pictures in, hands' visits with what they changed out.

A camera's picture is looked at once by the shelf network, whatever number of shelves it shows. A thing is on the shelf
whose box holds its middle; a hand is in every shelf whose box it reaches into. What comes in from outside the picture
(shelf_view.py) tells of arms whose hands the network does not see. What a visit changed is asked of the
enrolled products (products/known.py) among those that may be there: what belongs on the shelf, what is thought to stand
there, and what somebody has taken elsewhere. What came and was nobody's to sell is remembered where it stands: when it
goes, it is that again, and not one of the products that it resembles.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.errors import PerceptionError
from edge.perception.detections import Floats, overlaps
from edge.perception.free_shelf import FreeShelf, FreeVisit, cut_out, left_over
from edge.perception.products.known import KnownProducts
from edge.perception.products.look import Eye, Look, look_at
from edge.perception.products.recognition import Recognition
from edge.perception.shelf_network import Seen as Found
from edge.perception.shelf_network import ShelfNetwork
from edge.shelves.free_evidence import Box, FreeEvidence, Match, Thing
from edge.shelves.free_reading import read_free, unseen_free
from edge.shelves.interaction import Interaction
from edge.shelves.pairing import Seen
from edge.shelves.reading import NOBODY_HAS_IT
from edge.shelves.sight import SlotSight
from edge.shelves.stay import Stay
from edge.shelves.stock import StockBelief
from hardware.ports import Frame, Image
from protocol.store import Product, Store

ALIKE_AT, ALIKE_GAIN = 0.61, 12.5
"""The cosine at which the looks of two cut-outs say nothing on whether they show one product, and by how much the log
of the likelihood ratio grows per cosine. In a real cabinet (mini_amazon_go_v2) cosines were 0.69 ± 0.12 of one product,
0.52 ± 0.12 of two."""
REACH_MIN = 0.01
"""Share of a shelf's view from which on what reaches into it from outside the picture is an arm."""
RATIO_MAX = 50.0
"""However alike, two things may be of two products."""
NONE_GONE, NONE_COME = 0.04, 0.1
"""How often what goes, and what comes, is no enrolled product, before anybody has looked."""
OWN = 0.5
"""Of the things that come and look like a product of which none is out, how many are no piece of the store's."""
STRANGERS_MAX = 50
SAME_SPOT = 0.4
"""A thing whose box overlaps (IoU) that of a stranger at least this much is that stranger."""


Strangers = dict[str, list[tuple[Box, float]]]
"""By shelf: where a thing stands, and how probably it is nobody's to sell."""


@dataclass(frozen=True, slots=True, eq=False)
class FreeStay:
    """A visit to the free shelf `slot`, whose view is `box`; None where the camera was lost in its midst."""

    slot: str
    camera: str
    box: Box
    entered_s: float
    left_s: float
    visit: FreeVisit | None


class FreeShelves:
    """Watches the free shelves of one store. Without enrolled products everything is something nobody enrolled."""

    def __init__(
        self, store: Store, network: ShelfNetwork | None, known: KnownProducts | None, eye: Eye | None
    ) -> None:
        self._network, self._known, self._eye = network, known, eye
        self._boxes: dict[str, dict[str, Box]] = {}
        free = store.free()
        for camera in store.cameras:
            boxes = {view.slot: _corners(view.box) for view in camera.views if view.slot in free}
            if boxes:
                self._boxes[camera.id] = boxes
        self._shelves = {slot: FreeShelf() for boxes in self._boxes.values() for slot in boxes}
        self.strangers: Strangers = {slot: [] for slot in self._shelves}
        """What stands on the shelves and is nobody's to sell; a restart remembers it."""

    @property
    def undecided_since_s(self) -> Mapping[str, float]:
        """The shelves at which something is going on, and since when."""
        times = ((slot, shelf.undecided_since_s) for slot, shelf in self._shelves.items())
        return {slot: since for slot, since in times if since is not None}

    @property
    def reached(self) -> frozenset[str]:
        """The shelves at which something is going on."""
        return frozenset(self.undecided_since_s)

    @property
    def watched(self) -> frozenset[str]:
        """The free shelves that a camera sees."""
        return frozenset(self._shelves)

    def observe(self, frame: Frame, sights: Sequence[SlotSight]) -> tuple[FreeStay, ...]:
        """The stays that end with a picture, of which `sights` tell what reaches into it.

        None with a picture that shows nothing. PerceptionError where the network no longer runs.
        """
        reach = {sight.slot: sight.reach for sight in sights}
        boxes = {slot: box for slot, box in self._boxes.get(frame.camera, {}).items() if slot in reach}
        if not boxes:
            return ()
        if self._network is None:
            raise PerceptionError("no network finds what stands on its shelf: it does not run here; the log says why")
        found = self._network.look(frame.image)
        stays = []
        for slot, box in boxes.items():
            reached = reach[slot] >= REACH_MIN
            visit = self._shelves[slot].see(frame.t_s, frame.image, _on(found, box), reached=reached)
            if visit is not None:
                stays.append(FreeStay(slot, frame.camera, box, visit.entered_s, visit.left_s, visit))
        return tuple(stays)

    def lost(self, camera: str, t_s: float) -> tuple[FreeStay, ...]:
        """The stays that `camera` was in the middle of when it was lost; what they changed nobody saw."""
        stays = []
        for slot, box in self._boxes.get(camera, {}).items():
            broken = self._shelves[slot].lost(t_s)
            if broken is not None:
                stays.append(FreeStay(slot, camera, box, *broken, None))
        return tuple(stays)

    def understand(self, stay: FreeStay, stock: StockBelief) -> Seen:
        """What the stay changed, as far as pictures tell."""
        visit = stay.visit
        if visit is None:
            blank = np.zeros((1, 1, 3), np.uint8)
            return Seen(_told(stay, stay.left_s, blank, blank, doubtful=True), unseen_free(), {"camera_lost": 1.0})
        evidence = self._evidence(stay.slot, visit, stock)
        reading = read_free(stay.slot, evidence, stock, doubtful=visit.doubtful)
        before, after = (_cut(rest.picture, stay.box) for rest in (visit.before, visit.after))
        told = _told(stay, visit.after.t_s, before, after, doubtful=visit.doubtful)
        reasons = {"gone": float(len(evidence.gone)), "come": float(len(evidence.come))}
        for when, things in (("gone", evidence.gone), ("come", evidence.come)):
            for number, thing in enumerate(things[:4], start=1):
                name, p = max((*thing.may_be, ("unknown", thing.none)), key=lambda each: each[1])
                reasons[f"{when}_{number}_{name}"] = round(thing.real * p, 4)
        return Seen(told, reading, reasons)

    def _evidence(self, slot: str, visit: FreeVisit, stock: StockBelief) -> FreeEvidence:
        gone, come = left_over(visit.before, visit.after)
        if not gone and not come:
            return FreeEvidence((), ())
        cuts = [*(cut_out(visit.before, place) for place in gone), *(cut_out(visit.after, place) for place in come)]
        looks = [] if self._eye is None else [look_at(cut, self._eye) for cut in cuts]
        among = frozenset((*stock.belonging(slot), *stock.held(slot), *stock.away()))
        count = len(gone)
        was = self._asked(looks[:count], count, among, NONE_GONE)
        now = self._asked(looks[count:], len(come), among, NONE_COME)
        before = [
            _thing(visit.before.boxes[place], float(visit.before.real[place]), what, NONE_GONE)
            for place, what in zip(gone, was, strict=True)
        ]
        after = [
            _thing(visit.after.boxes[place], float(visit.after.real[place]), what, NONE_COME)
            for place, what in zip(come, now, strict=True)
        ]
        matches = _matches(looks[:count], looks[count:])
        before = [self._as_known(slot, thing) for thing in before]
        moved = {match.come for match in matches}
        after = [thing if place in moved else _as_owned(thing, stock) for place, thing in enumerate(after)]
        self._remember(slot, before, after, matches, stock)
        return FreeEvidence(tuple(before), tuple(after), matches)

    def _asked(self, looks: Sequence[Look], count: int, among: frozenset[str], none: float) -> list[Recognition]:
        if self._known is None or len(looks) < count:
            return [Recognition((), 1.0)] * count
        return self._known.recogniser.recognise(looks, among or None, none)

    def _as_known(self, slot: str, thing: Thing) -> Thing:
        """A thing that goes, with what is remembered of what stood there."""
        strange = max((p for where, p in self.strangers[slot] if _same_spot(where, thing.where)), default=0.0)
        if strange == 0.0:
            return thing
        may_be = tuple((sku, p * (1.0 - strange)) for sku, p in thing.may_be)
        return Thing(thing.where, thing.real, may_be, 1.0 - sum(p for _, p in may_be))

    def _remember(
        self, slot: str, gone: Sequence[Thing], come: Sequence[Thing], matches: Sequence[Match], stock: StockBelief
    ) -> None:
        """Of what came, how probably it is nobody's to sell; of what went, nothing any more."""
        changed = (*gone, *come)
        kept = [each for each in self.strangers[slot] if not any(_same_spot(each[0], it.where) for it in changed)]
        moved = {match.come: gone[match.gone].none for match in matches if match.ratio > 1.0}
        for place, thing in enumerate(come):
            strange = moved.get(place, _strange(thing, stock))
            if strange >= 0.05:
                kept.append((thing.where, strange))
        self.strangers[slot] = kept[-STRANGERS_MAX:]


def known_products(products: Sequence[Product], folder: Path, eye: Eye | None) -> KnownProducts | None:
    """The products of a store that have photos, where anything can look at them."""
    return None if eye is None else KnownProducts.of(products, folder, eye)


def _as_owned(thing: Thing, stock: StockBelief) -> Thing:
    """A thing that came: what looks like a product of which no piece is out may be the shopper's own."""
    may_be = tuple((sku, p * (1.0 - OWN if stock.all_in_place(sku) else 1.0)) for sku, p in thing.may_be)
    return Thing(thing.where, thing.real, may_be, 1.0 - sum(p for _, p in may_be))


def _strange(thing: Thing, stock: StockBelief) -> float:
    """How probably a thing that came is nobody's to sell: what looks like a product of which none is out, is not it."""
    own = sum(p * (NOBODY_HAS_IT if stock.all_in_place(sku) else 1.0) for sku, p in thing.may_be)
    return thing.none / max(thing.none + own, 1e-9)


def _matches(gone: Sequence[Look], come: Sequence[Look]) -> tuple[Match, ...]:
    """What went and what came, in pairs that look alike, the most alike first; each thing is in one at most."""
    ratios = sorted(
        ((_ratio(one, other), a, b) for a, one in enumerate(gone) for b, other in enumerate(come)),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    found: list[Match] = []
    for ratio, a, b in ratios:
        if ratio > 1.0 and not any(match.gone == a or match.come == b for match in found):
            found.append(Match(a, b, ratio))
    return tuple(found)


def _ratio(one: Look, other: Look) -> float:
    first, second = one.mean(axis=0), other.mean(axis=0)
    cosine = float(first @ second / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-9))
    return min(math.exp(ALIKE_GAIN * (cosine - ALIKE_AT)), RATIO_MAX)


def _thing(box: Floats, real: float, found: Recognition, none: float) -> Thing:
    """A thing as it looks. What is no thing at all looks like none of the products: one that does is likelier real.

    `none` is how often it was none of them before anybody looked.
    """
    left, top, right, bottom = (float(value) for value in box)
    unreal = (1.0 - real) * min(found.none / none, 1.0 / none)
    return Thing((left, top, right, bottom), real / max(real + unreal, 1e-9), found.candidates, found.none)


def _same_spot(one: Box, other: Box) -> bool:
    boxes = (np.array([one], np.float32), np.array([other], np.float32))
    return float(overlaps(*boxes)[0, 0]) >= SAME_SPOT


def _on(found: Sequence[Found], box: Box) -> tuple[Found, ...]:
    """What is on the shelf in `box`: things that have their middle in it, hands that reach into it."""
    left, top, right, bottom = box
    kept = []
    for each in found:
        x0, y0, x1, y1 = each.box
        if each.kind == "hand":
            inside = min(x1, right) > max(x0, left) and min(y1, bottom) > max(y0, top)
        else:
            inside = left <= (x0 + x1) / 2.0 <= right and top <= (y0 + y1) / 2.0 <= bottom
        if inside:
            kept.append(each)
    return tuple(kept)


def _told(stay: FreeStay, settled_s: float, before: Image, after: Image, *, doubtful: bool) -> Stay:
    look = Interaction(stay.slot, stay.camera, stay.entered_s, stay.left_s, settled_s, before, after, doubtful)
    return Stay.of((look,))


def _cut(picture: Image, box: Box) -> Image:
    left, top, right, bottom = (round(value) for value in box)
    return picture[top:bottom, left:right]


def _corners(box: tuple[float, float, float, float]) -> Box:
    left, top, width, height = box
    return left, top, left + width, top + height
