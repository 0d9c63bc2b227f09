"""How well products are known by their looks: a gallery that is enrolled, and queries that are recognised."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge.perception.appearance import Appearance
from edge.perception.needs import APPEARANCE
from edge.perception.products.certainty import Certainty
from edge.perception.products.head import Floats
from edge.perception.products.look import COLOUR_NUMBERS, Eye, Look, look_at
from edge.perception.products.recognition import Recogniser
from models.cache import onnx_path
from tillfree.errors import EvaluationError
from tillfree.evaluate.calibration import expected_calibration_error
from tillfree.evaluate.product_labels import LabelledPicture, read_product_labels

NARROWED = (5, 10)
"""Candidates that a planogram leaves: the right one and others drawn at random."""
DRAWS = 20
PROBLEMS_MAX = 20

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trial:
    """What was said to queries by a gallery of `products` (sorted)."""

    products: tuple[str, ...]
    scores: Floats
    """(queries, products)"""
    of: tuple[str, ...]
    """Each query's product, which the gallery may not have."""
    certainty: Certainty
    few: Mapping[int, Certainty] = field(default_factory=dict)
    """Among so many candidates at most."""

    def known(self) -> Flags:
        """(queries,): whether the gallery has the query's product."""
        return np.array([product in self.products for product in self.of], np.bool_)

    def ranks(self) -> npt.NDArray[np.int64]:
        """(known queries,): how many products are thought likelier than the right one."""
        return ranks(self.products, self.scores, self.of)

    def probabilities(self) -> Floats:
        """(queries, products + 1); the last is "none of these"."""
        return self.certainty.probabilities(self.scores)


