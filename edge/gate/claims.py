"""Which tokens were used: a token opens one lane once, whatever the order and wherever it is shown.

A claim is kept by what the token is (`Content.id`), not by when: a clock that is put back forgets nothing. The store
holds the newest `CLAIMS_MAX`; an older one gives way only when its token has expired, else the new token is refused:
only genuine tokens are claimed, so nobody can fill it from outside.
"""

from collections import OrderedDict
from enum import Enum
from typing import Protocol

CLAIMS_MAX = 200_000
"""Tokens live for 43 minutes at most: a store whose gates let in 77 people a second for as long would come here."""


class Claim(Enum):
    """What became of an attempt to use a token."""

    GRANTED = "granted"
    USED = "used"
    UNAVAILABLE = "unavailable"
    """Nobody can say now whether it was used: it must not open anything."""


class Claims(Protocol):
    """Where used tokens are remembered."""

    def claim(self, token: bytes, until_s: float, now_s: float) -> Claim:
        """Use `token`, which expires at `until_s`; both in Unix seconds."""


class ClaimsInMemory:
    """Forgets with its process: for recordings, which are played again from their beginning, and for tests."""

    def __init__(self, claims_max: int = CLAIMS_MAX) -> None:
        self._claims_max = claims_max
        self._until_s: OrderedDict[bytes, float] = OrderedDict()

    def claim(self, token: bytes, until_s: float, now_s: float) -> Claim:
        """Use `token`."""
        if token in self._until_s:
            return Claim.USED
        if len(self._until_s) >= self._claims_max:
            if next(iter(self._until_s.values())) >= now_s:
                return Claim.UNAVAILABLE
            self._until_s.popitem(last=False)
        self._until_s[token] = until_s
        return Claim.GRANTED
