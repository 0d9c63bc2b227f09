"""Plates that settle on another level, and what of it is one change."""

import numpy as np

from edge.shelves.plates import Plates, Weighing
from hardware.ports import Weight
from protocol.store_file import parse_store

STORE = parse_store(
    """
format: 1
store: one
name: One board
currency: EUR
cameras: [{id: area, role: area, size: [640, 360]}]
gondolas:
  - id: g
    origin: [0, 0]
    width: 0.4
    depth: 0.4
    shelves:
      - id: s
        height: 1.0
        plates: [{id: a, span: [0.0, 0.1]}, {id: b, span: [0.1, 0.2]}, {id: c, span: [0.3, 0.4]}]
""",
    "one.yaml",
)


def played(*changes: tuple[str, float, float], until_s: float = 10.0, sigma_g: float = 10.0) -> list[Weighing]:
    """All weighings of 10 s in which loads change: (plate, seconds, grams)."""
    noise = np.random.default_rng(1)
    plates = Plates(STORE)
    said: list[Weighing] = []
    for index in range(int(until_s * 60)):
        t_s = index / 60
        for plate in "abc":
            load = 900.0 + sum(grams for where, from_s, grams in changes if where == plate and from_s <= t_s)
            said += plates.observe(Weight(t_s, f"g.s.{plate}", load + sigma_g * float(noise.standard_normal())))
    return [*said, *plates.finish()]


def test_nothing_is_said_of_plates_at_rest() -> None:
    assert played() == []


def test_a_bottle_that_goes_is_one_change_of_its_weight() -> None:
    (weighing,) = played(("a", 4.0, -538.0))
    assert weighing.plates == ("g.s.a",)
    assert abs(weighing.grams + 538.0) < 10.0
    assert 3.4 <= weighing.from_s <= 4.1
    assert not weighing.doubtful


def test_a_bag_on_two_plates_is_one_change() -> None:
    (weighing,) = played(("a", 4.0, -58.0), ("b", 4.05, -27.0))
    assert weighing.plates == ("g.s.a", "g.s.b")
    assert weighing.span == (0.0, 0.2)
    assert abs(weighing.grams + 85.0) < 12.0


def test_what_a_neighbour_bears_of_a_bag_counts_though_it_is_too_little_to_be_a_step() -> None:
    (weighing,) = played(("a", 4.0, -8.0), ("b", 4.0, -35.0), sigma_g=6.0)
    assert weighing.plates == ("g.s.a", "g.s.b")
    assert abs(weighing.grams + 43.0) < 5.0


def test_three_bottles_taken_one_after_the_other_from_between_two_plates_are_one_change() -> None:
    halves = [(plate, at_s, -60.0) for at_s in (4.0, 4.5, 5.0) for plate in "ab"]
    (weighing,) = played(*halves[:5], ("b", 5.05, -60.0))
    assert abs(weighing.grams + 360.0) < 12.0


def test_a_neighbour_that_only_drifts_has_no_part_in_it() -> None:
    (weighing,) = played(("a", 4.0, -200.0), ("b", 4.0, -1.0))
    assert weighing.plates == ("g.s.a",)


def test_changes_on_plates_apart_are_two() -> None:
    assert len(played(("a", 4.0, -500.0), ("c", 4.0, -300.0))) == 2


def test_an_elbow_that_comes_and_goes_at_once_is_none() -> None:
    assert played(("a", 4.0, 700.0), ("a", 4.4, -700.0)) == []


def test_a_plate_that_is_not_in_the_store_or_says_nonsense_is_passed_over() -> None:
    plates = Plates(STORE)
    assert plates.observe(Weight(0.0, "g.s.z", 5.0)) == ()
    assert plates.observe(Weight(0.0, "g.s.a", float("nan"))) == ()
    assert plates.undecided_since_s is None


def test_a_plate_may_be_called_by_its_id_alone_where_that_is_clear() -> None:
    plates = Plates(STORE)
    samples = [Weight(index / 60, "a", 900.0 if index < 240 else 500.0) for index in range(480)]
    said = [weighing for sample in samples for weighing in plates.observe(sample)]
    assert [weighing.plates for weighing in said] == [("g.s.a",)]


def test_what_is_undecided_is_told_until_it_is_said() -> None:
    plates = Plates(STORE)
    for index in range(400):
        t_s = index / 60
        said = plates.observe(Weight(t_s, "g.s.a", 900.0 if t_s < 4.0 else 500.0))
        if said:
            break
        if t_s > 4.3:
            since_s = plates.undecided_since_s
            assert since_s is not None
            assert since_s <= 4.0
    assert plates.undecided_since_s is None


def test_what_follows_a_second_and_a_half_later_is_a_change_of_its_own() -> None:
    assert [round(w.grams, -1) for w in played(("a", 4.0, -300.0), ("a", 5.5, -500.0))] == [-300.0, -500.0]


def test_a_hand_that_rests_on_the_plate_before_it_takes_is_no_change() -> None:
    (weighing,) = played(("a", 4.0, 40.0), ("a", 4.7, -340.0))
    assert abs(weighing.grams + 300.0) < 10.0


def test_a_plate_that_stirs_more_than_most_is_believed_less_and_still_heard() -> None:
    (quiet,), (wild,) = played(("a", 4.0, -300.0), sigma_g=1.0), played(("a", 4.0, -300.0), sigma_g=16.0)
    assert abs(wild.grams + 300.0) < 5.0 * wild.sigma_g
    assert quiet.sigma_g < wild.sigma_g


def test_a_plate_of_ten_samples_a_second_that_says_nothing_at_rest_is_heard() -> None:
    noise = np.random.default_rng(2)
    plates = Plates(STORE)
    said: list[Weighing] = []
    for index in range(300):
        t_s = index / 10
        # Little is said but from a second and a half before a change until two seconds after it.
        if t_s % 2.0 < 0.05 or 8.5 <= t_s <= 12.0:
            load = 900.0 if t_s < 10.0 else 650.0
            said += plates.observe(Weight(t_s, "g.s.a", load + 10.0 * float(noise.standard_normal())))
    said += plates.finish()
    assert [abs(weighing.grams + 250.0) < 20.0 for weighing in said] == [True]


def test_two_who_take_from_wide_plates_beside_each_other_at_nearly_one_moment_are_two_changes() -> None:
    wide = parse_store(
        """
format: 1
store: wide
name: Two halves
currency: EUR
cameras: [{id: area, role: area, size: [640, 360]}]
gondolas:
  - id: g
    origin: [0, 0]
    width: 1.0
    depth: 0.4
    shelves:
      - id: s
        height: 1.0
        slots: [{id: l, span: [0.0, 0.5]}, {id: r, span: [0.5, 1.0]}]
        plates: [{id: a, span: [0.0, 0.5]}, {id: b, span: [0.5, 1.0]}]
""",
        "wide.yaml",
    )
    plates = Plates(wide)
    said: list[Weighing] = []
    for index in range(600):
        t_s = index / 60
        for plate, at_s, grams in (("a", 4.0, -300.0), ("b", 4.3, -500.0)):
            said += plates.observe(Weight(t_s, f"g.s.{plate}", 900.0 + (grams if t_s >= at_s else 0.0)))
    said += plates.finish()
    assert sorted(round(weighing.grams) for weighing in said) == [-500, -300]
