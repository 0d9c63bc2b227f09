"""Receipts against the truth: what each shopper would have been charged, by the cloud's own cart and decision."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from cloud.domain.cart import Saying, cart_of
from cloud.domain.decision import Decision, Policy, decide
from cloud.domain.money import Money
from cloud.domain.pricing import Offer
from edge.events import NewEvent
from protocol.events import Interaction
from protocol.store import Store

Items = Mapping[str, int]
"""SKU → how many."""

UNKNOWN = "(unknown)"

NO_LIMIT_MINOR = 10**12
"""What was seen is judged here, not how much money an account holds."""


@dataclass(frozen=True, slots=True)
class ReceiptScore:
    """One shopper's receipt: what was charged, what waits for review, what was true."""

    shopper: str
    charged: Items
    in_review: Items
    true: Items

    @property
    def exact(self) -> bool:
        """Charged exactly what was carried out."""
        return dict(self.charged) == dict(self.true)

    @property
    def overcharged(self) -> bool:
        """Charged something that was not carried out, or more of it."""
        return any(qty > self.true.get(sku, 0) for sku, qty in self.charged.items())

    @property
    def reviewed_as_said(self) -> "ReceiptScore":
        """The receipt if whoever reviews it finds each line as it was said; what nobody knows is never charged."""
        said = Counter(self.charged) + Counter(self.in_review)
        del said[UNKNOWN]
        return replace(self, charged=said, in_review={})


def receipts(
    events: Sequence[NewEvent], shoppers: Mapping[UUID, str], true: Mapping[str, Items], store: Store
) -> list[ReceiptScore]:
    """The receipt of every true shopper, all visits together, and of every visit that is nobody's in the truth."""
    visits: dict[str, list[UUID]] = {name: [] for name in true}
    for visit in dict.fromkeys(event.visit for event in events if event.visit is not None):
        visits.setdefault(shoppers.get(visit, str(visit)), []).append(visit)
    result = []
    for shopper, theirs in visits.items():
        charged: Counter[str] = Counter()
        in_review: Counter[str] = Counter()
        for visit in theirs:
            for total, items in zip((charged, in_review), _charged(visit, events, store), strict=True):
                total.update(items)
        result.append(ReceiptScore(shopper, charged, in_review, true.get(shopper, {})))
    return result


def item_f1(scores: Sequence[ReceiptScore]) -> float:
    """F1 over items on final receipts: an item counts when product and shopper are right. 1 where nothing was taken."""
    right = sum(min(s.charged.get(sku, 0), qty) for s in scores for sku, qty in s.true.items())
    said = sum(sum(s.charged.values()) for s in scores)
    true = sum(sum(s.true.values()) for s in scores)
    return 2 * right / (said + true) if said + true else 1.0


def _charged(visit: UUID, events: Sequence[NewEvent], store: Store) -> tuple[dict[str, int], dict[str, int]]:
    sayings = [
        Saying(
            event.event.interaction, event.event.revision, uuid5(visit, str(index)), event.visit, event.event.changes
        )
        for index, event in enumerate(events)
        if isinstance(event.event, Interaction)
    ]
    # Prices play no part in whether a receipt names the right things.
    offers = {product.sku: Offer(product.name, Money(0, store.currency)) for product in store.products}
    policy = Policy(charge_threshold=store.policies.charge_threshold)
    charged: dict[str, int] = {}
    in_review: dict[str, int] = {}
    for line in decide(cart_of(visit, sayings), offers, policy, Money(NO_LIMIT_MINOR, store.currency)):
        kept = charged if line.decision is Decision.CHARGE else in_review
        kept[line.line.sku or UNKNOWN] = line.line.qty
    return charged, in_review
