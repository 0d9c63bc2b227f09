"""A visit is decided when everything that happened until it ended has been told, and not when its shopper scans out."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from edge.events import NewEvent
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.visits.visits import Visits
from protocol.events import Exited, Interaction
from tests.unit.edge.visits.test_visits import DOOR, PICK, SPOT, a_hand, at, enter, visits

PUT_BACK = Reading(Hypothesis((SlotChange("put_back", "water"),), 0.96), (Hypothesis((), 0.03),))


def who_took_it(events: Sequence[NewEvent]) -> UUID | None:
    """Whose the first interaction is by what was said of it last."""
    said = [(event.visit, event.event) for event in events if isinstance(event.event, Interaction)]
    return next(visit for visit, each in reversed(said) if each.interaction == said[0][1].interaction)


def two_at_a_shelf(said: list[NewEvent]) -> tuple[Visits, UUID, UUID]:
    """Anna and Bert stand there alike, she a little nearer; one of them takes a bottle; then she walks to the door."""
    store, (x_m, y_m) = visits(), SPOT.before
    anna = enter(store, "anna", 1.0)
    store.saw([at(1.0, 1, DOOR)])
    store.saw([at(2.5, 1, DOOR)])
    bert = enter(store, "bert", 10.0)
    store.saw([at(10.0, 1, (x_m, y_m)), at(10.0, 2, DOOR)])
    store.saw([at(11.5, 1, (x_m, y_m)), at(11.5, 2, DOOR)])
    store.saw([at(20.2, 1, (x_m - 0.2, y_m)), at(20.2, 2, (x_m + 0.3, y_m))])
    said += store.happened(a_hand(20.0, 20.5), {}, sight=PICK)
    for t_s in (28.0, 28.8, 29.0):
        store.saw([at(t_s, 1, DOOR), at(t_s, 2, (x_m, y_m))])
    return store, anna, bert


@pytest.mark.parametrize("told_in_time", [True, False])
def test_what_another_puts_back_before_somebody_leaves_tells_what_they_carry(told_in_time: bool) -> None:
    said: list[NewEvent] = []
    store, anna, bert = two_at_a_shelf(said)
    assert who_took_it(said) == anna
    said += store.exited("anna", "door", 29.0)
    assert isinstance(said[-1].event, Exited)
    said += store.decide(28.7 if told_in_time else 29.1)
    said += store.happened(a_hand(28.7, 29.0), {}, sight=PUT_BACK)
    said += store.decide(29.1)
    assert who_took_it(said) == (bert if told_in_time else anna)


def test_as_long_as_something_of_before_may_be_told_nothing_is_decided() -> None:
    said: list[NewEvent] = []
    store, _, _ = two_at_a_shelf(said)
    store.exited("anna", "door", 29.0)
    assert list(store.decide(29.0)) == []
    final = list(store.decide(29.0001))
    assert all(event.ts == final[0].ts for event in final)
    assert list(store.decide(99.0)) == []


def test_visits_are_decided_in_the_order_in_which_they_ended() -> None:
    said: list[NewEvent] = []
    store, anna, bert = two_at_a_shelf(said)
    store.exited("anna", "door", 29.0)
    store.exited("bert", "door", 31.0)
    final = [event.visit for event in store.decide(float("inf"))]
    assert final == sorted(final, key=(anna, bert).index)
    assert list(store.decide(float("inf"))) == []
