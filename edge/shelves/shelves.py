"""The shelves of a store: every slot of every shelf camera watched, and what is thought to stand there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.shelves.evidence import SAME_MAX, Evidence
from edge.shelves.interaction import NO_PICTURE, Interaction, SlotWatch
from edge.shelves.reading import Reading, read
from edge.shelves.sight import SlotSight
from edge.shelves.stay import SlotStays, Stay
from edge.shelves.stock import StockBelief
from hardware.ports import Look
from protocol.events import Change
from protocol.store import Store

PART_S = 1.0
"""A camera that was covered so much later than another has the change in its picture from before, if there was one."""


@dataclass(frozen=True, slots=True)
class _Open:
    """What is going on at the shelves: in which slots since when, as any of their cameras, and as all of them say."""

    since_s: Mapping[str, float]
    reached: frozenset[str]


class Shelves:
    """Turns sights of slots into stays of hands, and stays with their evidence into readings.

    Free shelves are watched otherwise (perception/free_shelves.py); their stock is believed here, too.
    """

    def __init__(self, store: Store) -> None:
        self.stock = StockBelief(store.planogram)
        free = store.free()
        self._watches: dict[tuple[str, str], SlotWatch] = {
            (camera.id, view.slot): SlotWatch()
            for camera in store.cameras
            for view in camera.views
            if view.slot not in free
        }
        self._cameras: dict[str, list[str]] = {}
        for camera, slot in self._watches:
            self._cameras.setdefault(slot, []).append(camera)
        self._stays = {slot: SlotStays() for slot in self._cameras}
        self._told: dict[str, None] = {}
        """Slots with stays that are open still, of which nodes told, in their order."""
        self._open: _Open | None = None

    @property
    def undecided_since_s(self) -> Mapping[str, float]:
        """The slots in which something is open that may still become an event, and since when."""
        return self._now().since_s

    @property
    def reached(self) -> frozenset[str]:
        """The slots in which something may be going on: none of its cameras sees that nothing is."""
        return self._now().reached

    @property
    def watched(self) -> frozenset[str]:
        """The slots that a camera of the store sees."""
        return frozenset(self._cameras)

    def observe(self, sights: Sequence[SlotSight]) -> tuple[Stay, ...]:
        """The stays that are over with one picture's sights; those of free shelves are none of its business."""
        self._open = None
        sights = [sight for sight in sights if (sight.camera, sight.slot) in self._watches]
        for sight in sights:
            ended = self._watches[sight.camera, sight.slot].observe(sight)
            if ended is not None:
                self._stays[sight.slot].add(ended)
        over = (self._due(sight.slot, sight.t_s) for sight in sights)
        return tuple(stay for stay in over if stay is not None)

    def looked(self, look: Look) -> None:
        """What another node says of a slot that its camera watches; of other slots nothing is taken."""
        watch = self._watches.get((look.camera, look.slot))
        if watch is None:
            return
        self._open = None
        watch.told(look.t_s, covered=look.covered)
        if look.span_s is not None:
            evidence = Evidence(look.changed, look.edges, look.before, look.after)
            pictures = (NO_PICTURE, NO_PICTURE)
            ended = Interaction(
                look.slot, look.camera, *look.span_s, look.t_s, *pictures, look.doubtful, evidence=evidence
            )
            self._stays[look.slot].add(ended)
            self._told[look.slot] = None

    def waited(self, t_s: float) -> tuple[Stay, ...]:
        """The stays of which nodes told that are over by `t_s`: without pictures, only time tells."""
        over = {slot: stay for slot in self._told if (stay := self._due(slot, t_s)) is not None}
        if over:
            self._open = None
            self._told = {slot: None for slot in self._told if slot not in over}
        return tuple(over.values())

    def lost(self, camera: str, t_s: float) -> tuple[Stay, ...]:
        """The stays that `camera` was in the middle of when it was lost at `t_s`, and how they ended nobody saw.

        Of slots that other cameras watch too, these tell.
        """
        self._open = None
        broken = [
            interaction
            for (watching, slot), watch in self._watches.items()
            if watching == camera and (interaction := watch.lost(camera, slot, t_s)) is not None
        ]
        return tuple(Stay.of((interaction,)) for interaction in broken if len(self._cameras[interaction.slot]) == 1)

    def finish(self, t_s: float) -> tuple[Stay, ...]:
        """The stays that waited for more."""
        self._open = None
        over = (stays.due(t_s, ()) for stays in self._stays.values())
        return tuple(stay for stay in over if stay is not None)

    def watched_by_others(self, slot: str, away: Iterable[str]) -> bool:
        """Whether a camera that is not `away` watches the slot."""
        return not set(self._cameras.get(slot, ())) <= set(away)

    def read(self, stay: Stay, evidence: Sequence[Evidence]) -> Reading:
        """What the stay changed, as far as the pictures of its looks tell."""
        return read(stay.slot, _of_all(stay, evidence), self.stock, doubtful=stay.doubtful)

    def follow(self, changes: Iterable[Change]) -> None:
        """The stock belief follows what is said to have happened."""
        for change in changes:
            if change.sku is not None and change.slot is not None:
                self.stock.add(change.slot, change.sku, change.qty if change.type == "put_back" else -change.qty)

    def _now(self) -> "_Open":
        # Plates ask for it sixty times a second, and only pictures change it.
        if self._open is None:
            covered = [(slot, watch.undecided_since_s) for (_, slot), watch in self._watches.items()]
            waiting = [(slot, stays.undecided_since_s) for slot, stays in self._stays.items()]
            since_s: dict[str, float] = {}
            for slot, since in (*covered, *waiting):
                if since is not None:
                    since_s[slot] = min(since, since_s.get(slot, since))
            reached = frozenset(
                slot
                for slot, cameras in self._cameras.items()
                if self._stays[slot].undecided_since_s is not None
                or all(self._watches[camera, slot].undecided_since_s is not None for camera in cameras)
            )
            self._open = _Open(since_s, reached)
        return self._open

    def _due(self, slot: str, t_s: float) -> Stay | None:
        covered = [
            camera for camera in self._cameras[slot] if self._watches[camera, slot].undecided_since_s is not None
        ]
        return self._stays[slot].due(t_s, covered)


def _of_all(stay: Stay, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence without that of looks that show no change of a part of the stay, where one of more of it does."""
    changed_s = [look.entered_s for look, each in zip(stay.looks, evidence, strict=True) if each.changed >= SAME_MAX]
    since_s = min(changed_s, default=stay.left_s)
    return [
        each
        for look, each in zip(stay.looks, evidence, strict=True)
        if each.changed >= SAME_MAX or look.entered_s <= since_s + PART_S
    ]
