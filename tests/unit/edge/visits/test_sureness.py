"""The map from shares of stories to probabilities."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from edge.visits.sureness import SHARES, SURENESS, sureness

shares = st.floats(0.0, 1.0)


@given(shares, shares)
def test_what_has_the_greater_share_is_no_less_sure(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= sureness(low) <= sureness(high) <= 1.0


def test_its_points_are_in_order_and_lie_on_it() -> None:
    assert len(SHARES) == len(SURENESS)
    assert (SHARES[0], SHARES[-1]) == (0.0, 1.0)
    assert all(low < high for low, high in itertools.pairwise(SHARES))
    assert [sureness(share) for share in SHARES] == list(SURENESS)
