"""Whether the person network runs in integers: where that was measured, or as somebody asks."""

import logging

import pytest

from edge.errors import PerceptionError
from edge.perception.precision import eight_bits
from edge.perception.running import ORT_NAMES, Precision, Running, running_here

CPU, CUDA = ORT_NAMES["CPU"], ORT_NAMES["CUDA"]


@pytest.mark.parametrize(
    ("precision", "by_runtime", "dot_products", "whole"),
    [
        ("best", (CPU,), True, True),
        ("best", (CPU,), False, False),
        ("best", (CUDA, CPU), True, False),
        ("best", (), True, False),
        ("float", (CPU,), True, False),
        ("int8", (CUDA, CPU), False, True),
    ],
)
def test_integers_are_for_processors_made_for_them(
    precision: Precision, by_runtime: tuple[str, ...], dot_products: bool, whole: bool
) -> None:
    running = Running(("CUDA", "CPU"), precision=precision)
    assert eight_bits(running, by_runtime, dot_products=dot_products) is whole


def test_asking_for_integers_where_they_are_slow_is_answered_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert eight_bits(Running(precision="int8"), (CPU,), dot_products=False)
    assert "no integer dot products" in caplog.text


@pytest.mark.parametrize(
    ("said", "precision"),
    [
        ({"TILLFREE_BOARD": "x86"}, "best"),
        ({"TILLFREE_BOARD": "raspberry-pi-5"}, "float"),
        ({"TILLFREE_BOARD": "raspberry-pi-5", "TILLFREE_PRECISION": "int8"}, "int8"),
        ({"TILLFREE_BOARD": "x86", "TILLFREE_PRECISION": "float"}, "float"),
    ],
)
def test_the_board_or_the_environment_says_it(said: dict[str, str], precision: Precision) -> None:
    assert running_here(said).precision == precision


def test_a_precision_that_there_is_not_is_refused() -> None:
    with pytest.raises(PerceptionError, match="TILLFREE_PRECISION=int4: float, int8, best is needed"):
        running_here({"TILLFREE_PRECISION": "int4"})
