"""Which edition of each converter this is, by the name that the lock file calls it.

Apart from the converters, so that using a network does not load what makes one.
"""

from collections.abc import Mapping

VERSIONS: Mapping[str, int] = {"tensorflow-js": 1, "efficientnet-lite": 1}
"""Raise a number with every change of what that converter writes: networks in caches are then made anew."""

QUANTISER = 1
"""The same of models/quantise/, which makes the variants in eight bits."""
