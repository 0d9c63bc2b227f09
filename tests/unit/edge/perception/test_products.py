"""Knowing products by their photos, and knowing that something is none of them."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.perception.products.alike import alike
from edge.perception.products.certainty import FEW, USUAL, Certainty, calibrated, narrowed, unseen
from edge.perception.products.head import fit
from edge.perception.products.known import KnownProducts
from edge.perception.products.look import COLOUR_NUMBERS, VIEWS, Look, gain_of, look_at
from edge.perception.products.photo_check import sharpness, wrong_with
from edge.perception.products.recognition import Recogniser
from hardware.ports import Image
from protocol.store import Photo, Product
from tests.unit.edge.drawn_shelf import Colours, photo

NUMBERS = 48


def shop(products: int, photos: int, seed: int = 0, spoiled: float = 0.6) -> dict[str, list[Look]]:
    """Looks of products whose photos differ much in a few directions (light, angle), and little in the others."""
    chance = np.random.default_rng(seed)
    bent = np.random.default_rng(99).normal(size=(4, NUMBERS))
    found = {}
    for product in range(products):
        own = chance.normal(size=NUMBERS)
        found[f"p{product:02d}"] = [
            (own + spoiled * chance.normal(size=(VIEWS, 4)) @ bent + 0.2 * chance.normal(size=(VIEWS, NUMBERS))).astype(
                np.float32
            )
            for _ in range(photos)
        ]
    return found


def halves(products: int, seed: int = 0) -> tuple[dict[str, list[Look]], dict[str, list[Look]]]:
    whole = shop(products, 8, seed, spoiled=2.0)
    return {sku: looks[:4] for sku, looks in whole.items()}, {sku: looks[4:] for sku, looks in whole.items()}


def share_right(scores: np.ndarray, skus: Sequence[str], of: Sequence[str]) -> float:
    return float(np.mean([skus[int(row.argmax())] == sku for row, sku in zip(scores, of, strict=True)]))


def test_what_differs_within_a_product_does_not_tell_products_apart() -> None:
    enrolled, asked = halves(30)
    of = [sku for sku, looks in asked.items() for _ in looks]
    looks = [look for each in asked.values() for look in each]
    head = fit(enrolled)
    means = np.stack([np.mean(enrolled[sku], axis=(0, 1)) for sku in head.skus])
    plain = np.stack([look.mean(axis=0) for look in looks]) @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T
    assert share_right(head.scores(looks), head.skus, of) > share_right(plain, head.skus, of) + 0.1


@pytest.mark.parametrize(("products", "photos"), [(1, 1), (2, 1), (3, 2), (20, 1), (12, 6)])
def test_a_head_is_fitted_to_any_shop(products: int, photos: int) -> None:
    looks = shop(products, photos)
    recogniser = Recogniser.of(looks)
    for sku, of_one in looks.items():
        for recognised in recogniser.recognise(of_one):
            assert recognised.best == sku
            assert recognised.none + sum(p for _, p in recognised.candidates) == pytest.approx(1.0)


def test_both_ways_to_the_inverse_agree() -> None:
    few = fit(shop(6, 1))
    assert few.precision.shape == (NUMBERS, NUMBERS)
    many = fit(shop(6, 4))
    for head, looks in ((few, shop(6, 1)), (many, shop(6, 4))):
        apart = np.concatenate([np.concatenate(each) - np.concatenate(each).mean(axis=0) for each in looks.values()])
        covariance = apart.T @ apart / len(apart)
        shrunk = 0.7 * covariance + 0.3 * np.square(apart).mean() * np.eye(NUMBERS)
        np.testing.assert_allclose(head.precision @ shrunk, np.eye(NUMBERS), atol=1e-4)


def test_the_order_in_which_products_stand_changes_nothing() -> None:
    looks = shop(5, 2)
    turned = dict(reversed(list(looks.items())))
    asked = [each[0] for each in looks.values()]
    np.testing.assert_array_equal(fit(looks).scores(asked), fit(turned).scores(asked))
    assert Recogniser.of(looks).certainty == Recogniser.of(turned).certainty


def test_photos_that_are_all_alike_are_no_division_by_zero() -> None:
    flat = np.zeros((VIEWS, NUMBERS), np.float32)
    head = fit({"a": [flat], "b": [flat]})
    assert np.isfinite(head.scores([flat])).all()
    assert np.isfinite(head.likeness()).all()


def test_a_thing_that_nobody_enrolled_is_none_of_them() -> None:
    recogniser = Recogniser.of(shop(12, 4))
    strange = [looks[0] for looks in shop(40, 1, seed=5).values()]
    known = [looks[0] for looks in shop(12, 4).values()]
    assert np.mean([each.best is None for each in recogniser.recognise(strange)]) > 0.9
    assert all(each.best is not None for each in recogniser.recognise(known))


def test_a_planogram_narrows_the_candidates() -> None:
    looks = shop(6, 2)
    recogniser = Recogniser.of(looks)
    among = recogniser.recognise(looks["p00"], ["p01", "p02", "sold-out"])[0]
    assert [sku for sku, _ in among.candidates] in (["p01", "p02"], ["p02", "p01"])
    assert among.none + sum(p for _, p in among.candidates) == pytest.approx(1.0)
    assert among.best is None
    assert recogniser.recognise(looks["p00"], [])[0].none == 1.0
    assert recogniser.recognise([]) == []


def test_each_photo_is_asked_of_few_candidates_and_the_right_one_is_among_them() -> None:
    tried = list(unseen(shop(9, 3)))
    for count in FEW:
        few = narrowed(tried, count)
        again = narrowed(tried, count)
        for each, same, whole in zip(few, again, tried, strict=True):
            np.testing.assert_array_equal(each.scores, same.scores)
            if len(whole.skus) <= count:
                assert each is whole
                continue
            assert each.scores.shape == (len(each.right), count)
            draws = len(each.right) // len(whole.right)
            for row, right, scores, place in zip(
                each.scores,
                each.right,
                np.repeat(whole.scores, draws, axis=0),
                np.repeat(whole.right, draws),
                strict=True,
            ):
                assert right == (0 if place >= 0 else -1)
                assert set(row) <= set(scores)
                assert right < 0 or row[0] == scores[place]


def test_few_candidates_have_a_certainty_of_their_own() -> None:
    recogniser = Recogniser.of(shop(12, 4, spoiled=2.0))
    assert set(recogniser.few) == set(FEW)
    assert recogniser.certainty_among(1) == recogniser.certainty_among(2) == recogniser.few[2]
    assert recogniser.certainty_among(5) == recogniser.few[8]
    assert recogniser.certainty_among(9) == recogniser.certainty
    # Strange things have fewer chances to look like one of few.
    assert recogniser.few[2].level < recogniser.certainty.level


@pytest.mark.parametrize("none", [0.02, 0.5, 0.98])
def test_who_knows_how_much_is_strange_says_so(none: float) -> None:
    looks = shop(12, 4)
    recogniser = Recogniser.of(looks)
    asked = [looks["p03"][0], shop(30, 1, seed=5)["p07"][0]]
    told, even = recogniser.recognise(asked, ["p03", "p04"], none), recogniser.recognise(asked, ["p03", "p04"])
    for one, other in zip(told, even, strict=True):
        assert one.none + sum(p for _, p in one.candidates) == pytest.approx(1.0)
        odds = one.none * (1.0 - other.none) / (other.none * (1.0 - one.none))
        assert odds == pytest.approx(none / (1.0 - none))


def test_a_store_s_products_are_asked_of_cut_outs(tmp_path: Path) -> None:
    for sku in ("water", "cola", "juice"):
        cv2.imwrite(str(tmp_path / f"{sku}.png"), photo(sku))
    enrolled = [
        Product(sku=sku, name=sku, price_minor=100, photos=(Photo(file=f"{sku}.png"),))
        for sku in ("water", "cola", "juice")
    ]
    bare = Product(sku="bare", name="never photographed", price_minor=1)
    known = KnownProducts.of([*enrolled, bare], tmp_path, Colours())
    assert known is not None
    assert known.skus == ("cola", "juice", "water")
    first, second = known.which([photo("cola"), photo("water")], among=["cola", "water", "bare"])
    assert (first.best, second.best) == ("cola", "water")
    assert known.which([photo("cola")], among=["bare"])[0].none == 1.0
    assert KnownProducts.of([bare], tmp_path, Colours()) is None


def test_certainty_stays_usual_where_nothing_can_be_learnt() -> None:
    assert calibrated([]) == USUAL
    assert list(unseen(shop(2, 4))) == []
    assert Recogniser.of(shop(8, 1)).certainty == USUAL


def test_nobody_is_asked_about_a_photo_that_the_head_has_seen() -> None:
    looks = shop(8, 3)
    tried = list(unseen(looks))
    assert len(tried) == 4
    left_out = {sku for each in tried for sku, right in zip(each.of, each.right, strict=True) if right < 0}
    assert left_out == set(looks)
    for each in tried:
        for sku, right in zip(each.of, each.right, strict=True):
            assert (sku in each.skus) == (right >= 0)
            assert right < 0 or each.skus[right] == sku


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), min_size=1, max_size=6))
def test_probabilities_are_probabilities(rows: list[list[float]]) -> None:
    found = Certainty(40.0, 0.3).probabilities(np.array(rows))
    assert found.shape == (len(rows), 4)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_look_alikes_are_named() -> None:
    looks = shop(6, 4)
    looks["twin"] = [look + np.float32(0.01) for look in looks["p02"]]
    pairs = alike(Recogniser.of(looks))
    assert pairs[0].skus == ("p02", "twin")
    assert pairs[0].likeness > 0.9
    assert all("twin" in pair.skus or pair.confused == 0 for pair in pairs)
    assert alike(Recogniser.of(shop(4, 2))) == ()


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (120, 90)])
def test_pictures_of_any_size_have_a_look(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8)
    look = look_at(image, Colours())
    assert look.shape == (VIEWS, 125 + COLOUR_NUMBERS)
    assert np.isfinite(look).all()


def leaflet() -> Image:
    """Print: sharp, light and full of detail."""
    image = np.full((120, 90, 3), 230, np.uint8)
    for row in range(10, 110, 9):
        cv2.putText(image, "WATER 0.5", (4, row), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (90, 40, 20), 1)
    return image


def test_a_good_photo_has_nothing_wrong() -> None:
    assert wrong_with(leaflet()) == ()
    assert wrong_with(photo("water")) == ()


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (leaflet()[:20, :20], "too small: 20×20"),
        ((leaflet() * 0.1).astype(np.uint8), "too dark"),
        (np.maximum(leaflet(), 252), "too bright"),
        (np.full((120, 90, 3), 130, np.uint8), "empty"),
        (cv2.GaussianBlur(leaflet(), (0, 0), 5), "blurred"),
    ],
)
def test_what_is_wrong_with_a_photo_is_said(image: Image, says: str) -> None:
    assert any(wrong.startswith(says) for wrong in wrong_with(image)), wrong_with(image)


def test_sharpness_does_not_depend_on_the_number_of_pixels() -> None:
    large = cv2.resize(leaflet(), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    assert sharpness(np.asarray(large, np.uint8)) == pytest.approx(sharpness(leaflet()), rel=0.25)


@pytest.mark.parametrize("light", [0.5, 0.8, 1.05])
def test_a_thing_s_colours_are_the_same_in_another_light(light: float) -> None:
    def colours(image: Image) -> np.ndarray:
        return look_at(image, Colours())[0, -COLOUR_NUMBERS:]

    seen = photo("cola")
    lit = np.clip(seen * light, 0, 255).astype(np.uint8)
    own, others = colours(seen), colours(photo("juice"))
    assert float(own @ colours(lit)) > 0.95 * float(own @ own)
    assert float(own @ others) < 0.9 * float(own @ own)


def test_a_bare_board_is_no_label_in_the_light_of_the_thing_that_stood_there() -> None:
    thing, board = photo("water"), photo("water") // 4 + 60
    assert gain_of(thing, board) == gain_of(thing)
    alone, together = look_at(board, Colours()), look_at(board, Colours(), gain_of(thing, board))
    assert not np.allclose(alone, together)


def test_how_well_a_cut_out_fits_each_product_is_said_against_what_nobody_enrolled(tmp_path: Path) -> None:
    for sku in ("water", "cola", "juice"):
        cv2.imwrite(str(tmp_path / f"{sku}.png"), photo(sku))
    products = [Product(sku=sku, name=sku, photos=(Photo(file=f"{sku}.png"),)) for sku in ("water", "cola", "juice")]
    known = KnownProducts.of(products, tmp_path, Colours())
    assert known is not None
    fits = known.fits(photo("cola"))
    assert max(fits, key=lambda sku: fits[sku]) == "cola"
    assert fits["cola"] > 1.0
    (asked,) = known.which([photo("cola")], none=0.5)
    odds = {sku: np.log(p / asked.none) for sku, p in asked.candidates}
    assert fits == pytest.approx(odds, abs=0.01)
