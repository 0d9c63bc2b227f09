"""What the demo shows on the terminal."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from protocol.store import Store
from tillfree.demo.shop import Receipt

BEHIND_MIN_S = 2.0
"""What a machine that keeps up stays well beneath."""


def show_receipt(
    console: Console,
    store: Store,
    receipt: Receipt,
    delay_ms: float,
    *,
    behind_s: float = 0.0,
    taken: Mapping[str, int] | None = None,
) -> None:
    """The receipt, as a shopper would see it, `delay_ms` after the exit, of which the edge was late by `behind_s`.

    `taken` is what they really took, where that is known.
    """
    caption = f"receipt {delay_ms / 1000:.1f} s after the exit"
    if behind_s >= BEHIND_MIN_S:
        caption += f"; this machine, too slow for the shop, saw it {behind_s:.1f} s late"
    table = Table(title=store.name, caption=caption, min_width=44)
    table.add_column("product")
    table.add_column("qty", justify="right")
    table.add_column("amount", justify="right")
    for line in receipt.lines:
        table.add_row(str(line["name"]), str(line["qty"]), money(int(line["amount_minor"]), receipt.currency))
    if not receipt.lines:
        table.add_row("nothing is charged" if receipt.in_review else "nothing was taken, nothing is charged", "", "")
    table.add_section()
    table.add_row("total", "", money(receipt.total_minor, receipt.currency))
    if receipt.in_review:
        table.add_row(f"{receipt.in_review} doubtful: a person decides", "", "not charged")
    console.print()
    console.print(table)
    if taken is None:
        return
    if receipt.charged() == dict(taken):
        console.print("[green]exactly what was really taken[/green]\n")
    else:
        names = {product.sku: product.name for product in store.products}
        really = ", ".join(f"{qty} × {names[sku]}" for sku, qty in sorted(taken.items())) or "nothing"
        console.print(f"[yellow]not what was really taken: {really}[/yellow]\n")


def show_summary(console: Console, report: Mapping[str, Any]) -> None:
    """The last words of a run, of its `report`: what came out right, and how fast."""
    for line in summary(report):
        console.print(line, soft_wrap=True)


def summary(report: Mapping[str, Any]) -> list[str]:
    """The run's result in a few lines; of what is not known, nothing."""
    said = []
    receipts, delays_ms = report["receipts"], report["exit_to_receipt_ms"]
    if receipts:
        known = [receipt["exact"] for receipt in receipts if "exact" in receipt]
        right = f", {sum(known)} of {len(known)} exactly what was really taken" if known else ""
        said.append(
            f"{_count(len(receipts), 'receipt')}{right}; the slowest {max(delays_ms) / 1000:.1f} s after the exit"
        )
    pictures = report["pictures"]
    if pictures is not None:
        delay = pictures["delay_ms"]
        done = "" if delay is None else f"; half done {delay['p50']} ms after they were taken, 99 % {delay['p99']} ms"
        said.append(f"{_count(pictures['seen'], 'picture')} seen, {pictures['left_out']} left out{done}")
    memory = report["memory_mb"]
    if memory is not None:
        largest = max(memory["each"], key=lambda name: memory["each"][name])
        said.append(f"{memory['together']} MB of memory at most, {memory['each'][largest]} of them the {largest}")
    return said


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def money(amount_minor: int, currency: str) -> str:
    """An amount for people. The minor unit is a hundredth but in the few currencies that have none, or thousandths."""
    digits = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "BHD": 3, "KWD": 3, "JOD": 3, "OMR": 3, "TND": 3}
    places = digits.get(currency, 2)
    if not places:
        return f"{amount_minor} {currency}"
    whole, rest = divmod(abs(amount_minor), 10**places)
    return f"{'-' if amount_minor < 0 else ''}{whole}.{rest:0{places}d} {currency}"
