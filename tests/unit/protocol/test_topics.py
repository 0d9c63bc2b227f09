"""Topics: what goes in comes out, and no id reaches into another's topics."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.model import ID_PATTERN
from protocol.topics import DOWN, UP, Kind, Topic, TopicError, every_store, parse

SLASHES_MAX = 7
ids = st.from_regex(ID_PATTERN, fullmatch=True)
kinds = st.sampled_from([*UP, *DOWN])


@given(ids, ids, kinds)
def test_a_topic_is_read_as_it_was_written(store: str, device: str, kind: Kind) -> None:
    topic = Topic(store, device, kind)
    assert parse(str(topic)) == topic
    assert str(topic).count("/") <= SLASHES_MAX


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        (Topic("corner", "hub", "ev"), "tf/1/corner/dev/hub/ev"),
        (Topic("corner", "hub", "status"), "tf/1/corner/dev/hub/status"),
        (Topic("corner", "hub", "telemetry"), "tf/1/corner/dev/hub/telemetry"),
        (Topic("corner", "hub", "ack"), "tf/1/corner/cmd/hub/ack"),
        (Topic("corner", "hub", "config"), "tf/1/corner/cmd/hub/config"),
    ],
)
def test_topics_are_as_the_design_draws_them(topic: Topic, text: str) -> None:
    assert str(topic) == text


@pytest.mark.parametrize(
    "name",
    ["", "+", "#", "a/b", "a/../b", "$SYS", "hub\n", "hub\x00", "Hub", "-hub", "h" * 64, "hüb", "a b", "tf/1/x/dev/y"],
)
@pytest.mark.parametrize("place", ["store", "device"])
def test_an_id_cannot_reach_into_anothers_topics(name: str, place: str) -> None:
    store, device = (name, "hub") if place == "store" else ("corner", name)
    with pytest.raises(TopicError, match="cannot stand in a topic"):
        Topic(store, device, "ev")
    with pytest.raises(TopicError):
        parse(f"tf/1/{store}/dev/{device}/ev")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "/",
        "tf",
        "tf/1/corner/dev/hub",
        "tf/1/corner/dev/hub/ev/",
        "tf/2/corner/dev/hub/ev",
        "ft/1/corner/dev/hub/ev",
        "tf/1/corner/dev/hub/ack",
        "tf/1/corner/cmd/hub/ev",
        "tf/1/corner/usr/hub/ev",
        "tf/1/corner/dev/hub/EV",
        "/tf/1/corner/dev/hub/ev",
        "tf/1/+/dev/+/ev",
        "tf/1/corner/dev/hub/#",
    ],
)
def test_what_is_no_topic_of_ours_is_refused(topic: str) -> None:
    with pytest.raises(TopicError):
        parse(topic)


@given(st.text())
def test_whatever_the_text_a_topic_is_read_or_refused(text: str) -> None:
    with suppress(TopicError):
        assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("ev", "tf/1/+/dev/+/ev"), ("ack", "tf/1/+/cmd/+/ack"), ("telemetry", "tf/1/+/dev/+/telemetry")],
)
def test_one_filter_hears_every_device_of_every_store(kind: Kind, wanted: str) -> None:
    assert every_store(kind) == wanted
