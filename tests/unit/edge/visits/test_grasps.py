"""How well pieces explain the stairs of a load."""

import pytest

from edge.visits.stories.grasps import Stairs, grasped


def of(*grams: float) -> Stairs:
    return tuple((each, 12.0) for each in grams)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_two_stairs_are_two_pieces_and_hardly_one(sign: float) -> None:
    two = of(sign * 365.0, sign * 366.0)
    assert grasped([365.0, 365.0], two) > 100.0 * grasped([731.0], two)


def test_one_stair_is_one_piece_rather_than_two() -> None:
    assert grasped([731.0], of(-731.0)) > 2.0 * grasped([365.0, 365.0], of(-731.0)) > 0.0


def test_pieces_of_two_products_come_in_any_order() -> None:
    assert grasped([200.0, 500.0], of(-200.0, -500.0)) > 100.0 * grasped([350.0, 350.0], of(-200.0, -500.0))
    assert grasped([200.0, 500.0], of(-500.0, -200.0)) > 100.0 * grasped([350.0, 350.0], of(-500.0, -200.0))


def test_three_pieces_in_two_stairs_are_one_and_two() -> None:
    assert grasped([300.0] * 3, of(-600.0, -300.0)) > 100.0 * grasped([450.0] * 2, of(-600.0, -300.0))


def test_one_grasp_is_of_one_slot_rather_than_of_two() -> None:
    one = of(-700.0)
    assert grasped([350.0, 350.0], one, ["a", "a"]) > 2.0 * grasped([350.0, 350.0], one, ["a", "b"]) > 0.0
    two = of(-350.0, -350.0)
    assert grasped([350.0, 350.0], two, ["a", "a"]) == pytest.approx(grasped([350.0, 350.0], two, ["a", "b"]), rel=1e-3)


def test_where_no_stairs_are_known_all_is_alike() -> None:
    assert grasped([100.0], ()) == grasped([50.0, 50.0], ()) == 1.0


def test_what_cannot_be_dealt_out_is_unlikely_and_never_out_of_question() -> None:
    for pieces in ([], [300.0] * 12, [300.0, -300.0]):
        assert 0.0 < grasped(pieces, of(-300.0, -300.0)) < 1e-3
