"""Ids: the same for the same thing, in the order of time, and version 7 by RFC 9562."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.ids import EPOCH, uuid7

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
moments = st.integers(0, (1 << 47) - 1).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
parts = st.lists(st.one_of(st.text(st.characters(codec="utf-8")), st.integers()), max_size=4)


@given(moments, parts)
def test_an_id_is_a_version_7_uuid_whose_front_is_the_moment(at: datetime, names: list[str | int]) -> None:
    made = uuid7(at, *names)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == (at - EPOCH) // timedelta(milliseconds=1)


@given(moments, parts)
def test_the_same_thing_has_the_same_id_in_every_run(at: datetime, names: list[str | int]) -> None:
    assert uuid7(at, *names) == uuid7(at.astimezone(timezone(timedelta(hours=5, minutes=30))), *names)


@given(moments, moments, parts, parts)
def test_ids_sort_by_time(a: datetime, b: datetime, of_a: list[str | int], of_b: list[str | int]) -> None:
    early, late = sorted((a, b))
    if early < late:
        assert str(uuid7(early, *of_a)) < str(uuid7(late, *of_b))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "bc"), ("ab", "c")),
        (("visit", "anna"), ("visit", "bert")),
        (("interaction", 1), ("interaction", 2)),
        (("a", ""), ("a",)),
        (("day", 11), ("day", 1, 1)),
    ],
)
def test_different_things_of_one_moment_differ(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> None:
    assert uuid7(NOON, *one) != uuid7(NOON, *other)


def test_an_id_is_stable_for_ever() -> None:
    """Stored ids are compared with ones made by later versions."""
    assert uuid7(NOON, "hub", 1, 42) == UUID("01a20320-a200-77c8-9587-eb5ea4ce4d3d")


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (datetime(2026, 11, 22, 12), "offset"),  # noqa: DTZ001 - that is the point
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), "outside the years"),
    ],
)
def test_a_moment_that_an_id_cannot_say_is_refused(at: datetime, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        uuid7(at, "x")
