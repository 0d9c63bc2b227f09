"""Plates that cannot be believed are noticed, and told once; those that only rest are not."""

import math

import numpy as np
import pytest

from edge.shelves.plate_health import PlateHealth, Trouble

RATE_HZ = 20


def said_of(samples: dict[int, float | None], seconds: int = 120, *, coarse_g: float = 1.0) -> list[Trouble]:
    """What is told of plate `a` in that time; `samples` replaces what it says from a second on (None: nothing)."""
    noise = np.random.default_rng(3)
    health = PlateHealth({"a": 20_000.0, "b": 20_000.0})
    told: list[Trouble] = []
    kind: float | None = -1.0
    for index in range(seconds * RATE_HZ):
        t_s = index / RATE_HZ
        kind = samples.get(index // RATE_HZ, kind) if index % RATE_HZ == 0 else kind
        true = round((900.0 + 3.0 * float(noise.standard_normal())) / coarse_g) * coarse_g
        health.hear("b", t_s, true)
        if kind is not None:
            health.hear("a", t_s, true if kind == -1.0 else kind)
        told += health.news(t_s)
    return told


@pytest.mark.parametrize("coarse_g", [0.1, 1.0, 5.0])
def test_a_plate_that_only_rests_is_well(coarse_g: float) -> None:
    assert said_of({}, coarse_g=coarse_g) == []


@pytest.mark.parametrize(
    ("says", "words"), [(math.nan, "no number"), (-40_000.0, "no load"), (60_000.0, "no load"), (905.0, "in a row")]
)
def test_a_plate_that_says_nonsense_is_told_once_and_works_again(says: float, words: str) -> None:
    broke, well = said_of({70: says, 90: -1.0})
    assert broke.plate == "a"
    assert words in (broke.reason or "")
    assert well == Trouble("a", None)


def test_a_plate_that_falls_silent_is_told() -> None:
    (broke,) = said_of({70: None})
    assert "said nothing" in (broke.reason or "")


def test_a_plate_that_was_never_steady_may_be_silent() -> None:
    assert said_of({20: None, 110: -1.0}) == []


def test_a_plate_that_the_store_has_not_is_told_once_and_not_heard() -> None:
    health = PlateHealth({})
    assert [health.hear("z", t_s, 5.0) for t_s in (0.0, 0.1)] == [False, False]
    (trouble,) = health.news(0.2)
    assert "store file" in (trouble.reason or "")
