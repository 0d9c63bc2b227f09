"""Receipts as people read them: a page, and a PDF."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cloud.api import receipt_font
from cloud.api.receipt_font import said_in_font
from cloud.api.receipt_page import receipt_pdf
from cloud.api.routes.settlements import ReceiptLineResource, ReceiptResource
from cloud.domain.receipt import Cause
from tests.unit.cloud.corner_shop import NOW, OPENING, Hub
from tests.unit.cloud.trading import KEY, PLACE, Trade

THREE_FOR_TWO = {
    "name": "Three <b>waters</b> for two",
    "terms": {"kind": "n_for_m", "skus": ["water"], "take": 3, "pay": 2},
    "valid_from": "2024-01-01T00:00:00Z",
}


def test_a_receipt_is_a_page_that_runs_nothing(trade: Trade) -> None:
    trade.http.put(f"{PLACE}/products/water", json={"name": "<script>alert(1)</script>"})
    trade.http.put(f"{PLACE}/promotions/three", json=THREE_FOR_TWO)
    page = trade.http.get(f"{PLACE}/visits/{trade.visit(qty=4)}/receipt.html")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    said = ("&lt;script&gt;", "4 × 1.50 EUR", "4.50 EUR", "Corner", "(Three &lt;b&gt;waters&lt;/b&gt; for two)")
    assert [text for text in said if text not in page.text] == []
    assert "came 2024-05-01 12:00 UTC, left 2024-05-01 12:01 UTC" in page.text


def test_a_receipt_is_a_pdf_and_the_same_one_each_time(trade: Trade) -> None:
    trade.http.put(f"{PLACE}/products/water", json={"name": "Wasser (0,5 l) für Кефир 水" + "x" * 150})
    path = f"{PLACE}/visits/{trade.visit()}/receipt.pdf"
    first, again = trade.http.get(path), trade.http.get(path)
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert first.content[:5] == b"%PDF-"
    assert first.content == again.content
    assert re.search(rb"/Count 1\b", first.content)


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_what_is_not_settled_has_no_form(trade: Trade, form: str) -> None:
    hub = Hub()
    visit = hub.visit()
    trade.shop.hear(hub.enter(visit))
    trade.shop.work()
    answer = trade.http.get(f"{PLACE}/visits/{visit}/receipt.{form}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:tillfree:problem:no-receipt")


def test_a_list_of_receipts_shows_what_each_says_now(trade: Trade) -> None:
    visits = [trade.visit(1), trade.visit(2), trade.visit(3)]
    for number in (1, 2):
        body = {"by": "olga", "reason": "faulty", "lines": [{"line": 0, "qty": 1}]}
        place = f"{PLACE}/visits/{visits[1]}/refunds"
        assert trade.http.post(place, json=body, headers={KEY: f"r{number}"}).status_code == 201
        trade.shop.work()
    first = trade.http.get(f"{PLACE}/receipts?limit=2").json()
    rest = trade.http.get(f"{PLACE}/receipts?limit=2&cursor={first['next']}").json()
    shown = {each["visit"]: (each["revision"], each["total_minor"]) for each in first["items"] + rest["items"]}
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert shown == {visits[0]: (1, 300), visits[1]: (3, 0), visits[2]: (1, 300)}


def receipt_of(*names: str, **more: Any) -> ReceiptResource:
    """A receipt with a line of each name."""
    each = {"sku": "x", "qty": 1, "unit_minor": 100, "discount_minor": 0, "promotions": [], "tax_bps": None}
    lines = [
        ReceiptLineResource(line=line, name=name, amount_minor=100, refunded_minor=0, refunded_qty=0, **each)
        for line, name in enumerate(names)
    ]
    values = {"store": "corner", "visit": "018f343d-8c80-774d-82c6-ae75e6001bbe", "account": "alice", "revision": 1}
    values |= {"lines": lines, "taxes": [], "total_minor": 100 * len(lines), "refunded_minor": 0, "owed_minor": 0}
    values |= {"charged_back_minor": 0, "currency": "EUR", "cause": Cause.SETTLED, "in_review": 0}
    values |= {"entered_at": OPENING, "exited_at": OPENING + timedelta(minutes=3), "issued_at": NOW}
    return ReceiptResource(**{**values, **more})


def drawn(monkeypatch: pytest.MonkeyPatch, receipt: ReceiptResource) -> list[str]:
    """Every text that stands on the PDF's pages, in order."""
    said: list[str] = []
    from reportlab.pdfgen.canvas import Canvas

    monkeypatch.setattr(Canvas, "drawString", lambda _page, _x, _y, text: said.append(text))
    receipt_pdf(receipt, "Corner")
    return said


def test_a_long_name_goes_on_in_the_next_line_and_nothing_of_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "Riesling Kabinett trocken vom Schieferhang, handgelesen und im großen Holz ausgebaut, 0,75 l"
    endless = "W" * 120
    said = drawn(monkeypatch, receipt_of(long, endless))
    assert long not in said
    assert " ".join(said).count(long) == 1
    assert "".join(text for text in said if set(text) == {"W"}) == endless


def test_many_lines_fill_many_pages() -> None:
    pages = re.search(rb"/Count (\d+)", receipt_pdf(receipt_of(*["Water"] * 60), "Corner"))
    assert pages is not None
    assert int(pages[1]) == 4


@pytest.mark.parametrize("cause", Cause)
def test_every_revision_says_why_there_is_one(monkeypatch: pytest.MonkeyPatch, cause: Cause) -> None:
    said = drawn(monkeypatch, receipt_of("Water", cause=cause, revision=2, exited_at=None))
    assert any(re.fullmatch(r"Issued 2026-11-22 09:00 UTC, revision 2: \w.+", text) for text in said)
    assert "In the shop: came 2024-05-01 12:00 UTC, nobody saw when you left" in said


def test_western_letters_are_helvetica_and_others_are_said_where_a_font_knows_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert said_in_font("Gruyère").font == "Helvetica"
    monkeypatch.setattr(receipt_font, "_FOLDERS", (Path("/nowhere"),))
    receipt_font._wider.cache_clear()
    assert said_in_font("Кефир ż").text == "????? ?", "without a font that knows them"
    monkeypatch.undo()
    receipt_font._wider.cache_clear()
    if not any(folder.is_dir() for folder in receipt_font._FOLDERS):
        pytest.skip("DejaVu Sans is not installed (Debian: apt-get install fonts-dejavu-core)")
    said = said_in_font("Кефир 水 ż", strong=True)
    assert (said.text, said.font) == ("Кефир ? ż", "DejaVuSans-Bold")
