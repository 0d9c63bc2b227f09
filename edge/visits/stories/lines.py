"""What carts hold by the stories: how probable each line is, which a person may have to look at.

Someone took a bottle, surely; later they put back that one or another of nearly its weight. Both picks are sure, and
yet neither bottle is: what they carry out depends on how the put-back is read. So a line of a cart is as probable as
the stories in which everything that is open comes to at least that count of the product, and no interaction of it by
itself says that. (At least: who may carry one more is not charged too much for what they surely have.)
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from edge.visits.stories.story import Act, Actor, Story

Line = tuple[Actor, str | None]
"""Whose cart, and which product."""


class Lines:
    """The lines of everybody's cart, of the happenings that are open. `said` is what is said of each of these.

    `weighed` are the stories, their log weights adding up to those of 1.
    """

    def __init__(self, weighed: Sequence[Story], said: Iterable[Act], sureness: Mapping[Line, float]) -> None:
        self._said = _counts(said)
        self._sureness = sureness
        self._p = dict.fromkeys(self._said, 0.0)
        for story in weighed:
            weight, counts = math.exp(story.log_p), _counts(story.acts.values())
            for line, count in self._said.items():
                if counts.get(line, 0) >= count:
                    self._p[line] += weight

    def p(self, actor: Actor, sku: str | None) -> float:
        """How probable it is that the actor's cart gained of a product at least what is said of it, all together."""
        line = (actor, sku)
        return min(self._p[line], 1.0) * self._sureness.get(line, 1.0)

    def sureness_after(self, before: "Lines") -> dict[Line, float]:
        """By what each line would be surer than it was `before`, when visits were settled, though nothing was seen."""
        sureness = dict(self._sureness)
        for line, count in self._said.items():
            if before._said.get(line) == count and self.p(*line) > before.p(*line):
                sureness[line] = before.p(*line) / min(self._p[line], 1.0)
        return sureness


def _counts(acts: Iterable[Act]) -> dict[Line, int]:
    """By how many pieces each line grows."""
    counts: dict[Line, int] = {}
    for act in acts:
        for part in act:
            line = (part.actor, part.sku)
            counts[line] = counts.get(line, 0) + (part.qty if part.type == "pick" else -part.qty)
    return counts
