"""Telling stories side by side: the likeliest accounts of everything, as happenings come in (a beam search).

Every story goes on with every way to read the next happening; the `STORIES_MAX` likeliest are kept. What is probably
true of a happening is what the stories say of it, each with its weight: so a put-back tells what was taken before it,
a cart that cannot hold a thing tells whose hand it was not, and doubt that nothing resolves stays doubt.

A visit that ends is settled: what was said of it last is taken as true (stories that say otherwise are dropped), and
the stories need not remember how it came about. Happenings beyond `OPEN_MAX` are settled too, the oldest first: so the
work of a happening is bounded, however long the store is open.
"""

import heapq
import math
from collections.abc import Iterator
from dataclasses import replace

from edge.visits.stories.happening import Happening
from edge.visits.stories.loads import LoadReader
from edge.visits.stories.options import Option, Shop
from edge.visits.stories.sights import read_sight
from edge.visits.stories.story import Act, Actor, Story, log_sum

STORIES_MAX = 150
OPEN_MAX = 60
UNLIKELY = 15.0
"""A story whose log weight is so far beneath the best one's is not worth telling."""
HURRY_S = 0.7
LOG_BOTH_HANDS = math.log(0.1)
"""One person who does two things in different places within `HURRY_S`, against one who does one."""
TRUST_MIN = 0.05
SURE = 0.97
"""A weighing this sure teaches what a piece of its product weighs."""


class Telling:
    """The stories of one store, beginning with everything in its place and nobody carrying anything."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._stories = [Story()]
        self._open: list[Happening] = []

    def tell(self, happening: Happening) -> None:
        """Go on with `happening`, whose number is new."""
        candidates: list[tuple[float, int, int, Story, Option]] = []
        busy = self._busy(happening)
        weighed = None if happening.load is None else LoadReader(happening, happening.load, self._shop)
        most = -math.inf
        for rank, story in enumerate(self._stories):
            at_work = {part.actor for number in busy for part in story.acts[number]} - {None}
            # What is too unlikely beside the best way so far need not be told of at all.
            floor = most - UNLIKELY - story.log_p
            for order, option in enumerate(self._trusted(story, happening, weighed, floor)):
                hurried = at_work and any(part.actor in at_work for part in option.act)
                way = replace(option, log_p=option.log_p + LOG_BOTH_HANDS) if hurried else option
                log_p = story.log_p + way.log_p
                most = max(most, log_p)
                candidates.append((log_p, -rank, -order, story, way))
        best = heapq.nlargest(STORIES_MAX, candidates, key=lambda candidate: candidate[:3])
        self._stories = [
            option.follow(story, happening.number) for log_p, _, _, story, option in best if log_p > most - UNLIKELY
        ]
        self._normalise()
        self._open.append(happening)
        self._learn(happening)
        while len(self._open) > OPEN_MAX:
            self._settle(self._open[0].number)

    def learned_by(self, other: "Telling") -> None:
        """What `other` learnt of the weights of products holds here, too."""
        self._shop = replace(self._shop, weights=other._shop.weights)

    def verdict(self, number: int) -> list[tuple[Act, float]]:
        """What the stories say of an open happening, the likeliest first; probabilities add up to 1."""
        weights: dict[Act, list[float]] = {}
        for story in self._stories:
            weights.setdefault(story.acts[number], []).append(story.log_p)
        shares = {act: math.exp(log_sum(logs)) for act, logs in weights.items()}
        return sorted(shares.items(), key=lambda item: (-item[1], str(item[0])))

    @property
    def open(self) -> tuple[int, ...]:
        """Happenings of which what is said may still change, the oldest first."""
        return tuple(happening.number for happening in self._open)

    def leave(self, actor: Actor) -> None:
        """The actor is gone: what is said now of what they did is final. What they carry may still come back."""
        for number in self.open:
            act = self.verdict(number)[0][0]
            if any(part.actor == actor for part in act):
                self._settle(number)
        self._merge()

    def rename(self, actor: Actor, known: Actor) -> None:
        """`actor` was `known` all the time."""
        if actor != known:
            self._stories = [story.renamed(actor, known) for story in self._stories]
            self._merge()

    def forget(self, actor: Actor) -> None:
        """What the actor carried away will not come back."""
        self._stories = [
            replace(story, carts={owner: cart for owner, cart in story.carts.items() if owner != actor})
            for story in self._stories
        ]
        self._merge()

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
        self._stories = [
            Story(
                log_sum([one.log_p for one in group]), group[0].carts, group[0].stock, group[0].strange, group[0].acts
            )
            for group in same.values()
        ]
        self._stories.sort(key=lambda story: -story.log_p)
        self._normalise()

    def _normalise(self) -> None:
        total = log_sum([story.log_p for story in self._stories])
        self._stories = [replace(story, log_p=story.log_p - total) for story in self._stories]

    def _learn(self, happening: Happening) -> None:
        """What one piece weighs, from a weighing on one plate that leaves no doubt."""
        load = happening.load
        if load is None or load.grams > 0.0 or load.plates != 1 or load.doubtful:
            return
        act, p = self.verdict(happening.number)[0]
        if p >= SURE and len(act) == 1 and act[0].sku is not None and act[0].qty == 1:
            self._shop.weights.learn(act[0].sku, -load.grams)
