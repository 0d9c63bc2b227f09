"""A free shelf seen once a second or less: python tests/bench/free_shelf.py ../shared/data/mini_amazon_go_v2

Real pictures of hands in a cabinet (mini_amazon_go_v2), in the order in which they were taken. Products are enrolled
from cut-outs of its first session; the second was trained on by the shelf network, the third was not. A change is what
the labels of the pictures before and after a visit differ by; a product that stands wholly behind another is not
labelled, so a few of the labelled changes are none. Right: every product's count, none too many. The stock belief
begins with what the first picture's labels show. Pictures lie 1 to 10 s apart.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.perception.appearance import Appearance
from edge.perception.free_shelf import PRODUCT_MIN, FreeVisit
from edge.perception.free_shelves import FreeShelves
from edge.perception.needs import APPEARANCE, SHELF
from edge.perception.products.known import KnownProducts
from edge.perception.products.look import look_at
from edge.perception.products.recognition import Recogniser
from edge.perception.shelf_network import ShelfNetwork
from edge.perception.shelf_view import ShelfView
from edge.shelves.reading import Reading
from edge.shelves.stock import StockBelief
from hardware.cameras.image_folder import read_image
from hardware.ports import Frame, Image
from models.cache import onnx_path
from protocol.store import Store

ENROLLED = (1, 22)
SESSIONS = {"second (trained on)": (23, 77), "third (not trained on)": (78, 117)}
PHOTOS = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A labelled picture: number, time, boxes (product, x, y, width, height), and whether a hand shows."""

    number: int
    t_s: float
    image: Image
    boxes: tuple[tuple[str, float, float, float, float], ...]
    hand: bool

    @property
    def counts(self) -> Counter[str]:
        return Counter(box[0] for box in self.boxes)


def pictures(folder: Path) -> list[Shown]:
    coco = json.loads((folder / "coco.json").read_text(encoding="utf-8"))
    names = {each["id"]: each["name"] for each in coco["categories"]}
    found = []
    for entry in coco["images"]:
        boxes = [
            (names[each["category_id"]], *each["bbox"])
            for each in coco["annotations"]
            if each["image_id"] == entry["id"]
        ]
        found.append(
            Shown(
                entry["id"],
                float(entry["timestamp"]),
                read_image(folder / entry["file_name"]),
                tuple(box for box in boxes if box[0] != "hand"),
                any(box[0] == "hand" for box in boxes),
            )
        )
    return found


def enrolled(shown: list[Shown], eye: Appearance) -> KnownProducts:
    """Products by cut-outs of the first session, spread over it."""
    by_sku: dict[str, list[Image]] = {}
    for each in shown:
        if ENROLLED[0] <= each.number <= ENROLLED[1] and not each.hand:
            for sku, *box in each.boxes:
                x, y, width, height = (round(value) for value in box)
                by_sku.setdefault(sku, []).append(each.image[max(y, 0) : y + height, max(x, 0) : x + width])
    looks = {
        sku: [look_at(photos[place * len(photos) // PHOTOS], eye) for place in range(min(PHOTOS, len(photos)))]
        for sku, photos in by_sku.items()
    }
    return KnownProducts(Recogniser.of(looks), eye)


def cabinet(shown: list[Shown]) -> Store:
    """A store of one free shelf, stocked as the first picture without a hand shows."""
    first = next(each for each in shown if not each.hand)
    skus = sorted({box[0] for each in shown for box in each.boxes})
    height, width = first.image.shape[:2]
    view = {"slot": "cabinet.top.free", "box": [0, 0, width, height]}
    shelf = {"id": "top", "height": 1.0, "free": True}
    return Store.model_validate(
        {
            "format": 1,
            "store": "cabinet",
            "name": "Cabinet",
            "currency": "EUR",
            "cameras": [{"id": "inside", "role": "shelf", "size": [width, height], "views": [view]}],
            "gondolas": [{"id": "cabinet", "origin": [0, 0], "width": 1.0, "depth": 0.5, "shelves": [shelf]}],
            "products": [{"sku": sku, "name": sku} for sku in skus],
            "planogram": [{"slot": "cabinet.top.free", "sku": sku, "stock": first.counts[sku]} for sku in skus],
        }
    )


def watched(
    shown: list[Shown], network: ShelfNetwork, known: KnownProducts, eye: Appearance
) -> Iterator[tuple[FreeVisit, Reading]]:
    store = cabinet(shown)
    shelves, stock = FreeShelves(store, network, known, eye), StockBelief(store.planogram)
    view = ShelfView(store.cameras[0])
    for each in shown:
        frame = Frame(each.t_s, "inside", each.number, each.image)
        for stay in shelves.observe(frame, view.observe(frame)):
            assert stay.visit is not None
            reading = shelves.understand(stay, stock).reading
            yield stay.visit, reading
            for change in reading.best.changes:
                if change.sku is not None:
                    stock.add(stay.slot, change.sku, change.qty if change.type == "put_back" else -change.qty)


def scored(shown: list[Shown], network: ShelfNetwork, known: KnownProducts, eye: Appearance) -> dict[str, Any]:
    at = {each.t_s: each for each in shown}
    visits = right = labelled = 0
    hits, extra, missed = Counter[str](), Counter[str](), Counter[str]()
    lines, seen_pictures = [], set()
    for visit, reading in watched(shown, network, known, eye):
        before, after = at[visit.before.t_s], at[visit.after.t_s]
        seen_pictures |= {before.number, after.number}
        true = Counter(after.counts)
        true.subtract(before.counts)
        true = Counter({sku: count for sku, count in true.items() if count})
        mine = Counter(
            {str(each.sku): each.qty if each.type == "put_back" else -each.qty for each in reading.best.changes}
        )
        visits += 1
        labelled += bool(true)
        right += mine == true
        for sku in set(true) | set(mine):
            if true[sku] == mine[sku]:
                hits[sku] += 1
            else:
                extra[sku] += bool(mine[sku])
                missed[sku] += bool(true[sku])
        lines.append(
            {
                "from": before.number,
                "to": after.number,
                "true": dict(true),
                "said": dict(mine),
                "doubtful": visit.doubtful,
                "p": round(reading.best.p, 3),
            }
        )
    return {
        "visits": visits,
        "with_a_labelled_change": labelled,
        "wholly_right": right,
        "changes_right": sum(hits.values()),
        "changes_false": sum(extra.values()),
        "changes_missed": sum(missed.values()),
        "pictures_without_a_hand": sum(not each.hand for each in shown),
        "of_them_taken_for_quiet": len(seen_pictures),
        "lines": lines,
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--json", type=Path)
    options = asked.parse_args()
    shown = pictures(options.folder)
    eye = Appearance(onnx_path(APPEARANCE))
    network = ShelfNetwork(onnx_path(SHELF), product_min=PRODUCT_MIN)
    known = enrolled(shown, eye)
    result = {
        session: scored([each for each in shown if first <= each.number <= last], network, known, eye)
        for session, (first, last) in SESSIONS.items()
    }
    text = json.dumps(result, indent=1)
    print(text)  # noqa: T201 - what this is for
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
