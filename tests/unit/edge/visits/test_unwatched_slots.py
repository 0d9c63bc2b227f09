"""What was taken from a slot that nobody watches any more is said anew, and is never charged."""

from datetime import UTC, datetime
from uuid import UUID

from edge.events import NewEvent
from edge.shelves.place import Spot
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.visits.saying import UNSEEN_SURE_MAX
from edge.visits.visits import Hand, Visits
from protocol import events as said
from protocol.store import Camera, Facing, Gondola, Product, Shelf, Slot, Store

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
TOP, BOTTOM = "board.top.left", "board.bottom.left"
PICKED = Reading(Hypothesis((SlotChange("pick", "water"),), 0.99), ())
TOUCHED = Reading(Hypothesis((), 0.99), ())


def shelf(name: str, height: float) -> Shelf:
    return Shelf(id=name, height=height, slots=(Slot(id="left", span=(0.0, 1.0)),))


BOARD = Gondola(id="board", origin=(0, 0), width=1.0, depth=0.4, shelves=(shelf("bottom", 0.5), shelf("top", 1.2)))
STORE = Store(
    format=1,
    store="s",
    name="S",
    currency="EUR",
    cameras=(Camera(id="area", role="area", size=(64, 64)),),
    gondolas=(BOARD,),
    products=(Product(sku="water", name="Water"),),
    planogram=(Facing(slot=TOP, sku="water", stock=9), Facing(slot=BOTTOM, sku="water", stock=9)),
)


def reach(slot: str, left_s: float) -> Hand:
    times = (left_s - 1.0, left_s)
    return Hand(slot, *times, ("shelf",), ((slot, Spot(BOARD, (1.2, 1.2), (0.0, 1.0)), 1.0),), times)


def visits_with_anna() -> tuple[Visits, UUID]:
    visits = Visits("run", START, None, STORE)
    (entered,) = visits.entered("anna", "door", 0.0)
    assert entered.visit is not None
    return visits, entered.visit


def interaction_of(event: NewEvent) -> said.Interaction:
    assert isinstance(event.event, said.Interaction)
    return event.event


def test_a_pick_is_said_anew_and_doubtful() -> None:
    visits, anna = visits_with_anna()
    first = interaction_of(visits.happened(reach(TOP, 5.0), {}, sight=PICKED)[0])
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
    visits.happened(reach(BOTTOM, 5.0), {}, sight=PICKED)
    visits.happened(reach(TOP, 6.0), {}, sight=TOUCHED)
    assert visits.unwatched({TOP}, 8.0) == ()
    visits.exited("anna", "door", 9.0)
    assert visits.unwatched({BOTTOM}, 10.0) == ()


def test_what_is_doubted_already_is_not_said_again() -> None:
    visits, _ = visits_with_anna()
    visits.happened(reach(TOP, 5.0), {}, sight=PICKED)
    assert len(visits.unwatched({TOP}, 8.0)) == 1
    assert visits.unwatched({TOP}, 20.0) == ()


def test_what_is_doubted_stays_so_whatever_happens_later() -> None:
    visits, _ = visits_with_anna()
    visits.happened(reach(TOP, 5.0), {}, sight=PICKED)
    visits.unwatched({TOP}, 8.0)
    later = [*visits.happened(reach(BOTTOM, 9.0), {}, sight=PICKED), *visits.exited("anna", "door", 12.0)]
    doubted = [interaction_of(event) for event in later if isinstance(event.event, said.Interaction)]
    assert all(event.p <= UNSEEN_SURE_MAX for event in doubted if event.slot == TOP)
