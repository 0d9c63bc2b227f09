"""A product as the store file has it, with what is newly said of it."""

from pathlib import Path

from pydantic import ValidationError

from protocol.store import Product, Store
from tillfree.products.errors import EnrolmentError


def merged(
    store: Store, source: Path, sku: str, *, name: str | None, price_minor: int | None, weight_g: float | None
) -> Product:
    """The product with these values where they are given. EnrolmentError for a new one without a name, or a bad SKU."""
    said = {"name": name, "price_minor": price_minor, "weight_g": weight_g}
    given = {key: value for key, value in said.items() if value is not None}
    there = next((product for product in store.products if product.sku == sku), None)
    if there is None and name is None:
        known = ", ".join(product.sku for product in store.products) or "none"
        raise EnrolmentError(f"{source} has no product {sku!r} (it has {known}); for a new one say its --name as well")
    try:
        values = {} if there is None else there.model_dump(exclude_defaults=True)
        return Product.model_validate({**values, "sku": sku, **given})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise EnrolmentError(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None
