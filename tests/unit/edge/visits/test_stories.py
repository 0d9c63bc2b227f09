"""Who took what, decided together: what a later happening tells of an earlier one."""

import math
from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.visits.stories.happening import Happening, Load
from edge.visits.stories.options import Shop
from edge.visits.stories.story import Act, Actor, Part
from edge.visits.stories.telling import OPEN_MAX, STORIES_MAX, Telling
from protocol.store import Camera, Facing, Gondola, Plate, Product, Shelf, Slot, Store

ANN, BOB = UUID(int=1), UUID(int=2)
STAFF = 7
NAMES = ("water", "tea", "lemonade", "nuts")
GRAMS = {"water": 520.0, "tea": 541.0, "lemonade": 538.0, "nuts": 205.0}
SPANS = {sku: (0.2 * n, 0.2 * (n + 1)) for n, sku in enumerate(NAMES)}
STORE = Store(
    format=1,
    store="s",
    name="S",
    currency="EUR",
    cameras=(Camera(id="area", role="area", size=(64, 64)),),
    gondolas=(
        Gondola(
            id="g",
            origin=(0, 0),
            width=0.8,
            depth=0.4,
            shelves=(
                Shelf(
                    id="s",
                    height=1.0,
                    slots=tuple(Slot(id=sku, span=span) for sku, span in SPANS.items()),
                    plates=tuple(Plate(id=sku, span=span) for sku, span in SPANS.items()),
                ),
            ),
        ),
    ),
    products=tuple(Product(sku=sku, name=sku, weight_g=grams) for sku, grams in GRAMS.items()),
    planogram=tuple(Facing(slot=f"g.s.{sku}", sku=sku, stock=6) for sku in NAMES),
)


class Day:
    """Tells what happens, one thing after the other, ten seconds apart."""

    def __init__(self) -> None:
        self.telling = Telling(Shop.of(STORE))
        self.number = 0

    def weighs(self, at: str, grams: float, *, hands: dict[Actor, float] | None = None, soon: bool = False) -> int:
        """The plate under `at` changes by `grams`; `hands` are log likelihoods, Ann alone where none are given."""
        self.number += 1
        moment_s = 10.0 * self.number - (9.8 if soon else 0.0)
        load = Load("g.s", grams, ((f"g.s.{at}", 1.0),), 1)
        reach = hands or {ANN: 0.0, None: math.log(0.005)}
        self.telling.tell(Happening(self.number, moment_s, f"g.s.{at}", reach, load))
        return self.number

    def sees(self, at: str, reading: Reading, hands: dict[Actor, float], load: Load | None = None) -> int:
        """Pictures of the slot say `reading`."""
        self.number += 1
        self.telling.tell(Happening(self.number, None, f"g.s.{at}", hands, load, reading))
        return self.number

    def says(self, number: int) -> tuple[Act, float]:
        return self.telling.verdict(number)[0]


def part(actor: Actor, kind: str, sku: str | None, qty: int = 1) -> tuple[Actor, str, str | None, int]:
    return actor, kind, sku, qty


def bare(act: Iterable[Part]) -> list[tuple[Actor, str, str | None, int]]:
    return [(part.actor, part.type, part.sku, part.qty) for part in act]


def near(*actors: Actor) -> dict[Actor, float]:
    return {**dict.fromkeys(actors, -0.05), None: math.log(0.005)}


def test_a_bottle_goes_and_comes_home() -> None:
    day = Day()
    taken, back = day.weighs("water", -522.0), day.weighs("water", 521.0)
    assert bare(day.says(taken)[0]) == [part(ANN, "pick", "water")]
    assert bare(day.says(back)[0]) == [part(ANN, "put_back", "water")]
    assert min(day.says(taken)[1], day.says(back)[1]) > 0.97


def test_three_of_one_weight_are_told_apart_from_one_and_two_from_each() -> None:
    day = Day()
    for qty in (1, 2, 3):
        act, p = day.says(day.weighs("nuts", -205.0 * qty))
        assert bare(act) == [part(ANN, "pick", "nuts", qty)]
        assert p > 0.9


