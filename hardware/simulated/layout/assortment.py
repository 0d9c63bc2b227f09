"""An assortment drawn from a seed: products with names, shapes, prints and weights."""

import colorsys
from dataclasses import dataclass

import numpy as np

from hardware.simulated.layout.form import Colour, Form, Shape
from hardware.simulated.streams import stream
from protocol.store import Product

Range = tuple[float, float]

CATALOGUE_SIGMA = 0.02
"""The catalogue's weight is a product's true one but for this share: a bottle said to weigh 538 g reads 557."""
LAYERED = ("box", "can")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What products of one sort have in common. Sizes in metres, density in grams a litre of their bounding box."""

    name: str
    shape: Shape
    across: Range
    deep: Range
    high: Range
    density: Range
    price: tuple[int, int]
    flavours: tuple[str, ...]


_KINDS = (
    _Kind("Water", "bottle", (0.062, 0.085), (0.062, 0.085), (0.20, 0.32), (640, 720), (79, 199), ("Still", "Fizzy")),
    _Kind("Juice", "bottle", (0.06, 0.08), (0.06, 0.08), (0.17, 0.25), (640, 720), (149, 349), ("Apple", "Orange")),
    _Kind("Tea", "bottle", (0.062, 0.075), (0.062, 0.075), (0.19, 0.25), (620, 700), (129, 259), ("Lemon", "Peach")),
    _Kind("Cola", "can", (0.066, 0.067), (0.066, 0.067), (0.115, 0.168), (690, 740), (99, 189), ("Classic", "Zero")),
    _Kind("Energy", "can", (0.053, 0.066), (0.053, 0.066), (0.135, 0.168), (690, 740), (129, 249), ("Ice", "Berry")),
    _Kind("Beans", "can", (0.073, 0.085), (0.073, 0.085), (0.10, 0.115), (800, 900), (89, 229), ("Red", "White")),
    _Kind("Milk", "carton", (0.07, 0.095), (0.06, 0.095), (0.17, 0.24), (880, 950), (109, 229), ("Whole", "Oat")),
    _Kind("Cereal", "box", (0.13, 0.20), (0.05, 0.07), (0.20, 0.30), (110, 180), (249, 499), ("Honey", "Cocoa")),
    _Kind("Biscuits", "box", (0.09, 0.19), (0.04, 0.065), (0.06, 0.16), (250, 380), (129, 329), ("Butter", "Choc")),
    _Kind("Crackers", "box", (0.08, 0.14), (0.05, 0.07), (0.12, 0.20), (160, 240), (159, 329), ("Salt", "Rye")),
    _Kind("Crisps", "bag", (0.14, 0.20), (0.05, 0.075), (0.19, 0.28), (20, 45), (119, 299), ("Paprika", "Salted")),
    _Kind("Sweets", "bag", (0.10, 0.15), (0.03, 0.05), (0.13, 0.20), (170, 320), (99, 279), ("Bears", "Sour")),
    _Kind("Coffee", "bag", (0.08, 0.11), (0.055, 0.075), (0.17, 0.24), (270, 340), (399, 899), ("Mild", "Dark")),
)
_BRANDS = ("Alba", "Borea", "Cima", "Dorna", "Elva", "Fjord", "Gaia", "Hilla", "Isar", "Juna", "Kora", "Luma", "Mira")


def assortment(seed: int, count: int) -> tuple[tuple[Product, ...], dict[str, Form]]:
    """`count` different products, and their forms by SKU. One product's draw does not depend on how many follow."""
    products: list[Product] = []
    forms: dict[str, Form] = {}
    for number in range(count):
        rng = stream(seed, "product", number)
        kind = _KINDS[int(rng.integers(len(_KINDS)))]
        brand, flavour = _BRANDS[int(rng.integers(len(_BRANDS)))], kind.flavours[int(rng.integers(len(kind.flavours)))]
        form = _form(rng, f"{kind.name}-{flavour}-{number + 1:03d}".lower(), kind, f"{brand} {kind.name} {flavour}")
        forms[form.sku] = form
        price = int(rng.integers(*kind.price))
        weight_g = round(form.weight_g * (1.0 + CATALOGUE_SIGMA * float(rng.standard_normal())), 1)
        products.append(Product(sku=form.sku, name=form.label, price_minor=price, weight_g=weight_g))
    return tuple(products), forms


def form_of(product: Product, seed: int) -> Form:
    """A form for a product of which only the store file's words are known: the shape is guessed from its weight."""
    rng = stream(seed, "form", product.sku)
    weight_g = product.weight_g
    light = weight_g is not None and weight_g < 130.0
    kinds = [kind for kind in _KINDS if (kind.shape == "bag") == light and kind.shape != "box"]
    kind = kinds[int(rng.integers(len(kinds)))]
    if weight_g is None:
        weight_g = float(rng.uniform(60.0, 600.0))
    true_g = max(weight_g * (1.0 + CATALOGUE_SIGMA * float(rng.standard_normal())), 1.0)
    form = _form(rng, product.sku, kind, product.name)
    scale = min(max((true_g / form.weight_g) ** (1 / 3), 0.6), 1.35)
    return Form(
        sku=form.sku,
        shape=form.shape,
        width_m=round(form.width_m * scale, 4),
        depth_m=round(form.depth_m * scale, 4),
        height_m=round(form.height_m * scale, 4),
        base=form.base,
        accent=form.accent,
        label=form.label,
        print_seed=form.print_seed,
        weight_g=round(true_g, 2),
        weight_sigma_g=round(0.004 * true_g, 3),
    )


def _form(rng: np.random.Generator, sku: str, kind: _Kind, label: str) -> Form:
    width, depth, height = (float(rng.uniform(*limits)) for limits in (kind.across, kind.deep, kind.high))
    if kind.shape in ("can", "bottle"):
        depth = width
    weight_g = width * depth * height * 1000.0 * float(rng.uniform(*kind.density))
    return Form(
        sku=sku,
        shape=kind.shape,
        width_m=round(width, 4),
        depth_m=round(depth, 4),
        height_m=round(height, 4),
        base=_colour(rng),
        accent=_colour(rng),
        label=label,
        print_seed=int(rng.integers(2**31)),
        weight_g=round(weight_g, 2),
        weight_sigma_g=round(max(0.004 * weight_g, 0.3), 3),
    )


def _colour(rng: np.random.Generator) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(*(float(rng.uniform(*limits)) for limits in ((0, 1), (0.1, 0.9), (0.3, 1))))
    return round(red, 3), round(green, 3), round(blue, 3)
