"""A receipt as a page, and as a PDF. Both say the same, from the same lines."""

from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from cloud.domain.money import Money
from cloud.domain.spelling import spelled
from protocol.model import rfc3339

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}td{padding:.35rem 0;vertical-align:top;border-bottom:1px solid #ddd}
td+td{text-align:right;white-space:nowrap;padding-left:1rem}small{color:#666;display:block}
tr.total td{font-weight:700;border-bottom:0;border-top:2px solid}
@media(prefers-color-scheme:dark){body{color:#eee;background:#181818}td{border-color:#444}small{color:#aaa}}
"""
_MARGIN, _LINE = 36.0, 15.0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a receipt: what, more of it in small letters, and the amount."""

    what: str
    amount: str
    more: str = ""
    strong: bool = False


def rows_of(receipt: Any) -> list[Row]:
    """The rows of a ReceiptResource."""

    def money(minor: int) -> str:
        return spelled(Money(minor, receipt.currency))

    rows = []
    for line in receipt.lines:
        more = [f"{line.qty} × {money(line.unit_minor)}"]
        if line.discount_minor:
            more.append(f"less {money(line.discount_minor)} ({', '.join(line.promotions)})")
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
    lines = [f"Visit {receipt.visit}", f"Issued {rfc3339(receipt.issued_at)}, revision {receipt.revision}"]
    if receipt.in_review:
        lines.append(f"{receipt.in_review} doubtful line(s) are not charged: a person looks at them")
    return lines


def receipt_html(receipt: Any, store: str) -> str:
    """The receipt as a page without scripts, which needs nothing from elsewhere."""
    rows = "".join(
        f"<tr{' class=total' if row.strong else ''}><td>{escape(row.what)}"
        f"{f'<small>{escape(row.more)}</small>' if row.more else ''}</td><td>{escape(row.amount)}</td></tr>"
        for row in rows_of(receipt)
    )
    below = "".join(f"<small>{escape(line)}</small>" for line in footer_of(receipt))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width,"
        f"initial-scale=1'><title>Receipt, {escape(store)}</title><style>{_STYLE}</style>"
        f"<h1>{escape(store)}</h1><table>{rows}</table><p>{below}</p></html>"
    )


def receipt_pdf(receipt: Any, store: str) -> bytes:
    """The receipt as a PDF of A5 pages: the same bytes for the same receipt.

    Its font is Helvetica, which every reader has and which knows Western European letters alone; others become "?".
    """
    file = BytesIO()
    page = Canvas(file, pagesize=A5, invariant=True)
    page.setTitle(_western(f"Receipt, {store}"))
    width, height = A5
    y = height - _MARGIN - _LINE

    def put(text: str, size: int, *, font: str = "Helvetica", right: str = "") -> None:
        nonlocal y
        if y < _MARGIN:
            page.showPage()
            y = height - _MARGIN - _LINE
        page.setFont(font, size)
        room = width - 2 * _MARGIN - page.stringWidth(right, font, size) - 12
        shown = _western(text)
        while shown and page.stringWidth(shown, font, size) > room:
            shown = shown[:-1]
        page.drawString(_MARGIN, y, shown)
        page.drawRightString(width - _MARGIN, y, right)
        y -= _LINE

    put(store, 16, font="Helvetica-Bold")
    y -= _LINE
    for row in rows_of(receipt):
        put(row.what, 10, font="Helvetica-Bold" if row.strong else "Helvetica", right=row.amount)
        if row.more:
            put(row.more, 8)
    y -= _LINE
    for line in footer_of(receipt):
        put(line, 8)
    page.save()
    return file.getvalue()


def _western(text: str) -> str:
    return text.encode("cp1252", errors="replace").decode("cp1252")
