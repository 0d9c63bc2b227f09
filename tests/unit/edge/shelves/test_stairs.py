"""A change of load in stairs: a cell that swings for half a second, and pieces taken faster than that."""

import numpy as np
import numpy.typing as npt
import pytest

from edge.shelves.plate_watch import Step
from edge.shelves.plates import by_hand
from edge.shelves.stairs import Stair, stairs

RATE_HZ, SIGMA_G = 60.0, 10.0
Doubles = npt.NDArray[np.float64]


def said(taken: list[tuple[float, float]], until_s: float, seed: int = 0) -> tuple[Doubles, Doubles]:
    """What a cell says from 0 s on whose load changes by so many grams at these times: each change swings and fades."""
    t_s = np.arange(0.0, until_s, 1.0 / RATE_HZ)
    grams = SIGMA_G * np.random.default_rng(seed).standard_normal(len(t_s))
    for at_s, piece_g in taken:
        after = np.maximum(t_s - at_s, 0.0)
        grams += np.where(t_s >= at_s, piece_g * (1.0 - np.exp(-after / 0.12) * np.cos(2.0 * np.pi * 3.1 * after)), 0.0)
    return t_s, grams


@pytest.mark.parametrize("piece_g", [-180.0, -450.0, -1400.0, 450.0])
@pytest.mark.parametrize("pieces", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(3))
def test_pieces_taken_half_a_second_apart_are_as_many_stairs(piece_g: float, pieces: int, seed: int) -> None:
    taken = [(0.5 + 0.5 * number, piece_g) for number in range(pieces)]
    found = stairs(*said(taken, 3.5, seed), (0.0, pieces * piece_g), SIGMA_G)
    assert [stair.at_s for stair in found] == pytest.approx([at_s for at_s, _ in taken], abs=0.08)
    for stair in found:
        assert abs(stair.grams - piece_g) < 4.0 * stair.sigma_g
    assert sum(stair.grams for stair in found) == pytest.approx(pieces * piece_g)


def test_a_light_piece_after_a_heavy_one_is_a_stair_of_its_own() -> None:
    found = stairs(*said([(0.5, -900.0), (1.1, -240.0)], 3.0), (0.0, -1140.0), SIGMA_G)
    assert len(found) == 2
    assert abs(found[1].grams + 240.0) < 3.0 * found[1].sigma_g


def test_two_pieces_in_one_grasp_are_one_stair() -> None:
    assert len(stairs(*said([(0.5, -350.0), (0.5, -350.0)], 2.5), (0.0, -700.0), SIGMA_G)) == 1


@pytest.mark.parametrize("rate", [12, 6])
def test_of_a_slow_plate_nothing_is_told(rate: int) -> None:
    t_s, grams = said([(0.5, -350.0), (1.0, -350.0)], 2.5)
    assert stairs(t_s[::rate], grams[::rate], (0.0, -700.0), SIGMA_G) == ()


def test_nothing_is_told_of_no_samples_or_of_a_plate_that_keeps_still() -> None:
    none = np.empty(0)
    assert stairs(none, none, (0.0, -700.0), SIGMA_G) == ()
    assert stairs(*said([], 2.0), (0.0, -5.0), SIGMA_G) == ()


def step(*made: tuple[float, float]) -> Step:
    of = tuple(Stair(at_s, grams, 10.0) for at_s, grams in made)
    return Step(0.4, 0.5, 4.0, sum(grams for _, grams in made), 5.0, doubtful=False, stairs=of)


def test_stairs_of_like_weight_are_one_hand_s_and_others_are_another_s() -> None:
    one, other = by_hand(step((0.5, -720.0), (1.0, -722.0), (1.3, -850.0), (1.8, -846.0)))
    assert (one.grams, other.grams) == (-1442.0, -1696.0)
    assert (one.at_s, other.at_s) == (0.5, 1.3)
    assert one.to_s < other.to_s == 4.0
    assert one.sigma_g > 5.0


def test_a_step_whose_stairs_are_all_alike_or_not_known_stays_whole() -> None:
    for whole in (step((0.5, -440.0), (1.0, -445.0)), Step(0.4, 0.5, 4.0, -440.0, 5.0, doubtful=False)):
        assert by_hand(whole) == (whole,)
