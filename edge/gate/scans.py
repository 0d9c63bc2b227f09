"""One code that is read many times is one scan: a phone is held up for seconds, a camera gives 15 pictures in each.

A code counts anew when it has been out of sight for `AGAIN_S`. A poster on the wall is therefore one scan a day, and
what is remembered is bounded: of more than `CODES_MAX` codes in sight at once the ones seen longest ago are forgotten.
"""

from collections import OrderedDict

AGAIN_S = 3.0
"""Longer than a hand hides a phone or a reader misses it; shorter than a shopper waits before trying again."""
CODES_MAX = 32


class Scans:
    """The codes in sight at one lane."""

    def __init__(self) -> None:
        self._last_s: OrderedDict[str, float] = OrderedDict()

    def fresh(self, code: str, t_s: float) -> bool:
        """Whether reading `code` now is a scan; call in the order of time."""
        last_s = self._last_s.pop(code, None)
        self._last_s[code] = t_s
        if len(self._last_s) > CODES_MAX:
            self._last_s.popitem(last=False)
        return last_s is None or t_s - last_s > AGAIN_S
