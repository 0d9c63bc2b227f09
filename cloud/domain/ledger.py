"""Double entry: an entry is a set of postings that sum to zero in each currency.

Debits are positive, credits negative. The accounts:

    cash              what shoppers paid into wallets (an asset: debits grow it)
    wallet:ACCOUNT    what we owe the shopper (a liability: credits grow it, so what we owe is minus its sum)
    gateway:NAME      what a payment gateway took for us and has not paid out (an asset)
    debt:ACCOUNT      what a shopper took and has not paid (an asset)
    sales             what was sold, without tax (income: credits grow it)
    tax:BPS           tax in what was sold, by rate in basis points (a liability)
    chargebacks       what shoppers' banks took back (a loss: debits grow it)
    written_off       debts that nobody pays any more (a loss)
    forfeited         what was left in a closed wallet and is nobody's any more (income: credits grow it)

Holds are reservations at the gateway and no entries: no money moves.

What was sold in a visit is what its latest receipt says, so an entry that changes a receipt posts the difference
between before and after, rate by rate: the postings of a visit to `sales` and `tax` always sum to its latest receipt.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cloud.domain.errors import LedgerError
from cloud.domain.money import Money
from cloud.domain.tax import included_tax_minor

CASH = "cash"
SALES = "sales"
CHARGEBACKS = "chargebacks"
WRITTEN_OFF = "written_off"
FORFEITED = "forfeited"

WALLET = "wallet"
"""The name of the embedded gateway."""

Gross = Mapping[int | None, int]
"""What was sold in minor units, tax included, by tax rate in basis points (None: no tax)."""


def wallet(account: str) -> str:
    """The ledger account of a shopper's wallet."""
    return f"wallet:{account}"


def debt(account: str) -> str:
    """The ledger account of what a shopper owes us."""
    return f"debt:{account}"


def tax(rate_bps: int) -> str:
    """The ledger account of the tax at a rate."""
    return f"tax:{rate_bps}"


def source(gateway: str, account: str) -> str:
    """The ledger account that a capture by `gateway` from `account` debits."""
    return wallet(account) if gateway == WALLET else f"gateway:{gateway}"


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


def sold(counter: str, before: Gross, after: Gross, currency: str, *, key: str, kind: str) -> Entry:
    """What was sold went from `before` to `after`, and `counter` pays (or gets back) the difference."""
    postings: list[Posting] = []
    net_minor = 0
    for rate_bps in sorted({*before, *after}, key=lambda rate: -1 if rate is None else rate):
        was, becomes = before.get(rate_bps, 0), after.get(rate_bps, 0)
        taxed_minor = 0
        if rate_bps is not None:
            taxed_minor = included_tax_minor(becomes, rate_bps) - included_tax_minor(was, rate_bps)
        if taxed_minor and rate_bps is not None:
            postings.append(Posting(tax(rate_bps), Money(-taxed_minor, currency)))
        net_minor += becomes - was - taxed_minor
    # Where pieces only went from one rate to another, and neither has tax, nothing moves: the entry says that.
    if net_minor or not postings:
        postings.insert(0, Posting(SALES, Money(-net_minor, currency)))
    change_minor = sum(after.values()) - sum(before.values())
    return Entry(key, kind, (Posting(counter, Money(change_minor, currency)), *postings))


def moved(debit: str, credit: str, amount: Money, *, key: str, kind: str) -> Entry:
    """`amount` went from the account `credit` to the account `debit`."""
    return Entry(key, kind, (Posting(debit, amount), Posting(credit, -amount)))
