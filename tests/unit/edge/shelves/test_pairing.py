"""What a camera sees and what a plate weighs of one hand are one happening."""

import numpy as np
import pytest

from edge.shelves.interaction import Interaction
from edge.shelves.pairing import HIDDEN_S, QUIET_S, WAITS_S, Meeting, Pairing, Seen
from edge.shelves.place import around
from edge.shelves.plates import Weighing
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.shelves.stay import Stay
from protocol.store import Camera, Gondola, Plate, Shelf, Slot, Store

CROP = np.zeros((4, 4, 3), np.uint8)
LEFT, RIGHT, BARE = "g.top.left", "g.top.right", "g.low.bare"
NOWHERE: frozenset[str] = frozenset()
STORE = Store(
    format=1,
    store="s",
    name="S",
    currency="EUR",
    cameras=(Camera(id="shelf", role="area", size=(64, 64)),),
    gondolas=(
        Gondola(
            id="g",
            origin=(0, 0),
            width=1.0,
            depth=0.4,
            shelves=(
                Shelf(
                    id="top",
                    height=1.2,
                    slots=(Slot(id="left", span=(0.0, 0.5)), Slot(id="right", span=(0.5, 1.0))),
                    plates=(Plate(id="a", span=(0.0, 0.5)), Plate(id="b", span=(0.5, 1.0))),
                ),
                Shelf(id="low", height=0.5, slots=(Slot(id="bare", span=(0.0, 1.0)),)),
            ),
        ),
    ),
)


@pytest.fixture
def pairing() -> Pairing:
    pairing = Pairing(STORE)
    pairing.speak()
    return pairing


def seen(slot: str, from_s: float, to_s: float, changed: float = 0.1) -> Seen:
    interaction = Interaction(slot, "shelf", from_s, to_s, to_s + 0.4, CROP, CROP, doubtful=False)
    pick = Hypothesis((SlotChange("pick", "water"),), changed)
    return Seen(Stay.of((interaction,)), Reading(pick, (Hypothesis((), 1.0 - changed),)), {})


def weighing(from_s: float, to_s: float, span: tuple[float, float] = (0.0, 0.5)) -> Weighing:
    return Weighing("g.top", ("g.top.a",), span, from_s, to_s, -500.0, doubtful=False)


def kinds(meetings: list[Meeting]) -> list[tuple[bool, bool, bool]]:
    return [(m.weighing is not None, m.seen is not None, m.quiet) for m in meetings]


def test_a_hand_and_what_it_took_are_one(pairing: Pairing) -> None:
    pairing.weighed(weighing(3.5, 5.0))
    assert pairing.due(5.5, frozenset({LEFT}), NOWHERE) == []
    pairing.saw(seen(LEFT, 3.0, 4.5))
    assert kinds(pairing.due(5.6, NOWHERE, NOWHERE)) == [(True, True, False)]
    assert not pairing.waiting
    assert pairing.undecided_since_s({}) is None


def test_a_hand_seen_first_waits_for_the_plates(pairing: Pairing) -> None:
    pairing.saw(seen(LEFT, 3.0, 4.0))
    assert pairing.due(4.0 + QUIET_S + 0.1, NOWHERE, frozenset({"g.top"})) == []
    # The plates still move, and hold the watermark; what is seen over them does not.
    assert pairing.undecided_since_s({}) is None
    pairing.weighed(weighing(3.6, 5.5))
    assert pairing.undecided_since_s({}) == 3.6
    assert kinds(pairing.due(5.7, NOWHERE, NOWHERE)) == [(True, True, False)]


def test_a_hand_over_plates_at_rest_took_nothing(pairing: Pairing) -> None:
    pairing.saw(seen(LEFT, 3.0, 4.0))
    assert pairing.due(4.5, NOWHERE, NOWHERE) == []
    assert kinds(pairing.due(4.1 + QUIET_S, NOWHERE, NOWHERE)) == [(False, True, True)]


def test_where_nothing_weighs_nothing_waits(pairing: Pairing) -> None:
    pairing.saw(seen(BARE, 3.0, 4.0))
    assert kinds(pairing.due(4.0, NOWHERE, NOWHERE)) == [(False, True, False)]
    silent = Pairing(STORE)
    silent.saw(seen(LEFT, 3.0, 4.0))
    assert kinds(silent.due(4.0, NOWHERE, NOWHERE)) == [(False, True, False)]


def test_a_load_that_no_camera_saw_changing_stands_alone(pairing: Pairing) -> None:
    pairing.weighed(weighing(3.5, 5.0))
    assert pairing.due(5.1, NOWHERE, NOWHERE) == []
    assert kinds(pairing.due(5.4, NOWHERE, NOWHERE)) == [(True, False, False)]


def test_nothing_waits_for_ever(pairing: Pairing) -> None:
    pairing.weighed(weighing(3.5, 5.0))
    assert kinds(pairing.due(5.0 + WAITS_S, frozenset({LEFT}), NOWHERE)) == [(True, False, False)]
    pairing.saw(seen(RIGHT, 20.0, 21.0))
    assert kinds(pairing.due(21.0 + WAITS_S, NOWHERE, frozenset({"g.top"}))) == [(False, True, True)]


def test_of_what_a_body_hid_the_slot_that_shows_a_change_goes_with_the_weighing(pairing: Pairing) -> None:
    pairing.weighed(weighing(3.5, 5.0, span=(0.0, 1.0)))
    pairing.saw(seen(LEFT, 3.0, 4.5, changed=0.2))
    pairing.saw(seen(RIGHT, 3.0, 4.5, changed=0.9))
    (both,) = pairing.due(9.0, NOWHERE, NOWHERE)
    assert both.seen is not None
    assert both.seen.stay.slot == RIGHT


