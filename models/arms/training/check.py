"""Scores the arms network on pictures that draw.py made of layouts that were not trained on.

    python -m models.arms.training.check --folder DIR [--network models/arms/arms.onnx]

Prints how many of the hands and heads that can be asked for are found (recall) and how many of what it says are such
(precision), how often a hand's owner is the right one of the picture's people, and how far heads and places are off, in
radii of the head.
"""

import argparse
import math
from collections import Counter
from pathlib import Path

import numpy as np

from edge.perception.arms_network import Arms, ArmsNetwork, Part
from models.arms.training.pictures import HEAD_SHARE, Picture, read

NEAR_PX = 8.0
"""What is as near to a small thing's middle is of it."""


def main() -> None:
    """Score as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--network", type=Path, default=Path("models/arms/arms.onnx"))
    asked = parser.parse_args()
    network = ArmsNetwork(asked.network)
    counts, off = Counter[str](), dict[str, list[float]](head=[], stands=[])
    for picture in read(asked.folder):
        count(picture, network.look(picture.image), counts, off)
    for kind in ("hand", "head"):
        found, asked_for, said = (counts[f"{kind} {what}"] for what in ("found", "asked", "said"))
        print(f"{kind}s: recall {found / max(asked_for, 1):.3f} of {asked_for}, precision {found / max(said, 1):.3f}")  # noqa: T201 - a script
    print(f"owners: {counts['owner']} of {counts['owned']} hands")  # noqa: T201 - a script
    for what, radii in off.items():
        middle, most = np.percentile(radii, [50, 90]) if radii else (math.nan, math.nan)
        print(f"{what} off by {middle:.2f} radii of the head, nine of ten within {most:.2f}")  # noqa: T201 - a script


def count(picture: Picture, seen: Arms, counts: Counter[str], off: dict[str, list[float]]) -> None:
    """Add what one picture shows to `counts` and `off`. What cannot be asked for counts neither way."""
    people = [number for number, head in enumerate(picture.heads) if head[2] > 0]
    asked = [number for number in people if picture.shares[number] >= HEAD_SHARE]
    matched = _matched(seen.heads, [picture.heads[number].tolist() for number in people])
    counts["head asked"] += len(asked)
    counts["head found"] += sum(people[head] in asked for head in matched.values())
    counts["head said"] += len(seen.heads) - sum(people[head] not in asked for head in matched.values())
    for part, head in matched.items():
        u, v, radius = picture.heads[people[head]].tolist()
        off["head"].append(math.dist(seen.heads[part].at, (u, v)) / radius)
        off["stands"].append(math.dist(seen.heads[part].stands, picture.stands[people[head]].tolist()) / radius)
    boxes = [_thing(box) for box in picture.hands]
    hands = _matched(seen.hands, boxes)
    counts["hand asked"] += int(picture.scored.sum())
    counts["hand found"] += sum(bool(picture.scored[hand]) for hand in hands.values())
    counts["hand said"] += len(seen.hands) - sum(not picture.scored[hand] for hand in hands.values())
    for part, hand in hands.items():
        owner = int(picture.owners[hand])
        if picture.scored[hand] and owner in people:
            said = min(people, key=lambda number: math.dist(seen.hands[part].head, picture.heads[number, :2].tolist()))
            counts["owned"] += 1
            counts["owner"] += said == owner


def _thing(box: np.ndarray) -> list[float]:
    """A box's middle and its larger side."""
    return [*((box[:2] + box[2:]) / 2.0).tolist(), float((box[2:] - box[:2]).max())]


def _matched(parts: tuple[Part, ...], things: list[list[float]]) -> dict[int, int]:
    """By index of a part the thing (middle, size) that it is of: the nearest within its size, each once."""
    pairs = sorted(
        (math.dist(part.at, thing[:2]), row, column)
        for row, part in enumerate(parts)
        for column, thing in enumerate(things)
        if math.dist(part.at, thing[:2]) <= max(thing[2], NEAR_PX)
    )
    of: dict[int, int] = {}
    for _, row, column in pairs:
        if row not in of and column not in of.values():
            of[row] = column
    return of


if __name__ == "__main__":
    main()
