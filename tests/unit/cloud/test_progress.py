from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.progress import RANGES_MAX, Gap, Progress
from protocol.messages import Watermark

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def watermark(first: int, last: int) -> Watermark:
    return Watermark(device="hub", epoch=1, first_seq=first, last_seq=last, observed_until=NOON)


@pytest.mark.parametrize(
    ("seqs", "contiguous", "ahead", "missing_up_to_9"),
    [
        ([], 0, (), ((1, 9),)),
        ([1, 2, 3], 3, (), ((4, 9),)),
        ([2, 3], 0, ((2, 3),), ((1, 1), (4, 9))),
        ([1, 3, 5, 4, 9], 1, ((3, 5), (9, 9)), ((2, 2), (6, 8))),
        ([5, 4, 3, 2, 1, 1, 5], 5, (), ((6, 9),)),
    ],
)
def test_the_ack_is_the_highest_number_below_which_nothing_lacks(
    seqs: list[int], contiguous: int, ahead: tuple[tuple[int, int], ...], missing_up_to_9: tuple[tuple[int, int], ...]
) -> None:
    progress = Progress(1).received(seqs)
    assert (progress.contiguous, progress.ahead) == (contiguous, ahead)
    assert progress.missing(9) == missing_up_to_9


@given(st.lists(st.integers(1, 30), max_size=40), st.data())
def test_order_and_repetition_do_not_matter(seqs: list[int], data: st.DataObject) -> None:
    one_by_one = Progress(1)
    for seq in data.draw(st.permutations(seqs)):
        one_by_one = one_by_one.received((seq,))
    assert one_by_one == Progress(1).received(seqs)
    lacking = {seq for first, last in one_by_one.missing(30) for seq in range(first, last + 1)}
    assert lacking == set(range(1, 31)) - set(seqs)


def test_a_lost_database_begins_where_the_device_still_has_events() -> None:
    progress = Progress(1).received((42, 43))
    assert progress.contiguous == 0
    told, gap = progress.told(watermark(first=41, last=43))
    assert (told.contiguous, gap) == (40, Gap(1, 1, 40))
    assert told.received((41,)).contiguous == 43


def test_a_watermark_that_offers_what_we_have_uncovers_nothing() -> None:
    progress = Progress(1).received(range(1, 11))
    for first in (0, 1, 5, 11):
        assert progress.told(watermark(first, 10))[1] is None


def test_an_old_watermark_does_not_turn_back_what_a_later_one_said() -> None:
    later, _ = Progress(1).told(watermark(1, 10))
    assert later.told(watermark(1, 4))[0] == later


def test_holes_are_bounded() -> None:
    progress = Progress(1).received(range(2, 2 * RANGES_MAX + 1, 2))
    assert not progress.has_room_for(10**6)
    assert progress.has_room_for(1)
