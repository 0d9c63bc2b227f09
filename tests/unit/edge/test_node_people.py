"""People of a store without shelves: who followed another in, how many there are, and who left by which door."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from hardware.ports import Observation, Pass, Reading
from protocol.events import Crowded, Exited, FollowedIn
from protocol.store import Store

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
DOOR_Y, INSIDE_Y, EXIT_X = 0.5, 5.0, 9.5


def shop(people_max: int | None = None, exits: str = "zone") -> Store:
    """Ten metres square, the entry in the lower left corner, the exit in the lower right."""
    return Store.model_validate(
        {
            "format": 1, "store": "corner", "name": "Corner", "currency": "EUR",
            "cameras": [{"id": "high", "role": "area", "size": [640, 360]}],
            "zones": [
                {"id": "in", "kind": "entry", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]},
                {"id": "out", "kind": "exit", "polygon": [[9, 0], [10, 0], [10, 1], [9, 1]]},
                {"id": "till", "kind": "staff", "polygon": [[0, 8], [2, 8], [2, 10], [0, 10]]},
            ],
            "gate": {"exits": exits},
            "policies": {"people_max": people_max},
        }
    )  # fmt: skip


def walk(
    track: int, from_s: float, to_s: float, *, to: tuple[float, float] = (5.0, INSIDE_Y), begin_y: float = DOOR_Y
) -> list[Observation]:
    """Ten times a second from the entry to a place in two seconds, and standing there."""
    steps = []
    for step in range(int((to_s - from_s) * 10)):
        share = min(step / 30.0, 1.0)
        x, y = 0.5 + share * (to[0] - 0.5), begin_y + share * (to[1] - begin_y)
        steps.append(Observation(round(from_s + step / 10, 3), "high", track, x, y, 0.1, ()))
    return steps


def play(store: Store, *streams: list[Observation] | list[Pass], until_s: float = 60.0) -> list[NewEvent]:
    node = Node(store, Path(), Networks(None, None), "run", START)
    readings: list[Reading] = sorted((each for stream in streams for each in stream), key=lambda each: each.t_s)
    said = [event for reading in readings for event in node.take(reading)]
    return said + list(node.finish(until_s))


def enter(t_s: float, token: str = "anna", party: int = 1, *, staff: bool = False) -> Pass:
    return Pass(t_s, "gate", "enter", token, party, staff=staff)


def followed(said: list[NewEvent]) -> list[NewEvent]:
    return [event for event in said if isinstance(event.event, FollowedIn)]


def test_who_comes_in_behind_another_is_told_once_with_a_visit_of_their_own() -> None:
    said = play(shop(), [enter(0.0)], walk(1, 0.0, 40.0), walk(2, 2.0, 40.0, to=(7.0, 7.0)))
    (event,) = followed(said)
    (anna,) = [event.visit for event in said if event.event.type == "entered"]
    assert event.visit not in (None, anna)
    assert isinstance(event.event, FollowedIn)
    assert event.event.since < START + timedelta(seconds=8)


@pytest.mark.parametrize(
    "passes", [[enter(0.0), enter(2.0, "ben")], [enter(0.0, party=2)], [enter(0.0), enter(2.0, "staff:x", staff=True)]]
)
def test_who_has_a_token_of_their_own_or_of_their_group_follows_nobody(passes: list[Pass]) -> None:
    assert followed(play(shop(), passes, walk(1, 0.0, 40.0), walk(2, 2.0, 40.0, to=(7.0, 7.0)))) == []


@pytest.mark.parametrize("place", [(0.6, 0.9), (9.5, 0.6), (1.0, 9.0)])
def test_who_stands_at_a_door_or_with_the_staff_is_not_told(place: tuple[float, float]) -> None:
    assert followed(play(shop(), walk(2, 0.0, 40.0, to=place))) == []


def test_a_party_of_two_is_one_visit() -> None:
    said = play(shop(), [enter(0.0, party=2)], walk(1, 0.0, 30.0), walk(2, 1.5, 30.0, to=(7.0, 7.0)))
    assert [event.event.type for event in said].count("entered") == 1


def test_more_people_than_the_store_allows_is_told_and_so_is_its_end() -> None:
    crowd = [walk(number, 3.0 * number, 40.0, to=(2.0 + 1.5 * number, 6.0)) for number in range(3)]
    stays = walk(9, 40.0, 70.0, to=(2.0, 6.0), begin_y=6.0)
    told = [event.event for event in play(shop(people_max=2), *crowd, stays) if isinstance(event.event, Crowded)]
    assert [(event.people > 2, event.people_max) for event in told] == [(True, 2), (False, 2)]


def leaves(track: int, from_s: float, until_s: float) -> list[Observation]:
    """From the middle of the shop to the exit, and out of sight."""
    steps = []
    for step in range(int((until_s - from_s) * 10)):
        share = min(step / 50.0, 1.0)
        place = (5.0 + share * (EXIT_X - 5.0), INSIDE_Y + share * (0.4 - INSIDE_Y))
        steps.append(Observation(round(from_s + step / 10, 3), "high", track, *place, 0.1, ()))
    return steps


def exits(said: list[NewEvent]) -> list[tuple[float, str | None]]:
    return [
        (round((event.ts - START).total_seconds(), 1), event.event.lane)
        for event in said
        if isinstance(event.event, Exited)
    ]


def test_whoever_walks_out_by_the_exit_has_left_without_a_gate_that_tells() -> None:
    said = play(
        shop(),
        [enter(0.0), enter(6.0, "ben")],
        [*walk(1, 0.0, 20.0), *leaves(1, 20.0, 26.0)],
        walk(2, 6.0, 60.0, to=(7.0, 7.0)),
    )
    ((at_s, lane),) = exits(said)
    assert lane is None
    assert 26.0 < at_s < 33.0


def test_where_the_gate_tells_exits_the_cameras_do_not() -> None:
    gate = [enter(0.0), enter(6.0, "ben"), Pass(21.0, "gate", "exit", "ben")]
    told = shop(exits="gate")
    said = play(told, gate, [*walk(1, 0.0, 20.0), *leaves(1, 22.0, 28.0)], walk(2, 6.0, 60.0, to=(7.0, 7.0)))
    assert exits(said) == [(21.0, "gate")]
    assert exits(play(told, gate[:2], [*walk(1, 0.0, 20.0), *leaves(1, 20.0, 26.0)], walk(2, 6.0, 60.0))) == []


def test_who_is_hidden_in_the_middle_of_the_shop_has_not_left() -> None:
    said = play(shop(), [enter(0.0), enter(6.0, "ben")], walk(1, 0.0, 20.0), walk(2, 6.0, 60.0, to=(7.0, 7.0)))
    assert exits(said) == []


def test_whoever_is_turned_away_may_come_in_on_another_token() -> None:
    gate = [enter(0.0), Pass(4.0, "gate", "turned_away", "anna"), enter(5.0, "ben")]
    waits = [Observation(step / 10, "high", 1, 0.5, 0.5, 0.1, ()) for step in range(60)]
    goes_in = walk(1, 6.0, 30.0)
    node = Node(shop(), Path(), Networks(None, None), "run", START)
    said: list[NewEvent] = []
    readings: list[Reading] = [*gate, *waits, *goes_in]
    for reading in sorted(readings, key=lambda each: each.t_s):
        said += node.take(reading)
    visits = [event.visit for event in said if event.event.type == "entered"]
    assert exits(said) == [(4.0, "gate")]
    assert {visit for _, visit in node.standing(29.9)} == {visits[1]}
