"""Several people at one gondola that is weighed as a whole: the parts add up, and each has its own hand."""

from edge.shelves.where import shares
from edge.visits.stories.grasps import Stairs
from edge.visits.stories.happening import Happening, Load
from edge.visits.stories.options import Shop
from edge.visits.stories.story import Act, Actor
from edge.visits.stories.telling import Telling
from tests.unit.edge.visits.test_stories import ANN, BOB, NAMES, STORE

CHANGED, SAME = 200.0, 0.03
OTHERS = tuple(f"other-{number}" for number in range(30 - len(NAMES)))
"""A gondola has thirty slots; in these nothing happens."""


class Gondola:
    """Tells what the scale under the whole gondola says, and which slots the cameras saw change."""

    def __init__(self) -> None:
        self.telling = Telling(Shop.of(STORE))
        self.number = 0

    def weighs(
        self,
        grams: float,
        changed: dict[str, dict[Actor, float]],
        stairs: Stairs = (),
        *,
        echo: float = 1.0,
        idle: float = 0.0,
    ) -> Act:
        """`changed`: by product, how well everybody fits whose hand may have been in its slot.

        These slots stand in a row, and each echoes by so much what changed in the one beside it.
        """
        self.number += 1
        ratios = {f"g.s.{sku}": CHANGED if sku in changed else SAME for sku in (*NAMES, *OTHERS)}
        over = shares(ratios)
        nobody: dict[Actor, float] = {None: -6.0}
        reach_at = {f"g.s.{sku}": {**reach, **nobody} for sku, reach in changed.items()}
        reach: dict[Actor, float] = {ANN: -1.0, BOB: -1.0, **nobody}
        row = [f"g.s.{sku}" for sku in changed]
        beside = {slot: tuple({*row[max(at - 1, 0) : at], *row[at + 1 : at + 2]}) for at, slot in enumerate(row)}
        load = Load("g", grams, over, 1, ratios=ratios, stairs=stairs, echoes=dict.fromkeys(row, echo), beside=beside)
        at_s = 10.0 * self.number
        self.telling.tell(Happening(self.number, at_s, None, reach, load, reach_at=reach_at, idle=idle))
        return self.telling.verdict(self.number)[0][0]


def parts(act: Act) -> set[tuple[Actor, str, str | None, int]]:
    return {(part.actor, part.type, part.sku, part.qty) for part in act}


def test_two_people_who_take_at_once_each_pay_for_their_own() -> None:
    act = Gondola().weighs(-(520.0 + 2 * 205.0), {"water": {ANN: 0.0, BOB: -5.0}, "nuts": {ANN: -5.0, BOB: 0.0}})
    assert parts(act) == {(ANN, "pick", "water", 1), (BOB, "pick", "nuts", 2)}


def test_of_two_who_stand_there_with_hidden_hands_each_took_what_is_before_them() -> None:
    hidden: dict[str, dict[Actor, float]] = {"water": {ANN: -3.0, BOB: -9.0}, "nuts": {ANN: -3.0, BOB: -3.0}}
    act = Gondola().weighs(-(520.0 + 2 * 205.0), hidden, idle=-4.0)
    assert parts(act) == {(ANN, "pick", "water", 1), (BOB, "pick", "nuts", 2)}


def test_five_pieces_of_two_kinds_that_one_takes_from_two_slots() -> None:
    shop = Gondola()
    for sku in ("tea", "lemonade"):
        shop.weighs(-540.0, {sku: {ANN: -5.0, BOB: 0.0}})
    stairs = tuple((-grams, 12.0) for grams in (520.0, 520.0, 205.0, 205.0, 205.0))
    act = shop.weighs(-(2 * 520.0 + 3 * 205.0), {"water": {ANN: 0.0, BOB: -5.0}, "nuts": {ANN: 0.0, BOB: -5.0}}, stairs)
    assert parts(act) == {(ANN, "pick", "water", 2), (ANN, "pick", "nuts", 3)}


def test_a_slot_that_shows_no_more_than_the_change_beside_it_gave_nothing() -> None:
    both: dict[str, dict[Actor, float]] = {"tea": {ANN: 0.0, BOB: -5.0}, "lemonade": {ANN: 0.0, BOB: -5.0}}
    stairs = ((-541.0, 12.0), (-541.0, 12.0))
    assert parts(Gondola().weighs(-1082.0, both, stairs)) == {(ANN, "pick", "tea", 1), (ANN, "pick", "lemonade", 1)}
    (part,) = Gondola().weighs(-1082.0, both, stairs, echo=60.0)
    assert part.qty == 2


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
