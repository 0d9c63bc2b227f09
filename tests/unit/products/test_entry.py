"""A product is written into a store file, and nothing else of the file changes."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.store import Photo, Product
from protocol.store_file import parse_store
from tests.unit.edge.drawn_shelf import STORE
from tillfree.products.entry import with_product
from tillfree.products.errors import EnrolmentError

HEAD = """\
# the corner shop
format: 1
store: corner
name: 'Corner'   # its name
currency: EUR
cameras:
  - {id: room, role: area, size: [640, 480]}
"""
BLOCK = """\
products:
  - sku: water
    name: Still water   # half a litre
    photos:
      - {file: a.png}   # from the front
      - file: b.png
        box: [1, 2, 30, 40]

  # the next delivery
  - sku: cola
    name: Cola
zones: []
"""
FLOW = """\
products:
- {sku: water, name: "Water # still", photos: [{file: a.png}]}  # see: shelf 2, left
# end of water
- {sku: cola, name: Cola}
"""
NO_PRODUCTS = ["", "products: []  # none yet\n", "products:\n  []\n", "zones: []\n\n# the end\n"]
NEW = Photo(file="photos/water/new.png")


def grown(text: str, sku: str, **update: object) -> Product:
    product = next(each for each in parse_store(text, "s").products if each.sku == sku)
    return product.model_copy(update={"photos": (*product.photos, NEW), **update})


def removed(before: str, after: str) -> list[str]:
    """The lines that are gone, each as often as it is."""
    return list((Counter(before.splitlines()) - Counter(after.splitlines())).elements())


@pytest.mark.parametrize("text", [HEAD + BLOCK, HEAD + BLOCK.replace("\n", "\r\n"), STORE, HEAD + FLOW])
@pytest.mark.parametrize("sku", ["water", "cola"])
def test_only_that_product_changes(text: str, sku: str) -> None:
    text = text.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else text
    product = grown(text, sku, weight_g=520.0)
    after = with_product(text, "store.yaml", product)
    assert next(each for each in parse_store(after, "s").products if each.sku == sku) == product
    gone = removed(text, after)
    assert all(f"sku: {sku}" in line and "{" in line for line in gone)
    assert ("\r\n" in after) == ("\r\n" in text)
    assert after.count("\n") == after.count("\r\n") or "\r\n" not in text


def test_a_block_grows_where_its_photos_are_and_keeps_every_line() -> None:
    after = with_product(HEAD + BLOCK, "store.yaml", grown(HEAD + BLOCK, "water"))
    assert after == HEAD + BLOCK.replace("40]\n", "40]\n      - {file: photos/water/new.png}\n")


def test_the_comment_of_an_entry_in_braces_stays() -> None:
    after = with_product(HEAD + FLOW, "store.yaml", grown(HEAD + FLOW, "water"))
    assert "- sku: water  # see: shelf 2, left\n  name: 'Water # still'\n" in after
    assert "# end of water\n- {sku: cola, name: Cola}\n" in after


@pytest.mark.parametrize("rest", [*NO_PRODUCTS, BLOCK, FLOW])
def test_a_product_that_is_new_stands_behind_the_last(rest: str) -> None:
    new = Product(sku="tea-1", name="Tea: green, 'loose' # 1", price_minor=299, photos=(NEW,))
    after = with_product(HEAD + rest, "store.yaml", new)
    assert parse_store(after, "s").products[-1] == new
    assert [line for line in removed(HEAD + rest, after) if "[]" not in line] == []
    assert ("# none yet" in after) == ("# none yet" in rest)


def test_products_in_brackets_are_refused_with_their_line() -> None:
    text = HEAD + "products: [{sku: water, name: Water}]\n"
    with pytest.raises(EnrolmentError, match=r"store.yaml:8: the products stand in brackets"):
        with_product(text, "store.yaml", grown(text, "water"))


def test_more_photos_than_a_product_may_have_are_refused() -> None:
    product = Product(sku="water", name="Water", photos=())
    many = tuple(Photo(file=f"{i}.png") for i in range(65))
    with pytest.raises(EnrolmentError, match="would have 65 photos"):
        with_product(HEAD + BLOCK, "store.yaml", product.model_copy(update={"photos": many}))


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None)
@given(NAMES.filter(lambda name: "\ufeff" not in name), st.sampled_from([*NO_PRODUCTS, BLOCK, FLOW]))
def test_every_name_is_read_back_as_it_was_given(name: str, rest: str) -> None:
    try:
        after = with_product(HEAD + rest, "store.yaml", Product(sku="new", name=name))
    except EnrolmentError:
        return  # refused before anything is written
    assert parse_store(after, "s").products[-1].name == name


def test_every_plain_name_is_taken() -> None:
    for name in (
        "yes",
        "1.5",
        "null",
        "Ü-Öl 1 l",
        "a: b",
        "- x",
        "#1",
        "{x}",
        "tab, comma",
        "it's",
        '"x"',
        "~",
        "*a",
        "é",
    ):
        after = with_product(HEAD + BLOCK, "store.yaml", Product(sku="new", name=name))
        assert parse_store(after, "s").products[-1].name == name
