"""Which visit is which shopper of the truth."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from edge.events import NewEvent
from protocol.events import Entered
from protocol.recording import TruthEvent

ENTRY_WITHIN_S = 10.0


def shoppers_of(
    events: Sequence[NewEvent], truth: Sequence[TruthEvent], start: datetime, named: Iterable[str] = ()
) -> dict[UUID, str]:
    """The true shopper of each visit.

    By the token where it is the shopper's name (who comes twice has two visits), else by the entry nearest in time
    (within `ENTRY_WITHIN_S`), the nearest pair first and each shopper once. `named`: shoppers beside those of the
    events.
    """
    entries = [
        (said.visit, said.event.token, (said.ts - start).total_seconds())
        for said in events
        if isinstance(said.event, Entered) and said.visit is not None
    ]
    true_entries = {event.shopper: event.t_s for event in truth if event.type == "enter"}
    names = {event.shopper for event in truth} | set(named)
    known = {visit: token for visit, token, _ in entries if token in names}
    pairs = sorted(
        (abs(t_s - true_s), str(visit), visit, shopper)
        for visit, _, t_s in entries
        for shopper, true_s in true_entries.items()
        if visit not in known and shopper not in known.values()
    )
    for apart_s, _, visit, shopper in pairs:
        if apart_s <= ENTRY_WITHIN_S and visit not in known and shopper not in known.values():
            known[visit] = shopper
    return known
