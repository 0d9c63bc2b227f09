"""What the visits are asked of a meeting of cameras and plates: which hand was where, and what load it changed."""

from collections.abc import Collection

from edge.shelves.pairing import TAKES_S, Meeting, Seen, changing, is_wide
from edge.shelves.place import beside, over, spot_of, spot_on
from edge.shelves.plates import WIDE_M, Weighing
from edge.shelves.where import echoes, echoes_of_unseen, fitting, looks, ratios, shares
from edge.visits.stories.happening import Load
from edge.visits.visits import Hand, Spots
from protocol.store import Store

SPOTS_MAX = 8
"""Slots where a hand may have been that are told apart; the others are too unlikely to matter."""


def load_of(meeting: Meeting, store: Store, watched: Collection[str]) -> Load | None:
    """The load that changed, over the slots where it may have; None where no plate says anything of it.

    `watched` are the slots that cameras see.
    """
    weighing, seen = meeting.weighing, meeting.seen
    if weighing is not None:
        slots = over(store, weighing.board, weighing.span)
        changed, shown, echoed, neighbours = {}, {}, {}, {}
        if is_wide(weighing.board):
            changed = ratios(slots, meeting.among, meeting.hidden, watched, meeting.rivals)
            neighbours = beside(store, changed)
            unseen = echoes_of_unseen(changed, meeting.among, meeting.hidden, watched, neighbours)
            changed = {slot: ratio * unseen.get(slot, 1.0) for slot, ratio in changed.items()}
            echoed = echoes(meeting.among) | unseen
            slots, shown = shares(changed), looks(meeting.among, meeting.hidden)
        return Load(
            weighing.board,
            weighing.grams,
            slots,
            len(weighing.plates),
            weighing.doubtful,
            changed,
            weighing.sigma_g,
            tuple((stair.grams, stair.sigma_g) for stair in weighing.stairs),
            shown,
            echoed,
            neighbours,
        )
    if meeting.quiet and seen is not None:
        slot = seen.stay.slot
        return Load(slot.rpartition(".")[0], 0.0, ((slot, 1.0),), 1)
    return None


class Hands:
    """Where in the store a hand was that somebody had in a shelf."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._products = {product.sku: product for product in store.products}
        self._homes = {facing.slot: facing.sku for facing in store.planogram}

    def of(self, meeting: Meeting, load: Load | None) -> Hand:
        """The hand of a meeting, with its `load`."""
        if meeting.weighing is not None and load is not None:
            return self._weighed(meeting.weighing, meeting, load)
        assert meeting.seen is not None, "what happened was seen or weighed"
        stay = meeting.seen.stay
        times, spots = (stay.entered_s, stay.left_s), ((stay.slot, spot_of(self._store, stay.slot), 1.0),)
        return Hand(stay.slot, *times, _cameras(meeting.seen), spots, times)

    def _weighed(self, weighing: Weighing, meeting: Meeting, load: Load) -> Hand:
        slots, seen = load.over, meeting.seen
        spots: Spots = ((None, spot_on(self._store, weighing.board, weighing.span), 1.0),)
        if is_wide(weighing.board):
            slots = fitting(slots, weighing.grams, self._products, self._homes)[:SPOTS_MAX]
            spots = tuple((slot, spot_of(self._store, slot), share) for slot, share in slots)
        elif len(slots) > 1 and weighing.span[1] - weighing.span[0] > WIDE_M:
            spots = tuple((slot, spot_of(self._store, slot), share) for slot, share in slots)
        slot = seen.stay.slot if seen is not None else (slots[0][0] if slots else None)
        there = (seen,) if seen is not None else tuple(each for each in meeting.among if each.stay.slot == slot)
        return Hand(
            slot=slot,
            from_s=weighing.from_s,
            to_s=weighing.to_s,
            cameras=tuple(sorted({camera for each in there for camera in _cameras(each)})),
            spots=spots,
            there=changing(weighing),
            moment_s=changing(weighing)[0] + TAKES_S / 2.0,
        )


def _cameras(seen: Seen) -> tuple[str, ...]:
    return tuple(sorted({look.camera for look in seen.stay.looks}))
