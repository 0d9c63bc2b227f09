"""What the cloud asks of a device, and the clips it asks for."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from protocol.commands import (
    Admit,
    Command,
    CommandError,
    EraseEvidence,
    FetchClip,
    Order,
    SetMode,
    data_of_order,
    order_of,
)
from protocol.events import CLIP_BYTES_MAX
from protocol.evidence import ClipSent, digest_of
from protocol.messages import MessageError, decode, encode

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
ID = UUID("019f0000-0000-7000-8000-000000000001")
ORDERS: tuple[Order, ...] = (
    Admit(visit=ID, held=True),
    Admit(visit=ID, held=False, reason="insufficient_funds"),
    SetMode(mode="stocking"),
    FetchClip(sha256="0" * 64),
    EraseEvidence(visits=(ID,)),
)


@pytest.mark.parametrize("order", ORDERS)
def test_a_command_says_on_the_other_side_what_it_said_here(order: Order) -> None:
    command = Command(id=ID, type=order.type, expires=AT, data=data_of_order(order))
    assert order_of(decode(Command, encode(command))) == order


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("paint", {}),
        ("mode", {"mode": "sideways"}),
        ("mode", {}),
        ("admit", {"visit": "anna", "held": True}),
        ("fetch_clip", {"sha256": "../../etc/passwd"}),
        ("erase_evidence", {"visits": []}),
    ],
)
def test_what_cannot_be_done_is_said(kind: str, data: dict[str, object]) -> None:
    command = Command.model_validate({"id": ID, "type": kind, "expires": AT, "data": data})
    with pytest.raises(CommandError, match=kind):
        order_of(command)


def test_the_largest_clip_is_one_message() -> None:
    clip = bytes(range(256)) * (CLIP_BYTES_MAX // 256)
    sent = ClipSent(device="hub", sha256=digest_of(clip), clip=clip)
    assert decode(ClipSent, encode(sent)) == sent


def test_a_clip_that_was_altered_on_its_way_is_refused() -> None:
    sent = encode(ClipSent(device="hub", sha256=digest_of(b"a hand at a shelf"), clip=b"a hand at a shelf"))
    altered = sent.replace(b'"clip":"YS', b'"clip":"YT')
    assert altered != sent
    with pytest.raises(MessageError, match="altered"):
        decode(ClipSent, altered)
