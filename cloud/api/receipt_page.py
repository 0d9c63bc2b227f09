"""A receipt as a page, and as a PDF. Both say the same, from the same lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from cloud.api.receipt_font import Said, said_in_font
from cloud.domain.money import Money
from cloud.domain.receipt import Cause
from cloud.domain.spelling import spelled

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}td{padding:.35rem 0;vertical-align:top;border-bottom:1px solid #ddd}
td+td{text-align:right;white-space:nowrap;padding-left:1rem}small{color:#666;display:block}
tr.total td{font-weight:700;border-bottom:0;border-top:2px solid}
@media(prefers-color-scheme:dark){body{color:#eee;background:#181818}td{border-color:#444}small{color:#aaa}}
"""
_MARGIN, _LINE, _GAP = 36.0, 15.0, 12.0

Names = Mapping[str, str]
"""What promotions are called, by id."""

NO_NAMES: Names = {}


_CAUSES = {
    Cause.SETTLED: "the first",
    Cause.REVIEW_CHARGED: "somebody looked at a doubtful line and charged it",
    Cause.REVIEW_DROPPED: "a doubtful line costs nothing",
    Cause.REFUNDED: "money was given back",
    Cause.DEBT_PAID: "what was owed is paid",
    Cause.WRITTEN_OFF: "what was owed need not be paid",
    Cause.CHARGED_BACK: "the bank took money back, or returned it",
    Cause.LATE_EVENT: "something was seen late",
}
"""Why there is a revision, as shoppers are told."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a receipt: what, more of it in small letters, and the amount."""

    what: str
    amount: str
    more: str = ""
    strong: bool = False


def rows_of(receipt: Any, promotions: Names = NO_NAMES) -> list[Row]:
    """The rows of a ReceiptResource."""

    def money(minor: int) -> str:
        return spelled(Money(minor, receipt.currency))

    rows = []
    for line in receipt.lines:
        more = [f"{line.qty} × {money(line.unit_minor)}"]
        if line.discount_minor:
            names = ", ".join(promotions.get(each, each) for each in line.promotions)
            more.append(f"less {money(line.discount_minor)} ({names})")
        if line.refunded_minor:
            more.append(f"given back {money(line.refunded_minor)}")
        rows.append(Row(line.name, money(line.amount_minor - line.refunded_minor), ", ".join(more)))
    rows.append(Row("Total", money(receipt.total_minor), strong=True))
    rows += [
        Row(f"of it {tax.rate_bps / 100:g} % tax on {money(tax.net_minor)}", money(tax.tax_minor))
        for tax in receipt.taxes
    ]
    if receipt.owed_minor:
        rows.append(Row("not yet paid", money(receipt.owed_minor)))
    if receipt.charged_back_minor:
        rows.append(Row("taken back by the bank", money(receipt.charged_back_minor)))
    return rows


def footer_of(receipt: Any) -> list[str]:
    """What stands below the rows."""
    left = "nobody saw when you left" if receipt.exited_at is None else f"left {_minute(receipt.exited_at)}"
    lines = [
        f"In the shop: came {_minute(receipt.entered_at)}, {left}",
        f"Issued {_minute(receipt.issued_at)}, revision {receipt.revision}: {_CAUSES[receipt.cause]}",
        f"Visit {receipt.visit}",
    ]
    if receipt.in_review:
        lines.append(f"{receipt.in_review} doubtful line(s) are not charged: a person looks at them")
    return lines


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def receipt_html(receipt: Any, store: str, promotions: Names = NO_NAMES) -> str:
    """The receipt as a page without scripts, which needs nothing from elsewhere."""
    rows = "".join(
        f"<tr{' class=total' if row.strong else ''}><td>{escape(row.what)}"
        f"{f'<small>{escape(row.more)}</small>' if row.more else ''}</td><td>{escape(row.amount)}</td></tr>"
        for row in rows_of(receipt, promotions)
    )
    below = "".join(f"<small>{escape(line)}</small>" for line in footer_of(receipt))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width,"
        f"initial-scale=1'><title>Receipt, {escape(store)}</title><style>{_STYLE}</style>"
        f"<h1>{escape(store)}</h1><table>{rows}</table><p>{below}</p></html>"
    )


def receipt_pdf(receipt: Any, store: str, promotions: Names = NO_NAMES) -> bytes:
    """The receipt as a PDF of A5 pages: on one machine the same bytes for the same receipt."""
    file = BytesIO()
    page = Canvas(file, pagesize=A5, invariant=True)
    page.setTitle(f"Receipt, {store}")
    width, height = A5
    top = height - _MARGIN - _LINE
    y = top

    def put(text: str, size: int, *, strong: bool = False, right: str = "") -> None:
        nonlocal y
        amount = said_in_font(right, strong=strong)
        room = width - 2 * _MARGIN - (amount.width_pt(size) + _GAP if right else 0)
        for number, said in enumerate(_lines(text, size, room, strong=strong)):
            if y < _MARGIN:
                page.showPage()
                y = top
            page.setFont(said.font, size)
            page.drawString(_MARGIN, y, said.text)
            if right and not number:
                page.setFont(amount.font, size)
                page.drawRightString(width - _MARGIN, y, amount.text)
            y -= _LINE

    put(store, 16, strong=True)
    y -= _LINE
    for row in rows_of(receipt, promotions):
        put(row.what, 10, strong=row.strong, right=row.amount)
        if row.more:
            put(row.more, 8)
    y -= _LINE
    for line in footer_of(receipt):
        put(line, 8)
    page.save()
    return file.getvalue()


def _lines(text: str, size: int, room_pt: float, *, strong: bool) -> list[Said]:
    """`text` in lines that are at most `room_pt` wide, broken between words or, where one is too long, within it."""
    lines: list[Said] = []
    line = said_in_font("", strong=strong)
    for word in text.split():
        longer = said_in_font(f"{line.text} {word}".strip(), strong=strong)
        if longer.width_pt(size) <= room_pt:
            line = longer
            continue
        if line.text:
            lines.append(line)
        rest = word
        while (line := said_in_font(rest, strong=strong)).width_pt(size) > room_pt:
            fits = next(n for n in range(len(rest) - 1, 0, -1) if _fits(rest[:n], size, room_pt, strong) or n == 1)
            lines.append(said_in_font(rest[:fits], strong=strong))
            rest = rest[fits:]
    return [*lines, line]


def _fits(text: str, size: int, room_pt: float, strong: bool) -> bool:
    return said_in_font(text, strong=strong).width_pt(size) <= room_pt
