"""A free shelf seen once a second or less: python tests/bench/free_shelf.py ../shared/data/mini_amazon_go_v2

Real pictures of hands in a cabinet (mini_amazon_go_v2), in the order in which they were taken. Products are enrolled
from cut-outs of its first session; the second was trained on by the shelf network, the third was not. A change is what
the labels of two pictures without a hand, one after the other, differ by; a product that stands wholly behind another
is not labelled, so a few of the labelled changes are none. Right: every product's count, none too many. Pictures lie 1
to 10 s apart, so that a hand may come and go between two of them: a visit that nobody saw is taken after one picture
(`--unseen`).
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.perception.appearance import Appearance
from edge.perception.free_shelf import PRODUCT_MIN, Change, FreeShelf, FreeVisit, changes, cut_out, left_over
from edge.perception.needs import APPEARANCE, SHELF
from edge.perception.products.known import KnownProducts
from edge.perception.products.look import look_at
from edge.perception.products.recognition import Recogniser
from edge.perception.shelf_network import ShelfNetwork
from hardware.cameras.image_folder import read_image
from hardware.ports import Image
from models.cache import onnx_path

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


def said(visit: FreeVisit, known: KnownProducts) -> tuple[Change, ...]:
    gone, come = left_over(visit.before, visit.after)
    asked = known.which([*(cut_out(visit.before, n) for n in gone), *(cut_out(visit.after, n) for n in come)])
    real = [*(float(visit.before.real[n]) for n in gone), *(float(visit.after.real[n]) for n in come)]
    things = list(zip(real, asked, strict=True))
    return changes(things[: len(gone)], things[len(gone) :], doubtful=visit.doubtful)


def watched(
    shown: list[Shown], network: ShelfNetwork, known: KnownProducts, unseen: int
) -> Iterator[tuple[FreeVisit, tuple[Change, ...]]]:
    shelf = FreeShelf(unseen)
    for each in shown:
        visit = shelf.see(each.t_s, each.image, network.look(each.image))
        if visit is not None:
            yield visit, said(visit, known)


def scored(shown: list[Shown], network: ShelfNetwork, known: KnownProducts, unseen: int) -> dict[str, Any]:
    at = {each.t_s: each for each in shown}
    visits = right = labelled = 0
    hits, extra, missed = Counter[str](), Counter[str](), Counter[str]()
    lines, seen_pictures = [], set()
    for visit, found in watched(shown, network, known, unseen):
        before, after = at[visit.before.t_s], at[visit.after.t_s]
        seen_pictures |= {before.number, after.number}
        true = Counter(after.counts)
        true.subtract(before.counts)
        true = Counter({sku: count for sku, count in true.items() if count})
        mine = Counter({str(each.sku): each.count for each in found if each.p > 0.5})
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
    asked.add_argument("--unseen", type=int, default=1)
    asked.add_argument("--json", type=Path)
    options = asked.parse_args()
    shown = pictures(options.folder)
    eye = Appearance(onnx_path(APPEARANCE))
    network = ShelfNetwork(onnx_path(SHELF), product_min=PRODUCT_MIN)
    known = enrolled(shown, eye)
    result = {
        session: scored([each for each in shown if first <= each.number <= last], network, known, options.unseen)
        for session, (first, last) in SESSIONS.items()
    }
    text = json.dumps(result, indent=1)
    print(text)  # noqa: T201 - what this is for
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
