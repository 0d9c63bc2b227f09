"""Double entry: an entry is a set of postings that sum to zero in each currency.

Debits are positive, credits negative. The accounts:

    cash              what shoppers paid in (an asset: debits grow it)
    wallet:ACCOUNT    what we owe the shopper (a liability: credits grow it, so what we owe is minus its sum)
    sales             what was sold (income: credits grow it)

Holds are reservations inside the wallet and no entries: no money moves.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from cloud.domain.errors import LedgerError
from cloud.domain.money import Money

CASH = "cash"
SALES = "sales"


def wallet(account: str) -> str:
    """The ledger account of a shopper's wallet."""
    return f"wallet:{account}"


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount on one side of an account: debit if positive, credit if negative."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to money. `key` names what it stands for, so that it is written once."""

    key: str
    kind: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        """Refuse an entry that does not balance."""
        wrong = imbalance(self.postings)
        if wrong or len(self.postings) < 2:
            raise LedgerError(f"ledger entry {self.key}: its {len(self.postings)} postings leave {wrong or 'nothing'}")


def imbalance(postings: Iterable[Posting]) -> dict[str, int]:
    """The currencies in which `postings` do not sum to zero, with what is left over in minor units."""
    sums: Counter[str] = Counter()
    for posting in postings:
        sums[posting.amount.currency] += posting.amount.minor
    return {currency: left for currency, left in sums.items() if left}


def top_up(account: str, amount: Money, key: str) -> Entry:
    """A shopper paid `amount` into their wallet."""
    return Entry(key, "top_up", (Posting(CASH, amount), Posting(wallet(account), -amount)))


def capture(account: str, amount: Money, key: str) -> Entry:
    """A shopper's wallet paid `amount` for what they took."""
    return Entry(key, "capture", (Posting(wallet(account), amount), Posting(SALES, -amount)))
