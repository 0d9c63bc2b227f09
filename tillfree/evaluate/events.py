"""Events against the truth.

An event is right when its type, product, shopper and, where the truth names one, slot are the truth's, and its time
lies in the truth's window. Each true event excuses one said event, and each piece of a quantity counts by itself.
Where one said event fits several windows, the window that closes first is served first; with equal kinds that serves
most.

Entries and exits are listed, but the totals are over picks and put-backs, and over touches where the truth labels
any: in a recording whose labeller passed touches over, a touch that is said is neither right nor wrong.
"""

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from edge.events import NewEvent
from protocol.events import Entered, Exited, Interaction
from protocol.recording import TruthEvent

TOLERANCE_S = 2.0
"""Half the window of a true event that has none."""

SCORED = ("pick", "put_back", "touch")
LISTED = (*SCORED, "enter", "exit")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One piece of one event, as it was said or as it was: a window of seconds, of no length where it was said."""

    type: str
    shopper: str | None
    sku: str | None
    slot: str | None
    from_s: float
    to_s: float
    p: float = 1.0
    interaction: UUID | None = None
    """Of which it is a part, where it was said."""


@dataclass(frozen=True, slots=True)
class EventScore:
    """How the events of one type, or of all, compare: right, said but false, true but missed."""

    true: int
    false: int
    missed: int

    def __add__(self, other: "EventScore") -> "EventScore":
        return EventScore(self.true + other.true, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """The share of what was said that is right; 1 where nothing was said."""
        return self.true / (self.true + self.false) if self.true + self.false else 1.0

    @property
    def recall(self) -> float:
        """The share of what happened that was said; 1 where nothing happened."""
        return self.true / (self.true + self.missed) if self.true + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = 2 * self.true + self.false + self.missed
        return 2 * self.true / total if total else 1.0

    def rates(self) -> tuple[str, str, str]:
        """Precision, recall and F1 as people read them; a dash for one of which nothing can be said."""
        said, happened = self.true + self.false, self.true + self.missed
        shares = ((self.precision, said), (self.recall, happened), (self.f1, said + happened))
        precision, recall, f1 = (f"{share:.3f}" if counted else "–" for share, counted in shares)
        return precision, recall, f1

    def to_json(self) -> dict[str, float | int]:
        """The score as reports write it."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "true": self.true,
            "false": self.false,
            "missed": self.missed,
        }


@dataclass(frozen=True, slots=True)
class EventMatch:
    """Every occurrence, told apart."""

    right: tuple[Occurrence, ...]
    false: tuple[Occurrence, ...]
    missed: tuple[Occurrence, ...]
    touches_scored: bool

    def scores(self) -> dict[str, EventScore]:
        """The score of each type in `LISTED`."""
        return {
            kind: EventScore(_count(self.right, kind), _count(self.false, kind), _count(self.missed, kind))
            for kind in LISTED
        }

    def total(self) -> EventScore:
        """The score over the types that count."""
        scores = self.scores()
        counted = [scores[kind] for kind in SCORED if kind != "touch" or self.touches_scored]
        return sum(counted, EventScore(0, 0, 0))


def match(said: Sequence[Occurrence], true: Sequence[Occurrence]) -> EventMatch:
    """Compare what was said with what was true."""
    open_said: defaultdict[tuple[str, str | None, str | None], list[Occurrence]] = defaultdict(list)
    for occurrence in sorted(said, key=lambda o: o.from_s):
        open_said[_kind(occurrence)].append(occurrence)
    right: list[Occurrence] = []
    missed: list[Occurrence] = []
    for truth in sorted(true, key=lambda o: (o.to_s, o.from_s)):
        candidates = open_said[_kind(truth)]
        fitting = next((o for o in candidates if _fits(o, truth)), None)
        if fitting is None:
            missed.append(truth)
        else:
            candidates.remove(fitting)
            right.append(fitting)
    false = sorted((o for left in open_said.values() for o in left), key=lambda o: (o.from_s, o.type))
    return EventMatch(tuple(right), tuple(false), tuple(missed), any(o.type == "touch" for o in true))


def true_occurrences(
    truth: Sequence[TruthEvent], tolerance_s: float = TOLERANCE_S, *, outsiders: AbstractSet[str] = frozenset()
) -> list[Occurrence]:
    """The truth piece by piece.

    `outsiders` have no visit (staff, somebody who slipped in): what they do is rightly nobody's, and no gate tells of
    their coming and going.
    """
    result = []
    for event in truth:
        outside = event.shopper in outsiders
        if outside and event.type in ("enter", "exit"):
            continue
        from_s, to_s = event.window_s or (event.t_s - tolerance_s, event.t_s + tolerance_s)
        pieces = event.qty if event.type in ("pick", "put_back") else 1
        sku = event.sku if event.type in ("pick", "put_back") else None
        result += [Occurrence(event.type, None if outside else event.shopper, sku, event.slot, from_s, to_s)] * pieces
    return result


def said_occurrences(events: Sequence[NewEvent], shoppers: dict[UUID, str], start: datetime) -> list[Occurrence]:
    """What the edge said in the end, piece by piece: of an interaction its last revision, at the time the hand left."""
    result: list[Occurrence] = []
    last = {event.event.interaction: event for event in events if isinstance(event.event, Interaction)}
    for event in events:
        if isinstance(event.event, Interaction) and last[event.event.interaction] is not event:
            continue
        ts = event.event.left if isinstance(event.event, Interaction) else event.ts
        at = (ts - start).total_seconds()
        shopper = shoppers.get(event.visit) if event.visit is not None else None
        match event.event:
            case Interaction(changes=()) as touch:
                result.append(Occurrence("touch", shopper, None, touch.slot, at, at, touch.p, touch.interaction))
            case Interaction(changes=changes, interaction=which):
                for change in changes:
                    piece = Occurrence(change.type, shopper, change.sku, change.slot, at, at, change.p, which)
                    result += [piece] * change.qty
            case Entered():
                result.append(Occurrence("enter", shopper, None, None, at, at))
            case Exited():
                result.append(Occurrence("exit", shopper, None, None, at, at))
            case _:
                pass
    return result


def _kind(occurrence: Occurrence) -> tuple[str, str | None, str | None]:
    return occurrence.type, occurrence.shopper, occurrence.sku


def _fits(said: Occurrence, truth: Occurrence) -> bool:
    in_slot = truth.slot is None or said.slot == truth.slot
    # A millisecond of slack: event times are cut to milliseconds, window edges are frame times.
    return in_slot and truth.from_s - 0.001 <= said.from_s <= truth.to_s + 0.001


def _count(occurrences: Sequence[Occurrence], kind: str) -> int:
    return sum(occurrence.type == kind for occurrence in occurrences)