def evaluate_products(gallery: Path, queries: Path, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """The figures of docs/products.md for the label files `gallery` and `queries`; both are read before any work."""
    enrolled, asked = read_product_labels(gallery), read_product_labels(queries)
    eye = Appearance(onnx_path(APPEARANCE))
    looks = looks_of([*enrolled, *asked], eye, progress)
    trial, nearest = tried(enrolled, looks[: len(enrolled)], asked, looks[len(enrolled) :])
    if not trial.known().any():
        raise EvaluationError(f"{queries}: none of its classes is in {gallery}, so there is nothing to score")
    again = {picture.path.resolve() for picture in enrolled} & {picture.path.resolve() for picture in asked}
    return {
        **figures(trial, nearest),
        "gallery": len(enrolled),
        "classes": len(trial.products),
        "in_gallery_too": len(again),
    }


def looks_of(
    pictures: Sequence[LabelledPicture], eye: Eye, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> list[Look]:
    """The looks of labelled pictures. EvaluationError lists those that are none by file and line."""
    looks: list[Look] = []
    problems: list[str] = []
    for done, picture in enumerate(pictures, start=1):
        try:
            looks.append(look_at(picture.picture(), eye))
        except EvaluationError as error:
            problems.append(str(error))
        progress(done, len(pictures))
    if problems:
        more = [f"and {len(problems) - PROBLEMS_MAX} more"] if len(problems) > PROBLEMS_MAX else []
        raise EvaluationError("\n".join([*problems[:PROBLEMS_MAX], *more]))
    return looks


def tried(
    enrolled: Sequence[LabelledPicture],
    enrolled_looks: Sequence[Look],
    asked: Sequence[LabelledPicture],
    asked_looks: Sequence[Look],
) -> tuple[Trial, Trial]:
    """What the head says to the queries, and what the nearest photo (the whole picture's features) says."""
    of_product: dict[str, list[Look]] = {}
    for picture, look in zip(enrolled, enrolled_looks, strict=True):
        of_product.setdefault(picture.product, []).append(look)
    recogniser = Recogniser.of(of_product)
    head, certainty = recogniser.head, recogniser.certainty
    of = tuple(picture.product for picture in asked)
    questions = np.stack([_whole(look) for look in asked_looks])
    nearest = [(questions @ np.stack([_whole(look) for look in of_product[sku]]).T).max(axis=1) for sku in head.skus]
    return (
        Trial(head.skus, head.scores(asked_looks), of, certainty, recogniser.few),
        Trial(head.skus, np.stack(nearest, axis=1), of, certainty),
    )


def _whole(look: Look) -> Floats:
    """The first view's features alone, without colours."""
    return look[0, :-COLOUR_NUMBERS].astype(np.float64)


def ranks(products: Sequence[str], scores: Floats, of: Sequence[str]) -> npt.NDArray[np.int64]:
    """(known queries,): how many products have a higher score than the right one; ties by the order of products."""
    place = {product: column for column, product in enumerate(products)}
    answers = []
    for row, product in zip(scores, of, strict=True):
        if product in place:
            right = place[product]
            ahead = np.count_nonzero(row > row[right]) + np.count_nonzero(row[:right] == row[right])
            answers.append(int(ahead))
    return np.array(answers, np.int64)


def figures(trial: Trial, nearest: Trial) -> dict[str, Any]:
    """The report on one trial, and beside it the nearest photo's."""
    order = trial.ranks()
    known = trial.known()
    of_known = [product for product, there in zip(trial.of, known, strict=True) if there]
    by_class = {
        product: {
            "queries": of_known.count(product),
            "top1": round(float(np.mean(order[[each == product for each in of_known]] < 1)), 4),
        }
        for product in sorted(set(of_known))
    }
    probabilities = trial.probabilities()
    none = probabilities[:, -1]
    stated, right = said(trial)
    return {
        "top1": _share(order < 1),
        "top5": _share(order < 5),
        "queries": len(order),
        "nearest_photo": {"top1": _share(nearest.ranks() < 1), "top5": _share(nearest.ranks() < 5)},
        "narrowed": {str(count): narrowed(trial, count) for count in NARROWED if count <= len(trial.products)},
        "narrowed_calibration_error": {
            str(count): round(calibration_error(*said_of_few(trial, count)), 4)
            for count in NARROWED
            if count < len(trial.products)
        },
        "unknown": int(np.count_nonzero(~known)),
        "auroc_unknown": None if known.all() else round(auroc(none[~known], none[known]), 4),
        "expected_calibration_error": round(calibration_error(stated, right), 4),
        "expected_calibration_error_if_known": round(calibration_error(*said_if_known(trial)), 4),
        "by_class": by_class,
    }


def _share(flags: Flags) -> float:
    return round(float(flags.mean()), 4) if len(flags) else 0.0


def said(trial: Trial) -> tuple[Floats, Flags]:
    """(queries,) each: how sure the likeliest answer is ("none of these" is one), and whether it is right."""
    probabilities = trial.probabilities()
    place = {product: column for column, product in enumerate(trial.products)}
    true = np.array([place.get(product, len(place)) for product in trial.of])
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == true


def said_if_known(trial: Trial) -> tuple[Floats, Flags]:
    """(known queries,) each: the same where it is given that the thing is one of the products."""
    known = trial.known()
    sure = trial.probabilities()[known, :-1]
    of = [product for product, there in zip(trial.of, known, strict=True) if there]
    true = np.array([trial.products.index(product) for product in of])
    return (sure / np.maximum(sure.sum(axis=1, keepdims=True), 1e-12)).max(axis=1), sure.argmax(axis=1) == true


def narrowed(trial: Trial, count: int) -> float:
    """The share that is right among `count` candidates: the right one and others, `DRAWS` times from a named seed."""
    chance = np.random.default_rng(count)
    place = {product: column for column, product in enumerate(trial.products)}
    hits = total = 0
    for row, product in zip(trial.scores, trial.of, strict=True):
        if product not in place:
            continue
        others = np.delete(row, place[product])
        for _ in range(DRAWS):
            hits += bool((chance.choice(others, count - 1, replace=False) < row[place[product]]).all())
            total += 1
    return round(hits / total, 4)


def said_of_few(trial: Trial, count: int) -> tuple[Floats, Flags]:
    """How sure the likeliest answer among `count` candidates is, and whether it is right; as `said`.

    Each known query is asked as often with the right one among the candidates as without it: then "none of these" is
    right.
    """
    chance = np.random.default_rng([count, 1])
    certainty = next((trial.few[most] for most in sorted(trial.few) if count <= most), trial.certainty)
    place = {product: column for column, product in enumerate(trial.products)}
    rows = []
    for row, product in zip(trial.scores, trial.of, strict=True):
        if product in place:
            others = np.delete(row, place[product])
            for _ in range(DRAWS):
                rows.append([row[place[product]], *chance.choice(others, count - 1, replace=False)])
                rows.append(chance.choice(others, count, replace=False).tolist())
    probabilities = certainty.probabilities(np.array(rows))
    true = np.tile([0, count], len(rows) // 2)
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == true


def auroc(higher: Floats, lower: Floats) -> float:
    """How probably one of `higher` is above one of `lower`; ties count half."""
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, "left") + np.searchsorted(ordered, higher, "right")
    return float(below.mean() / 2.0 / len(ordered))


def calibration_error(stated: Floats, right: Flags) -> float:
    """The expected calibration error (tillfree/evaluate/calibration.py) of at least one answer."""
    error = expected_calibration_error(list(zip(stated.tolist(), right.tolist(), strict=True)))
    assert error is not None, "there are answers"
    return error
