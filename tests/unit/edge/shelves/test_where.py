"""Where on a gondola its load changed, by what cameras saw of its slots."""

import numpy as np
import pytest

from edge.shelves.interaction import Interaction
from edge.shelves.pairing import Seen
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.shelves.stay import Stay
from edge.shelves.where import echoes, echoes_of_unseen, fitting, looks, ratios, shares
from edge.visits.stories.happening import AGAIN, Load
from protocol.store import Product

CROP = np.zeros((4, 4, 3), np.uint8)
SLOTS = (("g.s.a", 0.25), ("g.s.b", 0.25), ("g.s.c", 0.25), ("g.s.d", 0.25))
WATCHED = frozenset({"g.s.a", "g.s.b", "g.s.c"})


def seen(slot: str, changed: float, number: int = 0) -> Seen:
    look = Interaction(slot, "camera", 1.0, 2.0, 2.5, CROP, CROP, doubtful=False)
    pick = Hypothesis((SlotChange("pick", "water"),), changed)
    return Seen(Stay.of((look,)), Reading(pick, (Hypothesis((), 1.0 - changed),)), {}, number)


def test_the_slot_that_was_seen_to_change_has_nearly_all_of_it() -> None:
    of = ratios(SLOTS, [seen("g.s.a", 0.99), seen("g.s.b", 0.02)], (), WATCHED)
    (first, share), *others = shares(of)
    assert first == "g.s.a"
    assert share > 10.0 * sum(other for _, other in others)


def test_what_was_seen_of_one_slot_makes_a_change_in_another_no_less_likely() -> None:
    alone = dict(shares(ratios(SLOTS, [seen("g.s.a", 0.99)], (), WATCHED)))
    beside = dict(shares(ratios(SLOTS, [seen("g.s.a", 0.99), seen("g.s.b", 0.99)], (), WATCHED)))
    assert beside["g.s.a"] == alone["g.s.a"]


def test_a_change_that_may_be_of_several_loads_speaks_less_for_each() -> None:
    once, rivalled = (ratios(SLOTS, [seen("g.s.a", 0.99)], (), WATCHED, {"g.s.a": rivals}) for rivals in (0, 3))
    assert once["g.s.a"] > 10.0 * rivalled["g.s.a"] > 10.0
    untouched = ratios(SLOTS, [seen("g.s.a", 0.02)], (), WATCHED, {"g.s.a": 3})
    assert untouched["g.s.a"] == ratios(SLOTS, [seen("g.s.a", 0.02)], (), WATCHED)["g.s.a"]


def test_what_nobody_sees_is_likelier_than_what_was_seen_to_stay_untouched() -> None:
    of = ratios(SLOTS, [], (), WATCHED)
    assert of["g.s.d"] > 10.0 * of["g.s.c"]
    assert ratios(SLOTS, [], ["g.s.c"], WATCHED)["g.s.c"] == of["g.s.d"]


def test_pictures_of_a_slot_that_show_a_change_are_known_by_their_number() -> None:
    assert looks([seen("g.s.a", 0.7, 1), seen("g.s.a", 0.99, 2), seen("g.s.b", 0.02, 3)], {}) == {"g.s.a": 2}


def test_what_will_be_seen_of_a_hidden_slot_has_its_number_already() -> None:
    assert looks([seen("g.s.a", 0.99, 2)], {"g.s.b": 3}) == {"g.s.a": 2, "g.s.b": 3}


def test_of_two_slots_beside_each_other_the_one_that_shows_less_may_only_echo_the_other() -> None:
    ratios_of = {"g.s.a": 30.0, "g.s.b": 20.0, "g.s.d": 25.0}
    echoed = echoes([seen("g.s.a", 0.99), seen("g.s.b", 0.95), seen("g.s.c", 0.02)])
    beside = {"g.s.a": ("g.s.b",), "g.s.b": ("g.s.a", "g.s.c"), "g.s.c": ("g.s.b",)}
    load = Load("g", -500.0, (("g.s.a", 1.0),), 1, ratios=ratios_of, echoes=echoed, beside=beside)
    assert load.echo(["g.s.a", "g.s.b"]) == pytest.approx(echoed["g.s.b"])
    assert echoed["g.s.b"] > 5.0
    assert load.echo(["g.s.a", "g.s.d"]) == load.echo(["g.s.a"]) == 1.0
    assert load.echo(["g.s.b", "g.s.c"]) == 1.0, "nothing was seen there that could be an echo"


def test_a_slot_that_no_camera_sees_may_be_what_the_one_beside_it_shows() -> None:
    beside = {"g.s.c": ("g.s.b", "g.s.d"), "g.s.d": ("g.s.c",)}
    among = [seen("g.s.b", 0.5), seen("g.s.c", 0.9)]
    of = ratios(SLOTS, among, (), WATCHED)
    assert echoes_of_unseen(of, among, (), WATCHED, beside) == {"g.s.d": pytest.approx(0.7 + 0.3 * 9.0)}
    assert of["g.s.d"] < of["g.s.c"]
    assert not echoes_of_unseen(of, among, (), WATCHED, {}), "with none beside it that shows anything"
    untouched = [seen("g.s.c", 0.02)]
    assert not echoes_of_unseen(ratios(SLOTS, untouched, (), WATCHED), untouched, (), WATCHED, beside)


def test_pictures_that_one_change_of_load_explains_speak_for_no_other() -> None:
    load = Load(
        "g", -500.0, (("g.s.a", 0.9), ("g.s.b", 0.1)), 1, ratios={"g.s.a": 30.0, "g.s.b": 0.5}, looks={"g.s.a": 7}
    )
    assert load.looks_of(["g.s.a", None]) == {7}
    assert load.shares(frozenset()) == load.over
    (first, left), second = load.shares(frozenset({7}))
    assert (first, second) == ("g.s.a", ("g.s.b", 0.1))
    assert left == pytest.approx(0.9 * AGAIN / 30.0)
    assert load.ratios_left(frozenset({7}))["g.s.a"] == pytest.approx(AGAIN)


def test_of_two_that_changed_the_hand_was_where_the_weight_fits() -> None:
    products = {sku: Product(sku=sku, name=sku, weight_g=grams) for sku, grams in (("tea", 100.0), ("milk", 1000.0))}
    homes = {"g.s.a": "tea", "g.s.b": "milk"}
    even = (("g.s.a", 0.5), ("g.s.b", 0.5))
    assert fitting(even, -1005.0, products, homes)[0][0] == "g.s.b"
    assert fitting(even, 201.0, products, homes)[0][0] == "g.s.a"
    assert fitting(even, -1005.0, products, {}) == (("g.s.a", 0.5), ("g.s.b", 0.5))
