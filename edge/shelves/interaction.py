"""When a hand was in a slot, and what the slot looked like before and after.

Theory of operation. A reach that covers enough of a slot for long enough begins an interaction; it ends when the
reach has gone and the slot has lain still for a while. Until then the hand may come back, and it is the same
interaction. The picture before is not the last one before the reach, in which the hand's shadow may lie already, but
one from up to a second earlier. A reach that lies dead still for long is no hand (a lamp was switched on, something
was pushed into the slot from the picture's edge): then the interaction ends as well, marked as doubtful, and the slot
is covered until something moves in it or the reach goes.

    state     on                                   to         and
    quiet     reach ≥ ENTER for ENTER_S            reached    entered = when the reach began
    reached   reach < LEAVE                        leaving    left = now
    reached   nothing moved for DEAD_STILL_S       covered    an interaction, doubtful
    covered   something moves                      reached    entered = now
    covered   reach < LEAVE                        quiet
    leaving   reach ≥ ENTER                        reached    the same interaction goes on
    leaving   nothing moved for SETTLE_S           quiet      an interaction
    leaving   SETTLE_MAX_S have passed             quiet      an interaction
    leaving   no picture came for GAP_S            quiet      an interaction, doubtful, ended with the picture before

What always moves in a slot (a screen, a camera that shakes) is learnt while it is quiet, and counts as nothing.

All times are the pictures' own. `undecided_since_s` says from when on nothing is final yet: the watermark must not
pass it, unless plates that work tell of every change there (pairing.py).
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from edge.shelves.evidence import Evidence
from edge.shelves.sight import Crop, SlotSight

ENTER = 0.03
LEAVE = 0.015
ENTER_S = 0.09
"""Two pictures at 15 a second: one alone may be a flicker."""
STILL = 0.01
"""Share of a slot that may still move in a slot that is called still, beyond what always moves in it."""
RESTLESS_MAX = 0.15
RESTLESS_GAIN = 0.05
SETTLE_S = 0.45
"""Plates and bottles swing for 0.35 to 0.5 s."""
SETTLE_MAX_S = 3.0
"""By then a slot has settled, whatever still moves in it: a display, a curtain's shadow, a camera that shakes."""
DEAD_STILL_S = 22.0
"""People who hold a thing move it a little at least every few seconds."""
GAP_S = 1.0
"""A hand is in and out again in less than two seconds: what a longer gap hides is not the same interaction."""
BEFORE_S = 0.5
"""Spacing of the pictures kept of a quiet slot."""
NO_PICTURE: Crop = np.zeros((0, 0, 3), np.uint8)
NOTHING_TELLS = Evidence(0.0, 0.0, {}, {})


@dataclass(frozen=True, slots=True, eq=False)
class Interaction:
    """A hand was in `slot` from `entered_s` to `left_s`; `before` and `after` are the slot at rest around it."""

    slot: str
    camera: str
    entered_s: float
    left_s: float
    settled_s: float
    before: Crop
    after: Crop
    doubtful: bool
    """Its end was not seen: nothing moved, or no pictures came."""
    evidence: Evidence | None = None
    """What a node that saw the pictures says of them: then there are none here."""

    @property
    def pictured(self) -> bool:
        """Whether there are pictures to compare and to show."""
        return self.before.size > 0 and self.evidence is None


