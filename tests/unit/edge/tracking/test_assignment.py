"""Who goes with whom, against trying every pairing."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.tracking.assignment import assigned

gains = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(-4, 6).map(float) | st.just(-np.inf))
)


def best_of_all(table: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
    wide = np.maximum(table if table.shape[0] <= table.shape[1] else table.T, 0.0)
    rows = range(wide.shape[0])
    return max(float(wide[rows, columns].sum()) for columns in permutations(range(wide.shape[1]), wide.shape[0]))


@settings(max_examples=300, deadline=None)
@given(gains)
def test_no_other_pairing_gains_more(table: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    pairs = assigned(table)
    assert pairs == sorted(pairs)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(table[pair] > 0.0 for pair in pairs)
    assert sum(table[pair] for pair in pairs) == best_of_all(table)


def test_who_gains_nothing_goes_with_nobody() -> None:
    assert assigned(np.array([[0.0, -1.0], [-np.inf, 0.0]])) == []
    assert assigned(np.zeros((0, 3))) == []
    assert assigned(np.array([[1.0, 2.0], [0.0, 2.5]])) == [(0, 0), (1, 1)]
