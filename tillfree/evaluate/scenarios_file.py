"""Written scenes of a real till-free shop (the AutoCheckout competition's shape), and how odd labels are read.

Real label files are not clean. What has one sensible reading is read so, and said in the report:
- events are ordered by their time; where two have the same, by the file;
- an event without a time follows the one before it in the file, as soon as the shopper gets there;
- a silence of more than `GAP_MAX_S` is played as `GAP_S`: nothing happens in it;
- an event without barcodes is a touch: a hand in the shelf that takes nothing;
- a barcode that the product list does not have, or has without a weight, is a product whose weight nobody knows;
- a plate beyond a shelf's last one is the last one;
- a put-back of what the shopper does not have is left out;
- where the events do not come to the receipts, the receipts are what is scored against.
What has none (a negative time, a gondola that is not there, a shopper without a receipt) is an EvaluationError that
names file, case and event.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from protocol.model import Sku
from tillfree.errors import EvaluationError

GAP_MAX_S, GAP_S = 60.0, 10.0
T = TypeVar("T")


class Label(BaseModel):
    """An event as labelled."""

    model_config = ConfigDict(frozen=True)

    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None
    shopper: str
    action: Literal["take", "put_back"]
    barcodes: tuple[Sku, ...] = ()
    gondola: int
    shelf: int
    plates: Annotated[tuple[int, ...], Field(min_length=1)]


class Case(BaseModel):
    """A scene as labelled: what happened, and what each shopper had in the end."""

    model_config = ConfigDict(frozen=True)

    case: str
    events: tuple[Label, ...] = ()
    receipts: dict[str, dict[Sku, Annotated[int, Field(ge=1)]]]


@dataclass(frozen=True, slots=True)
class Deed:
    """An event as it is played, at `at_s` at the earliest; without a time, as soon as may be."""

    at_s: float | None
    label: Label


@dataclass(slots=True)
class Played:
    """A case, ready to be played, and how its oddities were read."""

    case: Case
    deeds: list[Deed] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)


def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases in the file at `path`. EvaluationError says where it is not what it should be."""
    cases = read_json(path, TypeAdapter(tuple[Case, ...]))
    if not cases:
        raise EvaluationError(f"{path}: holds no case, so there is nothing to score")
    seen: set[str] = set()
    for number, case in enumerate(cases):
        if case.case in seen:
            raise EvaluationError(f"{path}: [{number}].case: a second case {case.case!r}")
        seen.add(case.case)
        for index, label in enumerate(case.events):
            if label.shopper not in case.receipts:
                where = f"{path}: case {case.case!r}, events[{index}].shopper"
                raise EvaluationError(
                    f"{where}: {label.shopper!r} has no receipt (an empty one says that they took nothing)"
                )
    return cases


def read_json(path: Path, kind: TypeAdapter[T]) -> T:
    """The JSON file at `path` as a value of `kind`; EvaluationError names the place where it does not fit."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        return kind.validate_python(data)
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        raise EvaluationError(f"{path}: {where}: {first['msg']}, and {first.get('input')!r} is not") from None
    except ValueError as error:
        raise EvaluationError(f"{path}: {error}") from None


def played(case: Case, weighed: Iterable[str]) -> Played:
    """The case as it is played. `weighed`: the barcodes of which the product list tells a weight."""
    result = Played(case)
    known, have = set(weighed), {shopper: dict[str, int]() for shopper in case.receipts}
    for label, at_s in _timed(case.events, result.readings):
        bag = have[label.shopper]
        what = f"{label.shopper} at {label.seconds if label.seconds is not None else 'no time'}"
        if not label.barcodes:
            result.readings.append(f"{what}: no barcode: a touch")
        for barcode in dict.fromkeys(label.barcodes):
            if barcode not in known:
                result.readings.append(f"{what}: {barcode}: not in the product list with a weight: weight unknown")
            qty = label.barcodes.count(barcode)
            if label.action == "put_back" and bag.get(barcode, 0) < qty:
                result.readings.append(f"{what}: puts back {barcode} without having it: left out")
                break
            bag[barcode] = bag.get(barcode, 0) + (qty if label.action == "take" else -qty)
        else:
            result.deeds.append(Deed(at_s, label))
    for shopper, bag in have.items():
        if {sku: qty for sku, qty in bag.items() if qty} != case.receipts[shopper]:
            result.readings.append(f"{shopper}: the events do not come to the receipt: scored against the receipt")
    return result


def _timed(labels: Sequence[Label], readings: list[str]) -> list[tuple[Label, float | None]]:
    """The events in their order, with the times at which they are played: none for one that has none."""
    last_s = 0.0
    keyed: list[tuple[float, int, Label]] = []
    for index, label in enumerate(labels):
        last_s = last_s if label.seconds is None else label.seconds
        if label.seconds is None:
            readings.append(f"{label.shopper}, event {index}: no time: follows the one before")
        keyed.append((last_s, index, label))
    result: list[tuple[Label, float | None]] = []
    shift_s, before_s = 0.0, 0.0
    for time_s, _, label in sorted(keyed, key=lambda item: item[:2]):
        if time_s - before_s > GAP_MAX_S:
            readings.append(
                f"{label.shopper} at {time_s}: {time_s - before_s:.0f} s of silence played as {GAP_S:.0f} s"
            )
            shift_s += time_s - before_s - GAP_S
        before_s = time_s
        result.append((label, None if label.seconds is None else round(time_s - shift_s, 3)))
    return result
