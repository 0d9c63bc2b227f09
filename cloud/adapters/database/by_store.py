"""Keys by their stores: a store leads every key, so what is asked for is asked for store by store."""

from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter
from typing import TypeVar

_Key = TypeVar("_Key")


def by_store(keys: Iterable[tuple[str, _Key]]) -> list[tuple[str, list[_Key]]]:
    """The stores in order, so that no two transactions wait for each other, each with the rest of its keys."""
    found: defaultdict[str, list[_Key]] = defaultdict(list)
    for store, rest in keys:
        found[store].append(rest)
    return sorted(found.items(), key=itemgetter(0))
