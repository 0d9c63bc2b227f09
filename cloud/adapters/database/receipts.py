"""The lines of a visit, revision by revision, and the receipts that show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from cloud.adapters.database.charges import charges_of
from cloud.adapters.database.hooks import announce
from cloud.adapters.database.tables import receipts, settlement_lines
from cloud.domain.decision import Decision
from cloud.domain.receipt import Cause, SettledLine, total_minor


def line_row(store: str, visit: UUID, revision: int, line: SettledLine) -> dict[str, Any]:
    """The row of a line."""
    return {
        "store_id": store,
        "visit_id": visit,
        "revision": revision,
        "position": line.position,
        "sku": line.sku,
        "name": line.name,
        "qty": line.qty,
        "p": line.p,
        "decision": line.decision,
        "reasons": list(line.reasons),
        "unit_minor": line.unit_minor,
        "amount_minor": line.amount_minor,
        "interactions": list(line.interactions),
        "discount_minor": line.discount_minor,
        "promotions": list(line.promotions),
        "tax_bps": line.tax_bps,
        "charge_number": line.charge,
        "refunded_minor": line.refunded_minor,
        "refunded_qty": line.refunded_qty,
    }


def write_lines(connection: Connection, store: str, visit: UUID, revision: int, lines: Iterable[SettledLine]) -> None:
    """Keep `lines` as those of `revision`."""
    rows = [line_row(store, visit, revision, line) for line in lines]
    if rows:
        connection.execute(insert(settlement_lines), rows)


def latest_revision(connection: Connection, store: str, visit: UUID) -> int:
    """The number of the visit's latest receipt; 0 where none was issued."""
    mine = (receipts.c.store_id == store, receipts.c.visit_id == visit)
    return connection.execute(select(func.max(receipts.c.revision)).where(*mine)).scalar() or 0


def lines_of(connection: Connection, store: str, visit: UUID, revision: int) -> tuple[SettledLine, ...]:
    """The lines of a revision, in the cart's order."""
    query = select(settlement_lines).where(
        settlement_lines.c.store_id == store,
        settlement_lines.c.visit_id == visit,
        settlement_lines.c.revision == revision,
    )
    return tuple(_line(row) for row in connection.execute(query.order_by(settlement_lines.c.position)))


def issue_receipt(
    connection: Connection,
    store: str,
    visit: UUID,
    revision: int,
    lines: Sequence[SettledLine],
    *,
    account: str,
    currency: str,
    cause: Cause,
    now: datetime,
) -> None:
    """Issue the receipt of a revision whose lines are written and whose charges stand as they are to be shown."""
    found = charges_of(connection, store, visit)
    receipt = Receipt(store, visit, revision, account, total_minor(lines), currency, cause)
    row = receipt_row(receipt, lines, now)
    row["owed_minor"] = sum(charge.due.minor for charge in found if charge.indebted)
    row["charged_back_minor"] = sum(charge.charged_back_minor for charge in found)
    connection.execute(insert(receipts).values(row))
    announce(connection, store, "receipt.issued", receipt.name, said=receipt.said, now=now)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says first."""

    store: str
    visit: UUID
    revision: int
    account: str
    total_minor: int
    currency: str
    cause: Cause

    @property
    def name(self) -> str:
        """What the retailer is told of it once for."""
        return f"{self.visit}/{self.revision}"

    @property
    def said(self) -> dict[str, Any]:
        """What the retailer is told of it."""
        said = {"visit": str(self.visit), "revision": self.revision, "account": self.account, "cause": self.cause}
        return {**said, "total_minor": self.total_minor, "currency": self.currency}


def receipt_row(receipt: Receipt, lines: Sequence[SettledLine], now: datetime) -> dict[str, Any]:
    """The row of a receipt of which nothing is owed or charged back."""
    return {
        "store_id": receipt.store,
        "visit_id": receipt.visit,
        "revision": receipt.revision,
        "account_id": receipt.account,
        "total_minor": receipt.total_minor,
        "currency": receipt.currency,
        "in_review": sum(line.decision is Decision.REVIEW for line in lines),
        "issued_at": now,
        "cause": receipt.cause,
        "refunded_minor": sum(line.refunded_minor for line in lines),
        "owed_minor": 0,
        "charged_back_minor": 0,
    }


def _line(row: Any) -> SettledLine:
    return SettledLine(
        row.position,
        row.sku,
        row.name,
        row.qty,
        row.p,
        Decision(row.decision),
        tuple(row.reasons),
        row.unit_minor,
        row.amount_minor,
        tuple(row.interactions),
        row.discount_minor,
        tuple(row.promotions),
        row.tax_bps,
        row.charge_number,
        row.refunded_minor,
        row.refunded_qty,
    )
