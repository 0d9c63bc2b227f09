"""One camera of a store at work: when to look whether it was knocked askew, and what the looks say together.

Theory of operation. A look compares what the camera shows with what it showed when it was calibrated (knocked.py). One
look may be wrong: a person stands before the lens, a lamp goes off. So a doubt is looked into soon, and only looks
that agree are believed. Only when the store begins the first look alone counts against the camera: a store must not go
UP by a camera that seems to look elsewhere.

    state      looks                                       then       said
    begun      where it was                                well
    begun      knocked                                     knocked    knocked by how much
    well       knocked, `KNOCKED_LOOKS` alike              knocked    knocked by how much
    any other  cannot tell, for `UNTOLD_S` on end          untold     that it cannot be told
    knocked    knocked, `KNOCKED_LOOKS` alike, elsewhere   knocked    by how much now
    untold     knocked, `KNOCKED_LOOKS` alike              knocked    knocked by how much
    knocked    where it was, `WELL_LOOKS`                  well       well again
    untold     where it was, `WELL_LOOKS`                  well       well again

Who is knocked stays so while it cannot be told: darkness puts no camera back. Time is that of the pictures.
"""

import math
from dataclasses import dataclass
from typing import Literal

from edge.calibration.knocked import Askew

EVERY_S = 30.0
AGAIN_S = 5.0
"""After a look that was a doubt."""
CALM_S = 60.0
"""How long a look is put off for people who stand in the picture; it tells in spite of most."""
SAID_DEG = 0.7
"""What is said while the store trades: twice of what `--check` asks for, since ceilings shake; 11 cm on the floor 5 m
away from a camera 2.8 m up."""
ALIKE_DEG = 0.5
KNOCKED_LOOKS, WELL_LOOKS = 3, 2
UNTOLD_S = 600.0

State = Literal["begun", "well", "knocked", "untold"]


@dataclass(frozen=True, slots=True)
class ViewHealth:
    """Whether a camera hangs as it did: the latest look, `looked_s` (None: none yet), and what is believed by now."""

    camera: str
    state: State = "begun"
    reason: str | None = None
    looked_s: float | None = None
    turned_deg: float | None = None
    floor_cm: float | None = None
    agreed: int = 0
    remembered: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said of a camera's view: what is wrong and what to do, or None where it is well again."""

    reason: str | None


class KnockWatch:
    """One camera's looks, in the order of time."""

    def __init__(self, camera: str) -> None:
        self._camera = camera
        self._state: State = "begun"
        self._reason: str | None = None
        self._due_s = -math.inf
        self._looked_s: float | None = None
        self._untold_since_s: float | None = None
        self._run: list[Askew] = []
        """The latest looks of one kind, as many as are asked for."""
        self._said: Askew | None = None

    def due(self, t_s: float, *, people: bool) -> bool:
        """Whether to look now, while `people` stand in the picture or nobody does."""
        return t_s >= self._due_s + (CALM_S if people and self._state != "begun" else 0.0)

    @property
    def beginning(self) -> bool:
        """Whether nothing is known yet, so that a single picture is looked at and not what stays of several."""
        return self._state == "begun"

    def looked(self, t_s: float, askew: Askew) -> Said | None:
        """What follows from a look at `t_s`; None where nothing is to be said."""
        self._looked_s = t_s
        if self._run and not _alike(self._run[-1], askew):
            self._run.clear()
        self._run = [*self._run, askew][-KNOCKED_LOOKS:]
        self._due_s = t_s + (EVERY_S if self._settled(askew) else AGAIN_S)
        if askew.turned_deg is None:
            return self._untold(t_s, askew)
        self._untold_since_s = None
        return self._knocked(askew) if askew.turned_deg > SAID_DEG else self._well()

    def refused(self, t_s: float, reason: str) -> Said | None:
        """A look that could not be had at all, such as of a picture of another shape."""
        self._looked_s, self._due_s = t_s, t_s + EVERY_S
        self._run.clear()
        if self._state == "untold" and self._reason == reason:
            return None
        self._state, self._reason = "untold", reason
        return Said(reason)

    def health(self) -> ViewHealth:
        """What is believed by now."""
        if not self._run:
            return ViewHealth(self._camera, self._state, self._reason, self._looked_s)
        last = self._run[-1]
        return ViewHealth(
            camera=self._camera,
            state=self._state,
            reason=self._reason,
            looked_s=self._looked_s,
            turned_deg=None if last.turned_deg is None else round(last.turned_deg, 2),
            floor_cm=None if last.floor_cm is None else round(last.floor_cm, 1),
            agreed=last.agreed,
            remembered=last.remembered,
        )

    def _settled(self, askew: Askew) -> bool:
        """Whether the look says what is believed already."""
        kind = _kind(askew)
        return kind == self._state or (kind == "untold" and len(self._run) > 1)

    def _untold(self, t_s: float, askew: Askew) -> Said | None:
        if self._untold_since_s is None:
            self._untold_since_s = t_s
        if self._state in {"knocked", "untold"} or t_s - self._untold_since_s < UNTOLD_S:
            return None
        self._state = "untold"
        self._reason = (
            f"for {UNTOLD_S / 60.0:.0f} minutes it has not been possible to tell whether camera {self._camera} was "
            f"knocked askew ({askew.agreed} of {askew.remembered} places agree): is it dark, covered, turned right "
            f"away, or is the shop rebuilt before it? Look at its picture; if it hangs well, calibrate it anew"
        )
        return Said(self._reason)

    def _knocked(self, askew: Askew) -> Said | None:
        if self._state != "begun" and len(self._run) < KNOCKED_LOOKS:
            return None
        if self._state == "knocked" and self._said is not None and _alike(self._said, askew):
            return None
        floor = "" if askew.floor_cm is None else f" ({askew.floor_cm:.0f} cm on the floor)"
        self._state, self._said = "knocked", askew
        self._reason = (
            f"camera {self._camera} was knocked askew: it looks {askew.turned_deg:.1f}° beside where it was "
            f"calibrated{floor}. Turn it back, or calibrate it anew; nothing is believed of where it sees things "
            "until then"
        )
        return Said(self._reason)

    def _well(self) -> Said | None:
        if self._state == "begun":
            self._state = "well"
        if self._state == "well" or len(self._run) < WELL_LOOKS:
            return None
        self._state, self._reason, self._said = "well", None, None
        return Said(None)


def _kind(askew: Askew) -> State:
    if askew.turned_deg is None:
        return "untold"
    return "knocked" if askew.turned_deg > SAID_DEG else "well"


def _alike(one: Askew, other: Askew) -> bool:
    """Whether two looks say the same: of a turn, by the same way and angle."""
    if _kind(one) != _kind(other):
        return False
    off = one.right_deg - other.right_deg, one.down_deg - other.down_deg, one.rolled_deg - other.rolled_deg
    return _kind(one) != "knocked" or math.hypot(*off) < ALIKE_DEG * 2.0
