"""Every value of a JSON text is found on its line."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillfree.evaluate.json_line import json_line

TEXT = '[\n {"a": 1,\n  "b": [10,\n   {"c": "x, ]}"}],\n  "a\\"b": {}},\n 7]'


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ([], 1),
        ([0], 2),
        ([0, "a"], 2),
        ([0, "b"], 3),
        ([0, "b", 1], 4),
        ([0, "b", 1, "c"], 4),
        ([0, 'a"b'], 5),
        ([1], 6),
        ([0, "z"], 2),
        ([9], 1),
        ([0, "a", "deeper"], 2),
        (["no list"], 1),
    ],
)
def test_a_value_is_found_or_what_is_around_it(path: list[str | int], line: int) -> None:
    assert json_line(TEXT, path) == line


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return [path, *(deeper for key, each in items for deeper in leaves(each, (*path, key)))]


@given(VALUES)
def test_in_an_indented_text_every_value_has_the_line_that_counts_as_its(value: Any) -> None:
    text = json.dumps(value, indent=1)
    lines = [json_line(text, path) for path in leaves(value)]
    # Written depth first, a value a line: lines only rise, from the first on.
    assert lines == sorted(lines)
    assert len(set(lines)) == len(lines)