def test_what_was_hidden_until_long_after_has_been_told_by_the_weighing(pairing: Pairing) -> None:
    pairing.weighed(weighing(3.5, 5.0))
    assert kinds(pairing.due(5.0 + WAITS_S, frozenset({LEFT}), NOWHERE)) == [(True, False, False)]
    pairing.saw(seen(LEFT, 2.0, 20.0, changed=0.9))
    assert pairing.due(30.0, NOWHERE, NOWHERE) == []
    assert not pairing.waiting


def test_hands_of_another_time_or_place_are_others(pairing: Pairing) -> None:
    pairing.weighed(weighing(3.5, 5.0))
    pairing.saw(seen(LEFT, 7.0, 8.0))
    pairing.saw(seen(RIGHT, 3.5, 4.5))
    assert kinds(pairing.due(9.9, NOWHERE, NOWHERE)) == [(True, False, False), (False, True, True), (False, True, True)]


WHOLE = STORE.model_copy(
    update={
        "gondolas": (
            STORE.gondolas[0].model_copy(
                update={
                    "shelves": tuple(shelf.model_copy(update={"plates": ()}) for shelf in STORE.gondolas[0].shelves),
                    "plates": (Plate(id="scale", span=(0.0, 1.0)),),
                }
            ),
        )
    }
)


def test_what_is_seen_late_of_a_slot_is_what_a_change_told_while_it_was_hidden_explains() -> None:
    pairing = Pairing(WHOLE)
    pairing.speak()
    pairing.weighed(Weighing("g", ("g.scale",), (0.0, 1.0), 10.0, 11.5, -500.0, doubtful=False))
    assert pairing.due(15.0, frozenset({LEFT}), NOWHERE) == []
    (meeting,) = pairing.due(11.5 + HIDDEN_S, frozenset({LEFT}), NOWHERE)
    late, next_one, later = seen(LEFT, 9.0, 33.0), seen(LEFT, 35.0, 36.0), seen(BARE, 35.0, 36.0)
    for each in (late, next_one, later):
        pairing.saw(each)
    assert meeting.hidden == {LEFT: late.number}
    assert len({late.number, next_one.number, later.number}) == 3


def test_what_began_after_a_change_that_was_told_of_a_hidden_slot_is_not_explained_by_it() -> None:
    pairing = Pairing(WHOLE)
    pairing.speak()
    pairing.weighed(Weighing("g", ("g.scale",), (0.0, 1.0), 10.0, 11.5, -500.0, doubtful=False))
    (meeting,) = pairing.due(11.5 + HIDDEN_S, frozenset({LEFT}), NOWHERE)
    after = seen(LEFT, 32.0, 33.0)
    pairing.saw(after)
    assert after.number not in meeting.hidden.values()


def test_what_is_seen_of_a_long_stay_may_be_of_every_change_of_load_meanwhile() -> None:
    pairing = Pairing(WHOLE)
    pairing.speak()
    for from_s in (10.0, 14.0, 40.0):
        pairing.weighed(Weighing("g", ("g.scale",), (0.0, 1.0), from_s, from_s + 1.5, -500.0, doubtful=False))
    pairing.saw(seen(LEFT, 9.0, 17.0))
    first, second = (meeting for meeting in pairing.due(19.0, NOWHERE, NOWHERE) if meeting.weighing is not None)
    assert first.rivals == {LEFT: 1}
    assert second.rivals == {LEFT: 0}, "the first has been told"


def test_who_stands_before_plates_that_work_is_not_waited_for(pairing: Pairing) -> None:
    assert pairing.undecided_since_s({LEFT: 3.0}) is None
    pairing.distrust(frozenset({LEFT}))
    assert pairing.undecided_since_s({LEFT: 3.0}) == 3.0
    pairing.saw(seen(LEFT, 2.0, 4.0))
    assert pairing.undecided_since_s({}) == 2.0


def test_what_nothing_weighs_is_waited_for() -> None:
    silent = Pairing(STORE)
    assert silent.undecided_since_s({LEFT: 3.0, "elsewhere": 4.0}) == 3.0
    silent.speak()
    assert silent.undecided_since_s({LEFT: 3.0, "elsewhere": 4.0}) == 4.0


def test_a_change_may_show_in_the_slots_around_its_own() -> None:
    assert around(STORE) == {
        LEFT: frozenset({RIGHT, BARE}),
        RIGHT: frozenset({LEFT, BARE}),
        BARE: frozenset({LEFT, RIGHT}),
    }


def test_what_is_seen_where_nothing_weighs_is_weighed_by_what_was_seen_around_it() -> None:
    store = STORE.model_copy(
        update={
            "gondolas": tuple(
                gondola.model_copy(
                    update={"shelves": tuple(shelf.model_copy(update={"plates": ()}) for shelf in gondola.shelves)}
                )
                for gondola in STORE.gondolas
            )
        }
    )
    pairing = Pairing(store)
    pairing.saw(seen(LEFT, 1.0, 3.0, changed=0.95))
    pairing.saw(seen(RIGHT, 1.0, 3.0, changed=0.9))
    pairing.saw(seen(BARE, 3.5, 4.0, changed=0.9))
    met = {m.seen.stay.slot: m.seen.reading for m in pairing.due(5.0, NOWHERE, NOWHERE) if m.seen is not None}
    assert met[LEFT].best.p == pytest.approx(0.95)
    assert met[BARE].best.p == pytest.approx(0.9)
    outshone = sum(each.p for each in (met[RIGHT].best, *met[RIGHT].alternatives) if each.changes)
    assert outshone == pytest.approx(0.9 / 4.0 / (0.9 / 4.0 + 0.1))
