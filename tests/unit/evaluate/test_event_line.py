"""An event as a line that a person reads."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import JsonValue

from protocol.messages import Envelope
from tillfree.event_line import event_line

AT = "2026-11-22T12:00:00.250Z"


def line(event_type: str, **data: JsonValue) -> str:
    at = datetime(2026, 11, 22, 12, 0, 0, 250_000, UTC)
    return event_line(Envelope(id=UUID(int=1), type=event_type, device="hub", epoch=1, seq=1, ts=at, data=data))


def interaction(*changes: JsonValue) -> str:
    return line(
        "interaction",
        interaction=str(UUID(int=2)),
        revision=1,
        cameras=["shelf"],
        slot="wall.top.left",
        entered=AT,
        left=AT,
        changes=list(changes),
        p=0.995,
    )


def change(kind: str, sku: str | None, qty: int = 1) -> JsonValue:
    return {"type": kind, "sku": sku, "qty": qty, "slot": "wall.top.left", "p": 0.995}


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        (line("entered", lane="door", token="anna"), ["12:00:00.2", "entered", "anna at door"]),
        (line("exited", lane="door"), ["exited", "by door"]),
        (line("exited"), ["by the exit zone"]),
        (line("faulted", part="camera shelf", reason="covered"), ["fault", "camera shelf: covered"]),
        (line("recovered", part="camera shelf"), ["recovered", "camera shelf"]),
        (line("refused", lane="door", reason="expired", times=3), ["refused", "at door: expired (3 times)"]),
        (line("followed_in", person=4, since="2026-11-22T12:00:00Z"), ["person 4", "no visit"]),
        (line("crowded", people=7, people_max=6), ["7 people", "allows 6"]),
        (line("traded", mode="down", in_the_way={"camera shelf": "dark"}), ["mode", "down (camera shelf: dark)"]),
        (line("commanded", command=str(UUID(int=1)), done=False, reason="too late"), ["not done: too late"]),
        (interaction(), ["touch", "wall.top.left", "99.5% sure"]),
        (interaction(change("pick", "water", 2)), ["picked", "2 × water from wall.top.left", "99.5% sure"]),
        (interaction(change("put_back", None)), ["put back", "a product nobody enrolled into wall.top.left"]),
        (interaction(change("pick", "water"), change("put_back", "cola")), ["water", " · ", "cola"]),
        (line("entered", lane="door"), ["event of type 'entered'", "token"]),
        (line("sold"), ["event of type 'sold'"]),
    ],
)
def test_a_line_says_what_happened(said: str, parts: list[str]) -> None:
    assert "\n" not in said
    assert all(part in said for part in parts), said
