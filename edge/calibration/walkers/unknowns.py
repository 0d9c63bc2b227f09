"""What is to be found of two cameras: the one by the other, or both by nothing but the people whom they see.

The numbers of both, and by how much the first one's clock is late, stand in one row for the fit. A camera of which
nothing is known hangs over (0, 0) of a floor of its own, and looks along its y.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.optics import Optics
from edge.calibration.view import Unknown, View
from edge.calibration.walkers.alone import Alone, expected_lens, hanging

Doubles = npt.NDArray[np.float64]

OFFSET_SIGMA_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Unknowns:
    """`theirs` is the other camera: a view, or what is to be found of it; `mine` this one's numbers about a base."""

    theirs: View | Alone
    mine: Unknown

    @staticmethod
    def about(
        theirs: View, mine: View, *, theirs_is_known: bool, lenses: tuple[Optics | None, Optics | None]
    ) -> "Unknowns":
        """The unknowns about two cameras as they are thought to be; `lenses` are those that are known."""
        return Unknowns(theirs if theirs_is_known else Alone(theirs, lenses[0]), Unknown(mine, lenses[1]))

    @property
    def start(self) -> Doubles:
        """The numbers of the cameras as they are thought to be, and no lateness."""
        theirs = np.zeros(0) if isinstance(self.theirs, View) else self.theirs.start
        return np.concatenate([theirs, self.mine.start, [0.0]])

    def views(self, numbers: Doubles) -> tuple[View, View]:
        """The other camera and this one."""
        own, mine = self._parts(numbers)
        return self.theirs if isinstance(self.theirs, View) else self.theirs.view(own), self.mine.view(mine)

    def expected(self, numbers: Doubles) -> Doubles:
        """How far the numbers are from what is expected, in standard deviations."""
        own, mine = self._parts(numbers)
        theirs = np.zeros(0) if isinstance(self.theirs, View) else self.theirs.expected(own)
        lens = expected_lens(self.mine, mine)
        return np.concatenate([theirs, lens, hanging(self.mine.view(mine)), [numbers[-1] / OFFSET_SIGMA_S]])

    def _parts(self, numbers: Doubles) -> tuple[Doubles, Doubles]:
        split = 0 if isinstance(self.theirs, View) else len(self.theirs.start)
        return numbers[:split], numbers[split:-1]
