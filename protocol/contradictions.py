"""What cannot be in a recording's truth: events that did not happen so, and receipts that do not follow from them.

A thing may change hands unseen: no event says so. What somebody puts back, or has on the receipt, without having taken
it must then come from somebody who took one and was in the store with them; that reading is told. Who has no receipt
pays for nothing (staff, somebody who slipped in), and may bring things, too.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from protocol.recording import RecordingFile, TruthEvent
from protocol.store import Store

Receipts = Mapping[str, Mapping[str, int]]

SLACK_S = 0.001
ORDER = {"enter": 0, "exit": 2}
"""Of what happens in one moment, entering comes first and leaving last."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A true event and the line that says it."""

    line: int
    event: TruthEvent


@dataclass(frozen=True, slots=True)
class Finding:
    """What cannot be. `where`: a line of the events, or shopper (and SKU) of the receipts."""

    where: int | tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What cannot be, and what can be in more than one way with the way it is read."""

    problems: tuple[Finding, ...]
    readings: tuple[str, ...]


def contradictions(
    events: Sequence[Labelled] | None, receipts: Receipts | None, store: Store, file: RecordingFile
) -> Findings:
    """Everything that is wrong with the truth; None for a part that is not labelled."""
    ordered = sorted(events or (), key=lambda each: (each.event.t_s, ORDER.get(each.event.type, 1)))
    problems = [*_strangers_to_the_store(ordered, receipts or {}, store), *_times(ordered, file.duration_s)]
    presence = _Presence(ordered)
    problems += presence.problems
    if events is not None:
        problems += _unknown(ordered, receipts, presence)
    carried = _Carried(ordered, None if receipts is None else set(receipts), presence)
    problems += carried.problems
    readings = list(carried.readings)
    if events is not None and receipts is not None:
        problems += carried.against(receipts, readings)
    return Findings(tuple(problems), tuple(readings))


def _strangers_to_the_store(events: Sequence[Labelled], receipts: Receipts, store: Store) -> Iterator[Finding]:
    skus, slots = {product.sku for product in store.products}, store.slots()
    for each in events:
        event = each.event
        if event.sku is not None and event.sku not in skus:
            yield Finding(each.line, f"sku: the store has no product {event.sku!r}")
        if event.slot is not None and event.slot not in slots:
            yield Finding(each.line, f"slot: the store has no slot {event.slot!r}")
    for shopper, items in receipts.items():
        for sku in items:
            if sku not in skus:
                yield Finding((shopper, sku), f"the store has no product {sku!r}")


def _times(events: Sequence[Labelled], duration_s: float) -> Iterator[Finding]:
    for each in events:
        event, window_s = each.event, each.event.window_s
        if event.t_s > duration_s + SLACK_S:
            yield Finding(each.line, f"t_s: {event.t_s:g} lies beyond the recording, which ends at {duration_s:g} s")
        if window_s is not None and not window_s[0] - SLACK_S <= event.t_s <= window_s[1] + SLACK_S:
            yield Finding(each.line, f"window_s: {list(window_s)} does not hold its own t_s, {event.t_s:g}")


def _unknown(events: Sequence[Labelled], receipts: Receipts | None, presence: "_Presence") -> Iterator[Finding]:
    """Events of somebody who neither enters nor has a receipt; receipts of somebody who never was there."""
    entered = presence.entered
    known = entered | set(receipts or ())
    if entered or receipts is not None:
        for each in events:
            if each.event.shopper not in known:
                names = ", ".join(sorted(known)) or "nobody"
                message = f"shopper: {each.event.shopper!r} neither enters nor has a receipt; known: {names}"
                yield Finding(each.line, message)
    there = {each.event.shopper for each in events}
    for shopper in receipts or ():
        if entered and shopper not in there:
            yield Finding((shopper,), "has a receipt and not one event, though others' entries are labelled")


class _Presence:
    """When everybody is in the store. Who never enters is taken to be there from the beginning."""

    def __init__(self, events: Sequence[Labelled]) -> None:
        self.entered = {each.event.shopper for each in events if each.event.type == "enter"}
        self.problems: list[Finding] = []
        self._stays: dict[str, list[list[float]]] = {}
        inside: set[str] = set()
        for each in events:
            self._take(each, inside)

    def together(self, a: str, b: str) -> bool:
        """Whether both are in the store at some moment."""
        forever = [[0.0, float("inf")]]
        return any(
            max(x[0], y[0]) <= min(x[1], y[1]) for x in self._stays.get(a, forever) for y in self._stays.get(b, forever)
        )

    def _take(self, each: Labelled, inside: set[str]) -> None:
        event, who = each.event, each.event.shopper
        if who not in self.entered:
            return
        if event.type == "enter":
            if who in inside:
                self.problems.append(Finding(each.line, f"{who!r} enters at {event.t_s:g} and is inside already"))
            inside.add(who)
            self._stays.setdefault(who, []).append([event.t_s, float("inf")])
            return
        if who not in inside:
            when = "after leaving" if who in self._stays else "before entering"
            what = "leaves" if event.type == "exit" else f"has a {event.type}"
            self.problems.append(Finding(each.line, f"{who!r} {what} at {event.t_s:g}, {when}"))
        elif event.type == "exit":
            inside.remove(who)
            self._stays[who][-1][1] = event.t_s


@dataclass(slots=True)
class _Carried:
    """What everybody has in the end: picks − put-backs, a put-back of another's thing counted as that one's."""

    events: Sequence[Labelled]
    payers: set[str] | None
    presence: _Presence
    problems: list[Finding] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)
    has: dict[str, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.events:
            event = each.event
            if event.sku is None or event.type not in ("pick", "put_back"):
                continue
            mine = self.has.setdefault(event.shopper, Counter())
            if event.type == "pick":
                mine[event.sku] += event.qty
            else:
                own = min(mine[event.sku], event.qty)
                mine[event.sku] -= own
                if self.payers is None or event.shopper in self.payers:
                    self._from_others(each, event.sku, event.qty - own)

    def against(self, receipts: Receipts, readings: list[str]) -> Iterator[Finding]:
        """Where the receipts say otherwise, and no handing over explains it."""
        outsiders = {each.event.shopper for each in self.events} - set(receipts)
        skus = sorted({sku for items in [*receipts.values(), *self.has.values()] for sku in items})
        for sku in skus:
            over = {
                shopper: items.get(sku, 0) - self.has.get(shopper, Counter())[sku]
                for shopper, items in receipts.items()
            }
            freely = {who: self.has.get(who, Counter())[sku] for who in outsiders}
            self._exchange(sku, over, freely, readings)
            for shopper, rest in over.items():
                if rest:
                    says, came = receipts[shopper].get(sku, 0), self.has.get(shopper, Counter())[sku]
                    message = f"the receipt says {says}, the events come to {came} (picks − put-backs)"
                    yield Finding((shopper, sku), message)

    def _from_others(self, each: Labelled, sku: str, missing: int) -> None:
        who, t_s = each.event.shopper, each.event.t_s
        for other, theirs in sorted(self.has.items()):
            given = min(theirs[sku], missing)
            if other != who and given > 0 and self.presence.together(who, other):
                theirs[sku] -= given
                missing -= given
                self.readings.append(
                    f"{who} puts back {given} × {sku} at {t_s:g} that {other} took: read as handed over before"
                )
        if missing:
            message = (
                f"{who!r} puts back {missing} × {sku!r} at {t_s:g} without having it, and nobody else had one to give"
            )
            self.problems.append(Finding(each.line, message))

    def _exchange(self, sku: str, over: dict[str, int], freely: dict[str, int], readings: list[str]) -> None:
        """Even out what is too much on one receipt with what is too little on another's who was there with them."""
        for receiver in sorted(over):
            for giver in sorted(over):
                moved = min(over[receiver], -over[giver])
                if moved > 0 and self.presence.together(giver, receiver):
                    over[receiver] -= moved
                    over[giver] += moved
                    readings.append(f"{moved} × {sku} taken by {giver} is on {receiver}'s receipt: read as handed over")
            for outsider in sorted(freely):
                if not self.presence.together(outsider, receiver):
                    continue
                got = min(over[receiver], freely[outsider])
                gave = -over[receiver] if over[receiver] < 0 else 0
                if got > 0:
                    over[receiver] -= got
                    freely[outsider] -= got
                    readings.append(
                        f"{got} × {sku} taken by {outsider}, who pays for nothing, is {receiver}'s: handed over"
                    )
                elif gave:
                    over[receiver] += gave
                    readings.append(f"{gave} × {sku} taken by {receiver} is on no receipt: left with {outsider}")
