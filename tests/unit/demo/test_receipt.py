"""A receipt on the terminal says how late it is, and why."""

import io

import pytest
from rich.console import Console

from protocol.store_file import parse_store
from tillfree.demo.shop import Receipt
from tillfree.demo.show import show_receipt

STORE = parse_store(
    """
format: 1
store: corner
name: Corner shop
currency: EUR
cameras:
  - {id: area, role: area, size: [640, 360]}
products:
  - {sku: water, name: Still water}
""",
    "store.yaml",
)
WATER = Receipt("v", ({"sku": "water", "name": "Still water", "qty": 1, "amount_minor": 120},), 120, "EUR", 0)


@pytest.mark.parametrize(
    ("behind_s", "taken", "says", "says_not"),
    [
        (0.1, {"water": 1}, ("receipt 0.4 s after the exit", "exactly what was really taken"), "too slow"),
        (90.0, {"water": 1}, ("saw it 90.0 s late",), "not what"),
        (0.0, {"water": 2}, ("not what was really taken: 2 × Still water",), "exactly"),
        (0.0, None, ("1.20 EUR",), "really taken"),
    ],
)
def test_it_says_how_late_it_is_and_whether_it_is_right(
    behind_s: float, taken: dict[str, int] | None, says: tuple[str, ...], says_not: str
) -> None:
    said = io.StringIO()
    show_receipt(Console(file=said, width=100), STORE, WATER, 300.0 + 1000.0 * behind_s, behind_s=behind_s, taken=taken)
    text = " ".join(said.getvalue().split())
    assert all(part in text for part in says), text
    assert says_not not in text