def test_what_one_puts_back_was_in_ones_cart() -> None:
    """Bob stands nearer to the plate that the bottle comes back to, but it is Ann who has one."""
    day = Day()
    day.weighs("water", -520.0)
    back = day.weighs("water", 519.0, hands={ANN: -1.5, BOB: -0.1, None: -5.4})
    assert bare(day.says(back)[0]) == [part(ANN, "put_back", "water")]


def test_a_put_back_tells_what_was_taken_before() -> None:
    """Between two plates it could have been tea or lemonade; the tea's slot gets one back of the same weight."""
    day = Day()
    between = Load("g.s", -541.5, (("g.s.tea", 0.5), ("g.s.lemonade", 0.5)), 2)
    day.telling.tell(Happening(1, 10.0, "g.s.tea", near(ANN), between))
    day.number = 1
    before = day.telling.verdict(1)[0][1]
    day.weighs("tea", 541.0)
    act, after = day.says(1)
    assert bare(act) == [part(ANN, "pick", "tea")]
    assert after > before


def test_two_hands_in_one_slot_and_two_pieces_gone_are_one_each() -> None:
    day = Day()
    act, p = day.says(day.weighs("tea", -1082.0, hands=near(ANN, BOB)))
    assert sorted(bare(act), key=str) == sorted([part(ANN, "pick", "tea"), part(BOB, "pick", "tea")], key=str)
    assert p > 0.85


def test_one_hand_in_the_slot_has_both() -> None:
    day = Day()
    act, p = day.says(day.weighs("tea", -1082.0, hands={ANN: -0.05, BOB: -12.0, None: -5.4}))
    assert bare(act) == [part(ANN, "pick", "tea", 2)]
    assert p > 0.9


def test_a_hand_that_is_only_near_took_none_of_two() -> None:
    """Cameras see Bob's hand a little beside the slot, as people hold them who stand there."""
    near_by: dict[Actor, float] = {ANN: -0.1, BOB: -2.0, None: -5.4}
    acts = []
    for seen in (frozenset({ANN, BOB}), frozenset({ANN})):
        day = Day()
        load = Load("g.s", -1082.0, (("g.s.tea", 1.0),), 1)
        day.telling.tell(Happening(1, 10.0, "g.s.tea", near_by, load, seen_hands=seen))
        acts.append(bare(day.says(1)[0]))
    assert acts[0] == [part(ANN, "pick", "tea", 2)]
    assert len(acts[1]) == 2


def test_of_two_products_in_one_slot_what_stands_in_front_more_often_is_taken() -> None:
    """A tea stands among six lemonades that weigh as much; who put it there takes one from there."""
    day = Day()
    day.weighs("tea", -540.0)
    day.weighs("lemonade", 540.0)
    act, p = day.says(day.weighs("lemonade", -540.0))
    assert bare(act) == [part(ANN, "pick", "lemonade")]
    assert p < 0.8


def test_ones_own_bag_on_the_shelf_is_never_charged() -> None:
    day = Day()
    set_down, taken_up = day.weighs("water", 1310.0), day.weighs("water", -1308.0)
    assert day.says(set_down)[0] == ()
    assert day.says(taken_up)[0] == ()
    assert day.says(taken_up)[1] > 0.9


def test_what_was_handed_over_leaves_the_cart_of_who_took_it() -> None:
    day = Day()
    day.weighs("water", -520.0)
    act, p = day.says(day.weighs("water", 520.0, hands={BOB: -0.1, None: -5.4}))
    assert bare(act) == [part(ANN, "put_back", "water")]
    assert p > 0.9


def test_it_may_come_back_after_who_took_it_has_left_but_not_for_ever() -> None:
    day = Day()
    day.weighs("water", -520.0)
    day.telling.gone(ANN)
    day.telling.decide(ANN)
    act, _ = day.says(day.weighs("water", 520.0, hands={BOB: -0.1, None: -5.4}))
    assert bare(act) == [part(ANN, "put_back", "water")]
    later = Day()
    later.weighs("water", -520.0)
    later.telling.gone(ANN)
    later.telling.decide(ANN)
    later.telling.forget(ANN)
    act, _ = later.says(later.weighs("water", 520.0, hands={BOB: -0.1, None: -5.4}))
    assert ANN not in [part.actor for part in act]


