"""What a receipt becomes when something is said of its visit after it was settled.

Theory of operation. The cart is decided again, at the prices of the exit, with what was said late; what then differs
from the receipt is put right, product by product, and never against the shopper without a person:

    pieces on the bill that the cart no longer has, or is no longer sure of    given back at once
    pieces in the cart that are not on the bill, whatever their probability    a person decides (a new review)
    pieces waiting for a person that the cart no longer has                    no longer asked about

What a person decided stays: of a product with a line that was reviewed (or whose review lapsed) nothing is changed, and
what was given back for any other reason is not asked for again. The same sayings lead to the same receipt, so amending
twice changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cloud.domain.decision import Decision, Reason
from cloud.domain.receipt import SettledLine
from cloud.domain.refund import Wish

DECIDED_BY_PERSONS = frozenset({Reason.CHARGED_BY_REVIEW, Reason.DROPPED_BY_REVIEW, Reason.REVIEW_LAPSED})


@dataclass(frozen=True, slots=True)
class Given:
    """Pieces of a line that were given back, and how many of them for another reason than a late event."""

    qty: int = 0
    otherwise_qty: int = 0


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class Amendment:
    """What to do: pieces to give back, lines as they then are, reviews to open and to close (by position)."""

    give_back: tuple[Wish, ...] = ()
    lines: tuple[SettledLine, ...] = ()
    opened: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()

    @property
    def changes_lines(self) -> bool:
        """Whether the receipt gets a revision apart from what refunds make."""
        return bool(self.lines)


def amendment(
    lines: Sequence[SettledLine], wanted: Sequence[SettledLine], given: Mapping[int, Given], held: Iterable[int]
) -> Amendment:
    """What makes `lines`, those of the latest receipt, right by `wanted`, those of the cart as it is decided now.

    `given` is what was given back of each position, refunds without an answer too. `held` are positions that a person
    is about to decide: of their products nothing is changed.
    """
    mine: defaultdict[str | None, list[SettledLine]] = defaultdict(list)
    for line in lines:
        mine[line.sku].append(line)
    becomes = {line.position: line for line in lines}
    give_back: list[Wish] = []
    opened: list[int] = []
    closed: list[int] = []
    by_sku = {line.sku: line for line in wanted}
    kept = set(held)
    covered = {each for line in lines if DECIDED_BY_PERSONS & set(line.reasons) for each in line.interactions}
    for sku in sorted({*mine, *by_sku}, key=lambda sku: (sku is None, sku or "")):
        found, target = mine.get(sku, []), by_sku.get(sku)
        decided = any(DECIDED_BY_PERSONS & set(line.reasons) or line.position in kept for line in found)
        if decided or (target is not None and covered & set(target.interactions)):
            continue
        wishes, waiting_max = _off_the_bill(found, target, given)
        give_back += wishes
        waiting = [line for line in found if line.decision is Decision.REVIEW]
        more = waiting_max - sum(line.qty for line in waiting)
        if more > 0 and target is not None:
            position = max(becomes, default=-1) + 1
            becomes[position] = _doubtful(target, position, more)
            opened.append(position)
        for line in reversed(waiting):
            less = min(line.qty, max(0, -more))
            more += less
            if less == line.qty:
                dropped = replace(line, decision=Decision.DROP, reasons=(*line.reasons, Reason.LATE_EVENT))
                becomes[line.position] = dropped
                closed.append(line.position)
            elif less:
                becomes[line.position] = _doubtful(line, line.position, line.qty - less)
    changed = tuple(becomes[position] for position in sorted(becomes)) != tuple(lines)
    after = tuple(becomes[position] for position in sorted(becomes)) if changed else ()
    return Amendment(tuple(give_back), after, tuple(opened), tuple(closed))


def _off_the_bill(
    found: Sequence[SettledLine], target: SettledLine | None, given: Mapping[int, Given]
) -> tuple[list[Wish], int]:
    """Pieces of one product to give back, and how many of it may then wait for a person."""
    charged = {line.position: line for line in found if line.decision is Decision.CHARGE}
    left = {position: line.qty - given.get(position, NOTHING).qty for position, line in charged.items()}
    sure = target.qty if target is not None and target.decision is Decision.CHARGE else 0
    too_many = sum(left.values()) - sure
    wishes: list[Wish] = []
    for position, line in charged.items():
        pieces = min(too_many, left[position])
        if pieces > 0:
            too_many -= pieces
            if line.remaining_minor:
                wishes.append(Wish(position, qty=pieces))
    if target is None or target.decision is Decision.DROP:
        return wishes, 0
    otherwise = sum(given.get(position, NOTHING).otherwise_qty for position in charged)
    return wishes, max(0, target.qty - otherwise - min(sum(left.values()), sure))


def _doubtful(line: SettledLine, position: int, qty: int) -> SettledLine:
    """The line with so many pieces, waiting for a person."""
    return replace(
        line,
        position=position,
        qty=qty,
        decision=Decision.REVIEW,
        reasons=tuple(dict.fromkeys((*line.reasons, Reason.LATE_EVENT))),
        amount_minor=None if line.unit_minor is None else line.unit_minor * qty,
        discount_minor=0,
        promotions=(),
        charge=None,
        refunded_minor=0,
        refunded_qty=0,
    )
