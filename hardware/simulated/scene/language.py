"""The words of a plan: `enter at 0 · pick 2 water from fridge.top.a with left · hand over to bob · leave`.

Steps are parted by `·`, by `;`, or by a line's end. docs/scenes.md is the language's description; `GRAMMAR` is what is
shown to who writes a step that is none.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from hardware.simulated.scene.scene import (
    Act,
    At,
    Enter,
    Go,
    HandOver,
    Hands,
    Hide,
    Lean,
    Leave,
    Pick,
    PutBack,
    Restock,
    Step,
    Touch,
    Wait,
)

GRAMMAR = """\
enter · leave · wait S · go to SLOT [for S] · browse [for S] · hide
pick [N] SKU from SLOT · put back [N] SKU into SLOT · restock [N] SKU into SLOT
touch SLOT [for S] · lean G g on SLOT [for S] · hand over [[N] SKU] to NAME
and behind each: with left|right|both · standing at SLOT · after S · at S"""

_SLOT = r"(?P<slot>\S+\.\S+\.\S+)"
_COUNT = r"(?:(?P<qty>\d+) )?"
_SKU = r"(?P<sku>[A-Za-z0-9][A-Za-z0-9._-]*)"
_NUMBER = r"\d+(?:\.\d+)?"
_FOR = rf"(?: for (?P<for_s>{_NUMBER}))?"
_TAILS = {
    "at_s": re.compile(r"^(.*) at (-?\d+(?:\.\d+)?)$"),
    "after_s": re.compile(rf"^(.*) after ({_NUMBER})$"),
    "hands": re.compile(r"^(.*) with (left|right|both)$"),
    "standing_at": re.compile(r"^(.*) standing at (\S+\.\S+\.\S+)$"),
}


class PlanError(ValueError):
    """A step that is none."""


def parse_plan(text: str) -> tuple[Step, ...]:
    """The steps that `text` says. PlanError quotes the one that cannot be read."""
    parts = [" ".join(part.split()) for part in re.split(r"[·;\n]", text)]
    return tuple(parse_step(part) for part in parts if part)


def parse_step(text: str) -> Step:
    """The step that `text` says."""
    rest, tails = text, dict[str, str]()
    found = True
    while found:
        found = False
        for name, pattern in _TAILS.items():
            match = pattern.match(rest)
            # `standing at SLOT` ends like no time does, and a slot is no number.
            if match and name not in tails:
                rest, tails[name], found = match[1], match[2], True
    at_s = float(tails.pop("at_s")) if "at_s" in tails else None
    if at_s is not None and at_s < 0.0:
        raise PlanError(f"{text!r}: a time is not negative")
    for words, make in _ACTS:
        match = re.fullmatch(words, rest)
        if match:
            return Step(_with(make(match), tails, text), at_s)
    raise PlanError(f"{text!r} is no step. Steps are:\n{GRAMMAR}")


def _with(act: Act, tails: dict[str, str], text: str) -> Act:
    """The act with what stood behind it."""
    for name, value in tails.items():
        if name == "standing_at" and isinstance(act, Pick | PutBack | Touch | Lean | Restock):
            act = replace(act, at=replace(act.at, standing_at=value))
        elif name == "hands" and isinstance(act, Pick | PutBack | Touch):
            act = replace(act, hands=_hands(value))
        elif name == "after_s" and isinstance(act, Pick):
            act = replace(act, after_s=float(value))
        else:
            words = {"standing_at": "standing at", "hands": "with", "after_s": "after"}
            raise PlanError(f"{text!r}: {words[name]!r} does not belong there")
    return act


def _hands(text: str) -> Hands:
    return "left" if text == "left" else "right" if text == "right" else "both"


def _qty(match: re.Match[str]) -> int:
    qty = int(match["qty"] or 1)
    if not 1 <= qty <= 20:
        raise PlanError(f"{match[0]!r}: 1 to 20 pieces, not {qty}")
    return qty


def _seconds(match: re.Match[str], default: float) -> float:
    return float(match["for_s"]) if match["for_s"] else default


_ACTS: tuple[tuple[str, Callable[[re.Match[str]], Act]], ...] = (
    (r"enter", lambda _: Enter()),
    (r"leave", lambda _: Leave()),
    (r"hide", lambda _: Hide()),
    (rf"wait (?P<for_s>{_NUMBER})", lambda m: Wait(float(m["for_s"]))),
    (rf"browse{_FOR}", lambda m: Go(None, _seconds(m, 2.0))),
    (rf"go to {_SLOT}{_FOR}", lambda m: Go(m["slot"], _seconds(m, 1.0))),
    (rf"pick {_COUNT}{_SKU} from {_SLOT}", lambda m: Pick(m["sku"], _qty(m), At(m["slot"]))),
    (rf"put back {_COUNT}{_SKU} into {_SLOT}", lambda m: PutBack(m["sku"], _qty(m), At(m["slot"]))),
    (rf"restock {_COUNT}{_SKU} into {_SLOT}", lambda m: Restock(m["sku"], _qty(m), At(m["slot"]))),
    (rf"touch {_SLOT}{_FOR}", lambda m: Touch(At(m["slot"]), None, _seconds(m, 0.6))),
    (
        rf"lean (?P<grams>{_NUMBER}) ?g on {_SLOT}{_FOR}",
        lambda m: Lean(At(m["slot"]), float(m["grams"]), _seconds(m, 1.0)),
    ),
    (r"hand over to (?P<to>\S+)", lambda m: HandOver(m["to"])),
    (rf"hand over {_COUNT}{_SKU} to (?P<to>\S+)", lambda m: HandOver(m["to"], m["sku"], _qty(m))),
)
