"""The lines of a recording that are worth looking at: said and not so, so and not said, right and not sure enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from edge.events import NewEvent
from protocol.events import Interaction
from tillfree.evaluate.events import SCORED, Occurrence
from tillfree.evaluate.recording import RecordingScore

NEARBY_MAX = 6
NEAR_S = 3.0
"""What was said and what was true belong together when no more time lies between them, and they share something."""


@dataclass(frozen=True, slots=True)
class WrongLine:
    """What was `said` and what was `true`, one of them None where there is no counterpart; `event` said it.

    `verdict`: "wrong" (something else was true), "false" (nothing was), "missed" (nothing was said), or "doubtful" (it
    is right, and so unsure that it was not charged).
    """

    verdict: Literal["wrong", "false", "missed", "doubtful"]
    said: Occurrence | None
    true: Occurrence | None
    event: NewEvent | None
    nearby: tuple[Occurrence, ...] = ()
    """What was said at about that time and is right."""

    @property
    def from_s(self) -> float:
        """When it begins: when the hand came, as far as that is known."""
        return self._span()[0]

    @property
    def to_s(self) -> float:
        """When it ends."""
        return self._span()[1]

    @property
    def alike(self) -> bool:
        """Whether said and true differ in nothing but their times."""
        said, true = self.said, self.true
        if said is None or true is None or (said.type, said.sku, said.shopper) != (true.type, true.sku, true.shopper):
            return False
        return true.slot is None or said.slot == true.slot

    @property
    def slot(self) -> str | None:
        """Where it was, by what was said, or else by the truth."""
        said = None if self.said is None else self.said.slot
        return said or (None if self.true is None else self.true.slot)

    def _span(self) -> tuple[float, float]:
        if self.event is not None and self.said is not None and isinstance(self.event.event, Interaction):
            reached_s = (self.event.event.left - self.event.event.entered).total_seconds()
            return self.said.from_s - reached_s, self.said.from_s
        known = self.true or self.said
        assert known is not None, "a line was said or is true"
        return known.from_s, known.to_s


def wrong_lines(score: RecordingScore, threshold: float) -> list[WrongLine]:
    """Everything to look at, by time. `threshold`: how sure a line must be to be charged."""
    if score.events is None:
        return []
    events = {e.event.interaction: e for e in score.replay.events if isinstance(e.event, Interaction)}
    counts = [o for o in score.events.false if _counts(o, score)]
    missed = [o for o in score.events.missed if _counts(o, score)]
    lines = []
    for said in counts:
        true = _counterpart(said, missed)
        if true is not None:
            missed.remove(true)
        verdict: Literal["false", "wrong"] = "false" if true is None else "wrong"
        lines.append(WrongLine(verdict, said, true, _event(said, events), _nearby(said, score.events.right)))
    lines += [WrongLine("missed", None, true, None, _nearby(true, score.events.right)) for true in missed]
    lines += [
        WrongLine("doubtful", said, said, _event(said, events))
        for said in score.events.right
        if said.type in ("pick", "put_back") and said.p < threshold
    ]
    return sorted(lines, key=lambda line: line.from_s)


def _nearby(line: Occurrence, right: Sequence[Occurrence]) -> tuple[Occurrence, ...]:
    return tuple(
        each for each in right if each.type in SCORED and line.from_s - NEAR_S <= each.from_s <= line.to_s + NEAR_S
    )[:NEARBY_MAX]


def _counts(occurrence: Occurrence, score: RecordingScore) -> bool:
    return occurrence.type != "touch" or (score.events is not None and score.events.touches_scored)


def _counterpart(said: Occurrence, missed: Sequence[Occurrence]) -> Occurrence | None:
    """The missed one that shares most with what was said, near it in time."""
    near = [true for true in missed if true.from_s - NEAR_S <= said.from_s <= true.to_s + NEAR_S]
    shared = [(_shared(said, true), -abs(said.from_s - (true.from_s + true.to_s) / 2), true) for true in near]
    best = max(shared, key=lambda each: each[:2], default=None)
    return best[2] if best is not None and best[0] > 0 else None


def _shared(said: Occurrence, true: Occurrence) -> int:
    alike = ((said.sku, true.sku), (said.shopper, true.shopper), (said.slot, true.slot), (said.type, true.type))
    return sum(one is not None and one == other for one, other in alike[:3]) + (said.type == true.type)


def _event(said: Occurrence, events: dict[UUID, NewEvent]) -> NewEvent | None:
    return None if said.interaction is None else events.get(said.interaction)
