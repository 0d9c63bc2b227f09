"""Comparing what the ledger says with what a gateway says, movement by movement.

Both sides are lists of money that moved, each with the key of what it pays for. They agree where every key has the same
kind and amount on both sides, once. Payments whose answer has not come yet may be on one side only: they are left out
of the comparison and counted, and the next run has them. A gateway's hold is stranded where nothing of ours needs it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from cloud.domain.money import Money

MovementKind = Literal["capture", "refund", "chargeback", "chargeback_reversed"]


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved. `key` is what it pays for; of a chargeback the key of the capture it takes back from."""

    kind: MovementKind
    key: str
    reference: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenHold:
    """Money that a gateway still reserves for us."""

    key: str
    reference: str
    amount_minor: int


class Statement(Protocol):
    """What a gateway says that it did."""

    def movements(self, store: str) -> Iterable[Movement]:
        """Every movement of the store's money."""

    def open_holds(self, store: str) -> Iterable[OpenHold]:
        """What is still reserved of the store's shoppers."""


class Kind(StrEnum):
    """How the two sides differ."""

    MISSING_IN_LEDGER = "missing_in_ledger"
    MISSING_AT_GATEWAY = "missing_at_gateway"
    TWICE_AT_GATEWAY = "twice_at_gateway"
    AMOUNT_DIFFERS = "amount_differs"
    STRANDED_HOLD = "stranded_hold"
    LEDGER_UNBALANCED = "ledger_unbalanced"
    WALLET_DIFFERS = "wallet_differs"
    RECEIPT_DIFFERS = "receipt_differs"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the two sides do not agree; amounts in minor units, None where a side has none."""

    kind: Kind
    what: str
    key: str
    ledger_minor: int | None
    gateway_minor: int | None
    reference: str | None = None


def compare(ours: Iterable[Movement], theirs: Iterable[Movement], in_flight: frozenset[str]) -> list[Difference]:
    """Every difference between `ours` and `theirs`, in order of what and key; what is `in_flight` is left out."""
    mine = {_name(each): each for each in ours if not _flying(each, in_flight)}
    found: dict[tuple[str, str], Movement] = {}
    times: Counter[tuple[str, str]] = Counter()
    differences: list[Difference] = []
    for each in theirs:
        if _flying(each, in_flight):
            continue
        name = _name(each)
        times[name] += 1
        if times[name] > 1:
            differences.append(_difference(Kind.TWICE_AT_GATEWAY, mine.get(name), each))
            continue
        found[name] = each
        if name not in mine:
            differences.append(_difference(Kind.MISSING_IN_LEDGER, None, each))
        elif mine[name].amount != each.amount:
            differences.append(_difference(Kind.AMOUNT_DIFFERS, mine[name], each))
    differences += [
        _difference(Kind.MISSING_AT_GATEWAY, each, None) for name, each in mine.items() if name not in found
    ]
    return sorted(differences, key=lambda each: (each.what, each.key, each.kind))


def stranded(held: Iterable[OpenHold], needed: frozenset[str]) -> list[Difference]:
    """Holds that stand at the gateway though nothing needs them."""
    return [
        Difference(Kind.STRANDED_HOLD, "hold", each.key, None, each.amount_minor, each.reference)
        for each in held
        if each.key not in needed
    ]


def _flying(movement: Movement, in_flight: frozenset[str]) -> bool:
    return _name(movement)[1] in in_flight


def _name(movement: Movement) -> tuple[str, str]:
    # A capture may be charged back in several parts, each with a reference of its own.
    charged_back = movement.kind in {"chargeback", "chargeback_reversed"}
    return movement.kind, movement.reference if charged_back else movement.key


def _difference(kind: Kind, ours: Movement | None, theirs: Movement | None) -> Difference:
    either = theirs or ours
    assert either is not None
    return Difference(
        kind,
        either.kind,
        either.key,
        ours.amount.minor if ours else None,
        theirs.amount.minor if theirs else None,
        theirs.reference if theirs else None,
    )
