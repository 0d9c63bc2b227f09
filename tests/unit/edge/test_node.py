"""The node: readings in, events out, the same for the same readings, and honest about how far it has observed."""

from collections.abc import Iterable
from datetime import timedelta
from heapq import merge
from itertools import pairwise
from pathlib import Path

import pytest

from edge.events import NewEvent
from edge.node import BLIND_S, Node
from edge.visits.saying import UNSEEN_SURE_MAX
from hardware.ports import Fault, Frame, Pass, Reading, Restored, Weight
from protocol.events import Entered, Exited, Faulted, Interaction, Recovered
from tests.unit.edge.drawn_shelf import (
    LEFT,
    MIDDLE,
    RIGHT,
    START,
    Reach,
    Shelf,
    area_frame,
    networks,
    open_store,
)

TAKE_WATER = Reach(LEFT, 2.0, 4.0, None)
RETURN_WATER = Reach(LEFT, 6.0, 8.0, "water")
ENTER, EXIT = Pass(0.5, "gate", "enter", "anna"), Pass(9.5, "gate", "exit", "anna")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return fresh_node(tmp_path)


def fresh_node(folder: Path) -> Node:
    return Node(open_store(folder), folder, networks(), "test", START)


def by_time(*streams: Iterable[Reading]) -> Iterable[Reading]:
    return merge(*streams, key=lambda reading: reading.t_s)


def play(node: Node, readings: Iterable[Reading], until_s: float = 10.0) -> list[NewEvent]:
    """What the node says, held meanwhile to its word on how far it has observed."""
    said: list[NewEvent] = []
    marks = [node.observed_until_s]
    for reading in readings:
        new = node.take(reading)
        assert all(event.ts >= START + timedelta(seconds=marks[-1], milliseconds=-1) for event in new)
        said += new
        marks.append(node.observed_until_s)
    last = node.finish(until_s)
    assert all(event.ts >= START + timedelta(seconds=marks[-1], milliseconds=-1) for event in last)
    marks.append(node.observed_until_s)
    assert all(earlier <= later for earlier, later in pairwise(marks))
    return [*said, *last]


def changes(said: Iterable[NewEvent]) -> list[tuple[str, str | None, str | None]]:
    """As each interaction was said last."""
    last = {one.interaction: one for one in interactions(said)}
    return [(change.type, change.sku, change.slot) for one in last.values() for change in one.changes]


def interactions(said: Iterable[NewEvent]) -> list[Interaction]:
    return [event.event for event in said if isinstance(event.event, Interaction)]


@pytest.mark.parametrize(
    ("reaches", "wanted"),
    [
        ([], []),
        ([TAKE_WATER], [("pick", "water", LEFT)]),
        ([TAKE_WATER, RETURN_WATER], [("pick", "water", LEFT), ("put_back", "water", LEFT)]),
        ([Reach(LEFT, 2, 4, "water")], []),
        (
            [TAKE_WATER, Reach(MIDDLE, 2.0, 4.0, None)],
            [("pick", "water", LEFT), ("pick", "cola", MIDDLE)],
        ),
        ([TAKE_WATER, Reach(RIGHT, 6, 8, "water")], [("pick", "water", LEFT), ("put_back", "water", RIGHT)]),
        ([Reach(RIGHT, 2, 4, "juice")], [("put_back", "juice", RIGHT)]),
        ([Reach(MIDDLE, 2, 4, "juice")], [("pick", "cola", MIDDLE), ("put_back", "juice", MIDDLE)]),
    ],
    ids=[
        "nothing",
        "a take",
        "a take and a put-back",
        "a touch",
        "both hands at once",
        "put into another slot",
        "put into an empty slot",
        "an exchange",
    ],
)
def test_what_a_hand_did(node: Node, reaches: list[Reach], wanted: object) -> None:
    assert changes(play(node, by_time([ENTER], Shelf(reaches).frames(10)))) == wanted


@pytest.mark.parametrize("light", [0.5, 1.3])
@pytest.mark.parametrize("noise", [0.0, 6.0])
def test_whatever_the_light_and_the_sensor(node: Node, light: float, noise: float) -> None:
    shelf = Shelf([TAKE_WATER, RETURN_WATER], light=light, noise=noise)
    said = play(node, by_time([ENTER], shelf.frames(10)))
    assert changes(said) == [("pick", "water", LEFT), ("put_back", "water", LEFT)]


