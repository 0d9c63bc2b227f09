"""What a visit carries: a fold over the latest revisions of its interactions.

Theory of operation. The edge says each interaction under an id and may say it again with a higher revision, perhaps
for another visit. Of everything said about one interaction only the greatest (revision, event id) counts, so the
cart depends on the *set* of what was said and neither on its order nor on how often it was said.

Of each product the picks add and the put-backs subtract. What remains above zero is a line. What would fall below zero
is no line but a `surplus`: something was put back that, as far as we saw, was never taken. Either a pick was missed or
one of the two was given the wrong name, so the rest of the cart is not sure either; `decision` treats it so.

The probability of a line is that of the least sure change of its product, put-backs included: the line is right only
if all of them are, and they are too dependent on each other (same hand, same camera) to be multiplied. (The edge says
of each change how sure the whole line was when it was said last, so the least sure one is what is known at the end.)
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from protocol.events import Change


@dataclass(frozen=True, slots=True)
class Saying:
    """One revision of one interaction, as an event said it: whose it was (None: nobody's) and what changed."""

    interaction: UUID
    revision: int
    event: UUID
    visit: UUID | None
    changes: tuple[Change, ...]

    @property
    def rank(self) -> tuple[int, UUID]:
        """The greatest counts; the event's id decides where a revision was said twice and differently."""
        return (self.revision, self.event)


@dataclass(frozen=True, slots=True)
class CartLine:
    """`qty` ≥ 1 pieces of a product (None: one that nobody enrolled) and how sure that is."""

    sku: str | None
    qty: int
    p: float
    interactions: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Surplus:
    """`qty` ≥ 1 pieces of a product that were put back and, as far as we saw, never taken."""

    sku: str | None
    qty: int


@dataclass(frozen=True, slots=True)
class Cart:
    """The lines in order of SKU, the unknown product last, and what does not add up."""

    lines: tuple[CartLine, ...] = ()
    surplus: tuple[Surplus, ...] = ()


def latest(sayings: Iterable[Saying]) -> dict[UUID, Saying]:
    """The saying that counts of each interaction."""
    result: dict[UUID, Saying] = {}
    for saying in sayings:
        known = result.get(saying.interaction)
        if known is None or known.rank < saying.rank:
            result[saying.interaction] = saying
    return result


def cart_of(visit: UUID, sayings: Iterable[Saying]) -> Cart:
    """The cart of `visit` after `sayings`, in whatever order and however often they come."""
    mine = (saying for saying in latest(sayings).values() if saying.visit == visit)
    return cart_with((saying.interaction, saying.changes) for saying in mine)


def cart_with(counting: Iterable[tuple[UUID, Iterable[Change]]]) -> Cart:
    """The cart of a visit of whose interactions these changes are what counts; each interaction is there once."""
    parts: defaultdict[str | None, list[tuple[UUID, Change]]] = defaultdict(list)
    for interaction, changes in counting:
        for change in changes:
            parts[change.sku].append((interaction, change))
    lines: list[CartLine] = []
    surplus: list[Surplus] = []
    for sku in sorted(parts, key=lambda sku: (sku is None, sku or "")):
        qty = sum(change.qty if change.type == "pick" else -change.qty for _, change in parts[sku])
        if qty > 0:
            sure = min(change.p for _, change in parts[sku])
            lines.append(CartLine(sku, qty, sure, tuple(sorted({which for which, _ in parts[sku]}))))
        elif qty < 0:
            surplus.append(Surplus(sku, -qty))
    return Cart(tuple(lines), tuple(surplus))
