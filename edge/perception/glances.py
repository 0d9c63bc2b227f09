"""When a camera's picture is worth a look.

A picture that shows what the last look showed (stillness.py) has the same persons in the same places, so that who
stands still stays. Because a look may miss somebody, still pictures are looked at again: `SETTLING` times after the
last change, then every `AGAIN_S`, and every `AGAIN_EMPTY_S` where nobody was found. The same pictures give the same
looks: nothing depends on how fast the machine is.
"""

import math

from edge.perception.stillness import Stillness
from hardware.ports import Frame

SETTLING = 2
AGAIN_S = 0.5
AGAIN_EMPTY_S = 2.0


class Glances:
    """One camera's. With `gated` false every picture is worth a look."""

    def __init__(self, *, gated: bool = True) -> None:
        self._gated = gated
        self._stillness = Stillness()
        self._looked_s = -math.inf
        self._settling = 0

    def is_due(self, frame: Frame, *, somebody: bool) -> bool:
        """Whether the camera's next picture is worth a look; `somebody`: whether the last look found anyone."""
        return not self._gated or self._worth_a_look(frame, AGAIN_S if somebody else AGAIN_EMPTY_S)

    def looked(self, frame: Frame) -> None:
        """The picture that was asked about last was looked at."""
        self._stillness.looked()
        self._looked_s = frame.t_s

    def _worth_a_look(self, frame: Frame, again_s: float) -> bool:
        if self._stillness.changed(frame.image):
            self._settling = SETTLING
            return True
        if self._settling > 0:
            self._settling -= 1
            return True
        return frame.t_s - self._looked_s >= again_s
