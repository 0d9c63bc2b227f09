"""Slots of which another node tells: no pictures come here, and all else is as with pictures."""

import pytest

from edge.shelves.reading import SlotChange
from edge.shelves.shelves import Shelves
from edge.shelves.stay import WAITS_S
from hardware.ports import Look
from protocol.store import Camera, Facing, Gate, Gondola, Product, Shelf, Slot, SlotView, Store

VIEW = (SlotView(slot="g.s.a", box=(0, 0, 100, 100)),)


@pytest.fixture
def shelves() -> Shelves:
    cameras = tuple(Camera(id=name, role="shelf", size=(640, 480), views=VIEW) for name in ("left", "right"))
    shelf = Shelf(id="s", height=1.0, slots=(Slot(id="a", span=(0.0, 1.0)),))
    return Shelves(
        Store(
            format=1,
            store="s",
            name="A shelf",
            currency="EUR",
            cameras=cameras,
            gondolas=(Gondola(id="g", origin=(0.0, 0.0), width=1.0, depth=0.4, shelves=(shelf,)),),
            products=(Product(sku="tea", name="Tea"),),
            planogram=(Facing(slot="g.s.a", sku="tea", stock=3),),
            gate=Gate(lanes=("door",)),
        )
    )


def covered(camera: str, t_s: float) -> Look:
    return Look(t_s, camera, "g.s.a", covered=True)


def seen(camera: str, t_s: float, from_s: float, to_s: float) -> Look:
    return Look(t_s, camera, "g.s.a", covered=False, span_s=(from_s, to_s), changed=0.2, edges=0.5, before={"tea": 2.0})


def test_a_slot_is_reached_while_all_its_cameras_say_so(shelves: Shelves) -> None:
    shelves.looked(covered("left", 1.0))
    assert (shelves.reached, shelves.undecided_since_s) == (frozenset(), {"g.s.a": 1.0})
    shelves.looked(covered("right", 1.2))
    assert shelves.reached == {"g.s.a"}
    shelves.looked(Look(1.6, "right", "g.s.a", covered=False))
    assert shelves.reached == frozenset()


def test_what_both_cameras_told_is_one_stay_with_what_they_said_of_it(shelves: Shelves) -> None:
    shelves.looked(covered("left", 1.0))
    shelves.looked(covered("right", 1.2))
    shelves.looked(seen("left", 3.0, 1.0, 2.2))
    assert shelves.waited(3.1) == ()
    shelves.looked(seen("right", 3.4, 1.2, 2.6))
    (stay,) = shelves.waited(3.5)
    assert (stay.entered_s, stay.left_s, len(stay.looks)) == (1.0, 2.6, 2)
    assert [look.evidence.changed for look in stay.looks if look.evidence is not None] == [0.2, 0.2]
    assert shelves.waited(9.0) == ()
    assert shelves.undecided_since_s == {}


def test_a_camera_that_stays_hidden_is_not_waited_for(shelves: Shelves) -> None:
    shelves.looked(covered("left", 1.0))
    shelves.looked(covered("right", 1.2))
    shelves.looked(seen("left", 3.0, 1.0, 2.2))
    (stay,) = shelves.waited(3.0 + WAITS_S)
    assert len(stay.looks) == 1


def test_a_slot_that_is_not_watched_is_none_of_its_business(shelves: Shelves) -> None:
    shelves.looked(Look(1.0, "attic", "g.s.a", covered=True))
    assert shelves.undecided_since_s == {}


def test_a_node_that_falls_silent_leaves_a_doubtful_stay_without_pictures(shelves: Shelves) -> None:
    shelves.looked(covered("left", 1.0))
    assert shelves.lost("left", 4.0) == ()
    shelves.looked(covered("right", 5.0))
    assert shelves.undecided_since_s == {"g.s.a": 5.0}


def test_a_camera_that_was_covered_later_says_nothing_of_what_changed_before(shelves: Shelves) -> None:
    shelves.looked(covered("right", 1.0))
    shelves.looked(covered("left", 4.0))
    shelves.looked(seen("right", 6.0, 1.0, 5.0))
    shelves.looked(Look(6.0, "left", "g.s.a", covered=False, span_s=(4.0, 5.0)))
    (stay,) = shelves.waited(6.1)
    evidence = [look.evidence for look in stay.looks if look.evidence is not None]
    late = shelves.read(stay, evidence)
    assert late.best.changes == (SlotChange("pick", "tea"),)
