"""What is said of a happening: the event, made of what the stories say, and whether it needs saying again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from edge.visits.stories.lines import Lines
from edge.visits.stories.story import Act, Actor, Part
from protocol import events as said
from protocol.ids import uuid7

UNSEEN_SURE_MAX = 0.5
"""How sure a pick can be whose slot nobody watched afterwards: it may have been put back there."""
CHANGED_P = 0.02
"""A probability that moves by less is not worth saying again while the visit is open."""
OTHERS_MAX = 4
NO_FOLLOWERS: Mapping[int, UUID] = {}
Verdict = Sequence[tuple[Act, float]]


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a hand was and when, the cameras that saw it, and what else is worth telling."""

    number: int
    slot: str | None
    cameras: tuple[str, ...]
    entered: datetime
    left: datetime
    reasons: Mapping[str, float]
    touched_by: Actor
    """Who it was if nothing changed."""


@dataclass(slots=True)
class Saying:
    """What was said last of one actor's part in a happening."""

    visit: UUID | None
    event: said.Interaction


def sayings(
    identity: str,
    reach: Reach,
    verdict: Verdict,
    lines: Lines,
    *,
    doubted: bool,
    followers: Mapping[int, UUID] = NO_FOLLOWERS,
) -> list[Saying]:
    """One interaction for every actor of the likeliest act; one without changes where it is a touch.

    A change is as sure as the line of the cart that it is part of, by `lines`; the interaction as it is by itself.
    `followers`: people without a token who have a visit that is never charged.
    """
    act, p_act = verdict[0]
    cap = UNSEEN_SURE_MAX if doubted else 1.0
    actors = list(dict.fromkeys(part.actor for part in act)) or [reach.touched_by]
    p_what = sum(p for other, p in verdict if _goods(other) == _goods(act))
    result = []
    for order, actor in enumerate(actors):
        mine = _of(act, actor)
        p = p_act if not act else sum(q for other, q in verdict if _same(_of(other, actor), mine))
        names = (identity, "interaction", reach.number, *((order,) if order else ()))
        event = said.Interaction(
            interaction=uuid7(reach.left, *names),
            revision=1,
            cameras=reach.cameras,
            slot=next((part.slot for part in mine if part.slot is not None), reach.slot),
            entered=reach.entered,
            left=reach.left,
            changes=_changes(mine, [min(lines.p(part.actor, part.sku), cap) for part in mine]),
            p=_rounded(min(p, cap)),
            alternatives=tuple(
                said.Alternative(
                    visit=_visit(_first(other), followers), changes=_changes(other, [q] * len(other)), p=_rounded(q)
                )
                for other, q in verdict[1 : 1 + OTHERS_MAX]
                if _rounded(q) > 0.0
            ),
            reasons={
                **reach.reasons,
                # What is wholly in doubt is nobody's in particular.
                "who": _rounded(p / p_what) if p_what > 0.0 else 0.0,
                "what": _rounded(p_what),
                **({"unwatched": 1.0} if doubted else {}),
            },
        )
        result.append(Saying(_visit(actor, followers), event))
    return result


def nothing(last: Saying) -> Saying:
    """What is said of an interaction that a happening turned out not to have."""
    return Saying(last.visit, last.event.model_copy(update={"changes": (), "alternatives": (), "p": 1.0}))


def differ(last: Saying, now: Saying, *, by: float) -> bool:
    """Whether `now` is worth saying after `last`: another visit or change, or a probability that moved further."""
    if last.visit != now.visit or abs(last.event.p - now.event.p) > by:
        return True
    if any(abs(one.p - other.p) > by for one, other in zip(last.event.changes, now.event.changes, strict=False)):
        return True
    return [_bare(change) for change in last.event.changes] != [_bare(change) for change in now.event.changes]


def revised(last: Saying, now: Saying) -> Saying:
    """`now`, said as the next revision of `last`."""
    kept = {"interaction": last.event.interaction, "revision": last.event.revision + 1}
    return Saying(now.visit, now.event.model_copy(update=kept))


def _goods(act: Act) -> list[tuple[str, str, int]]:
    return sorted((part.type, part.sku or "", part.qty) for part in act)


def _of(act: Act, actor: Actor) -> list[Part]:
    return [part for part in act if part.actor == actor]


def _same(one: Sequence[Part], other: Sequence[Part]) -> bool:
    """Whether a cart changes alike by both, wherever the pieces came from."""
    return _goods(tuple(one)) == _goods(tuple(other))


def _first(act: Act) -> Actor:
    return act[0].actor if act else None


def _visit(actor: Actor, followers: Mapping[int, UUID]) -> UUID | None:
    return followers.get(actor) if isinstance(actor, int) else actor


def _changes(parts: Sequence[Part], ps: Sequence[float]) -> tuple[said.Change, ...]:
    return tuple(
        said.Change(type=part.type, sku=part.sku, qty=part.qty, slot=part.slot, p=_rounded(p))
        for part, p in zip(parts, ps, strict=True)
    )


def _bare(change: said.Change) -> tuple[str, str | None, int]:
    return change.type, change.sku, change.qty


def _rounded(p: float) -> float:
    """Six places: more would only say how this processor rounds, and differ on another."""
    return round(min(max(p, 0.0), 1.0), 6)
