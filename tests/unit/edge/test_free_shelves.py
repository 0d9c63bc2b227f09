"""A free shelf from pictures to events: what is taken, moved and put down anywhere, by product and count."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from edge.events import NewEvent
from edge.memory.memory import Kept
from edge.memory.resuming import Moment
from edge.memory.sealed import Kind, seal, unseal
from edge.node import Node
from edge.perception.networks import Networks
from hardware.ports import Fault, Observation, Pass, Reading
from protocol.events import Faulted, Interaction
from tests.unit.edge.drawn_cabinet import SLOT, Visit, frames, networks, open_cabinet
from tests.unit.edge.drawn_shelf import START, Colours, RedRectangles

ANNA = Pass(0.5, "gate", "enter", "anna")
BOB = Pass(0.6, "gate", "enter", "bob")
WATER, COLA, OTHER_WATER, JUICE = (20, 30), (80, 30), (150, 110), (230, 30)
ELSEWHERE, FAR = (30, 120), (85, 125)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(open_cabinet(tmp_path), tmp_path, networks(), "test", START)


def play(node: Node, readings: Iterable[Reading], until_s: float) -> list[NewEvent]:
    said = [event for reading in sorted(readings, key=lambda each: each.t_s) for event in node.take(reading)]
    return [*said, *node.finish(until_s)]


def latest(said: Sequence[NewEvent]) -> list[tuple[NewEvent, Interaction]]:
    """What was said last of each interaction, in the order in which they were first said."""
    found: dict[object, tuple[NewEvent, Interaction]] = {}
    for event in said:
        if isinstance(event.event, Interaction):
            found[event.event.interaction] = (event, event.event)
    return list(found.values())


def changes(said: Sequence[NewEvent]) -> list[list[tuple[str, str | None, int]]]:
    return [[(each.type, each.sku, each.qty) for each in event.changes] for _, event in latest(said)]


@pytest.mark.parametrize(
    ("visits", "wanted"),
    [
        ([Visit(3, 4)], [[]]),
        ([Visit(3, 4, [COLA])], [[("pick", "cola", 1)]]),
        ([Visit(3, 4, [WATER, OTHER_WATER])], [[("pick", "water", 2)]]),
        ([Visit(3, 4, [WATER, JUICE])], [[("pick", "juice", 1), ("pick", "water", 1)]]),
        # Moved sideways: nothing changed hands.
        ([Visit(3, 4, [COLA], {ELSEWHERE: "cola"})], [[]]),
        # Put back elsewhere than where it stood.
        ([Visit(3, 4, [COLA]), Visit(8, 9, [], {FAR: "cola"})], [[("pick", "cola", 1)], [("put_back", "cola", 1)]]),
        ([Visit(3, 4, [COLA]), Visit(8, 9, [JUICE], {JUICE: "cola"})], [[("pick", "cola", 1)], None]),
    ],
)
def test_what_a_hand_did_is_said_by_product_and_count(
    node: Node, visits: list[Visit], wanted: list[list[tuple[str, str, int]] | None]
) -> None:
    said = play(node, [ANNA, *frames(visits, 14)], 14.0)
    for found, right in zip(changes(said), wanted, strict=True):
        if right is None:
            assert sorted(found) == [("pick", "juice", 1), ("put_back", "cola", 1)]
        else:
            assert found == right
    for event, each in latest(said):
        assert (each.slot, each.cameras) == (SLOT, ("inside",))
        assert event.visit is not None or not each.changes
        assert each.p > 0.9


def test_a_hand_between_two_pictures_is_seen_by_what_it_changed_and_is_in_doubt(node: Node) -> None:
    said = play(node, [ANNA, *frames([Visit(4, 3, [COLA])], 10)], 10.0)
    ((_, each),) = latest(said)
    assert [(change.type, change.sku) for change in each.changes] == [("pick", "cola")]
    assert 0.5 < each.p < 0.9


def test_the_counts_follow_what_is_taken_and_put_back(node: Node) -> None:
    play(node, [ANNA, *frames([Visit(3, 4, [WATER, COLA]), Visit(8, 9, [], {FAR: "cola"})], 14)], 14.0)
    assert node.now().stock[SLOT] == {"water": 1, "cola": 1, "juice": 1}


def test_a_shopper_s_own_bottle_is_never_a_product_of_the_store(node: Node) -> None:
    own = [Visit(3, 4, [], {FAR: "own"}), Visit(8, 9, [FAR])]
    said = play(node, [ANNA, *frames(own, 14)], 14.0)
    assert changes(said) == [[("put_back", None, 1)], [("pick", None, 1)]]


def test_a_bottle_like_the_store_s_that_nobody_took_is_not_charged_when_it_goes(node: Node) -> None:
    """All the colas are in their places, so what comes and looks like one is hardly one; and what goes there is it."""
    own = [Visit(3, 4, [], {FAR: "cola"}), Visit(8, 9, [FAR])]
    said = play(node, [ANNA, *frames(own, 14)], 14.0)
    (_, came), (_, went) = latest(said)
    assert [change.sku for change in came.changes] == [None]
    assert all(change.sku is None or change.p < 0.9 for change in went.changes)


def test_two_who_stand_there_and_two_things_that_go(node: Node) -> None:
    """Nobody knows who took which: the line is not sure enough to be charged."""
    places = [
        Observation(t / 5.0, "gallery", track, x, -0.75, 0.1, ())
        for t in range(60)
        for track, x in ((1, 0.3), (2, 0.6))
    ]
    said = play(node, [ANNA, BOB, *places, *frames([Visit(4, 6, [WATER, COLA])], 12)], 12.0)
    taken = [change for _, each in latest(said) for change in each.changes]
    assert sum(change.qty for change in taken) == 2
    assert all(change.p < 0.9 for change in taken)


def test_a_camera_that_is_lost_in_the_middle_leaves_doubt(node: Node) -> None:
    readings: list[Reading] = [ANNA, *(each for each in frames([Visit(3, 20)], 6))]
    said = play(node, [*readings, Fault(6.5, "camera inside", "gone")], 8.0)
    (_, each), *_ = latest(said)
    assert each.p < 0.9
    assert all(change.sku is None for change in each.changes)
    assert node.observed_until_s == 8.0


def test_what_was_taken_before_the_camera_was_lost_is_doubted(node: Node) -> None:
    said = play(node, [ANNA, *frames([Visit(2, 3, [COLA])], 8), Fault(9.0, "camera inside", "gone")], 10.0)
    ((_, each),) = latest(said)
    assert each.changes[0].sku == "cola"
    assert each.p <= 0.5


def test_without_its_network_the_camera_is_at_fault(tmp_path: Path) -> None:
    store = open_cabinet(tmp_path)
    node = Node(store, tmp_path, Networks(RedRectangles(), Colours()), "test", START)
    faults = [event.event for frame in frames([], 3) for event in node.take(frame) if isinstance(event.event, Faulted)]
    assert [(each.part, "does not run here" in each.reason) for each in faults] == [("camera inside", True)]


def test_counts_and_strangers_outlive_a_restart(tmp_path: Path) -> None:
    store = open_cabinet(tmp_path)
    node = Node(store, tmp_path, networks(), "test", START)
    visits = [Visit(3, 4, [WATER]), Visit(8, 9, [], {FAR: "cola"}), Visit(20, 21, [FAR])]
    film = list(frames(visits, 26))
    play_on: list[Reading] = [film[0], ANNA, *film[1:15]]
    for reading in play_on:
        node.take(reading)
    kind = Kind.of(store)
    memory = unseal(seal(Kept(node.remember(), Moment(1000.0, 50.0, "a")), kind), kind).memory
    again = Node(store, tmp_path, networks(), "test", START, memory=memory)
    assert again.now().stock[SLOT] == node.now().stock[SLOT]
    assert again.now().stock[SLOT]["water"] == 1
    said = [event for reading in film[15:] for event in again.take(reading)]
    (_, went) = latest(said)[-1]
    assert all(change.sku is None or change.p < 0.9 for change in went.changes)
