"""Messages and events: whole values come through, hostile bytes give an error and nothing else."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from protocol.events import (
    Alternative,
    Change,
    Entered,
    Event,
    EventError,
    Exited,
    Faulted,
    Interaction,
    Recovered,
    data_of,
    event_from,
)
from protocol.messages import Ack, Envelope, MessageError, Status, Watermark, decode, encode
from protocol.model import Message
from protocol.topics import PAYLOAD_BYTES_MAX

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOME = UUID("019ab3a1-0000-7000-8000-000000000000")
KINDS: tuple[type[Message], ...] = (Envelope, Watermark, Ack, Status)
ENVELOPE: dict[str, Any] = {
    "v": 1,
    "id": str(SOME),
    "type": "entered",
    "device": "hub",
    "epoch": 1,
    "seq": 1,
    "ts": "2026-11-22T12:00:00Z",
    "visit": None,
    "data": {},
}

json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(1 << 60), 1 << 60),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(codec="utf-8"), max_size=20),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)
instants = st.integers(0, 250_000_000_000_000).map(lambda ms: NOON.replace(year=1970) + timedelta(milliseconds=ms))
ids = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True)
skus = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
shares = st.floats(0, 1)
tokens = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=512)
texts = st.text(st.characters(codec="utf-8"), max_size=200)
slots = st.just("board.top.left")
changes = st.builds(
    Change,
    type=st.sampled_from(["pick", "put_back"]),
    sku=st.none() | skus,
    qty=st.integers(1, 1000),
    slot=st.none() | slots,
    p=shares,
)
some_changes = st.lists(changes, max_size=3).map(tuple)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Entered, lane=ids, token=tokens),
    st.builds(Exited, lane=st.none() | ids),
    st.builds(Faulted, part=texts, reason=texts),
    st.builds(Recovered, part=texts),
    st.builds(
        Interaction,
        interaction=st.uuids(),
        revision=st.integers(1, 10_000),
        cameras=st.lists(ids, max_size=3).map(tuple),
        slot=st.none() | slots,
        entered=instants,
        left=instants,
        changes=some_changes,
        p=shares,
        alternatives=st.lists(
            st.builds(Alternative, visit=st.none() | st.uuids(), changes=some_changes, p=shares), max_size=3
        ).map(tuple),
        reasons=st.dictionaries(texts, st.floats(allow_nan=False, allow_infinity=False), max_size=4),
    ),
)
envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    type=st.text(st.characters(codec="utf-8"), min_size=1, max_size=64),
    device=ids,
    epoch=st.integers(0, (1 << 53) - 1),
    seq=st.integers(1, (1 << 53) - 1),
    ts=instants,
    visit=st.none() | st.uuids(),
    data=st.dictionaries(texts, json_values, max_size=4),
)


def error_of(kind: type[Message], payload: bytes) -> str | None:
    try:
        decode(kind, payload)
    except MessageError as error:
        return str(error)
    return None


@given(envelopes)
def test_an_envelope_arrives_as_it_was_sent(envelope: Envelope) -> None:
    assert decode(Envelope, encode(envelope)) == envelope


@given(events)
def test_an_event_arrives_as_it_happened(event: Event) -> None:
    assert event_from(event.type, json.loads(json.dumps(data_of(event)))) == event


@given(st.sampled_from(KINDS), st.binary(max_size=300))
def test_whatever_the_bytes_there_is_a_message_or_an_error(kind: type[Message], payload: bytes) -> None:
    assert error_of(kind, payload) is None or kind.__name__ in str(error_of(kind, payload))


@given(st.sampled_from(KINDS), json_values)
def test_whatever_the_json_there_is_a_message_or_an_error(kind: type[Message], value: JsonValue) -> None:
    with suppress(MessageError):
        decode(kind, json.dumps(value).encode())


@given(st.sampled_from(sorted(ENVELOPE)), json_values)
def test_a_field_of_any_other_content_is_taken_or_named(field: str, value: JsonValue) -> None:
    payload = json.dumps({**ENVELOPE, field: value}).encode()
    error = error_of(Envelope, payload)
    if error is None:
        taken = decode(Envelope, payload)
        assert decode(Envelope, encode(taken)) == taken
    else:
        assert field in error


@given(st.sampled_from(["entered", "exited", "interaction", "faulted", "recovered", "", "x"]), json_values)
def test_whatever_the_data_there_is_an_event_or_an_error(event_type: str, value: JsonValue) -> None:
    data: dict[str, JsonValue] = {"token": value, "p": value, "changes": value}
    data = value if isinstance(value, dict) else data
    with suppress(EventError):
        event_from(event_type, data)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("v", 2, "v: "),
        ("id", "1", "id: "),
        ("device", "../hub", "device: "),
        ("device", "hub\n", "device: "),
        ("seq", 0, "seq: "),
        ("seq", 1 << 53, "seq: "),
        ("epoch", -1, "epoch: "),
        ("ts", "2026-11-22T12:00:00", "needs an offset"),
        ("ts", "0001-01-01T00:00:00+23:59", "a time lies in the years"),
        ("ts", "9999-12-31T23:59:59-12:00", "a time lies in the years"),
        ("ts", "1969-12-31T23:59:59.999Z", "a time lies in the years"),
        ("ts", "yesterday", "ts: "),
        ("data", [], "data: "),
        ("data", {"deep": [{"x": float("nan")}]}, "infinite or none"),
        ("data", {"deep": [{"x": float("-inf")}]}, "infinite or none"),
    ],
)
def test_what_is_wrong_with_an_envelope_is_said(field: str, value: object, says: str) -> None:
    with pytest.raises(MessageError, match=says):
        decode(Envelope, json.dumps({**ENVELOPE, field: value}).encode())


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"v":1}', b"[" * 100_000, b'{"v":1,"v":' * 5_000, b"\x00" * 64],
    ids=["empty", "null", "list", "cut", "not text", "fields missing", "deep", "deep object", "zeros"],
)
def test_garbage_is_refused(payload: bytes) -> None:
    with pytest.raises(MessageError):
        decode(Envelope, payload)


def test_more_than_a_broker_takes_is_neither_sent_nor_read() -> None:
    large = Envelope(**{**ENVELOPE, "data": {"x": "y" * PAYLOAD_BYTES_MAX}})
    with pytest.raises(MessageError, match=f"a broker takes {PAYLOAD_BYTES_MAX}"):
        encode(large)
    with pytest.raises(MessageError, match="more than the"):
        decode(Envelope, large.model_dump_json().encode())


def test_an_older_reader_passes_over_what_a_newer_sender_adds() -> None:
    assert decode(Ack, b'{"v":1,"epoch":1,"seq":2,"signature":"abc"}') == Ack(epoch=1, seq=2)


def test_times_are_in_utc_and_cut_to_milliseconds() -> None:
    east = datetime(2026, 11, 22, 14, 0, 0, 123_999, timezone(timedelta(hours=2)))
    mark = Watermark(device="hub", epoch=1, first_seq=1, last_seq=1, observed_until=east)
    assert b'"observed_until":"2026-11-22T12:00:00.123Z"' in encode(mark)


@pytest.mark.parametrize(
    ("event_type", "data", "says"),
    [
        ("sold", {}, "'sold'"),
        ("entered", {"lane": "door"}, "token"),
        ("entered", {"lane": "door", "token": ""}, "token"),
        ("entered", {"lane": "door", "token": "a" * 513}, "token"),
        ("entered", {"lane": "door", "token": "an\x00na"}, "token"),
        ("interaction", {}, "interaction"),
        ("faulted", {"part": "camera", "reason": 5}, "reason"),
    ],
)
def test_what_is_wrong_with_an_event_is_said(event_type: str, data: dict[str, JsonValue], says: str) -> None:
    with pytest.raises(EventError, match=says):
        event_from(event_type, data)


def test_a_type_in_the_data_does_not_overrule_the_envelopes() -> None:
    assert event_from("exited", {"type": "entered", "token": "anna", "lane": "door"}) == Exited(lane="door")
