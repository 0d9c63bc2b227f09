"""A product's entry in the text of a store file that is otherwise left as it stands, byte for byte.

A block entry grows by the lines of what is added. One that is written in braces is written anew as a block, its comment
kept; nothing else of the file is touched, which is checked by reading both.
"""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from protocol.document import parse
from protocol.store import Photo, Product, Store
from protocol.store_file import parse_store
from tillfree.products.errors import EnrolmentError

_BLANK = re.compile(r"^\s*(#.*)?$")
PHOTOS_MAX = 64


def with_product(text: str, source: str, product: Product) -> str:
    """`text` with `product` in place of the one with its SKU, or behind the last; only photos and absent keys change.

    Raises FileError where `text` is no store, EnrolmentError where the product cannot be put into it as it is written.
    """
    before = parse_store(text, source)
    if len(product.photos) > PHOTOS_MAX:
        raise EnrolmentError(
            f"{source}: product {product.sku!r} would have {len(product.photos)} photos; {PHOTOS_MAX} do"
        )
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(ending)
    root = parse(text, source).value
    entries = root.get("products")
    place = next((i for i, each in enumerate(before.products) if each.sku == product.sku), None)
    if entries and entries.fa.flow_style():
        raise EnrolmentError(
            f"{source}:{entries.lc.line + 1}: the products stand in brackets, […]; write them one below the other, "
            "each behind a dash, so that something can be put there"
        )
    if place is not None:
        _change(lines, entries, place, before.products[place], product)
    elif entries:
        _append(lines, entries, product)
    else:
        _begin(lines, root, product)
    after = ending.join(lines)
    _check(before, parse_store(after, source), product, source)
    return after


def _change(lines: list[str], entries: CommentedSeq, place: int, before: Product, product: Product) -> None:
    entry = entries[place]
    row, column = _dash(lines, entries, place)
    end = _end(lines, row, column + 1)
    added = product.photos[len(before.photos) :]
    old, new = before.model_dump(exclude_defaults=True), product.model_dump(exclude_defaults=True)
    grows = product.photos[: len(before.photos)] == before.photos
    absent = {key: value for key, value in new.items() if key not in old and key != "photos"}
    changed = [key for key in old if key != "photos" and old[key] != new.get(key)]
    photos = entry.get("photos")
    listed = isinstance(photos, CommentedSeq) and len(photos) > 0
    if (
        entry.fa.flow_style()
        or not grows
        or changed
        or (listed and photos.fa.flow_style())
        or ("photos" in entry and not listed)
    ):
        comment = _comment(lines[row]) if end == row + 1 else ""
        lines[row:end] = _block(product, column, comment)
        return
    inner = entry.lc.key(next(iter(entry)))[1]
    if listed and added:
        # Behind the last photo, indented as it is.
        last, at = _dash(lines, photos, len(photos) - 1)
        after = _end(lines, last, at + 1)
        lines[after:after] = [" " * at + _photo(photo) for photo in added]
        end += len(added)
    elif added:
        lines[end:end] = [" " * inner + "photos:", *(" " * (inner + 2) + _photo(photo) for photo in added)]
        end += 1 + len(added)
    lines[end:end] = [" " * inner + f"{key}: {_written(value)}" for key, value in absent.items()]


def _append(lines: list[str], entries: CommentedSeq, product: Product) -> None:
    row, column = _dash(lines, entries, len(entries) - 1)
    end = _end(lines, row, column + 1)
    lines[end:end] = _block(product, column, "")


def _begin(lines: list[str], root: CommentedMap, product: Product) -> None:
    block = _block(product, 2, "")
    if "products" in root:
        row = root.lc.key("products")[0]
        comment = _comment(lines[row])
        lines[row : _end(lines, row, 1)] = [f"products:{comment}", *block]
        return
    end = len(lines)
    while end > 0 and not lines[end - 1].strip():
        end -= 1
    lines[end:end] = ["products:", *block]
    if end + len(block) + 1 == len(lines):
        lines.append("")


def _dash(lines: Sequence[str], entries: CommentedSeq, place: int) -> tuple[int, int]:
    """The row of an item of a block list, and the column of its dash."""
    row, column = entries.lc.item(place)
    # The item may stand on the line below its dash.
    while not lines[row][:column].rstrip().endswith("-"):
        row -= 1
        column = len(lines[row])
        assert row >= 0, "an item of a block list has a dash"
    return row, lines[row][:column].rstrip().rindex("-")


def _end(lines: Sequence[str], start: int, column: int) -> int:
    """The line after the block that begins at `start`, indented by `column` or more, without blanks at its end."""
    end = start + 1
    for row in range(start + 1, len(lines)):
        if _BLANK.match(lines[row]):
            continue
        if len(lines[row]) - len(lines[row].lstrip(" ")) < column:
            break
        end = row + 1
    return end


def _comment(line: str) -> str:
    """The comment at a line's end with the blanks before it, or nothing. A # within quotes begins none."""
    for found in re.finditer(r"\s+#", line):
        try:
            YAML(typ="safe", pure=True).load(line[: found.start()].lstrip(" -"))
        except YAMLError:
            continue
        return line[found.start() :].rstrip("\r")
    return ""


def _block(product: Product, column: int, comment: str) -> list[str]:
    values: Mapping[str, Any] = product.model_dump(exclude_defaults=True)
    inner = " " * (column + 2)
    lines = [f"{inner}{key}: {_written(value)}" for key, value in values.items() if key != "photos"]
    lines[0] = f"{' ' * column}- {lines[0].lstrip()}{comment}"
    if product.photos:
        lines += [f"{inner}photos:", *(f"{inner}  {_photo(photo)}" for photo in product.photos)]
    return lines


def _photo(photo: Photo) -> str:
    parts = [f"{key}: {_written(value)}" for key, value in photo.model_dump(exclude_defaults=True).items()]
    return "- {" + ", ".join(parts) + "}"


def _written(value: Any) -> str:
    """A value as YAML on one line, in quotes where it needs them within braces, too."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = True
    yaml.allow_unicode = True
    yaml.width = 1_000_000
    stream = io.StringIO()
    yaml.dump([_plain(value)], stream)
    return stream.getvalue().strip()[1:-1].strip()


def _plain(value: Any) -> Any:
    """Lists for tuples, and 520 rather than 520.0."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check(before: Store, after: Store, product: Product, source: str) -> None:
    """Raise EnrolmentError where anything but this product became another."""
    others = [each for each in before.products if each.sku != product.sku]
    rest = after.model_copy(update={"products": before.products}) == before
    if (
        not rest
        or [each for each in after.products if each.sku != product.sku] != others
        or product not in after.products
    ):
        raise EnrolmentError(
            f"{source}: product {product.sku!r} cannot be put into the file as it is written; write the product one "
            "key a line, and run this again"
        )
