"""Telling stories side by side: the likeliest accounts of everything, as happenings come in (a beam search).

Every story goes on with every way to read the next happening; the `STORIES_MAX` likeliest are kept. What is probably
true of a happening is what the stories say of it, each with its weight: so a put-back tells what was taken before it,
a cart that cannot hold a thing tells whose hand it was not, and doubt that nothing resolves stays doubt.

Who it is that cameras follow is part of a story, too: where two people were so close that they may have been
exchanged, every story is told both ways from then on (`exchange`). What they put back, and who of them is at the exit
when a visit leaves by it (`seen_leaving`), tells which; when that is the exchange, the visits are said to be each
other's (`straighten`).

A visit that has ended is decided when all until then is told: what was said of it last is taken as true (stories that
say otherwise are dropped), and the stories need not remember how it came about. That is no evidence: nothing that is
open becomes surer by it.
Happenings beyond `OPEN_MAX` are settled too, the oldest first: so the work of a happening is bounded, however long
the store is open.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from edge.visits.stories.happening import Happening
from edge.visits.stories.lines import Line, Lines
from edge.visits.stories.loads import LoadReader
from edge.visits.stories.options import Option, Shop
from edge.visits.stories.sights import read_sight
from edge.visits.stories.story import Act, Actor, Exchanges, Story, log_sum

STORIES_MAX = 150
EACH_MAX, EXCHANGES_MAX = 4, 24
"""Of every way in which people may have been exchanged, so many stories are told on, however many likelier ones there
are of others: it may be long until something tells. And so many ways."""
OPEN_MAX = 60
UNLIKELY = 15.0
"""A story whose log weight is so far beneath the best one's is not worth telling."""
HURRY_S = 0.7
LOG_BOTH_HANDS = math.log(0.1)
"""One person who does two things in different places within `HURRY_S`, against one who does one."""
TRUST_MIN = 0.05
SURE, SURE_AT_LAST = 0.97, 0.9
"""A weighing this sure teaches what a piece of its product weighs: when it is told, and when nothing changes it now."""


