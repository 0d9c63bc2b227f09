"""Several people at one gondola that is weighed as a whole: the parts add up, and each has its own hand."""

from edge.visits.stories.happening import Happening, Load
from edge.visits.stories.options import Shop
from edge.visits.stories.story import Act, Actor
from edge.visits.stories.telling import Telling
from tests.unit.edge.visits.test_stories import ANN, BOB, NAMES, STORE

CHANGED, SAME = 200.0, 0.03


class Gondola:
    """Tells what the scale under the whole gondola says, and which slots the cameras saw change."""

    def __init__(self) -> None:
        self.telling = Telling(Shop.of(STORE))
        self.number = 0

    def weighs(self, grams: float, changed: dict[str, dict[Actor, float]]) -> Act:
        """`changed`: by product, how well everybody fits whose hand may have been in its slot."""
        self.number += 1
        ratios = {f"g.s.{sku}": CHANGED if sku in changed else SAME for sku in NAMES}
        total = sum(ratios.values())
        over = tuple((slot, ratio / total) for slot, ratio in ratios.items())
        nobody: dict[Actor, float] = {None: -6.0}
        reach_at = {f"g.s.{sku}": {**reach, **nobody} for sku, reach in changed.items()}
        reach: dict[Actor, float] = {ANN: -1.0, BOB: -1.0, **nobody}
        load = Load("g", grams, over, 1, ratios=ratios)
        at_s = 10.0 * self.number
        self.telling.tell(Happening(self.number, at_s, None, reach, load, reach_at=reach_at))
        return self.telling.verdict(self.number)[0][0]


def parts(act: Act) -> set[tuple[Actor, str, str | None, int]]:
    return {(part.actor, part.type, part.sku, part.qty) for part in act}


def test_two_people_who_take_at_once_each_pay_for_their_own() -> None:
    act = Gondola().weighs(-(520.0 + 2 * 205.0), {"water": {ANN: 0.0, BOB: -5.0}, "nuts": {ANN: -5.0, BOB: 0.0}})
    assert parts(act) == {(ANN, "pick", "water", 1), (BOB, "pick", "nuts", 2)}


def test_one_piece_that_fits_needs_no_second_one() -> None:
    act = Gondola().weighs(-205.0, {"nuts": {ANN: 0.0, BOB: -5.0}})
    assert parts(act) == {(ANN, "pick", "nuts", 1)}


def test_one_takes_while_the_other_puts_back() -> None:
    shop = Gondola()
    shop.weighs(-520.0, {"water": {ANN: 0.0, BOB: -5.0}})
    act = shop.weighs(520.0 - 205.0, {"water": {ANN: 0.0, BOB: -5.0}, "nuts": {ANN: -5.0, BOB: 0.0}})
    assert parts(act) == {(ANN, "put_back", "water", 1), (BOB, "pick", "nuts", 1)}


def test_cameras_tell_apart_what_weighs_nearly_the_same() -> None:
    act = Gondola().weighs(-540.0, {"tea": {ANN: 0.0, BOB: -5.0}})
    assert parts(act) == {(ANN, "pick", "tea", 1)}
    act = Gondola().weighs(-540.0, {"lemonade": {ANN: 0.0, BOB: -5.0}})
    assert parts(act) == {(ANN, "pick", "lemonade", 1)}


def test_nobody_puts_down_what_nobody_carries() -> None:
    act = Gondola().weighs(520.0 - 205.0, {"water": {ANN: 0.0}, "nuts": {ANN: 0.0}})
    assert not any(part.type == "put_back" and part.actor == ANN and part.sku == "water" for part in act)


def test_what_is_taken_while_somebody_leans_on_the_gondola_is_told_when_they_let_go() -> None:
    shop = Gondola()
    assert parts(shop.weighs(1325.0, {"nuts": {ANN: 0.0, BOB: -5.0}})) == set()
    act = shop.weighs(-1325.0 - 2 * 205.0, {"nuts": {ANN: 0.0, BOB: -5.0}})
    assert parts(act) == {(ANN, "pick", "nuts", 2)}


SAM: Actor = 7
"""Somebody without a visit: staff."""


def test_staff_who_restock_while_somebody_takes_are_told_apart() -> None:
    act = Gondola().weighs(520.0 - 205.0, {"water": {SAM: 0.0, ANN: -5.0}, "nuts": {ANN: 0.0, SAM: -5.0}})
    assert parts(act) == {(SAM, "put_back", "water", 1), (ANN, "pick", "nuts", 1)}


def test_what_is_put_down_stands_where_the_cameras_saw_a_change() -> None:
    shop = Gondola()
    shop.weighs(-520.0, {"water": {ANN: 0.0, BOB: -5.0}})
    (part,) = shop.weighs(520.0, {"nuts": {ANN: 0.0, BOB: -5.0}})
    assert (part.type, part.sku, part.slot) == ("put_back", "water", "g.s.nuts")


def test_new_pieces_stand_where_the_cameras_saw_a_change() -> None:
    (part,) = Gondola().weighs(538.0, {"lemonade": {SAM: 0.0, ANN: -5.0}})
    assert (part.sku, part.slot) == ("lemonade", "g.s.lemonade")