def test_staff_who_bring_new_pieces_are_nobodys_put_back() -> None:
    day = Day()
    act, p = day.says(day.weighs("nuts", 3 * 205.0, hands={STAFF: -0.1, ANN: -9.0, None: -5.4}))
    assert bare(act) == [part(STAFF, "put_back", "nuts", 3)]
    assert p > 0.9


def test_nobody_does_two_things_at_once_while_another_stands_there() -> None:
    alone, hurried = Day(), Day()
    for day in (alone, hurried):
        day.weighs("nuts", -205.0, hands={ANN: -0.05, None: -5.4})
    doubtful: dict[Actor, float] = {ANN: -0.3, BOB: -0.3, None: -5.6}
    _, apart = alone.says(alone.weighs("water", -520.0, hands=doubtful))
    act, p = hurried.says(hurried.weighs("water", -520.0, hands=doubtful, soon=True))
    assert bare(act) == [part(BOB, "pick", "water")]
    assert p > apart


PICK_WATER = Reading(Hypothesis((SlotChange("pick", "water"),), 0.6), (Hypothesis((), 0.38),))


def test_pictures_and_plate_together_are_surer_than_either() -> None:
    day, seen_only = Day(), Day()
    load = Load("g.s", -1041.0, (("g.s.water", 1.0),), 1)
    act, both = day.says(day.sees("water", PICK_WATER, near(ANN), load))
    _, alone = seen_only.says(seen_only.sees("water", PICK_WATER, near(ANN)))
    assert bare(act) == [part(ANN, "pick", "water", 2)]
    assert both > 0.9 > alone


def test_a_plate_that_does_not_move_makes_a_touch_of_what_looked_like_a_pick() -> None:
    day = Day()
    act, p = day.says(day.sees("water", PICK_WATER, near(ANN), Load("g.s", 0.5, (("g.s.water", 1.0),), 1)))
    assert act == ()
    assert p > 0.95


@pytest.mark.parametrize("p", [0.1, 0.7])
def test_what_is_not_trusted_leaves_room_for_nothing(p: float) -> None:
    day = Day()
    reading = Reading(Hypothesis((SlotChange("pick", "water"),), p), ())
    verdict = day.telling
    number = day.sees("water", reading, {ANN: 0.0})
    assert dict(verdict.verdict(number))[()] == pytest.approx(1.0 - p, abs=0.01)


def test_a_weight_that_the_catalogue_has_wrong_is_learnt() -> None:
    day = Day()
    first = day.says(day.weighs("water", -545.0))[1]
    for _ in range(3):
        day.weighs("water", -545.0)
    assert day.says(day.weighs("water", -545.0))[1] >= first


changes = st.tuples(
    st.sampled_from(NAMES),
    st.floats(-1500, 1500).filter(lambda grams: abs(grams) > 5),
    st.sampled_from([ANN, BOB, STAFF]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(changes, max_size=8))
def test_whatever_plates_say_probabilities_add_up_and_stories_are_bounded(
    said: list[tuple[str, float, Actor]],
) -> None:
    days = Day(), Day()
    for day in days:
        for at, grams, who in said:
            day.weighs(at, grams, hands=near(who))
    for number in days[0].telling.open:
        verdict = days[0].telling.verdict(number)
        assert sum(p for _, p in verdict) == pytest.approx(1.0)
        assert verdict == days[1].telling.verdict(number)
        assert len(verdict) <= STORIES_MAX


def test_a_long_day_stays_bounded() -> None:
    day = Day()
    for _ in range(OPEN_MAX + 5):
        day.weighs("nuts", -205.0)
    assert len(day.telling.open) == OPEN_MAX


def test_somebody_with_two_numbers_did_what_both_did() -> None:
    day = Day()
    taken = day.weighs("water", -520.0, hands={STAFF: -0.1, ANN: -7.0, None: -5.4})
    assert bare(day.says(taken)[0]) == [part(STAFF, "pick", "water")]
    day.telling.rename(STAFF, ANN)
    act, p = day.says(taken)
    assert bare(act) == [part(ANN, "pick", "water")]
    assert p > 0.98
    back = day.weighs("water", 520.0)
    assert bare(day.says(back)[0]) == [part(ANN, "put_back", "water")]
