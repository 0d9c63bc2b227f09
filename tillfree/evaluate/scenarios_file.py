"""Written scenes of a real till-free shop (the AutoCheckout competition's shape), and how odd labels are read.

Real label files are not clean. What has one sensible reading is read so, and said in the report:
- events are ordered by their time; where two have the same, by the file; that the file goes back in time is told;
- an event without a time follows the one before it in the file, as soon as the shopper gets there;
- a silence of more than `GAP_MAX_S` is played as `GAP_S`: nothing happens in it;
- an event without barcodes is a touch: a hand in the shelf that takes nothing;
- a barcode that the product list does not have, or has without a weight, is a product whose weight nobody knows;
- a plate beyond a shelf's last one is the last one;
- a put-back of what the shopper does not have is left out;
- where the events do not come to the receipts, the receipts are what is scored against;
- where `shoppers` is another number than there are receipts, the receipts count.
What has none (a negative time, a gondola that is not there, a shopper without a receipt, a key that stands twice) is an
EvaluationError that names file, line, case and event.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from protocol.model import Sku
from tillfree.errors import EvaluationError
from tillfree.evaluate.json_line import json_line

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
    shoppers: int | None = None
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
            raise EvaluationError(f"{place(path, number, 'case')}: [{number}].case: a second case {case.case!r}")
        seen.add(case.case)
        if not case.receipts:
            where = place(path, number, "receipts")
            raise EvaluationError(f"{where}: case {case.case!r}: receipts name nobody, so there is nothing to score")
        for index, label in enumerate(case.events):
            if label.shopper not in case.receipts:
                where = f"{place(path, number, 'events', index)}: case {case.case!r}, events[{index}].shopper"
                raise EvaluationError(
                    f"{where}: {label.shopper!r} has no receipt (an empty one says that they took nothing)"
                )
    return cases


def place(path: Path, *keys: str | int) -> str:
    """`file:line` of the value at `keys` in the JSON file at `path`."""
    try:
        return f"{path}:{json_line(path.read_text(encoding='utf-8'), keys)}"
    except (OSError, ValueError):
        # It has been read before; whatever has become of it, the error that is being told matters more.
        return str(path)


def read_json(path: Path, kind: TypeAdapter[T]) -> T:
    """The JSON file at `path` as a value of `kind`; EvaluationError names the line where it does not fit."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
        return kind.validate_python(data)
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        message = f"{where}: {first['msg']}, and {first.get('input')!r} is not"
        raise EvaluationError(f"{place(path, *first['loc'])}: {message}") from None
    except json.JSONDecodeError as error:
        raise EvaluationError(f"{path}:{error.lineno}: {error.msg}") from None
    except ValueError as error:
        raise EvaluationError(f"{path}: {error}") from None
    except RecursionError:
        raise EvaluationError(f"{path}: brackets within brackets, deeper than anything here needs") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different; of two alike, JSON readers silently take the last."""
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = next(key for number, (key, _) in enumerate(pairs) if key in {other for other, _ in pairs[:number]})
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return made


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
    if case.shoppers is not None and case.shoppers != len(case.receipts):
        result.readings.append(f"says {case.shoppers} shoppers and has {len(case.receipts)} receipts: those are scored")
    for shopper, bag in have.items():
        left = {sku: qty for sku, qty in sorted(bag.items()) if qty}
        if left != case.receipts[shopper]:
            result.readings.append(
                f"{shopper}: the events come to {left or 'nothing'}, and the receipt says "
                f"{case.receipts[shopper] or 'nothing'}: scored against the receipt"
            )
    return result


def _timed(labels: Sequence[Label], readings: list[str]) -> list[tuple[Label, float | None]]:
    """The events in their order, with the times at which they are played: none for one that has none."""
    last_s = 0.0
    keyed: list[tuple[float, int, Label]] = []
    for index, label in enumerate(labels):
        last_s = last_s if label.seconds is None else label.seconds
        if label.seconds is None:
            readings.append(f"{label.shopper}, event {index}: no time: follows the one before")
        elif keyed and label.seconds < max(time_s for time_s, _, _ in keyed):
            readings.append(
                f"{label.shopper}, event {index} at {label.seconds}: played in the order of time, not of the file"
            )
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