def test_the_same_recording_gives_the_same_events_bit_for_bit(tmp_path: Path) -> None:
    shelf = Shelf([TAKE_WATER, RETURN_WATER], noise=4.0)

    def run() -> list[NewEvent]:
        area = (area_frame(n / 5, (40 + n, 170), (250, 60)) for n in range(50))
        return play(fresh_node(tmp_path), by_time([ENTER, EXIT], shelf.frames(10), area))

    assert run() == run()


def test_a_store_that_has_been_open_for_a_year_sees_the_same(tmp_path: Path) -> None:
    year_s = 365 * 86_400.0
    shelf = Shelf([TAKE_WATER, RETURN_WATER])
    said = [
        play(fresh_node(tmp_path), [Pass(t_s, "gate", "enter", "anna"), *shelf.frames(10, from_s=t_s)], t_s + 10)
        for t_s in (0.0, year_s)
    ]
    assert changes(said[0]) == changes(said[1]) != []
    assert [(e.ts + timedelta(seconds=year_s)) for e in said[0]] == [e.ts for e in said[1]]


def test_the_watermark_waits_for_an_open_interaction(node: Node) -> None:
    for frame in Shelf([TAKE_WATER]).frames(3.0):
        node.take(frame)
    assert 2.0 < node.observed_until_s < 2.8
    said = node.finish(3.0)
    assert node.observed_until_s == 3.0
    (broken_off,) = interactions(said)
    assert broken_off.reasons["camera_lost"] == 1.0
    assert broken_off.p < 0.5


def test_a_hand_that_is_in_when_the_shopper_leaves_is_the_shoppers(node: Node) -> None:
    leaves = Pass(3.2, "gate", "exit", "anna")
    said = play(node, by_time([ENTER, leaves], Shelf([TAKE_WATER]).frames(6)))
    entered, exited, picked = said
    assert isinstance(entered.event, Entered)
    assert isinstance(exited.event, Exited)
    assert picked.visit == entered.visit
    assert picked.ts > exited.ts
    assert changes([picked]) == [("pick", "water", LEFT)]


def test_a_hand_that_comes_after_everybody_left_is_nobodys(node: Node) -> None:
    leaves = Pass(1.0, "gate", "exit", "anna")
    (picked,) = play(node, by_time([ENTER, leaves], Shelf([TAKE_WATER]).frames(6)))[2:]
    assert picked.visit is None


def test_two_shoppers_whom_no_camera_sees_share_the_doubt(node: Node) -> None:
    both = [ENTER, Pass(0.6, "gate", "enter", "bert")]
    said = play(node, by_time(both, Shelf([TAKE_WATER]).frames(6)))
    (interaction,) = interactions(said)
    assert interaction.p <= 0.5
    others = {alternative.visit for alternative in interaction.alternatives}
    assert {event.visit for event in said[:2]} <= others


def test_the_shopper_who_stands_at_the_slot_took_it(node: Node) -> None:
    """Anna walks from the door to the shelf; Bert stays at the door."""
    enter = [Pass(0.5, "gate", "enter", "anna"), Pass(2.4, "gate", "enter", "bert")]
    anna_at_shelf = (150, 50)

    def feet(t_s: float) -> list[tuple[int, int]]:
        along = min(max(t_s - 0.8, 0.0) / 2.0, 1.0)
        anna = (int(20 + along * (anna_at_shelf[0] - 20)), int(170 + along * (anna_at_shelf[1] - 170)))
        return [anna] if t_s < 2.2 else [anna, (30, 175)]

    area = (area_frame(n / 15, *feet(n / 15)) for n in range(150))
    said = play(node, by_time(enter, area, Shelf([Reach(LEFT, 4.0, 6.0, None)]).frames(10)))
    visits = {event.event.token: event.visit for event in said if isinstance(event.event, Entered)}
    (picked,) = [event for event in said if isinstance(event.event, Interaction)]
    assert picked.visit == visits["anna"]
    assert isinstance(picked.event, Interaction)
    assert picked.event.reasons["who"] > 0.9


def test_a_person_above_the_horizon_stands_nowhere(node: Node) -> None:
    frames = (Frame(n / 15, "area", n, area_frame(0.0, (100, 8)).image) for n in range(30))
    assert play(node, frames) == []


