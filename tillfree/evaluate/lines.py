"""Lines of carts with how sure they were said to be, against what was truly carried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from cloud.domain.cart import Saying, cart_of
from edge.events import NewEvent
from protocol.events import Entered, Interaction

Items = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CartLine:
    """`qty` pieces of a product in a cart, said with probability `p`; `true_qty` were carried out."""

    sku: str | None
    qty: int
    p: float
    true_qty: int

    @property
    def right(self) -> bool:
        """Exactly what was carried out."""
        return self.qty == self.true_qty

    @property
    def overcharges(self) -> bool:
        """Charged, it would be too much."""
        return self.qty > self.true_qty


@dataclass(frozen=True, slots=True)
class CheckedCart:
    """One visit's cart against the truth.

    `surplus`: more was put back than was seen taken, so nothing is charged; nor is it where nobody scanned in (`held`).
    """

    shopper: str
    lines: tuple[CartLine, ...]
    true: Items
    surplus: bool
    held: bool = True

    def charged(self, threshold: float) -> tuple[CartLine, ...]:
        """The lines that are charged by the policy's threshold."""
        if self.surplus or not self.held:
            return ()
        return tuple(line for line in self.lines if line.sku is not None and line.p >= threshold)

    def reviewed(self, threshold: float) -> bool:
        """Whether a person has to look at it."""
        return len(self.charged(threshold)) < len(self.lines)

    def overcharged(self, threshold: float) -> bool:
        """Whether more is charged than was carried out."""
        return any(line.overcharges for line in self.charged(threshold))


def checked_carts(
    events: Sequence[NewEvent], shoppers: Mapping[UUID, str], true: Mapping[str, Items]
) -> tuple[CheckedCart, ...]:
    """The cart of every visit, as the cloud folds it of the events."""
    carts = []
    held = {event.visit for event in events if isinstance(event.event, Entered)}
    for visit in dict.fromkeys(event.visit for event in events if event.visit is not None):
        sayings = [
            Saying(said.interaction, said.revision, uuid5(visit, str(index)), event.visit, said.changes)
            for index, event in enumerate(events)
            if isinstance(said := event.event, Interaction)
        ]
        cart = cart_of(visit, sayings)
        shopper = shoppers.get(visit, str(visit))
        mine = true.get(shopper, {})
        lines = tuple(CartLine(ln.sku, ln.qty, ln.p, mine.get(ln.sku or "", 0)) for ln in cart.lines)
        carts.append(CheckedCart(shopper, lines, mine, bool(cart.surplus), visit in held))
    return tuple(carts)
