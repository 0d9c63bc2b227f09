"""What a gateway tells us by a webhook, whichever gateway it is.

A notice is never believed about a payment of ours: it only says that it is worth asking now. What the shopper's bank
did (a chargeback) we learn from notices alone, and the daily reconciliation finds any that never came.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cloud.domain.money import Money


class NoticeKind(StrEnum):
    """What it is about."""

    ANSWERED = "answered"
    CHARGED_BACK = "charged_back"
    CHARGE_BACK_REVERSED = "charge_back_reversed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Notice:
    """One webhook, read. `key` is what the payment it is about pays for; `reference` names the chargeback."""

    id: str
    store: str
    kind: NoticeKind
    key: str
    reference: str
    amount: Money
    occurred_at: datetime