def test_a_camera_that_is_lost_with_a_hand_in_is_no_sure_charge(node: Node) -> None:
    frames = list(Shelf([TAKE_WATER]).frames(3.4))
    lost = Fault(frames[-1].t_s, "camera shelf", "its cable is out")
    said = play(node, [ENTER, *frames, lost])
    fault, interaction = (event.event for event in said[1:])
    assert fault == Faulted(part="camera shelf", reason="its cable is out")
    assert isinstance(interaction, Interaction)
    assert interaction.p <= 0.5


def test_what_was_taken_is_doubted_once_nobody_can_see_whether_it_goes_back(node: Node) -> None:
    frames = list(Shelf([TAKE_WATER]).frames(6.0))
    lost = [Fault(6.0, "camera shelf", "gone"), Fault(6.0, "camera area", "gone too")]
    first, last = interactions(play(node, by_time([ENTER], [*frames, *lost])))
    assert (first.interaction, first.revision, first.changes[0].p > 0.9) == (last.interaction, 1, True)
    assert (last.revision, last.changes[0].p, last.p) == (2, UNSEEN_SURE_MAX, UNSEEN_SURE_MAX)


@pytest.mark.parametrize("part", ["gate", "scales", "camera area", "camera nobody", "shelf"])
def test_another_devices_fault_does_not_touch_the_shelfs_hands(node: Node, part: str) -> None:
    for frame in Shelf([TAKE_WATER]).frames(3.0):
        node.take(frame)
    said = node.take(Fault(3.0, part, "gone"))
    assert [event.event for event in said] == [Faulted(part=part, reason="gone")]
    assert node.observed_until_s < 2.8


@pytest.mark.parametrize("put_back_s", [None, 4.5])
def test_what_a_knocked_camera_sees_is_not_where_it_seems_to_be(node: Node, put_back_s: float | None) -> None:
    frames = list(Shelf([Reach(LEFT, 6.0, 8.0, None)]).frames(12))
    knocked: list[Reading] = [Fault(2.0, "view shelf", "knocked askew")]
    if put_back_s is not None:
        knocked.append(Restored(put_back_s, "view shelf"))
    said = play(node, by_time([ENTER], [*knocked], frames), 12.0)
    assert Faulted(part="view shelf", reason="knocked askew") in [event.event for event in said]
    assert changes(said) == ([] if put_back_s is None else [("pick", "water", LEFT)])


def test_nobody_stands_where_a_knocked_area_camera_sees_them(node: Node) -> None:
    area = [area_frame(n / 15, (150, 50)) for n in range(60)]
    play(node, by_time([ENTER, Fault(0.6, "view area", "knocked askew")], area))
    assert node.followed("area"), "they are followed in the picture all the same"
    assert [person for person, _ in node.standing(4.0)] == []


def test_a_covered_camera_is_said_once_and_so_is_its_sight(node: Node) -> None:
    lit, dark = list(Shelf().frames(16)), list(Shelf(light=0.0).frames(16))
    film = [dark[n] if 3.0 <= frame.t_s < 3.0 + BLIND_S + 4.0 else frame for n, frame in enumerate(lit)]
    said = [event.event for event in play(node, film, 16.0)]
    assert [type(event) for event in said] == [Faulted, Recovered]
    assert isinstance(said[0], Faulted)
    assert "shown nothing for 5 s" in said[0].reason


def test_a_lamp_that_goes_off_for_a_moment_changes_nothing(node: Node) -> None:
    lit, dark = list(Shelf([TAKE_WATER]).frames(10)), list(Shelf(light=0.0).frames(10))
    film = [dark[n] if 5.0 <= frame.t_s < 7.0 else frame for n, frame in enumerate(lit)]
    assert changes(play(node, film)) == [("pick", "water", LEFT)]


def test_a_plate_that_the_store_has_not_is_told_once_and_says_nothing_else(node: Node) -> None:
    (told,) = node.take(Weight(1.0, "p1", 500.0))
    assert isinstance(told.event, Faulted)
    assert told.event.part == "plate p1"
    assert node.take(Weight(1.1, "p1", 900.0)) == ()


def test_readings_of_cameras_that_the_store_does_not_have_say_nothing(node: Node) -> None:
    assert node.take(Frame(1.0, "nobody", 0, area_frame(0).image)) == ()
