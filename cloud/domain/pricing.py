"""What a product costs at a moment.

Prices, tax rates and promotions of a visit are those in force when the shopper left (before that, for a look into an
open cart, when they entered): one moment for the whole receipt, so that a bundle never mixes two days' prices.
"""

from dataclasses import dataclass

from cloud.domain.money import Money


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as it is sold at a moment; `unit` is None where no price is in force.

    `tax_bps` is the rate of the tax that the price includes, in basis points; None where the product has no tax
    category. `tax_missing`: it has one, and no rate was in force.
    """

    name: str
    unit: Money | None
    tax_bps: int | None = None
    tax_missing: bool = False
