"""What an operator can do on the pages: one table, from a form to a request to the API and back to a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cloud.console.forms import BadForm

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """A form's way: `path` is the console's, `api` the API's below the store; `back` is the page to go to then."""

    path: str
    method: str
    api: str
    body: Callable[[Form], dict[str, Any] | None]
    back: str
    done: str
    """What is said on that page."""


def _nothing(_form: Form) -> dict[str, Any] | None:
    return {}


def _no_body(_form: Form) -> dict[str, Any] | None:
    return None


def _said(form: Form, *names: str) -> dict[str, Any]:
    """Those fields that something was written into; a whole number where one is meant."""
    return {name: _whole(form[name]) if name == "qty" else form[name] for name in names if form.get(name)}


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _refund(form: Form) -> dict[str, Any]:
    lines = [
        {"line": int(name.removeprefix("line-")), "qty": _whole(value)}
        for name, value in form.items()
        if name.startswith("line-") and name.removeprefix("line-").isdigit() and value not in ("", "0")
    ]
    if not lines and form.get("everything") != "yes":
        # No lines would mean all of it, which nobody asked for.
        raise BadForm("Say how many pieces of which line are given back, or everything.", 422)
    if form.get("everything") == "yes":
        lines = []
    return {"lines": lines, **_said(form, "reason", "note")}


ACTIONS = (
    Action("alerts/{alert}/seen", "PUT", "alerts/{alert}/seen", _no_body, "", "seen"),
    Action(
        "devices/{device}/mode",
        "POST",
        "devices/{device}/commands",
        lambda form: {"type": "mode", **_said(form, "mode")},
        "",
        "asked",
    ),
    Action(
        "reviews/{visit}/{line}/claim",
        "POST",
        "reviews/{visit}/{line}/claim",
        _nothing,
        "reviews/{visit}/{line}",
        "claimed",
    ),
    Action(
        "reviews/{visit}/{line}/decision",
        "POST",
        "reviews/{visit}/{line}/decision",
        lambda form: _said(form, "decision", "sku", "qty", "note"),
        "reviews",
        "decided",
    ),
    Action(
        "disputes/{dispute}/decision",
        "POST",
        "disputes/{dispute}/decision",
        lambda form: _said(form, "decision", "note"),
        "disputes",
        "decided",
    ),
    Action("visits/{visit}/refunds", "POST", "visits/{visit}/refunds", _refund, "visits/{visit}", "refunded"),
    Action("debts/{visit}/{number}/attempts", "POST", "debts/{visit}/{number}/attempts", _nothing, "debts", "tried"),
    Action(
        "debts/{visit}/{number}/write-off",
        "POST",
        "debts/{visit}/{number}/write-off",
        lambda form: _said(form, "note"),
        "debts",
        "written_off",
    ),
)

DONE = {
    "seen": "Marked as seen.",
    "asked": "The store has been asked; it answers in a moment.",
    "claimed": "It is yours for fifteen minutes.",
    "decided": "Decided.",
    "refunded": "The refund is on its way.",
    "tried": "It is being tried now.",
    "written_off": "Written off.",
}
"""What a page may say after an action: nothing that an address could put there."""
