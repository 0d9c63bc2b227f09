"""A store trades only when it sees, and goes on when it sees less."""

import pytest

from edge.modes import UNHEARD, Mode, Modes

Step = tuple[str, ...]


@pytest.mark.parametrize(
    ("steps", "mode"),
    [
        ((), Mode.DOWN),
        ((("ask", "up"),), Mode.DOWN),
        ((("ask", "up"), ("well", "a")), Mode.DOWN),
        ((("ask", "up"), ("well", "a"), ("well", "b")), Mode.UP),
        ((("well", "a"), ("well", "b")), Mode.DOWN),
        ((("well", "a"), ("well", "b"), ("ask", "up")), Mode.UP),
        ((("well", "a"), ("well", "b"), ("ask", "up"), ("failed", "a")), Mode.UP),
        ((("well", "a"), ("well", "b"), ("failed", "a"), ("ask", "up")), Mode.DOWN),
        ((("well", "a"), ("well", "b"), ("failed", "a"), ("ask", "up"), ("well", "a")), Mode.UP),
        ((("ask", "up"), ("ask", "down"), ("well", "a"), ("well", "b")), Mode.DOWN),
        ((("ask", "stocking"),), Mode.STOCKING),
        ((("ask", "stocking"), ("ask", "up"), ("well", "a")), Mode.STOCKING),
        ((("ask", "stocking"), ("ask", "up"), ("well", "a"), ("well", "b")), Mode.UP),
        ((("well", "a"), ("well", "b"), ("ask", "up"), ("ask", "stocking")), Mode.STOCKING),
        ((("well", "a"), ("well", "b"), ("ask", "up"), ("ask", "down"), ("failed", "a"), ("ask", "up")), Mode.DOWN),
        ((("ask", "up"), ("failed", "nobody's"), ("well", "a"), ("well", "b")), Mode.UP),
    ],
    ids=str,
)  # fmt: skip
def test_modes(steps: tuple[Step, ...], mode: Mode) -> None:
    modes = Modes(("a", "b"))
    for verb, what in steps:
        match verb:
            case "ask":
                modes.ask(Mode(what))
            case "well":
                modes.well(what)
            case _:
                modes.failed(what, "it is dark")
    assert modes.mode is mode


def test_what_is_in_the_way_is_told_with_its_reason() -> None:
    modes = Modes(("camera a", "camera b"))
    assert modes.ask(Mode.UP) == {"camera a": UNHEARD, "camera b": UNHEARD}
    modes.failed("camera a", "it is covered")
    modes.well("camera b")
    assert modes.ask(Mode.UP) == {"camera a": "it is covered"}
    modes.well("camera a")
    assert modes.ask(Mode.UP) == {}
    assert modes.ask(Mode.DOWN) == {}


def test_a_camera_that_was_knocked_askew_is_in_the_way_until_it_is_put_back() -> None:
    modes = Modes(("camera a",))
    modes.failed("view a", "turned by 3°")
    modes.failed("view of nobody's", "turned by 3°")
    modes.well("camera a")
    assert modes.ask(Mode.UP) == {"view a": "turned by 3°"}
    modes.well("view a")
    assert modes.in_the_way == {}
    assert modes.mode is Mode.UP
