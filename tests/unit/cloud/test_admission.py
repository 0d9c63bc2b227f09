import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.admission import Aside, Noise, Said, Told, judge
from tests.unit.cloud.corner_shop import HUB, STORE, Hub, changed

EVENTS = f"tf/1/{STORE}/dev/{HUB}/ev"
TELEMETRY = f"tf/1/{STORE}/dev/{HUB}/telemetry"


def entering(**values: Any) -> bytes:
    hub = Hub()
    return changed(hub.enter(hub.visit()), **values)[1]


def test_an_event_and_a_watermark_are_what_they_are() -> None:
    hub = Hub()
    assert isinstance(judge(*hub.enter(hub.visit())), Said)
    assert isinstance(judge(*hub.watermark(1)), Told)


@pytest.mark.parametrize(
    ("payload", "reason", "seq"),
    [
        pytest.param(b"", "Envelope", None, id="nothing"),
        pytest.param(b"\xff\x00", "Envelope", None, id="no text"),
        pytest.param(b"[" * 10_000, "Envelope", None, id="deep"),
        pytest.param(b'{"seq":1}', "Envelope", None, id="no device"),
        pytest.param(entering(v=2), "v:", 1, id="a version of tomorrow"),
        pytest.param(entering(type="sneezed"), "sneezed", 1, id="a type of tomorrow"),
        pytest.param(entering(data={"lane": "gate"}), "token", 1, id="an entry without a token"),
        pytest.param(entering(visit=None), "visit", 1, id="an entry of no visit"),
        pytest.param(entering(ts="yesterday"), "ts", 1, id="no time"),
        pytest.param(entering(ts="0001-01-01T00:00:00+14:00"), "", 1, id="a time before all calendars"),
        pytest.param(entering(seq=0), "seq", None, id="a number that none has"),
        pytest.param(entering(seq=1 << 60), "seq", None, id="a number that is too large"),
        pytest.param(entering(device="other-hub"), "other-hub", None, id="another device's envelope"),
        pytest.param(entering().replace(b'"gate"', b"NaN"), "", 1, id="not a number"),
    ],
)
def test_what_cannot_be_taken_goes_aside_with_the_reason(payload: bytes, reason: str, seq: int | None) -> None:
    aside = judge(EVENTS, payload)
    assert isinstance(aside, Aside)
    assert reason in aside.reason
    assert aside.seq == seq


def test_not_a_number_in_data_that_nobody_reads_goes_aside_too() -> None:
    payload = entering().replace(b'"lane"', b'"more":NaN,"lane"')
    assert isinstance(judge(EVENTS, payload), Aside)


def test_topics_that_are_none_of_ours_go_aside() -> None:
    assert judge("tf/1/Corner/dev/hub/ev", entering()) == Aside(
        "'Corner' cannot stand in a topic: ids match ^[a-z0-9][a-z0-9_-]{0,62}$"
    )
    assert isinstance(judge("tf/2/x", b""), Aside)


@pytest.mark.parametrize("payload", [b"", b"{}", json.dumps({"v": 1, "device": "other"}).encode()])
def test_a_bad_watermark_is_only_noise(payload: bytes) -> None:
    assert isinstance(judge(TELEMETRY, payload), Noise)


@given(st.binary(max_size=200) | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(repr).map(str.encode))
def test_no_bytes_are_an_error(payload: bytes) -> None:
    for topic in (EVENTS, TELEMETRY):
        assert isinstance(judge(topic, payload), Aside | Noise)
