"""A receipt for people: as a page, and as a PDF."""

from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from cloud.adapters.database.promotions import promotion_names
from cloud.adapters.database.shop import store_name
from cloud.api.problems import documented
from cloud.api.receipt_page import Names, receipt_html, receipt_pdf
from cloud.api.rim import Rim, RimOf, StorePath, VisitPath
from cloud.api.routes.settlements import ReceiptResource, get_receipt

router = APIRouter(tags=["Receipts"])

PDF = "application/pdf"


class PdfResponse(Response):
    """A PDF."""

    media_type = PDF


@router.get("/stores/{store}/visits/{visit}/receipt.html", response_class=HTMLResponse, responses=documented(404))
def get_receipt_page(store: StorePath, visit: VisitPath, rim: RimOf) -> HTMLResponse:
    """The latest receipt of a visit as a page."""
    receipt, name, promotions = _load(store, visit, rim)
    # Names of products are data: the page may run nothing.
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return HTMLResponse(receipt_html(receipt, name, promotions), headers=policy)


@router.get("/stores/{store}/visits/{visit}/receipt.pdf", response_class=PdfResponse, responses=documented(404))
def get_receipt_pdf(store: StorePath, visit: VisitPath, rim: RimOf) -> PdfResponse:
    """The latest receipt of a visit as a PDF."""
    receipt, name, promotions = _load(store, visit, rim)
    shown = {"Content-Disposition": f'inline; filename="receipt-{visit}-{receipt.revision}.pdf"'}
    return PdfResponse(receipt_pdf(receipt, name, promotions), headers=shown)


def _load(store: str, visit: UUID, rim: Rim) -> tuple[ReceiptResource, str, Names]:
    receipt = get_receipt(store, visit, rim)
    promotions = {promotion for line in receipt.lines for promotion in line.promotions}
    with rim.database.read() as connection:
        return receipt, store_name(connection, store), promotion_names(connection, store, promotions)
