"""Evidence: which interactions get a clip, made of what, and where it goes.

    policy     an interaction has a clip
    all        that changed something
    doubtful   of which a change is less sure than the charging threshold, when it is said or said anew
    none       never

The clip is cut when the interaction is said for the first time, while its pictures are still in the ring, and is waited
with for as long as what is said of it may change; only what turns out to be needed is written to disk. The event names
the clip by its hash, whether the disk had room for it or not: so a recording that is played again says the same.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt

from edge.events import NewEvent
from edge.evidence.clip import animated
from edge.evidence.hiding import hidden, surroundings
from edge.evidence.ring import Box, Ring, Small
from edge.evidence.sealed_clips import SealedClips
from edge.perception.detections import Detections
from hardware.ports import Frame, Image
from protocol.events import Clip, Interaction
from protocol.evidence import digest_of
from protocol.store import Store

BEFORE_S, AFTER_S = 1.0, 1.5
LONGEST_S = 10.0
"""Of a hand that stays longer the last part is shown: what it took, it takes with it at the end."""
CUT_MAX = 64
"""Cuts that wait; some 100 KB each. The oldest go first."""
MADE_MAX = 1_000

Persons = Callable[[Image], Sequence[Box]]
"""Finds persons in a picture: their boxes in its pixels."""


@dataclass(frozen=True, slots=True)
class _Cut:
    camera: str
    slots: tuple[Box, ...] | None
    """Where the camera sees the slot; None: an area camera."""
    pictures: tuple[Small, ...]


class Evidence:
    """Makes clips for `store`, whose time begins at `start`, and keeps them in `clips`.

    `persons` finds people in shelf cameras' pictures; without it only what surrounds the slot is shown.
    """

    def __init__(
        self, store: Store, start: datetime, clips: SealedClips | None, persons: Persons | None = None
    ) -> None:
        self._store, self._start, self._clips, self._persons = store, start, clips, persons
        self._policy = store.policies.evidence
        self._ring = Ring()
        self._areas = [camera.id for camera in store.cameras if camera.role == "area"]
        self._watched = {camera.id for camera in store.cameras if camera.role != "gate"}
        self._cuts: OrderedDict[UUID, _Cut] = OrderedDict()
        self._made: OrderedDict[UUID, tuple[Clip, ...]] = OrderedDict()

    def saw(self, frame: Frame, persons: Sequence[Box] = ()) -> None:
        """A camera's picture, and where persons are in it (of an area camera)."""
        if self._policy != "none" and frame.camera in self._watched:
            self._ring.saw(frame, persons)

    def attach(self, events: Sequence[NewEvent]) -> tuple[NewEvent, ...]:
        """`events`, those of interactions with the hash of their clip where they have one."""
        if self._policy == "none":
            return tuple(events)
        return tuple(self._attached(new, new.event) if isinstance(new.event, Interaction) else new for new in events)

    def _attached(self, new: NewEvent, said: Interaction) -> NewEvent:
        if said.revision == 1:
            self._cut(said)
        clips = self._made.get(said.interaction)
        if clips is None and self._needed(said):
            clips = self._make(said, new.visit)
        elif clips and self._clips is not None:
            self._clips.belongs(said.interaction, new.visit)
        return replace(new, event=said.model_copy(update={"evidence": clips})) if clips else new

    def _needed(self, said: Interaction) -> bool:
        if self._policy == "all":
            return bool(said.changes)
        return any(change.p < self._store.policies.charge_threshold for change in said.changes)

    def _cut(self, said: Interaction) -> None:
        to_s = (said.left - self._start).total_seconds() + AFTER_S
        from_s = max((said.entered - self._start).total_seconds() - BEFORE_S, to_s - LONGEST_S)
        slots = {said.slot, *(change.slot for change in said.changes)} - {None}
        for camera in self._store.cameras:
            boxes = tuple(view.box for view in camera.views if view.slot in slots)
            pictures = self._ring.between(camera.id, from_s, to_s) if boxes else ()
            if pictures:
                return self._wait(said.interaction, _Cut(camera.id, boxes, pictures))
        # Nobody looks at the slot: whoever sees the people.
        seen = {camera: self._ring.between(camera, from_s, to_s) for camera in self._areas}
        best = max(seen, key=lambda camera: (sum(len(one.persons) for one in seen[camera]), camera), default=None)
        if best is not None and any(one.persons for one in seen[best]):
            self._wait(said.interaction, _Cut(best, None, seen[best]))
        return None

    def _wait(self, interaction: UUID, cut: _Cut) -> None:
        self._cuts[interaction] = cut
        if len(self._cuts) > CUT_MAX:
            self._cuts.popitem(last=False)

    def _make(self, said: Interaction, visit: UUID | None) -> tuple[Clip, ...]:
        cut = self._cuts.pop(said.interaction, None)
        if cut is None:
            return ()
        clip = animated([self._hidden(small, cut) for small in cut.pictures], [small.t_s for small in cut.pictures])
        clips: tuple[Clip, ...] = ()
        if clip is not None:
            sha256 = digest_of(clip)
            clips = (Clip(sha256=sha256, camera=cut.camera, size_bytes=len(clip)),)
            if self._clips is not None:
                self._clips.keep(sha256, said.interaction, visit, clip)
        self._made[said.interaction] = clips
        if len(self._made) > MADE_MAX:
            self._made.popitem(last=False)
        return clips

    def _hidden(self, small: Small, cut: _Cut) -> Image:
        image = small.image()
        if cut.slots is None:
            return hidden(image, None, [_scaled(box, small.scale) for box in small.persons])
        shown = [_scaled(surroundings(box), small.scale) for box in cut.slots]
        return hidden(image, shown, self._persons(image) if self._persons is not None else ())


class Finder(Protocol):
    """Finds persons in a picture."""

    def detect(self, image: Image) -> Detections:
        """The persons in `image`."""


def boxes_by(finder: Finder | None) -> Persons | None:
    """Where `finder` finds persons; None where there is none."""
    if finder is None:
        return None
    return lambda image: [as_box(box) for box in finder.detect(image).boxes]


def as_box(corners: npt.NDArray[np.float32]) -> Box:
    """A box that is said by left, top, right and bottom."""
    left, top, right, bottom = (float(value) for value in corners)
    return left, top, right - left, bottom - top


def _scaled(box: Box, scale: float) -> Box:
    x, y, width, height = box
    return x * scale, y * scale, width * scale, height * scale
