"""What was taken from a slot that nobody watches any more is said anew, and is never charged."""

from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from edge.events import NewEvent
from edge.shelves.interaction import Interaction
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.visits.visits import UNSEEN_SURE_MAX, Visits
from protocol import events as said

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
TOP, BOTTOM = "board.top.left", "board.bottom.left"
PICKED = Reading(Hypothesis((SlotChange("pick", "water"),), 0.99), ())
TOUCHED = Reading(Hypothesis((), 0.99), ())


def reach(slot: str, left_s: float) -> Interaction:
    crop = np.zeros((4, 4, 3), np.uint8)
    return Interaction(slot, "shelf", left_s - 1.0, left_s, left_s + 0.5, crop, crop, doubtful=False)


def visits_with_anna() -> tuple[Visits, UUID]:
    visits = Visits("run", START, None)
    (entered,) = visits.entered("anna", "door", 0.0)
    assert entered.visit is not None
    return visits, entered.visit


def interaction_of(event: NewEvent) -> said.Interaction:
    assert isinstance(event.event, said.Interaction)
    return event.event


def test_a_pick_is_said_anew_and_doubtful() -> None:
    visits, anna = visits_with_anna()
    first = interaction_of(visits.interacted(reach(TOP, 5.0), PICKED, None, {}))
    (event,) = visits.unwatched({TOP}, 8.0)
    again = interaction_of(event)
    assert event.visit == anna
    assert (event.ts - START).total_seconds() == 8.0
    assert (again.interaction, again.revision) == (first.interaction, 2)
    assert again.changes[0].p == again.p == UNSEEN_SURE_MAX
    assert again.reasons["unwatched"] == 1.0
    assert (again.entered, again.left) == (first.entered, first.left)


def test_other_slots_touches_and_past_visits_stay_as_they_were_said() -> None:
    visits, _ = visits_with_anna()
    visits.interacted(reach(BOTTOM, 5.0), PICKED, None, {})
    visits.interacted(reach(TOP, 6.0), TOUCHED, None, {})
    assert visits.unwatched({TOP}, 8.0) == ()
    visits.exited("anna", "door", 9.0)
    assert visits.unwatched({BOTTOM}, 10.0) == ()


def test_each_further_loss_is_a_further_revision() -> None:
    visits, _ = visits_with_anna()
    visits.interacted(reach(TOP, 5.0), PICKED, None, {})
    revisions = [interaction_of(visits.unwatched({TOP}, at)[0]).revision for at in (8.0, 20.0)]
    assert revisions == [2, 3]