class SlotWatch:
    """Follows one slot of one camera."""

    def __init__(self) -> None:
        self._state: Literal["quiet", "reached", "leaving", "covered"] = "quiet"
        self._reach_since_s: float | None = None
        self._still_since_s: float | None = None
        self._left_s = 0.0
        self._left_sight: SlotSight | None = None
        self._restless = 0.0
        self._quiet_crops: list[tuple[float, Crop]] = []

    @property
    def undecided_since_s(self) -> float | None:
        """When the open interaction, or the reach that may become one, began; None where nothing is open."""
        return self._reach_since_s

    def observe(self, sight: SlotSight) -> Interaction | None:
        """Take in what the next picture shows; an Interaction where one has ended with it."""
        if not self._quiet_crops:
            self._keep(sight)
        if sight.moved > STILL + 2.0 * self._restless:
            self._still_since_s = None
        elif self._still_since_s is None:
            self._still_since_s = sight.t_s
        still_s = 0.0 if self._still_since_s is None else sight.t_s - self._still_since_s
        before_gap = self._left_sight
        if self._state == "leaving" and before_gap is not None and sight.t_s - before_gap.t_s > GAP_S:
            broken_off = self._ended(before_gap, left_s=self._left_s, doubtful=True)
            self._left_sight = None
            self._while_quiet(sight)
            return broken_off
        ended = self._step(sight, still_s)
        # A copy, for the reason that _keep has; only while leaving, which is short.
        self._left_sight = replace(sight, crop=sight.crop.copy()) if self._state == "leaving" else None
        return ended

    def _step(self, sight: SlotSight, still_s: float) -> Interaction | None:
        match self._state:
            case "quiet":
                self._while_quiet(sight)
            case "covered" if still_s == 0.0:
                self._state, self._reach_since_s = "reached", sight.t_s
            case "covered" if sight.reach < LEAVE:
                self._state = "quiet"
            case "reached" if sight.reach < LEAVE:
                self._state, self._left_s = "leaving", sight.t_s
            case "reached" if still_s >= DEAD_STILL_S:
                interaction = self._ended(sight, left_s=sight.t_s - still_s, doubtful=True)
                self._state = "covered"
                return interaction
            case "leaving" if sight.reach >= ENTER:
                self._state = "reached"
            case "leaving" if min(still_s, sight.t_s - self._left_s) >= SETTLE_S:
                return self._ended(sight, left_s=self._left_s, doubtful=False)
            case "leaving" if sight.t_s - self._left_s >= SETTLE_MAX_S:
                return self._ended(sight, left_s=self._left_s, doubtful=False)
        return None

    def told(self, t_s: float, *, covered: bool) -> None:
        """A node that sees the slot says whether it is covered; where that tells, no pictures come here."""
        self._state = "reached" if covered else "quiet"
        if not covered:
            self._reach_since_s = None
        elif self._reach_since_s is None:
            self._reach_since_s = t_s

    def lost(self, camera: str, slot: str, t_s: float) -> Interaction | None:
        """The camera was lost at `t_s`: the interaction that was open, if one was, and begin anew."""
        state, since_s, crops = self._state, self._reach_since_s, self._quiet_crops
        self._state, self._reach_since_s, self._still_since_s, self._quiet_crops = "quiet", None, None, []
        self._left_sight = None
        if state == "quiet" or since_s is None:
            return None
        until_s = max(t_s, since_s)
        if not crops:
            return Interaction(
                slot, camera, since_s, until_s, t_s, NO_PICTURE, NO_PICTURE, doubtful=True, evidence=NOTHING_TELLS
            )
        before = crops[0][1]
        return Interaction(slot, camera, since_s, until_s, t_s, before, before, doubtful=True)

    def _while_quiet(self, sight: SlotSight) -> None:
        if sight.reach < ENTER:
            self._reach_since_s = None
            moves = min(sight.moved, RESTLESS_MAX)
            self._restless += RESTLESS_GAIN * (moves - self._restless)
            if sight.moved <= STILL + 2.0 * self._restless and sight.t_s - self._quiet_crops[-1][0] >= BEFORE_S:
                self._keep(sight)
            return
        if self._reach_since_s is None:
            self._reach_since_s = sight.t_s
        if sight.t_s - self._reach_since_s >= ENTER_S:
            self._state = "reached"

    def _keep(self, sight: SlotSight) -> None:
        # A copy: the crop is a view, and would hold the camera's whole picture in memory.
        self._quiet_crops = [*self._quiet_crops[-1:], (sight.t_s, sight.crop.copy())]

    def _ended(self, sight: SlotSight, *, left_s: float, doubtful: bool) -> Interaction:
        assert self._reach_since_s is not None
        interaction = Interaction(
            slot=sight.slot,
            camera=sight.camera,
            entered_s=self._reach_since_s,
            left_s=max(left_s, self._reach_since_s),
            settled_s=sight.t_s,
            before=self._quiet_crops[0][1],
            after=sight.crop.copy(),
            doubtful=doubtful,
        )
        self._state, self._reach_since_s = "quiet", None
        self._quiet_crops = [(sight.t_s, interaction.after)]
        return interaction
