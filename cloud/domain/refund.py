"""What a refund gives back, line by line.

A refund names lines of the latest receipt, each with how many pieces, or with an amount; or nothing, which means all
that is left. It can never give back more than the shopper paid for a line, promotions included.

Pieces of a line that did not all cost the same (a promotion took part of them) cost the same in a refund: k of n pieces
give back the k-th part of what was paid, rounded so that all n together give back exactly all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloud.domain.decision import Decision
from cloud.domain.errors import CloudError
from cloud.domain.receipt import SettledLine


class RefundError(CloudError):
    """A refund of what was not charged, or of more than is left."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for one line: pieces, or an amount in minor units, or (neither) all that is left."""

    position: int
    qty: int | None = None
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a refund gives back of one line; `qty` is 0 where only an amount was asked for."""

    position: int
    charge: int
    qty: int
    amount_minor: int


def refund_of(
    lines: Sequence[SettledLine], wishes: Sequence[Wish], under_way: Mapping[int, tuple[int, int]]
) -> tuple[Part, ...]:
    """The parts for `wishes` (none: everything); RefundError where they cannot be.

    `under_way` are pieces and minor units per position of refunds that have no answer yet: they count as given back.
    """
    by_position = {line.position: line for line in lines if line.decision is Decision.CHARGE}
    if len({wish.position for wish in wishes}) < len(wishes):
        raise RefundError("a line is named twice: name each once")
    parts: list[Part] = []
    for wish in wishes or [Wish(position) for position in sorted(by_position)]:
        line = by_position.get(wish.position)
        if line is None:
            raise RefundError(f"line {wish.position} was not charged, so nothing of it can be given back")
        part = _part(line, wish, under_way.get(wish.position, (0, 0)))
        if part.amount_minor or part.qty:
            parts.append(part)
    if not sum(part.amount_minor for part in parts):
        raise RefundError("nothing is left to give back")
    return tuple(part for part in parts if part.amount_minor)


def _part(line: SettledLine, wish: Wish, under_way: tuple[int, int]) -> Part:
    assert line.amount_minor is not None
    assert line.charge is not None or not line.amount_minor
    charge = line.charge or 1
    given_qty = line.refunded_qty + under_way[0]
    left_minor = line.remaining_minor - under_way[1]
    left_qty = line.qty - given_qty
    if wish.amount_minor is not None:
        if wish.amount_minor > left_minor:
            raise RefundError(f"line {line.position}: {left_minor} minor units are left, not {wish.amount_minor}")
        return Part(line.position, charge, 0, wish.amount_minor)
    qty = left_qty if wish.qty is None else wish.qty
    if qty > left_qty:
        raise RefundError(f"line {line.position}: {left_qty} pieces are left, not {qty}")
    if given_qty + qty == line.qty:
        return Part(line.position, charge, qty, left_minor)
    worth = _share(line.amount_minor, given_qty + qty, line.qty) - _share(line.amount_minor, given_qty, line.qty)
    return Part(line.position, charge, qty, min(worth, left_minor))


def _share(amount_minor: int, pieces: int, of: int) -> int:
    """What `pieces` of `of` cost, rounded half up."""
    return (2 * amount_minor * pieces + of) // (2 * of)
