"""One person over all cameras."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.tracking.floor import PersonOnFloor
from edge.tracking.joining.doors import Doors
from edge.tracking.joining.joining import PEOPLE_MAX, Joining, Person
from edge.tracking.joining.motion import SPEED_M_S, Motion
from edge.tracking.joining.pairs import best_pairs
from edge.tracking.joining.pictures import Pictures
from edge.tracking.joining.walker import Walker
from protocol.store import Camera, FloorPoint, Store, Zone

STEP_S = 0.1
ENTRY: FloorPoint = (0.5, 0.5)
EXIT: FloorPoint = (5.5, 0.5)
Place = tuple[float, float]


def store(*, zones: bool = True, way_out: FloorPoint = EXIT) -> Store:
    """A room of 6 by 6 metres with its doors along one wall."""
    return Store(
        format=1,
        store="s",
        name="S",
        currency="EUR",
        cameras=(Camera(id="a", role="area", size=(64, 64)),),
        zones=(_square("entry", ENTRY), _square("exit", way_out)) if zones else (),
    )


def _square(kind: str, middle: FloorPoint) -> Zone:
    x, y = middle
    corners = ((x - 0.5, y - 0.5), (x + 0.5, y - 0.5), (x + 0.5, y + 0.5), (x - 0.5, y + 0.5))
    return Zone.model_validate({"id": kind, "kind": kind, "polygon": corners})


def joining(*, zones: bool = True) -> Joining:
    return Joining(Doors(store(zones=zones)))


def at(t_s: float, track: int, place: Place, camera: str = "a") -> PersonOnFloor:
    return PersonOnFloor(t_s, camera, track, *place, 0.1)


def walk(*places: Place, speed_m_s: float = 1.2) -> list[Place]:
    """Places along a line through `places`, one every `STEP_S`."""
    path = [places[0]]
    for start, end in itertools.pairwise(places):
        steps = max(1, math.ceil(math.dist(start, end) / (speed_m_s * STEP_S)))
        path += [
            (start[0] + (end[0] - start[0]) * n / steps, start[1] + (end[1] - start[1]) * n / steps)
            for n in range(1, steps + 1)
        ]
    return path


def play(people: Joining, pictures: Iterable[Sequence[PersonOnFloor]]) -> list[Person]:
    return [person for picture in pictures for person in people.saw(picture)]


def numbers(people: Iterable[Person]) -> set[int]:
    return {person.person for person in people}


def test_two_cameras_that_see_the_same_feet_see_one_person() -> None:
    people = joining()
    path = walk(ENTRY, (3.0, 3.0))
    seen = play(
        people,
        (
            picture
            for n, (x, y) in enumerate(path)
            for picture in ([at(n * STEP_S, 1, (x, y))], [at(n * STEP_S, 7, (x + 0.2, y - 0.1), camera="b")])
        ),
    )
    assert len(numbers(seen)) == 1
    assert {person.camera for person in seen} == {"a", "b"}
    assert math.dist((seen[-1].x_m, seen[-1].y_m), (3.1, 2.95)) < 0.15


def test_who_goes_from_one_view_into_another_stays_who_they_are() -> None:
    people = joining()
    path = walk(ENTRY, (5.0, 5.0))
    half = len(path) // 2
    first = play(people, ([at(n * STEP_S, 1, place)] for n, place in enumerate(path[:half])))
    then = play(people, ([at((half + n) * STEP_S, 4, place, camera="b")] for n, place in enumerate(path[half:])))
    assert numbers(first) == numbers(then)


def test_a_camera_is_told_who_its_own_numbers_are() -> None:
    people = joining()
    path = walk(ENTRY, (3.0, 3.0))
    for n, place in enumerate(path):
        play(people, ([at(n * STEP_S, 7, place)], [at(n * STEP_S + 0.05, 9, place, camera="b")]))
    now_s = (len(path) - 1) * STEP_S
    (person,) = people.inside
    assert people.numbers("a", now_s) == {7: person}
    assert people.numbers("b", now_s + 0.05) == {9: person}
    assert people.numbers("b", now_s) == people.numbers("c", now_s) == {}


def test_a_gap_between_views_is_walked_through() -> None:
    people = joining()
    path = walk(ENTRY, (5.0, 5.0))
    gap = slice(len(path) // 3, 2 * len(path) // 3)
    pictures = [[at(n * STEP_S, 1 if n < gap.start else 2, place)] for n, place in enumerate(path)]
    del pictures[gap]
    assert len(numbers(play(people, pictures))) == 1
    assert len(people.inside) == 1


def test_numbers_that_a_camera_exchanges_are_put_right_by_where_people_are() -> None:
    people = joining()
    ann, bob = walk(ENTRY, (1.0, 4.0)), walk(ENTRY, (4.0, 1.0))
    pictures = [[at(n * STEP_S, 1, place)] for n, place in enumerate(ann)]
    start_s = len(pictures) * STEP_S + 1.0
    pictures += [
        [at(start_s + n * STEP_S, 1, ann[-1]), at(start_s + n * STEP_S, 2, place)] for n, place in enumerate(bob)
    ]
    end_s = start_s + len(bob) * STEP_S
    before = {person.person: (person.x_m, person.y_m) for person in play(people, pictures)}
    after = play(people, ([at(end_s + n * STEP_S, 2, ann[-1]), at(end_s + n * STEP_S, 1, bob[-1])] for n in range(20)))
    assert len(before) == 2
    for person in after:
        assert math.dist((person.x_m, person.y_m), before[person.person]) < 0.3


def test_two_who_stand_shoulder_to_shoulder_keep_the_numbers_of_their_camera() -> None:
    people = joining(zones=False)
    side = [[at(n * STEP_S, 1, (1.0, 1.0)), at(n * STEP_S, 2, (2.5, 1.0))] for n in range(20)]
    close = [[at(2.0 + n * STEP_S, 1, (1.6, 1.0)), at(2.0 + n * STEP_S, 2, (1.9, 1.0))] for n in range(30)]
    play(people, side[:10])
    assert [person.person for person in people.saw(side[10])] == [person.person for person in people.saw(close[-1])]
    assert len(people.inside) == 2


def test_nobody_appears_in_the_middle_of_a_shop() -> None:
    people = joining()
    assert play(people, ([at(n * STEP_S, 1, (3.0, 4.0))] for n in range(20))) == []
    assert people.inside == ()


def test_who_was_missed_at_the_door_is_believed_in_the_end() -> None:
    people = joining()
    play(people, ([at(n * STEP_S, 1, (3.0, 4.0))] for n in range(40)))
    assert len(people.inside) == 1


def test_who_is_unseen_in_the_shop_is_still_there_and_who_is_unseen_at_the_exit_has_left() -> None:
    people = joining()
    inside = walk(ENTRY, (3.0, 3.0))
    play(people, ([at(n * STEP_S, 1, place)] for n, place in enumerate(inside)))
    other_s = 100.0
    play(people, ([at(other_s + n * STEP_S, 2, place)] for n, place in enumerate(walk(ENTRY, EXIT))))
    assert len(people.inside) == 2
    play(people, [[at(200.0, 3, ENTRY)]])
    assert len(people.inside) == 1


def test_who_passed_the_gate_is_gone_wherever_cameras_lost_them() -> None:
    people = joining()
    seen = play(people, ([at(n * STEP_S, 1, place)] for n, place in enumerate(walk(ENTRY, (3.0, 3.0)))))
    people.left(seen[0].person)
    play(people, [[at(20.0, 3, ENTRY)]])
    assert people.inside == ()


def test_cameras_that_disagree_do_not_make_two_of_one() -> None:
    people = joining()
    path = walk(ENTRY, (3.0, 3.0), (2.0, 4.0), (4.0, 4.0))
    play(
        people,
        (
            picture
            for n, (x, y) in enumerate(path)
            for picture in ([at(n * STEP_S, 1, (x, y))], [at(n * STEP_S, 1, (x + 0.45, y), camera="b")])
        ),
    )
    assert len(people.inside) == 1


def test_feet_lost_behind_a_table_and_found_a_step_away_are_the_same_persons() -> None:
    people = joining()
    path = walk(ENTRY, (2.0, 2.0))
    before = play(people, ([at(n * STEP_S, 1, place)] for n, place in enumerate(path)))
    later_s = len(path) * STEP_S
    after = play(people, ([at(later_s + n * STEP_S, 2, (2.2, 3.1))] for n in range(45)))
    assert numbers(after) == numbers(before)
    assert people.inside == (before[0].person,)


def test_whom_the_gate_let_in_is_somebody_new_though_another_has_just_vanished_at_the_door() -> None:
    people = joining()
    people.expect(0.0, 1)
    play(people, ([at(n * STEP_S, 1, ENTRY)] for n in range(10)))
    people.expect(1.5, 1)
    play(people, ([at(1.6 + n * STEP_S, 2, ENTRY)] for n in range(10)))
    assert len(people.inside) == 2


def test_who_comes_in_as_another_leaves_next_to_them_is_somebody_new() -> None:
    way_out = (3.0, 0.5)
    people = Joining(Doors(store(way_out=way_out)))
    leaves = play(people, ([at(n * STEP_S, 1, place)] for n, place in enumerate(walk(ENTRY, (2.0, 3.0), way_out))))
    comes_s = leaves[-1].t_s + 0.5
    comes = play(people, ([at(comes_s + n * STEP_S, 2, ENTRY)] for n in range(10)))
    assert comes
    assert numbers(comes).isdisjoint(numbers(leaves))


def test_a_number_that_jumps_from_one_who_is_hidden_to_one_who_is_not_brings_nobody_along() -> None:
    people = joining(zones=False)
    ann, bob = (1.0, 1.0), (2.2, 1.0)
    for n in range(20):
        here = play(people, [[at(n * STEP_S, 1, ann), at(n * STEP_S, 2, bob)], [at(n * STEP_S, 5, ann, camera="b")]])
    for n in range(20, 30):
        play(people, [[at(n * STEP_S, 1, ann)], [at(n * STEP_S, 5, ann, camera="b")]])
    then = play(people, [[at(3.0, 2, ann)], [at(3.0, 5, ann, camera="b")]])
    assert {here[0].person} == numbers(then)


def test_who_went_which_way_after_a_close_encounter_shows_by_how_they_look() -> None:
    people = joining(zones=False)
    red, blue = (0.9, -0.4) * 6, (-0.2, 0.5) * 6

    def both(t_s: float, at_red: Place, at_blue: Place, tracks: tuple[int, int]) -> list[PersonOnFloor]:
        return [
            replace(at(t_s, tracks[0], at_red), look=red),
            replace(at(t_s, tracks[1], at_blue), look=blue),
        ]

    before = play(people, (both(n * STEP_S, (1.0, 1.0), (3.0, 1.0), (1, 2)) for n in range(20)))
    # Nobody is seen for a while; then both are as near to where either was, and the camera numbers them anew.
    after = play(people, (both(6.0 + n * STEP_S, (2.0, 1.4), (2.0, 0.6), (3, 4)) for n in range(10)))
    swapped = play(people, (both(12.0 + n * STEP_S, (2.0, 0.6), (2.0, 1.4), (5, 6)) for n in range(10)))
    assert [one.person for one in after[-2:]] == [one.person for one in before[-2:]]
    assert [one.person for one in swapped[-2:]] == [one.person for one in before[-2:]]


def test_two_whom_one_picture_shows_side_by_side_are_never_one() -> None:
    people = joining()
    play(
        people,
        (
            [at(n * STEP_S, 1, (x, y)), at(n * STEP_S, 2, (x + 0.4, y))]
            for n, (x, y) in enumerate(walk(ENTRY, (3.0, 3.0), (2.0, 4.0)))
        ),
    )
    assert len(people.inside) == 2


def test_a_crowd_beyond_all_bounds_is_not_followed() -> None:
    people = joining(zones=False)
    crowd = [at(0.0, n, (5.0 * n, 0.0)) for n in range(PEOPLE_MAX + 20)]
    for picture in range(10):
        people.saw([replace(one, t_s=picture * STEP_S) for one in crowd])
    assert len(people.inside) == PEOPLE_MAX


def test_the_order_within_a_picture_does_not_matter() -> None:
    def said(*, backwards: bool) -> list[Person]:
        people = joining()
        pictures = [
            [at(n * STEP_S, 1, place), at(n * STEP_S, 2, (place[0] + 0.6, place[1]))]
            for n, place in enumerate(walk(ENTRY, (3.0, 3.0)))
        ]
        seen = play(people, (picture[::-1] if backwards else picture for picture in pictures))
        return sorted(seen, key=lambda person: (person.t_s, person.person))

    assert said(backwards=False) == said(backwards=True)


def test_observations_become_pictures() -> None:
    pictures = Pictures()
    first, beside, other = at(1.0, 1, ENTRY), at(1.0, 2, EXIT), at(1.0, 1, ENTRY, camera="b")
    assert pictures.add(first) == ()
    assert pictures.add(beside) == ()
    assert pictures.add(other) == (first, beside)
    assert pictures.until(1.0) == ()
    assert pictures.until(1.1) == (other,)
    assert pictures.close() == ()


def test_an_unseen_person_becomes_uncertain_at_a_walkers_rate() -> None:
    later = Motion(0.0, 0.0, 0.0, 0.01).later(10.0)
    assert 1.0 < math.sqrt(later.spread) < SPEED_M_S * 10.0


@given(st.lists(st.floats(0.01, 5.0), min_size=1, max_size=6), st.floats(-2, 2), st.floats(-2, 2))
def test_it_does_not_matter_how_often_a_walker_is_moved_on(steps: list[float], vx: float, vy: float) -> None:
    often = start = Motion(0.0, 1.0, 2.0, 0.04, vx, vy)
    t_s = 0.0
    for step in steps:
        t_s += step
        often = often.later(t_s)
    once = start.later(t_s)
    for name in ("x_m", "y_m", "vx", "vy", "spread", "drift", "pace"):
        assert getattr(often, name) == pytest.approx(getattr(once, name), abs=1e-9)


gains = st.integers(0, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, 3.5]), min_size=columns, max_size=columns), max_size=4
    )
)


@settings(max_examples=200)
@given(gains)
def test_no_other_pairing_gains_more(table: list[list[float]]) -> None:
    pairs = best_pairs(table)
    columns = len(table[0]) if table else 0
    most = max(
        sum(table[row][column] for row, column in enumerate(chosen) if column is not None)
        for chosen in itertools.permutations([*range(columns), *[None] * len(table)], len(table))
    )
    assert sum(table[row][column] for row, column in pairs) == pytest.approx(most)
    assert all(table[row][column] > 0.0 for row, column in pairs)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)


def test_whoever_appears_a_step_beyond_the_door_is_who_was_let_in_and_lost_there() -> None:
    people = joining()
    people.expect(0.0, 1)
    play(people, ([at(n * STEP_S, 1, ENTRY)] for n in range(6)))
    beyond = (ENTRY[0] + 0.6, ENTRY[1] + 0.5)
    play(people, ([at(1.6 + n * STEP_S, 2, beyond)] for n in range(10)))
    assert len(people.inside) == 1


def test_of_one_person_whom_the_gate_let_in_a_camera_may_make_two_for_a_moment() -> None:
    """Camera b sees a second person in one picture, half a metre from the first, and then keeps its number."""
    people = joining()
    people.expect(0.0, 1)
    path = walk(ENTRY, (3.0, 3.0))
    played = []
    for n, place in enumerate(path):
        twice = n < 12
        beside = at(n * STEP_S + 0.01, 8, (place[0] + 0.45, place[1]), camera="b")
        played.append([at(n * STEP_S, 1, place)])
        played.append([at(n * STEP_S + 0.01, 7, place, camera="b"), beside] if twice else [beside])
    seen = play(people, played)
    assert len(numbers(seen)) == 2
    for n in range(40):
        t_s = (len(path) + n) * STEP_S
        seen = play(people, [[at(t_s, 1, (3.0, 3.0))], [at(t_s + 0.01, 8, (3.3, 3.0), camera="b")]])
    assert len(numbers(seen)) == 1
    (kept,) = numbers(seen)
    assert people.renamed()[-1][1] == kept


def test_what_cameras_call_the_two_that_turn_out_to_be_one_is_known_of_that_one() -> None:
    one, other = Walker.of(1, at(0.0, 4, ENTRY)), Walker.of(2, at(0.1, 7, (0.9, 0.8), camera="b"))
    other.update(at(0.2, 8, (0.9, 0.8), camera="a"))
    other.expected = True
    one.is_also(other)
    assert one.seen_by == {"a": (8, 0.2), "b": (7, 0.1)}
    assert one.expected
    # Both were seen just now: the place of which more is known holds.
    assert one.motion == other.motion
    late = Walker.of(3, at(5.0, 1, (2.0, 2.0), camera="c"))
    late.is_also(one)
    assert (late.motion.x_m, late.motion.y_m) == (2.0, 2.0)