class Telling:
    """The stories of one store, beginning with everything in its place and nobody carrying anything."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._stories = [Story()]
        self._open: list[Happening] = []
        self._taught: set[int] = set()
        """Open happenings that have taught a weight."""
        self._sureness: dict[int, float] = {}
        """By what open happenings would be too sure, since visits were settled: a factor below 1."""
        self._line_sureness: dict[Line, float] = {}
        """The same of what somebody carries of a product."""
        self._mistaken: dict[UUID, tuple[float, frozenset[UUID]]] = {}
        """Visits that left while cameras may have followed others under their numbers: how probably, and which."""

    def tell(self, happening: Happening) -> None:
        """Go on with `happening`, whose number is new."""
        candidates: list[tuple[float, int, int, Story, Option]] = []
        busy = self._busy(happening)
        told: dict[Exchanges, tuple[Happening, LoadReader | None]] = {}
        most = -math.inf
        for rank, story in enumerate(self._stories):
            whose = story.exchanges
            if whose not in told:
                really = happening.by(story.whose)
                told[whose] = really, None if really.load is None else LoadReader(really, really.load, self._shop)
            really, weighed = told[whose]
            at_work = {part.actor for number in busy for part in story.acts[number]} - {None}
            # What is too unlikely beside the best way so far need not be told of at all.
            floor = most - UNLIKELY - story.log_p
            for order, option in enumerate(self._trusted(story, really, weighed, floor)):
                hurried = at_work and any(part.actor in at_work for part in option.act)
                way = replace(option, log_p=option.log_p + LOG_BOTH_HANDS) if hurried else option
                log_p = story.log_p + way.log_p
                most = max(most, log_p)
                candidates.append((log_p, -rank, -order, story, way))
        candidates.sort(key=lambda candidate: candidate[:3], reverse=True)
        self._stories = [
            option.follow(story, happening)
            for log_p, _, _, story, option in _kept(candidates, lambda candidate: candidate[3].exchanges)
            if log_p > most - UNLIKELY
        ]
        self._normalise()
        self._open.append(happening)
        self._doubt_late(happening)
        self._learn(happening, SURE)
        while len(self._open) > OPEN_MAX:
            self._settle(self._open[0].number)

    def learned_by(self, other: "Telling") -> None:
        """What `other` learnt of the weights of products holds here, too."""
        self._shop = replace(self._shop, weights=other._shop.weights)

    def verdict(self, number: int) -> list[tuple[Act, float]]:
        """What the stories say of an open happening, the likeliest first; probabilities add up to 1 at most."""
        weights: dict[Act, list[float]] = {}
        for story in self._stories:
            weights.setdefault(story.acts[number], []).append(story.log_p)
        sureness = self._sureness.get(number, 1.0)
        shares = {act: sureness * math.exp(log_sum(logs)) for act, logs in weights.items()}
        return sorted(shares.items(), key=lambda item: (-item[1], str(item[0])))

    def lines(self) -> Lines:
        """What is said of everybody's cart by all open happenings together."""
        return Lines(self._stories, [self.verdict(number)[0][0] for number in self.open], self._line_sureness)

    @property
    def open(self) -> tuple[int, ...]:
        """Happenings of which what is said may still change, the oldest first."""
        return tuple(happening.number for happening in self._open)

    def exchange(self, one: UUID, other: UUID, p: float) -> None:
        """From now on cameras may follow the people of two visits under each other's numbers, with probability `p`."""
        same, exchanged = math.log1p(-p), math.log(p)
        self._stories = [replace(story, log_p=story.log_p + same) for story in self._stories] + [
            replace(story.exchanged(one, other), log_p=story.log_p + exchanged) for story in self._stories
        ]
        self._merge()
        self._prune()

    def seen_leaving(self, visit: UUID, logs: Mapping[UUID, float]) -> None:
        """`visit` leaves now; `logs` say of each visit how well it fits that this is whom cameras say to be of it."""
        least = min(logs.values(), default=0.0)
        self._stories = [
            replace(story, log_p=story.log_p + logs.get(_said_to_be(story, visit), least)) for story in self._stories
        ]
        self._normalise()

    def straighten(self) -> dict[UUID, UUID]:
        """Whom cameras say, and who that most probably is; empty where all are themselves.

        From now on that is who is said: whoever is told of the visits has to follow.
        """
        weights: dict[Exchanges, list[float]] = {}
        for story in self._stories:
            weights.setdefault(story.exchanges, []).append(story.log_p)
        likeliest = max(weights, key=lambda way: (log_sum(weights[way]), -len(way), way))
        whose = dict(likeliest)
        if whose:
            self._stories = [story.said_anew(whose) for story in self._stories]
        return whose

    def gone(self, visit: UUID) -> None:
        """Nobody of the visit is in the store: stories in which cameras follow them still, as another, are over."""
        over = [story for story in self._stories if story.who(visit) != visit]
        if not over:
            return
        before, lines = {number: self.verdict(number)[0] for number in self.open}, self.lines()
        share = min(math.exp(log_sum([story.log_p for story in over])), 1.0)
        self._mistaken[visit] = share, frozenset(said for story in over for said in story.whose)
        self._stories = [story for story in self._stories if story.who(visit) == visit] or [
            replace(story, whose={}) for story in self._stories
        ]
        self._merge()
        self._no_surer(before, lines)

    def decide(self, actor: Actor) -> None:
        """What is said now of what the actor did is final. What they carry may still come back."""
        before, lines = {number: self.verdict(number)[0] for number in self.open}, self.lines()
        theirs = [number for number, (act, _) in before.items() if any(part.actor == actor for part in act)]
        for number in theirs:
            self._settle(number)
        self._merge()
        self._no_surer(before, lines)

    def _no_surer(self, before: Mapping[int, tuple[Act, float]], lines: Lines) -> None:
        """What is told no longer is no evidence: nothing that was said `before` becomes surer by it."""
        for number in self.open:
            act, p = self.verdict(number)[0]
            if act == before[number][0] and p > before[number][1]:
                self._sureness[number] = self._sureness.get(number, 1.0) * before[number][1] / p
        self._line_sureness = self.lines().sureness_after(lines)

    def rename(self, actor: Actor, known: Actor) -> None:
        """`actor` was `known` all the time."""
        if actor != known:
            self._stories = [
                story.renamed(actor, story.who(known) if isinstance(known, UUID) else known) for story in self._stories
            ]
            self._merge()

    def forget(self, actor: Actor) -> None:
        """What the actor carried away will not come back."""
        if isinstance(actor, UUID):
            self._mistaken.pop(actor, None)
        self._stories = [
            replace(story, carts={owner: cart for owner, cart in story.carts.items() if owner != actor})
            for story in self._stories
        ]
        self._merge()

    def _doubt_late(self, happening: Happening) -> None:
        """What was done while somebody was there, and is told after they left, is no surer than who they were."""
        for visit, (share, among) in self._mistaken.items():
            if visit not in happening.reach:
                continue
            for part in self.verdict(happening.number)[0][0]:
                if part.actor in among:
                    line = (part.actor, part.sku)
                    self._sureness[happening.number] = min(self._sureness.get(happening.number, 1.0), 1.0 - share)
                    self._line_sureness[line] = min(self._line_sureness.get(line, 1.0), 1.0 - share)

    def _busy(self, happening: Happening) -> frozenset[int]:
        """Happenings elsewhere at so nearly the same moment that one person needs both hands for them."""
        if happening.at_s is None:
            return frozenset()
        return frozenset(
            other.number
            for other in self._open
            if other.at_s is not None and other.slot != happening.slot and abs(other.at_s - happening.at_s) < HURRY_S
        )

    def _trusted(
        self, story: Story, happening: Happening, weighed: LoadReader | None, floor: float
    ) -> Iterator[Option]:
        """The ways to go on; where what is told cannot be trusted, also that nothing of it happened."""
        ways = list(self._ways(story, happening, weighed, floor))
        yield from ways
        trust = max(happening.trust, TRUST_MIN)
        if trust < 1.0 and ways:
            yield Option(math.log((1.0 - trust) / trust) + log_sum([way.log_p for way in ways]), ())

    def _ways(self, story: Story, happening: Happening, weighed: LoadReader | None, floor: float) -> Iterator[Option]:
        if happening.sight is not None:
            yield from read_sight(story, happening, self._shop, weighed, floor)
        elif weighed is not None:
            yield from weighed.read(story, floor)

    def _settle(self, number: int) -> None:
        act = self.verdict(number)[0][0]
        for happening in self._open:
            if happening.number == number:
                self._learn(happening, SURE_AT_LAST)
        self._taught.discard(number)
        self._sureness.pop(number, None)
        self._stories = [
            replace(story, acts={key: kept for key, kept in story.acts.items() if key != number})
            for story in self._stories
            if story.acts[number] == act
        ]
        self._open = [happening for happening in self._open if happening.number != number]
        self._normalise()

    def _merge(self) -> None:
        """Stories that no longer differ are one."""
        same: dict[tuple[object, ...], list[Story]] = {}
        for story in self._stories:
            same.setdefault(story.state, []).append(story)
        self._stories = [replace(group[0], log_p=log_sum([one.log_p for one in group])) for group in same.values()]
        self._stories.sort(key=lambda story: -story.log_p)
        self._normalise()

    def _prune(self) -> None:
        """Only those that are likely enough; they are in order."""
        likely = self._stories[0].log_p - UNLIKELY
        kept = _kept(self._stories, lambda story: story.exchanges)
        self._stories = [story for story in kept if story.log_p > likely]
        self._normalise()

    def _normalise(self) -> None:
        total = log_sum([story.log_p for story in self._stories])
        self._stories = [replace(story, log_p=story.log_p - total) for story in self._stories]

    def _learn(self, happening: Happening, sure: float) -> None:
        """What one piece weighs, from a weighing on one plate that leaves no doubt."""
        load = happening.load
        if load is None or load.grams > 0.0 or load.plates != 1 or load.doubtful or happening.number in self._taught:
            return
        act, p = self.verdict(happening.number)[0]
        if p >= sure and len(act) == 1 and act[0].sku is not None and act[0].type == "pick":
            self._shop.weights.learn(act[0].sku, act[0].qty, -load.grams)
            self._taught.add(happening.number)


T = TypeVar("T")


def _kept(ranked: Iterable[T], exchanges: Callable[[T], Exchanges]) -> list[T]:
    """The first `STORIES_MAX` of what is ranked, and the first few of every way in which people may be exchanged."""
    kept: list[T] = []
    of_each: dict[Exchanges, int] = {}
    for one in ranked:
        way = exchanges(one)
        if len(kept) >= STORIES_MAX and (
            of_each.get(way, 0) >= EACH_MAX or (way not in of_each and len(of_each) >= EXCHANGES_MAX)
        ):
            continue
        of_each[way] = of_each.get(way, 0) + 1
        kept.append(one)
    return kept


def _said_to_be(story: Story, visit: UUID) -> UUID:
    """Whom cameras take for somebody of `visit`, in a story."""
    return next((said for said, true in story.whose.items() if true == visit), visit)
