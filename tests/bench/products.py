"""Products by their looks, cross-validated on labelled photos: python tests/bench/products.py LABELS.csv [--json FILE]

Each class's photos are shuffled (seeds 0 … N − 1) and cut into halves; the head learns from one half and is asked the
other, then the other way round. Fewer photos are the first ones of a half. For things that nobody enrolled, a random
half of the classes is enrolled and as many photos of the others are asked as of the enrolled ones. `--half` scores one
half of the classes alone: what was chosen (views, weight of colours, shrinkage, middle, usual certainty) was chosen on
"first", so that "second" says what it is worth elsewhere.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edge.perception.appearance import Appearance
from edge.perception.needs import APPEARANCE
from edge.perception.products.look import Look
from models.cache import onnx_path
from tillfree.evaluate.product_labels import LabelledPicture, read_product_labels
from tillfree.evaluate.products import auroc, calibration_error, looks_of, narrowed, said, said_of_few, tried

Photos = dict[str, list[tuple[LabelledPicture, Look]]]


def halves(photos: Photos, seed: int) -> tuple[Photos, Photos]:
    chance = np.random.default_rng(1000 + seed)
    first: Photos = {}
    second: Photos = {}
    for product in sorted(photos):
        order = chance.permutation(len(photos[product]))
        middle = len(order) // 2
        first[product] = [photos[product][place] for place in order[:middle]]
        second[product] = [photos[product][place] for place in order[middle:]]
    return first, second


def _flat(photos: Photos, products: Sequence[str], most: int) -> tuple[list[LabelledPicture], list[Look]]:
    chosen = [pair for product in products for pair in photos[product][:most]]
    return [picture for picture, _ in chosen], [look for _, look in chosen]


def closed(photos: Photos, seeds: int, shots: Sequence[int]) -> dict[str, Any]:
    """Everything enrolled."""
    found: dict[str, Any] = {}
    for shot in shots:
        rows: list[list[float]] = []
        for seed in range(seeds):
            one, other = halves(photos, seed)
            for gallery, queries in ((one, other), (other, one)):
                trial, nearest = tried(*_flat(gallery, sorted(photos), shot), *_flat(queries, sorted(photos), 10**6))
                order = trial.ranks()
                few = [narrowed(each, count) for each in (trial, nearest) for count in (5, 10)]
                first = [float(np.mean(order < 1)), float(np.mean(order < 5)), float(np.mean(nearest.ranks() < 1))]
                rows.append([*first, *few])
        names = ("top1", "top5", "nearest", "of_5", "of_10", "nearest_of_5", "nearest_of_10")
        found[f"photos_{shot}"] = _summary(names, rows)
    return found


def opened(photos: Photos, seeds: int, shots: Sequence[int], count: int) -> dict[str, Any]:
    """`count` products enrolled, as many strange things asked as known ones."""
    found: dict[str, Any] = {}
    for shot in shots:
        rows: list[list[float]] = []
        stated, right = [], []
        for seed in range(seeds):
            one, other = halves(photos, seed)
            chance = np.random.default_rng(seed)
            order = chance.permutation(sorted(photos)).tolist()
            mine, strange = sorted(order[:count]), order[count:]
            gallery, looks = _flat(one, mine, shot)
            asked, asked_looks = _flat(other, mine, 10**6)
            others, other_looks = _flat(other, strange, 10**6)
            taken = chance.permutation(len(others))[: len(asked)]
            asked += [others[place] for place in taken]
            asked_looks += [other_looks[place] for place in taken]
            trial, nearest = tried(gallery, looks, asked, asked_looks)
            known, none = trial.known(), trial.probabilities()[:, -1]
            alike = -nearest.scores.max(axis=1)
            sure, good = said(trial)
            stated.append(sure)
            right.append(good)
            rows.append([auroc(none[~known], none[known]), auroc(alike[~known], alike[known]), float(np.mean(good))])
        row = _summary(("auroc", "nearest_auroc", "right_or_none"), rows)
        row["expected_calibration_error"] = round(calibration_error(np.concatenate(stated), np.concatenate(right)), 4)
        found[f"photos_{shot}"] = row
    return found


def few(photos: Photos, seeds: int, shots: Sequence[int], count: int) -> dict[str, Any]:
    """`count` products enrolled; few candidates, one of which is right in half of the questions, none in the others.

    How often the likeliest answer is right, and the expected calibration error over all splits.
    """
    found: dict[str, Any] = {}
    for shot in shots:
        answers: dict[int, list[tuple[Any, Any]]] = {candidates: [] for candidates in (2, 4, 8)}
        for seed in range(seeds):
            one, other = halves(photos, seed)
            mine = sorted(np.random.default_rng(seed).permutation(sorted(photos)).tolist()[:count])
            for gallery, queries in ((one, other), (other, one)):
                trial, _ = tried(*_flat(gallery, mine, shot), *_flat(queries, mine, 10**6))
                for candidates, said_so in answers.items():
                    said_so.append(said_of_few(trial, candidates))
        found[f"photos_{shot}"] = {
            str(candidates): {
                "right": round(float(np.concatenate([right for _, right in said_so]).mean()), 4),
                "expected_calibration_error": round(
                    calibration_error(
                        np.concatenate([sure for sure, _ in said_so]), np.concatenate([right for _, right in said_so])
                    ),
                    4,
                ),
            }
            for candidates, said_so in answers.items()
        }
    return found


def _summary(names: Sequence[str], rows: Sequence[Sequence[float]]) -> dict[str, Any]:
    table = np.array(rows)
    return {
        name: {"mean": round(float(table[:, i].mean()), 4), "sd": round(float(table[:, i].std()), 4)}
        for i, name in enumerate(names)
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("labels", type=Path)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--half", choices=("first", "second", "all"), default="all")
    asked.add_argument("--json", type=Path)
    options = asked.parse_args()
    rows = read_product_labels(options.labels)
    photos: Photos = {}
    for picture, look in zip(rows, looks_of(rows, Appearance(onnx_path(APPEARANCE))), strict=True):
        photos.setdefault(picture.product, []).append((picture, look))
    products = sorted(photos, key=lambda name: (len(name), name))
    order = np.random.default_rng(0).permutation(len(products))
    middle = (len(products) + 1) // 2
    places = {"first": order[:middle], "second": order[middle:], "all": order}[options.half]
    photos = {products[place]: photos[products[place]] for place in sorted(places)}
    result = {"classes": len(photos), "closed": closed(photos, options.seeds, (1, 2, 4))}
    for count in (10, len(photos) // 2):
        result[f"open_{count}"] = opened(photos, options.seeds, (1, 2, 4), count)
        result[f"few_{count}"] = few(photos, options.seeds, (1, 2, 4), count)
    text = json.dumps(result, indent=1)
    print(text)  # noqa: T201 - what this is for
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
